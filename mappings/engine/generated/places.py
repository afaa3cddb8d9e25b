"""Our side in generated code: the objects and lists that values are put into, each in a variable of its own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from mappings.engine.generated.source import Slot, Source
from mappings.engine.paths import Path, Step
from mappings.engine.shapes import Shape
from mappings.engine.trees import root


@dataclass
class Ours:
    """One object of ours and what is known to stand below it.

    Attributes:
        var: the variable that holds it.
        born: where its parts are declared.
        made: what it holds from the beginning.
        said: the variable that tells whether any value was put into it; empty for the whole value.
    """

    var: str
    born: Slot
    made: dict[str, Any] = field(default_factory=dict)
    said: str = ""
    _parts: dict[tuple[str, str], str] = field(default_factory=dict)
    _order: list[tuple[str, str, str]] = field(default_factory=list)

    def node(self, source: Source, path: Path) -> str:
        """Return the variable of the object that plain steps lead to."""
        var = self.var
        for step in path:
            var = self._part(source, var, step.name, "{}")
        return var

    def items(self, source: Source, path: Path) -> str:
        """Return the variable of the list that the last step names."""
        return self._part(source, self.node(source, path[:-1]), path[-1].name, "[]")

    def below(self, source: Source, path: Path, said: str) -> Ours:
        """Return an object further down, whose parts are this object's too."""
        return replace(self, var=self.node(source, path), made={}, said=said)

    def _part(self, source: Source, above: str, name: str, empty: str) -> str:
        var = self._parts.get((above, name))
        if var is None:
            var = self._parts[above, name] = source.fresh(f"our_{name}")
            there = above == self.var and name in self.made
            self.born.line(f"{var} = {above}[{name!r}]" if there else f"{var} = {above}[{name!r}] = {empty}")
            self._order.append((var, above, name))
        return var

    def prune(self, source: Source) -> None:
        """Take out parts in which nothing stands, the innermost first."""
        for var, above, name in reversed(self._order):
            with source.block(f"if not {var}"):
                source.line(f"del {above}[{name!r}]")


def new_item(step: Step) -> dict[str, Any]:
    """Return what an item holds from the beginning: the values that its step demands."""
    item, _ = Shape(xml=False).new_item({}, step, root({}))
    return item


def plain_lead(path: Path) -> int:
    """Return how many steps at the beginning of one of our paths name objects and nothing else."""
    return next((n for n, step in enumerate(path) if step.listed), len(path) - 1)
