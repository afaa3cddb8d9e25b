"""Their side in generated code: the nodes that values are written into, each in a variable of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mappings.engine.generated.parts import Uncovered
from mappings.engine.generated.source import Slot, Source
from mappings.engine.paths import Path, Predicate, Step
from mappings.engine.shapes import Shape, equalities
from mappings.engine.trees import root


@dataclass
class Made:
    """One node of theirs and what has been made below it; everything is made when a value is first put into it.

    Attributes:
        var: the variable that holds it.
        born: where the variables of nodes below are declared.
        said: the variable that tells whether anything was noted since the node was made; empty for the whole tree.
    """

    source: Source
    var: str
    born: Slot
    xml: bool
    said: str = ""
    _parts: dict[tuple[str, Step], str] = field(default_factory=dict)
    _held: list[tuple[str, str, Step]] = field(default_factory=list)
    _new_ones: set[str] = field(default_factory=set)
    """Nodes that are made anew whenever their lines run, and what stands below them."""

    def put(self, path: Path, value: str) -> None:
        """Write that a value is stored at the end of a path, made where it is missing."""
        last = path[-1]
        if last.many:
            self.source.line(f"{self.node(path[:-1])}.setdefault({last.name!r}, []).append({value})")
        else:
            self.source.line(f"{self.node(path[:-1])}[{last.name!r}] = {value}")

    def node(self, path: Path) -> str:
        """Return the variable of the node at the end of a path, made where it is missing."""
        var = self.var
        for step in path:
            var = self._new(var, step) if step.many else self._part(var, step)
        return var

    def holder(self, path: Path) -> str:
        """Return the variable of the node at the end of a path, which is taken out if nothing is put into it."""
        if any(step.many for step in path):
            raise Uncovered
        var = self.var
        for step in path:
            above, var = var, self._part(var, step)
            if not step.predicates and (not self.xml or step.name[0] == "$") and (var, above, step) not in self._held:
                self._held.append((var, above, step))
        return var

    def prune(self) -> None:
        """Take out nodes into which nothing was put, the innermost first."""
        for var, above, step in reversed(self._held):
            self.source.line(f"if {var} is not None and not {var}: {above}.pop({step.name!r}, None)")

    def _new(self, above: str, step: Step) -> str:
        node = self.source.fresh(step.name)
        self.source.line(f"{node} = {new_item(step, xml=self.xml)!r}")
        self.source.line(f"{above}.setdefault({step.name!r}, []).append({node})")
        self._new_ones.add(node)
        return node

    def _part(self, above: str, step: Step) -> str:
        if above in self._new_ones:
            again = self.source.fresh(step.name)
            self._new_ones.add(again)
            self.source.line(f"{again} = {self._made(above, step)}")
            return again
        var = self._parts.get((above, step))
        if var is None:
            var = self._parts[above, step] = self.source.fresh(step.name)
            self.born.line(f"{var} = None")
        self.source.line(f"if {var} is None: {var} = {self._made(above, step)}")
        return var

    def _made(self, above: str, step: Step) -> str:
        name = step.name
        if len(step.predicates) == 1 and (key := _key(step.predicates[0], xml=self.xml)):
            return f"keyed_item({above}, {name!r}, {key!r}, {new_item(step, xml=self.xml)!r})"
        if step.predicates:
            tests = self.source.refer(equalities(step), "tests")
            return f"item_for({above}, {name!r}, {tests}, {new_item(step, xml=self.xml)!r})"
        if self.xml and name[0] != "$":
            return f"{above}.setdefault({name!r}, [{{}}])[0]"
        return f"{above}.setdefault({name!r}, {{}})"


def new_item(step: Step, *, xml: bool) -> dict[str, Any]:
    """Return what an item of theirs holds from the beginning: the values that its step demands."""
    item, _ = Shape(xml=xml).new_item({}, step, root({}))
    return item


def _key(predicate: Predicate, *, xml: bool) -> str:
    """Return the name of the one leaf that a predicate demands beside others, or an empty text."""
    step = predicate.path[0]
    plain = len(predicate.path) == 1 and len(step.names) == 1 and not step.listed and step.name != "."
    return step.name if plain and predicate.operator == "=" and (not xml or step.name[0] in "@#$") else ""
