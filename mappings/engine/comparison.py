"""What a changed mapping would do differently: two runs of the same document, compared field by field.

Nothing here holds a value unless it is asked for: a change is a kind, a place without positions, and how often. Values
are kept apart in :class:`Values`, for those who may see them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from mappings.engine.snapshot import Direction, Field, Run, Snapshot


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


_NONE = Values(None, None)


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


def compare(direction: Direction, before: Run, after: Run) -> Iterator[tuple[Change, Values]]:
    """Yield what differs between two runs of the same document."""
    name = next((shot.document for shot in (*before.snapshots, *after.snapshots)), "")
    for path, code in sorted(after.refused - before.refused):
        yield Change(direction, name, Kind.REFUSED, path, "", code), _NONE
    for path, code in sorted(before.refused - after.refused):
        yield Change(direction, name, Kind.REFUSAL_GONE, path, code, ""), _NONE
    if not (before.snapshots and after.snapshots):
        return
    was, now = _shape(before), _shape(after)
    if was != now:
        yield Change(direction, name, Kind.DOCUMENT, "", was, now), _NONE
    for old, new in zip(before.snapshots, after.snapshots, strict=False):
        yield from _fields(direction, name, old.fields, new.fields)
        yield from _ends(direction, name, old, new)


def grouped(changes: Iterable[tuple[str, Change, Values]]) -> list[Group]:
    """Return changes gathered over documents, in a stable order."""
    groups: dict[Change, Group] = {}
    for name, change, values in changes:
        group = groups.setdefault(change, Group(change))
        group.seen_in.append(name)
        if values != _NONE:
            group.values.append(values)
    return [groups[change] for change in sorted(groups)]


def _shape(run: Run) -> str:
    return ", ".join(shot.document for shot in run.snapshots)


def _fields(
    direction: Direction, name: str, old: dict[str, Field], new: dict[str, Field]
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
            yield Change(direction, name, Kind.RULE, path, before, after), _NONE


def _how(made: Field | None) -> str:
    return ", ".join(made.rules) if made else ""


def _text(made: Field | None) -> str | None:
    return None if made is None else ", ".join(made.values)


def _ends(direction: Direction, name: str, old: Snapshot, new: Snapshot) -> Iterator[tuple[Change, Values]]:
    """Yield drops and leftovers that are new or gone."""
    pairs = (
        (Kind.DROP, Kind.DROP_GONE, old.dropped, new.dropped),
        (Kind.LEFTOVER, Kind.LEFTOVER_GONE, old.leftover, new.leftover),
    )
    for more, fewer, was, now in pairs:
        yield from ((Change(direction, name, more, path), _NONE) for path in sorted(now - was))
        yield from ((Change(direction, name, fewer, path), _NONE) for path in sorted(was - now))
