"""Codes that R4 binds as required, from our own lists (``code_lists.json``).

The metadata of fhir.resources is not asked: its list for Task.status ends after four codes with ``+``
(formats/health.md, bottom line 4). A new bound element is a line in the data file.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from mappings.engine.findings import Finding
from mappings.health_fhir.walk import Place, codings


class CodeLists:
    """The bound elements and their codes."""

    def __init__(self, data: dict[str, Any]) -> None:
        lists = {name: frozenset(codes) for name, codes in data["lists"].items()}
        self.elements = {path: lists[name] for path, name in data["elements"].items()}
        self.datatypes = {tuple(path.split(".")): lists[name] for path, name in data["datatypes"].items()}
        self.concepts = {path: (system, lists[name]) for path, (system, name) in data["concepts"].items()}

    def bound(self, element: str) -> frozenset[str] | None:
        """Return the codes an element may hold, or ``None`` if it is not bound."""
        return self.elements.get(element) or self.datatypes.get(tuple(element.rsplit(".", 2)[-2:]))


@cache
def code_lists() -> CodeLists:
    """Return the lists of the data file."""
    text = resources.files("mappings.health_fhir").joinpath("code_lists.json").read_text("utf-8")
    return CodeLists(json.loads(text))


def check_bindings(walk: list[Place]) -> list[Finding]:
    """Return every bound element that holds a code outside its list."""
    lists = code_lists()
    return [finding for place in walk if (finding := _judge(place, lists)) is not None]


def _judge(place: Place, lists: CodeLists) -> Finding | None:
    if isinstance(place.value, str):
        allowed = lists.bound(place.element)
        return Finding("UNKNOWN_CODE", place.pointer) if allowed and place.value not in allowed else None
    if isinstance(place.value, dict) and place.element in lists.concepts:
        system, allowed = lists.concepts[place.element]
        known = [c for c in codings(place.value, system) if c.get("code") in allowed]
        return None if known else Finding("UNKNOWN_CODE", place.pointer)
    return None
