"""Join both halves of a translation on our path: where every written value came from, and what became of every other.

Between reading and writing the gateway adds what it decides (address, clocks) and takes out what the receiver may not
know; items of lists then move up. :func:`moved_up` follows them, so that a value keeps its source.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gateway.accounts.leaves import Leaves, label_of, moved_up, shown
from mappings.engine.findings import Finding
from mappings.engine.lineage import Line, Translation, Withheld
from mappings.engine.mapping import Value, canonical


class Fate(StrEnum):
    """What became of a value of the source."""

    DROPPED = "dropped"
    """The language of the receiver cannot or must never hold it."""
    WITHHELD = "withheld"
    """The receiver may not know it."""
    REPLACED = "replaced"
    """The gateway says it itself: ids, references, the address."""
    CHECKED = "checked"
    """It was read to recognise, to choose or to check, and says nothing by itself."""
    LEFTOVER = "leftover"
    """No rule read it."""


@dataclass(frozen=True)
class Place:
    """A value where it stands, in a document of theirs."""

    path: str
    value: str


@dataclass(frozen=True)
class Source:
    """Where one of our values was read, and by which rule."""

    place: Place
    rule: str
    converter: str
    outcome: str


@dataclass(frozen=True)
class Ours:
    """One of our leaves on its way."""

    path: str
    value: str
    label: str
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True)
class Written:
    """One written value: the rule that made it, and what from."""

    place: Place
    rule: str
    converter: str
    outcome: str
    ours: tuple[Ours, ...]
    """Empty: a constant of the format, or derived from values beside it. Without sources: given by the gateway."""


@dataclass(frozen=True)
class LeftBehind:
    """A value of the source that was not written, and why."""

    fate: Fate
    reason: str
    ours: Ours | None
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Account:
    """The whole account of one document."""

    source: str
    """Format and document, ``police_fir/fir``; empty where the source is not at hand."""
    target: str
    complete: bool
    written: tuple[Written, ...]
    left_behind: tuple[LeftBehind, ...]
    findings: tuple[Finding, ...]
    conditional: tuple[Withheld, ...]
    """Carried only because no agreement was named: each needs one."""


def account(
    reading: Translation[Any] | None,
    projected: Value,
    withheld: Iterable[Withheld],
    written: Translation[bytes],
    conditional: Iterable[Withheld] = (),
) -> Account:
    """Return the account of a translation.

    Args:
        reading: theirs to ours; ``None`` where the source is not at hand.
        projected: what the receiver may know, as it was handed to the writing mapping.
        withheld: what it may not.
        written: ours to theirs.
        conditional: what it may know only under an agreement, where none was named.
    """
    held = tuple(withheld)
    join = _Join(reading, projected, held, written)
    return Account(
        source=f"{reading.format}/{reading.document}" if reading else "",
        target=f"{written.format}/{written.document}",
        complete=written.complete,
        written=join.written(),
        left_behind=(*join.unwritten(), *join.checked(), *join.leftover()),
        findings=(*(reading.warnings if reading else ()), *written.warnings),
        conditional=tuple(conditional),
    )


class _Join:
    """Both halves, looked up by path."""

    def __init__(
        self,
        reading: Translation[Any] | None,
        projected: Value,
        withheld: tuple[Withheld, ...],
        written: Translation[bytes],
    ) -> None:
        self._reading = reading
        self._write = written
        self._model = type(projected)
        self._now = Leaves.ours(canonical(projected))
        self._then = Leaves.ours(canonical(reading.value)) if reading else Leaves({})
        self._withheld = {w.path: w for w in withheld}
        self._before = moved_up([*self._then.values, *self._withheld], set(self._withheld))
        self._sources = _by_ours(reading)

    def written(self) -> tuple[Written, ...]:
        """Return what was written, in the order of the document."""
        out = Leaves.theirs(self._write)
        order = {path: at for at, path in enumerate(out.values)}
        groups: dict[tuple[str, str], list[Line]] = {}
        for line in self._write.lines:
            if line.theirs:
                groups.setdefault((line.theirs, line.rule), []).append(line)
        rows = sorted(groups.items(), key=lambda item: order.get(item[0][0], len(order)))
        return tuple(self._row(path, lines, out) for (path, _), lines in rows)

    def _row(self, path: str, lines: list[Line], out: Leaves) -> Written:
        first = lines[0]
        ours = tuple(self._ours(path) for path in dict.fromkeys(line.ours for line in lines if line.ours))
        return Written(Place(path, out.text(path)), first.rule, first.converter, first.how.value, ours)

    def _ours(self, path: str) -> Ours:
        """Return one of our leaves as it was written, with its sources if it still says what they said."""
        before = self._before.get(path, path)
        same = self._then.values.get(before) == self._now.values.get(path)
        sources = self._sources.get(before, ()) if same else ()
        return Ours(path, self._now.text(path), label_of(self._model, path), tuple(sources))

    def unwritten(self) -> tuple[LeftBehind, ...]:
        """Return our leaves that did not travel: withheld, dropped, or replaced by the gateway's own words."""
        after = {old: new for new, old in self._before.items()}
        reasons = {drop.path: drop.reason for drop in self._write.dropped}
        used = {line.ours for line in self._write.lines if line.ours}
        rows = []
        for path in dict.fromkeys([*self._then.values, *self._withheld]):
            now = after.get(path, path)
            same = self._then.values.get(path) == self._now.values.get(now)
            if path in self._withheld:
                held = self._withheld[path]
                rows.append(self._behind(Fate.WITHHELD, f"{held.label}, {held.rule}", path))
            elif now in reasons and same:
                rows.append(self._behind(Fate.DROPPED, reasons.pop(now), path))
            elif path != "type" and not (same and now in used):
                rows.append(self._behind(Fate.REPLACED, "", path))
        given = (self._behind(Fate.DROPPED, reason, path) for path, reason in reasons.items())
        return (*rows, *given)

    def _behind(self, fate: Fate, reason: str, path: str) -> LeftBehind:
        sources = tuple(self._sources.get(path, ()))
        values = self._then if path in self._then.values else self._now
        ours = Ours(path, values.text(path), label_of(self._model, path), sources)
        return LeftBehind(fate, reason, ours, tuple(source.place for source in sources))

    def checked(self) -> tuple[LeftBehind, ...]:
        """Return the values that were read and are none of ours: constants, selectors, declared structure."""
        if self._reading is None:
            return ()
        reading, values = self._reading, Leaves.theirs(self._reading)
        rules = {line.theirs: line.rule for line in reading.lines if not line.ours and line.theirs in values.values}
        read = {line.theirs for line in reading.lines} | set(reading.leftover)
        silent = (path for path in values.values if path not in read and not _inside(path, read))
        said = {**rules, **dict.fromkeys(silent, "structure")}
        places = ((rule, Place(path, values.text(path))) for path, rule in said.items())
        return tuple(LeftBehind(Fate.CHECKED, rule, None, (place,)) for rule, place in places)

    def leftover(self) -> tuple[LeftBehind, ...]:
        """Return the values that no rule read."""
        if self._reading is None:
            return ()
        values = Leaves.theirs(self._reading)
        places = (Place(path, values.text(path)) for path in self._reading.leftover)
        return tuple(LeftBehind(Fate.LEFTOVER, "", None, (place,)) for place in places)


def _inside(path: str, read: set[str]) -> bool:
    """Tell whether a place lies in a node that a rule has read as a whole."""
    return any(path[:at] in read for at, sign in enumerate(path) if sign == "/")


def _by_ours(reading: Translation[Any] | None) -> dict[str, list[Source]]:
    sources: dict[str, list[Source]] = {}
    for line in reading.lines if reading else ():
        if line.ours and line.rule != "each":
            source = Source(_place(line), line.rule, line.converter, line.how.value)
            sources.setdefault(line.ours, []).append(source)
    return sources


def _place(line: Line) -> Place:
    return Place(line.theirs, shown(line.their_value) if line.their_trail else "")
