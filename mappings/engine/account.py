"""What one run of the rules takes note of: lines, places touched, and what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from mappings.engine.errors import Refusal
from mappings.engine.finders import Finder, finder
from mappings.engine.findings import Finding, Severity
from mappings.engine.lineage import How, Line, Note
from mappings.engine.paths import Path
from mappings.engine.trees import Found, Hit, Trail, leaf_places, render

_line = Line._make


class Account:
    """The running account of one translation of one document, in one direction.

    Attributes:
        xml: their side is XML.
        lines: one for each value that travelled.
        findings: what is wrong; an error refuses the document once all rules have run.
        spent: items of lists an ``each`` has taken, by identity.
        touched: places that were used, by the identity of their container and their key.
        kept: objects whose identity is remembered; they stay alive as long as the account.
    """

    __slots__ = ("findings", "kept", "lines", "spent", "touched", "xml")

    def __init__(self, *, xml: bool) -> None:
        self.xml = xml
        self.lines: list[Line] = []
        self.findings: list[Finding] = []
        self.spent: set[int] = set()
        self.touched: Touched = set()
        self.kept: list[Any] = []

    def touch(self, place: Found) -> bool:
        """Note that a place was used; returns False when it was used before."""
        container, key, _, _ = place
        mark = (id(container), key)
        if mark in self.touched:
            return False
        self.touched.add(mark)
        self.kept.append(container)
        return True

    def touch_all(self, place: Found) -> None:
        """Note that a place and every leaf below it were used."""
        self.touch(place)
        _, _, value, trail = place
        if isinstance(value, dict):
            for leaf in leaf_places(value, trail):
                self.touch(leaf)

    def spend(self, item: Any) -> bool:
        """Take an item of a list; returns False when another rule has taken it."""
        if id(item) in self.spent:
            return False
        self.spent.add(id(item))
        self.kept.append(item)
        return True

    def line(self, note: Note, ours: Trail | None, theirs: Trail | None) -> None:
        """Add a line."""
        self.lines.append(_line((note, ours, theirs)))

    def wrong(self, code: str, theirs: Trail | None, ours: str = "") -> None:
        """Add an error at one of their places."""
        path = render(theirs, xml=self.xml) if theirs else ""
        self.findings.append(Finding(code, path, Severity.ERROR, ours))

    def warn(self, code: str, theirs: Trail, ours: str = "") -> None:
        """Add a warning at one of their places."""
        self.findings.append(Finding(code, render(theirs, xml=self.xml), Severity.WARNING, ours))

    def merge(self, refusal: Refusal) -> None:
        """Take over the findings of a refusal met on the way."""
        self.findings.extend(refusal.findings)


Touched: TypeAlias = set[tuple[int, Any]]
"""Places that were used, by the identity of their container and their key."""


def untouched(node: Any, trail: Trail, touched: Touched) -> list[Hit]:
    """Return the leaves below a node that no rule has used."""
    found: list[Hit] = []
    if isinstance(node, dict):
        _untouched(node, trail, touched, found)
    return found


def _untouched(node: dict[str, Any], trail: Trail, touched: Touched, found: list[Hit]) -> None:
    for key, value in node.items():
        if key[:1] == "$":
            continue
        if isinstance(value, dict):
            _untouched(value, (trail, value, key, -1), touched, found)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, dict):
                    _untouched(item, (trail, item, key, index), touched, found)
                elif (id(value), index) not in touched:
                    found.append(Hit(value, index, item, (trail, item, key, index)))
        elif (id(node), key) not in touched:
            found.append(Hit(node, key, value, (trail, value, key, -1)))


Selection: TypeAlias = Callable[[Account, Trail], None]
"""Notes the leaves that the ``=`` predicates of a path have read on the way to a place."""
Asked: TypeAlias = tuple[int, Finder, str]
"""One ``=`` predicate: how many steps above the place its item stands, the way to the leaf it compares, with what."""


def asked_on(path: Path) -> tuple[Asked, ...]:
    """Return what the ``=`` predicates of a path ask on the way to its end."""
    steps = [step for step in path if step.name != "."]
    return tuple(
        (len(steps) - 1 - depth, finder(predicate.path), predicate.value.lower())
        for depth, step in enumerate(steps)
        for predicate in step.predicates
        if predicate.operator == "="
    )


def selected(asked: Asked, trail: Trail) -> Iterator[Found]:
    """Yield the leaves by which one predicate has selected the place of a trail."""
    up, find, wanted = asked
    at = _above(trail, up)
    for leaf in find(at[1], at):
        place = _text_place(leaf)
        if str(place[2]).lower() == wanted:
            yield place


def selection(rule: str, path: Path, *, ours: bool, xml: bool) -> Selection | None:
    """Return what notes the leaves that selected a place, or ``None`` where a path selects nothing.

    Args:
        rule: the rule they selected.
        path: how the place is reached.
        ours: the path is ours.
        xml: their side is XML.
    """
    asked = asked_on(path)
    if not asked:
        return None
    note = Note(rule, "", How.SELECTOR, xml)

    def select(account: Account, trail: Trail) -> None:
        for one in asked:
            for place in selected(one, trail):
                if account.touch(place):
                    account.line(note, *((place[3], None) if ours else (None, place[3])))

    return select


def _above(trail: Trail, steps: int) -> Trail:
    for _ in range(steps):
        trail = trail[0] or trail
    return trail


def _text_place(place: Found) -> Found:
    """Return the text of an XML element where the place is the element."""
    _, _, value, trail = place
    if isinstance(value, dict) and "#" in value:
        return (value, "#", value["#"], (trail, value["#"], "#", -1))
    return place
