"""Generated source becomes functions, once, when a document is first translated."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

from mappings.engine.converters import Coarse, Converter
from mappings.engine.generated import marks, reading, unusual, writing
from mappings.engine.generated.coverage import coverage
from mappings.engine.generated.parts import Uncovered, leads
from mappings.engine.generated.source import Source
from mappings.engine.paths import Path
from mappings.engine.rules import Rule
from mappings.engine.shapes import Shape, put
from mappings.engine.trees import Node
from mappings.labels import Node as Model

Run: TypeAlias = Callable[..., Any]


class Read(NamedTuple):
    """What the short way of reading has found."""

    ours: Node
    read: list[tuple[Any, Any]]
    """The places that were read: container and key."""


class Written(NamedTuple):
    """What the short way of writing has made."""

    tree: Node
    used: list[marks.Mark]
    """What was written."""
    hollow: bool
    """Something that holds nothing may stand in the tree."""


class Rules(NamedTuple):
    """What a document's functions are made of."""

    place: str
    """How tracebacks name the document."""
    rules: tuple[Rule, ...]
    converters: Mapping[int, Converter]
    model: type[Model]
    xml: bool
    dropped: Callable[[str], str | None]
    """Why a leaf of ours may be left out, or ``None``."""
    writes_when: tuple[Path, ...]
    writes_unless: tuple[Path, ...]


class Generated:
    """The generated functions of one document."""

    def __init__(self, rules: Rules) -> None:
        """Take the rules; nothing is made of them before it is used."""
        self._of = rules

    def read(self, tree: Node) -> Read | None:
        """Return what a tree of theirs says, or ``None`` where the long way must be gone."""
        run = self.reading.run
        if run is None:
            return None
        found = Read({}, [])
        try:
            run(tree, found.ours, found.read.append, Shape(xml=False))
        except unusual.GIVES_UP:
            return None
        return found

    def write(self, value: Model) -> Written | None:
        """Return a tree of theirs that says what a value says, or ``None`` where the long way must be gone."""
        run = self.writing.run
        if run is None:
            return None
        tree: Node = {}
        used: list[marks.Mark] = []
        try:
            hollow = run(value, tree, used)
        except unusual.GIVES_UP:
            return None
        return Written(tree, used, hollow)

    def can_write(self, value: Model) -> bool | None:
        """Tell whether a value is written as this document, or ``None`` where only its tree can tell."""
        run = self._recognising.run
        return None if run is None else bool(run(value))

    @cached_property
    def reading(self) -> Function:
        """The function that reads."""
        of = self._of
        return _function(
            lambda: reading.reading(of.rules, of.converters, xml=of.xml), reading.HEAD, f"<{of.place}: read>", "read"
        )

    @cached_property
    def writing(self) -> Function:
        """The function that writes."""
        of = self._of

        def source() -> Source:
            covered = coverage(of.rules, of.model, of.dropped)
            return writing.writing(of.rules, of.converters, of.model, covered, xml=of.xml)

        return _function(source, writing.HEAD, f"<{of.place}: write>", "write")

    @cached_property
    def _recognising(self) -> Function:
        of = self._of

        def source() -> Source:
            made = Source()
            for path in of.writes_unless:
                made.line(f"if {leads(of.model, 'value', path)}: return False")
            for path in of.writes_when:
                made.line(f"if not ({leads(of.model, 'value', path)}): return False")
            made.line("return True")
            return made

        return _function(source, "def can_write(value)", f"<{of.place}: can write>", "can_write")


class Function(NamedTuple):
    """A generated function; both are empty where a rule is of a shape for which there is no code."""

    source: str
    run: Run | None


_KNOWN: dict[str, object] = {
    "BRANCHES": unusual.BRANCHES, "Coarse": Coarse, "dumped": unusual.dumped, "give_up": unusual.give_up,
    "holds": unusual.holds, "hollows": unusual.hollows, "implied": marks.implied, "item_for": unusual.item_for,
    "keyed_item": unusual.keyed_item, "mark_leaves": unusual.mark_leaves,
    "mark_selected": unusual.mark_selected, "noted": marks.noted, "odd": unusual.odd, "one": unusual.one, "put": put,
    "says": unusual.says, "take_back": unusual.take_back, "there": unusual.there, "use_again": marks.use_again,
    "use_equal": marks.use_equal, "use_whole": marks.use_whole,
}  # fmt: skip


def _function(source: Callable[[], Source], head: str, place: str, name: str) -> Function:
    """Return a source's function; tracebacks show its lines."""
    try:
        made = source()
    except Uncovered:
        return Function("", None)
    text = made.text(head)
    names: dict[str, Any] = {**_KNOWN, **made.names}
    exec(compile(text, place, "exec"), names)  # noqa: S102 - our own source, made from checked rules
    linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)
    return Function(text, names[name])
