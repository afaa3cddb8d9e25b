"""What one run of the rules takes note of: lines, places touched, and what is wrong."""

from __future__ import annotations

from typing import Any

from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.lineage import How, Line
from mappings.engine.paths import Path
from mappings.engine.trees import Hit, Trail, find, leaf_places, render


class Account:
    """The running account of one translation of one document, in one direction.

    Attributes:
        xml: their side is XML.
        lines: one for each value that travelled.
        findings: what is wrong; an error refuses the document once all rules have run.
        spent: items of lists an ``each`` has taken, by identity.
    """

    def __init__(self, *, xml: bool) -> None:
        self.xml = xml
        self.lines: list[Line] = []
        self.findings: list[Finding] = []
        self.spent: set[int] = set()
        self._touched: set[tuple[int, Any]] = set()
        self.kept: list[Any] = []
        """Objects whose identity is remembered stay alive as long as the account."""

    def touch(self, hit: Hit) -> bool:
        """Note that a place was used; returns False when it was used before."""
        if hit.place in self._touched:
            return False
        self._touched.add(hit.place)
        self.kept.append(hit.container)
        return True

    def touch_all(self, hit: Hit) -> None:
        """Note that a place and every leaf below it were used."""
        self.touch(hit)
        if isinstance(hit.value, dict):
            for leaf in leaf_places(hit.value, hit.trail):
                self.touch(leaf)

    def spend(self, item: Any) -> bool:
        """Take an item of a list; returns False when another rule has taken it."""
        if id(item) in self.spent:
            return False
        self.spent.add(id(item))
        self.kept.append(item)
        return True

    def untouched(self, node: Any, trail: Trail) -> list[Hit]:
        """Return the leaves below a node that no rule has used."""
        return [hit for hit in leaf_places(node, trail) if hit.place not in self._touched]

    def line(self, rule: str, ours: Trail | None, theirs: Trail | None, name: str, how: How, *, two_way: bool) -> None:
        """Add a line."""
        self.lines.append(Line(rule, ours, theirs, name, how, self.xml, two_way))

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

    def selectors(self, rule: str, hit: Hit, path: Path, *, ours: bool) -> None:
        """Note the leaves that the ``=`` predicates of a path have read on the way to a hit."""
        trails: list[Trail] = []
        at: Trail | None = hit.trail
        for _ in path:
            if at is None:
                break
            trails.append(at)
            at = at.parent
        for step, trail in zip(path, reversed(trails), strict=False):
            for predicate in step.predicates:
                if predicate.operator == "=":
                    self._select(rule, predicate.path, predicate.value, trail, ours=ours)

    def _select(self, rule: str, path: Path, value: str, trail: Trail, *, ours: bool) -> None:
        for leaf in find(trail.node, path, trail):
            place = _text_place(leaf)
            if str(place.value).lower() == value.lower() and self.touch(place):
                our, their = (place.trail, None) if ours else (None, place.trail)
                self.line(rule, our, their, "", How.SELECTOR, two_way=True)


def _text_place(hit: Hit) -> Hit:
    """Return the text of an XML element where the hit is the element."""
    if isinstance(hit.value, dict) and "#" in hit.value:
        return Hit(hit.value, "#", hit.value["#"], Trail(hit.trail, hit.value["#"], "#", -1))
    return hit
