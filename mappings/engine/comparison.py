"""What a changed mapping would do differently: two runs of the same document, compared field by field.

Nothing here holds a value unless it is asked for: a change is a kind, a place without positions, and how often. Values
are kept apart in :class:`Values`, for those who may see them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from mappings.engine.findings import Finding
from mappings.engine.lineage import Translation
from mappings.engine.mapping import Value, canonical
from mappings.engine.places import place, without_positions
from mappings.engine.trees import dotted, leaf_places, render, root


class Kind(StrEnum):
    """How something comes out differently."""

    VALUE = "value"
    APPEARED = "appeared"
    VANISHED = "vanished"
    RULE = "rule"
    """The same value, by another rule, converter or from another place."""
    DROP = "drop"
    """One of our leaves is not written any more."""
    DROP_GONE = "drop-gone"
    LEFTOVER = "leftover"
    """One of their values is not read any more."""
    LEFTOVER_GONE = "leftover-gone"
    REFUSED = "refused"
    """The document is refused now; the path is the finding's place, the detail its code."""
    REFUSAL_GONE = "refusal-gone"
    DOCUMENT = "document"
    """It is read or written as another document, or about another number of children."""


class Direction(StrEnum):
    """Which half of a translation."""

    READ = "read"
    WRITE = "write"


class Change(NamedTuple):
    """One thing that comes out differently, without values."""

    direction: Direction
    document: str
    kind: Kind
    path: str
    """Read: ours; written: theirs; without positions."""
    before: str = ""
    """Rule and converter, code or document before."""
    after: str = ""


class Values(NamedTuple):
    """The values of one change in one document, as JSON; ``None``: absent."""

    before: str | None
    after: str | None


@dataclass(frozen=True)
class Outcome:
    """What one run gave: translations, or the findings of a refusal."""

    translations: tuple[Translation[Any], ...] = ()
    refused: tuple[Finding, ...] = ()


@dataclass
class Group:
    """One change over all documents in which it was seen."""

    change: Change
    seen_in: list[str] = field(default_factory=list)
    """Names of the documents: ids of deliveries and documents, or names of files."""
    values: list[Values] = field(default_factory=list)

    def as_json(self, *, values: bool = False) -> dict[str, Any]:
        """Return the group as JSON values."""
        change = self.change
        said: dict[str, Any] = {
            "direction": change.direction.value,
            "document": change.document,
            "kind": change.kind.value,
            "path": change.path,
            "before": change.before,
            "after": change.after,
            "count": len(self.seen_in),
            "seen_in": self.seen_in,
        }
        return {**said, "values": [value._asdict() for value in self.values]} if values else said


class _Field(NamedTuple):
    """One field of one run: how it was made, and the values that stand there."""

    rules: frozenset[str]
    values: tuple[str, ...]


def compare(direction: Direction, before: Outcome, after: Outcome) -> Iterator[tuple[Change, Values]]:
    """Yield what differs between two runs of the same document."""
    name = _document(before) or _document(after)
    if before.refused or after.refused:
        yield from _refusals(direction, name, before, after)
        if not (before.translations and after.translations):
            return
    if _shape(before) != _shape(after):
        yield Change(direction, name, Kind.DOCUMENT, "", _shape(before), _shape(after)), Values(None, None)
    for old, new in zip(before.translations, after.translations, strict=False):
        yield from _fields(direction, name, _field_table(direction, old), _field_table(direction, new))
        yield from _ends(direction, name, old, new)


def grouped(changes: Iterable[tuple[str, Change, Values]]) -> list[Group]:
    """Return changes gathered over documents, in a stable order."""
    groups: dict[Change, Group] = {}
    for name, change, values in changes:
        group = groups.setdefault(change, Group(change))
        group.seen_in.append(name)
        if values != Values(None, None):
            group.values.append(values)
    return [groups[change] for change in sorted(groups)]


def _document(outcome: Outcome) -> str:
    return outcome.translations[0].document if outcome.translations else ""


def _shape(outcome: Outcome) -> str:
    return ", ".join(each.document for each in outcome.translations)


def _refusals(direction: Direction, name: str, before: Outcome, after: Outcome) -> Iterator[tuple[Change, Values]]:
    old = {(place(f.path), f.code) for f in before.refused}
    new = {(place(f.path), f.code) for f in after.refused}
    for path, code in sorted(new - old):
        yield Change(direction, name, Kind.REFUSED, path, "", code), Values(None, None)
    for path, code in sorted(old - new):
        yield Change(direction, name, Kind.REFUSAL_GONE, path, code, ""), Values(None, None)


def _fields(
    direction: Direction, name: str, old: dict[str, _Field], new: dict[str, _Field]
) -> Iterator[tuple[Change, Values]]:
    for path in sorted(old.keys() | new.keys()):
        was, now = old.get(path), new.get(path)
        before, after = _how(was), _how(now)
        values = Values(_text(was), _text(now))
        if was is None:
            yield Change(direction, name, Kind.APPEARED, path, "", after), values
        elif now is None:
            yield Change(direction, name, Kind.VANISHED, path, before, ""), values
        elif was.values != now.values:
            yield Change(direction, name, Kind.VALUE, path, before, after), values
        elif was.rules != now.rules:
            yield Change(direction, name, Kind.RULE, path, before, after), Values(None, None)


def _how(made: _Field | None) -> str:
    return ", ".join(sorted(made.rules)) if made else ""


def _text(made: _Field | None) -> str | None:
    return None if made is None else ", ".join(made.values)


def _field_table(direction: Direction, translation: Translation[Any]) -> dict[str, _Field]:
    """Return the fields of what came out: of ours where it was read, of theirs where it was written."""
    rules: dict[str, set[str]] = {}
    for line in translation.lines:
        path = without_positions(line.ours) if direction is Direction.READ else place(line.theirs)
        if path:
            rules.setdefault(path, set()).add(f"{line.rule} {line.converter}".strip())
    values: dict[str, list[str]] = {}
    for path, value in _values(direction, translation):
        values.setdefault(path, []).append(json.dumps(value, ensure_ascii=False))
    return {path: _Field(frozenset(rules.get(path, ())), tuple(found)) for path, found in values.items()}


def _values(direction: Direction, translation: Translation[Any]) -> Iterator[tuple[str, Any]]:
    if direction is Direction.READ:
        value: Value = translation.value
        tree = canonical(value)
        yield from ((without_positions(dotted(hit.trail)), hit.value) for hit in leaf_places(tree, root(tree)))
        return
    xml = any(line.xml for line in translation.lines)
    tree = translation.tree
    yield from ((place(render(hit.trail, xml=xml)), hit.value) for hit in leaf_places(tree, root(tree)))


def _ends(
    direction: Direction, name: str, old: Translation[Any], new: Translation[Any]
) -> Iterator[tuple[Change, Values]]:
    """Yield drops and leftovers that are new or gone."""
    pairs = (
        (Kind.DROP, Kind.DROP_GONE, {without_positions(d.path) for d in old.dropped},
         {without_positions(d.path) for d in new.dropped}),
        (Kind.LEFTOVER, Kind.LEFTOVER_GONE, {place(p) for p in old.leftover}, {place(p) for p in new.leftover}),
    )  # fmt: skip
    for more, fewer, was, now in pairs:
        yield from ((Change(direction, name, more, path), Values(None, None)) for path in sorted(now - was))
        yield from ((Change(direction, name, fewer, path), Values(None, None)) for path in sorted(was - now))
