"""Our side in generated code: from part to part of a canonical value, and what the places are called that were taken.

A place is called by its dotted path where that is known beforehand; inside a list by a pair of what the item is called
and the path from there, and an item by a pair of what its list is called and its position
(:func:`mappings.engine.generated.marks.path_of`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mappings.engine.generated.parts import Kind, Uncovered, part, plain_value, satisfies
from mappings.engine.generated.source import Source
from mappings.engine.paths import Path, Predicate, Step
from mappings.labels import Node as Model


class Taken(NamedTuple):
    """A leaf, or a whole part, of ours."""

    value: str
    """Source of the value as the canonical tree has it."""
    of: type[Any]
    mark: str
    """Source of what its place is called."""
    select: tuple[str, ...] = ()
    """Lines that mark the leaves by which it was selected."""
    whole: bool = False
    """It is a part, given as a tree."""


End = Callable[[Taken], None]
"""Writes what happens with a leaf."""


@dataclass
class Values:
    """One value of ours from which paths are followed.

    Attributes:
        var: the variable that holds it.
        model: its type.
        at: source of what the value is called from which this one was reached by plain steps; empty for the document.
        path: those plain steps.
    """

    source: Source
    var: str
    model: type[Model]
    at: str = ""
    path: str = ""
    _known: dict[tuple[str, str], str] = field(default_factory=dict)
    _above: dict[str, str] = field(default_factory=dict)
    _always: set[str] = field(default_factory=set)

    def mark(self, name: str) -> str:
        """Return the source of what a place below is called."""
        path = f"{self.path}.{name}" if self.path else name
        return f"({self.at}, {path!r})" if self.at else repr(path)

    def follow(self, path: Path, end: End, *, once: bool, unless: str) -> None:
        """Write the way along a path, and what happens at each leaf it leads to.

        Args:
            path: one of ours.
            end: what happens there.
            once: only at the first.
            unless: source of what must not hold; empty: nothing.
        """
        lead = self.lead(path)
        here, rest = self.down(path[:lead]), path[lead:]
        several = sum(step.listed for step in rest) > 1
        done = self.source.fresh("done") if once and several else ""
        if done:
            self.source.line(f"{done} = False")
            once, end = False, _noting(end, done, self.source)
        with self.source.when(f"not {unless}" if unless else ""):
            here.take(rest, end, once=once, done=done)

    def take(self, path: Path, end: End, *, once: bool, done: str) -> None:
        """Write the way on from a part that is there; ``done``: the variable that tells whether loops shall end."""
        step, rest = path[0], path[1:]
        found = part(self.model, step.name)
        if found.kind is Kind.PARTS and rest:
            with self.loop(step) as (item, select):
                lead = item.lead(rest)
                here, inside = item.down(rest[:lead]), _selected(end, select, self.source, once=once)
                with self.source.when(""):
                    here.take(rest[lead:], inside, once=False, done=done)
                self.source.close()
                if done:
                    self.source.line(f"if {done}: break")
        elif rest or step.predicates or found.kind is Kind.PARTS:
            raise Uncovered
        elif found.kind is Kind.LEAVES:
            self._several(step.name, end, found.of, once=once, done=done)
        else:
            self._single(step.name, end)

    def _several(self, name: str, end: End, of: type[Any], *, once: bool, done: str) -> None:
        number, value = self.source.fresh("n"), self.source.fresh(name)
        with self.source.block(f"for {number}, {value} in enumerate({self.var}.{name})"):
            mark = f"({self.mark(name)}, {number})"
            _selected(end, (), self.source, once=once)(Taken(plain_value(value, of), of, mark))
            if done:
                self.source.line(f"if {done}: break")

    def _single(self, name: str, end: End) -> None:
        found, value = part(self.model, name), self.source.fresh(name)
        if found.always:
            raise Uncovered
        with self.source.block(f"if ({value} := {self.var}.{name}) is not None"):
            if found.kind is Kind.PART:
                self.source.line(f"{value} = dumped({value})")
                end(Taken(value, dict, self.mark(name), whole=True))
            else:
                end(Taken(plain_value(value, found.of), found.of, self.mark(name)))

    @contextmanager
    def loop(self, step: Step) -> Iterator[tuple[Values, tuple[str, ...]]]:
        """Write a loop over the items that satisfy a step; yields the item, and what marks what selected it."""
        source, found = self.source, part(self.model, step.name)
        number, item, at = (source.fresh(hint) for hint in ("n", step.name, "at"))
        with source.block(f"for {number}, {item} in enumerate({self.var}.{step.name})"):
            said = [satisfies(found.of, item, predicate) for predicate in step.predicates]
            if said:
                source.line(f"if not ({' and '.join(said)}): continue")
            source.line(f"{at} = ({self.mark(step.name)}, {number})")
            values = Values(source, item, found.of, at)
            asking = (predicate for predicate in step.predicates if predicate.operator == "=")
            yield values, tuple(values.marking(predicate) for predicate in asking)

    def marking(self, predicate: Predicate) -> str:
        """Return the line that marks the leaf a predicate has compared."""
        name = predicate.path[0].name
        if part(self.model, name).kind is Kind.LEAF:
            return f"use(('=', {self.mark(name)}))"
        return f"use_equal(use, {self.var}.{name}, {self.mark(name)}, {predicate.value.lower()!r})"

    def down(self, path: Path) -> Values:
        """Return the part that plain steps lead to, having gone where it is there for certain."""
        here = self
        for step in path:
            here = here._part(step)
        here.go()
        return here

    def _part(self, step: Step) -> Values:
        found = part(self.model, step.name)
        if found.kind is not Kind.PART or step.listed:
            raise Uncovered
        var = self._known.get((self.var, step.name))
        if var is None:
            self.go()
            var = self._known[self.var, step.name] = self.source.fresh(step.name)
            self._above[var] = self.var
            self.source.line(f"{var} = {self.var}.{step.name}")
            if found.always:
                self._always.add(var)
        path = f"{self.path}.{step.name}" if self.path else step.name
        return Values(self.source, var, found.of, self.at, path, self._known, self._above, self._always)

    def go(self) -> None:
        """Go where this value is there for certain."""
        chain: list[str] = []
        var = self.var
        while var in self._above:
            if var not in self._always:
                chain.append(var)
            var = self._above[var]
        self.source.guard(chain[::-1])

    def lead(self, path: Path) -> int:
        """Return how many steps at the beginning of a path lead to single parts."""
        model = self.model
        for number, step in enumerate(path[:-1]):
            found = part(model, step.name)
            if found.kind is not Kind.PART or step.listed:
                return number
            model = found.of
        return len(path) - 1


def _selected(end: End, select: tuple[str, ...], source: Source, *, once: bool) -> End:
    """Return what happens at a leaf inside a loop, which ends there if only the first counts."""

    def inside(taken: Taken) -> None:
        end(taken._replace(select=(*select, *taken.select)))
        if once:
            source.line("break")

    return inside


def _noting(end: End, done: str, source: Source) -> End:
    """Return what happens at the first leaf of several loops, which all end there."""

    def noting(taken: Taken) -> None:
        end(taken)
        source.line(f"{done} = True")

    return noting
