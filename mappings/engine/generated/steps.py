"""Their side in generated code: from node to node along the steps of a path, each node in a variable of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from mappings.engine.account import asked_on
from mappings.engine.finders import finder, test_of
from mappings.engine.generated.source import Source
from mappings.engine.paths import Path, Predicate, Step


class Leaf(NamedTuple):
    """A place of theirs as generated code has found it."""

    container: str
    key: str
    """Source of the key, a literal or a variable."""
    value: str
    select: tuple[Callable[[], None], ...]
    """What writes the lines that mark the leaves by which the place was selected."""
    scalar: bool
    """The value is neither object nor list for certain."""


End = Callable[[Leaf], None]
"""Writes what happens at a place that was found."""


@dataclass
class Theirs:
    """One node of theirs from which paths are followed, and where those before have led already."""

    source: Source
    var: str
    xml: bool
    known: dict[tuple[str, Step], str] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)
    certain: set[str] = field(default_factory=set)
    """Variables that are not ``None`` for certain."""

    def follow(self, path: Path, end: End, *, must: bool) -> None:
        """Write the way along a path, and what happens at each place it leads to.

        Args:
            path: down to the leaf.
            end: what happens there.
            must: without such a place the code gives up.
        """
        lead = 0
        var, select = self.var, []
        while lead < len(path) - 1 and _single(path[lead]):
            step = path[lead]
            var = self._child(var, step, must=must)
            select += self._selecting(var, step)
            lead += 1
        rest = path[lead:]
        if len(rest) == 1 and rest[0].name == ".":
            self._itself(var, tuple(select), end)
        elif len(rest) == 1 and _plain(rest[0]):
            self._leaf(var, rest[0].name, tuple(select), end, must=must)
        elif not must and rest[0].many and len(rest[0].names) == 1:
            self._each(var, rest, tuple(select), end)
        else:
            self._found(var, rest, tuple(select), end, must=must)

    def at(self, var: str) -> None:
        """Go where a node is certain to be there."""
        chain: list[str] = []
        while var != self.var:
            if var not in self.certain:
                chain.append(var)
            var = self.above[var]
        self.source.guard(chain[::-1])

    def child(self, path: Path, *, must: bool) -> str:
        """Return the variable of the node that a path of single nodes leads to, having gone there."""
        var = self.var
        for step in path:
            var = self._child(var, step, must=must)
        self.at(var)
        return var

    def _child(self, var: str, step: Step, *, must: bool) -> str:
        child = self.known.get((var, step))
        if child is None:
            self.at(var)
            child = self.known[var, step] = self.source.fresh(step.name)
            self.above[child] = var
            self._find(var, step, child)
        if must and child not in self.certain:
            self.at(var)
            self.source.line(f"if {child} is None: give_up()")
            self.certain.add(child)
        return child

    def _find(self, var: str, step: Step, child: str) -> None:
        line = self.source.line
        if step.predicates:
            self._pick(var, step, child)
        elif self.xml and step.name[0] != "$":
            line(f"{child} = {var}.get({step.name!r})")
            line(f"if {child} is not None: ({child},) = {child}")
        else:
            line(f"{child} = {var}.get({step.name!r})")
            line(f"if {child} is not None and type({child}) is not dict: {child} = one({child})")

    def _pick(self, var: str, step: Step, child: str) -> None:
        """Write the search for the one item that satisfies a step's predicates."""
        item, items, source = self.source.fresh("item"), self.source.fresh(step.name), self.source
        source.line(f"{child} = None")
        with source.block(f"if ({items} := {var}.get({step.name!r})) is not None"):
            with source.block(f"for {item} in {items} if type({items}) is list else ({items},)"):
                with source.block(f"if {self.condition(step, item)}"):
                    source.line(f"if {child} is not None: give_up()")
                    source.line(f"{child} = {item}")

    def condition(self, step: Step, item: str) -> str:
        """Return the source of whether an item satisfies a step's predicates."""
        return " and ".join(self._test(predicate, item) for predicate in step.predicates) or "True"

    def _test(self, predicate: Predicate, item: str) -> str:
        step = predicate.path[0]
        if len(predicate.path) > 1 or not _plain(step) or (self.xml and step.name[0] not in "@#$"):
            return f"{self.source.refer(test_of(predicate), 'test')}({item})"
        value = f"{item}.get({step.name!r})"
        if predicate.operator == "has":
            return f"there({value})"
        if predicate.operator == "lacks":
            return f"not there({value})"
        got = self.source.fresh("got")
        if predicate.operator == "=":
            return f"(({got} := {value}) == {predicate.value!r} or odd({got}))"
        return f"(({got} := {value}) != {predicate.value!r} and not odd({got}))"

    def _selecting(self, item: str, step: Step) -> list[Callable[[], None]]:
        """Return what marks the leaves that a step's ``=`` predicates have compared."""
        asking = [predicate for predicate in step.predicates if predicate.operator == "="]
        return [self._marking(item, step, predicate) for predicate in asking]

    def _marking(self, item: str, step: Step, predicate: Predicate) -> Callable[[], None]:
        name = predicate.path[0].name
        if len(predicate.path) == 1 and _plain(predicate.path[0]) and (not self.xml or name[0] in "@#$"):
            return lambda: self.source.line(f"mark(({item}, {name!r}))")
        asked = self.source.refer(asked_on((Step(step.names, predicates=(predicate,)),)), "asked")
        return lambda: self.source.line(f"mark_selected({asked}, (None, {item}, '', -1), mark)")

    def _itself(self, var: str, select: tuple[Callable[[], None], ...], end: End) -> None:
        self.at(var)
        end(Leaf("", "", var, select, scalar=False))

    def _leaf(self, var: str, name: str, select: tuple[Callable[[], None], ...], end: End, *, must: bool) -> None:
        self.at(var)
        value = self.source.fresh(name)
        leaf = Leaf(var, repr(name), value, select, scalar=self.xml and name[0] in "@#")
        if must:
            self.source.line(f"{value} = {var}[{name!r}]")
            if not leaf.scalar:
                self.source.line(f"if {value} is None: give_up()")
            end(leaf)
        else:
            with self.source.block(f"if ({value} := {var}.get({name!r})) is not None"):
                end(leaf)

    def _each(self, var: str, path: Path, select: tuple[Callable[[], None], ...], end: End) -> None:
        """Write the way through every item of a list."""
        step, rest, source = path[0], path[1:], self.source
        with self.loop(var, step) as (items, index, item):
            if not rest:
                end(Leaf(items, index, item, (*select, *self._selecting(item, step)), scalar=False))
                return
            above = (*select, *self._selecting(item, step))
            inner = Theirs(source, item, self.xml)
            inner.follow(rest, lambda leaf: end(leaf._replace(select=above + leaf.select)), must=False)

    @contextmanager
    def loop(self, var: str, step: Step) -> Iterator[tuple[str, str, str]]:
        """Write a loop over the items a step names; yields the variables of the list, the position and the item."""
        source = self.source
        items, index, item = (source.fresh(hint) for hint in (step.name, "n", "item"))
        self.at(var)
        with source.block(f"if ({items} := {var}.get({step.name!r})) is not None"):
            source.line(f"if type({items}) is not list: give_up()")
            with source.block(f"for {index}, {item} in enumerate({items})"):
                if step.predicates:
                    source.line(f"if not ({self.condition(step, item)}): continue")
                yield items, index, item

    def _found(self, var: str, path: Path, select: tuple[Callable[[], None], ...], end: End, *, must: bool) -> None:
        """Leave a path of a rare shape to the function that follows it."""
        source = self.source
        self.at(var)
        find, hits, hit = source.refer(finder(path), "find"), source.fresh("hits"), source.fresh("hit")
        source.line(f"{hits} = {find}({var}, (None, {var}, '', -1))")
        if not any(step.many for step in path):
            source.line(f"if len({hits}) > 1: give_up()")
        if must:
            source.line(f"if not {hits}: give_up()")
        if asked := asked_on(path):
            name = source.refer(asked, "asked")
            select = (*select, lambda: source.line(f"mark_selected({name}, {hit}[3], mark)"))
        with source.block(f"for {hit} in {hits}"):
            end(Leaf(f"{hit}[0]", f"{hit}[1]", f"{hit}[2]", select, scalar=False))


def _single(step: Step) -> bool:
    """Tell whether a step names one node: an object, or the one item of a list that satisfies its predicates."""
    return len(step.names) == 1 and not step.many and step.name != "."


def _plain(step: Step) -> bool:
    """Tell whether a step is one name and nothing else."""
    return _single(step) and not step.predicates
