"""Generated source becomes functions, once, when a document is first translated."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from mappings.engine.converters import Converter
from mappings.engine.generated import reading, unusual
from mappings.engine.generated.source import Source
from mappings.engine.rules import Rule
from mappings.engine.shapes import Shape, put
from mappings.engine.trees import Node

Mark = tuple[Any, Any]
"""A place that was read: container and key."""


class Told(NamedTuple):
    """What the short way has found."""

    ours: Node
    read: list[Mark]


class Generated:
    """The generated functions of one document."""

    def __init__(self, place: str, rules: tuple[Rule, ...], converters: Mapping[int, Converter], *, xml: bool) -> None:
        """Take the rules; ``place`` names the document in tracebacks."""
        self._place = place
        self._rules = rules
        self._converters = converters
        self._xml = xml

    @cached_property
    def source(self) -> str:
        """The source of reading; empty where a rule is of a shape that is read the long way."""
        return self._reading[0]

    def read(self, tree: Node) -> Told | None:
        """Return what a tree of theirs says, or ``None`` where the long way must be gone."""
        run = self._reading[1]
        if run is None:
            return None
        told = Told({}, [])
        try:
            run(tree, told.ours, told.read.append, Shape(xml=False))
        except unusual.GIVES_UP:
            return None
        return told

    @cached_property
    def _reading(self) -> tuple[str, Callable[..., None] | None]:
        try:
            source = reading.reading(self._rules, self._converters, xml=self._xml)
        except reading.Uncovered:
            return "", None
        return _compiled(source, reading.HEAD, f"<{self._place}: read>", "read")


_KNOWN = {
    "BRANCHES": unusual.BRANCHES, "give_up": unusual.give_up, "mark_leaves": unusual.mark_leaves,
    "mark_selected": unusual.mark_selected, "odd": unusual.odd, "one": unusual.one, "put": put,
    "says": unusual.says, "there": unusual.there,
}  # fmt: skip


def _compiled(source: Source, head: str, place: str, name: str) -> tuple[str, Callable[..., None]]:
    """Return a source's text and function; tracebacks show its lines."""
    text = source.text(head)
    names = {**_KNOWN, **source.names}
    exec(compile(text, place, "exec"), names)  # noqa: S102 - our own source, made from checked rules
    linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)
    function: Callable[..., None] = names[name]  # type: ignore[assignment]  # what the source defines
    return text, function
