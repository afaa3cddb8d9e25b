"""What would change: stored messages, or a folder of documents, replayed dry on a changed mapping.

Received documents are read again by both mappings; sent ones are written again by both, from what their receivers may
be told now. Nothing is stored and nothing is sent. What comes out holds places and counts; values only if asked for
(:mod:`mappings.engine.comparison`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, select

from gateway import languages
from gateway.delivery.outgoing import CannotSend, Sendable, prepare
from gateway.delivery.states import DeliveryKind
from gateway.room import ReadingRoom
from gateway.store.tables import delivery, document, referral
from gateway.vault.documents import DocumentKind, get
from gateway.vault.errors import Erased
from mappings.engine.comparison import Change, Group, Values, compare, grouped
from mappings.engine.errors import MappingDefect, Refusal
from mappings.engine.findings import Finding
from mappings.engine.lineage import Translation
from mappings.engine.mapping import Mapping, Value
from mappings.engine.snapshot import Direction, Outcome

Seen = tuple[str, Change, Values]
"""In which document, what, and the values."""


class Translator(Protocol):
    """A mapping, installed or changed."""

    def read(self, data: bytes) -> tuple[Translation[Value], ...]:
        """Return what a document says."""

    def write(self, value: Value) -> Translation[bytes]:
        """Return a value as a document."""


@dataclass(frozen=True)
class Replayed:
    """What would change in one format."""

    format: str
    groups: tuple[Group, ...]
    documents: int
    """How many documents were replayed."""
    unreadable: int
    """How many could not be: erased, or no agreement in force."""


class Replay:
    """The replay of one format, installed and changed."""

    def __init__(self, installed: Mapping, changed: Translator) -> None:
        self._installed = installed
        self._changed = changed
        self._seen: list[Seen] = []
        self._documents = 0
        self._unreadable = 0

    def result(self) -> Replayed:
        """Return what was found so far."""
        return Replayed(self._installed.format, tuple(grouped(self._seen)), self._documents, self._unreadable)

    def samples(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Replay documents of a folder, in both directions; ``fullest.*`` are canonical and are only written."""
        for name, data in files:
            if name.startswith("fullest."):
                self._canonical(name, data)
                continue
            before = self._read(name, data)
            for reading in before.translations:
                self._write(name, reading.value)

    def _canonical(self, name: str, data: bytes) -> None:
        ours = languages.format_named("raabta")
        readings = ours.read(data) if ours else ()
        for reading in readings:
            self._write(name, reading.value)

    def stored(self, room: ReadingRoom, connection: Connection, since: float) -> None:
        """Replay what was received and sent since an instant (Unix seconds)."""
        self._received(room, connection, since)
        self._sent(room, connection, since)

    def _received(self, room: ReadingRoom, connection: Connection, since: float) -> None:
        kinds = (DocumentKind.ORIGINAL.value, DocumentKind.ANSWER.value)
        wanted = select(document.c.id).where(
            document.c.media_type.in_(self._installed.media_types),
            document.c.kind.in_(kinds),
            document.c.created >= since,
        )
        known: set[bytes] = set()
        for name in connection.execute(wanted.order_by(document.c.created, document.c.id)).scalars().all():
            try:
                found = get(connection, room.vault, name)
            except Erased:
                self._unreadable += 1
                continue
            # A document about several children is sealed with each of them.
            if found is not None and (mark := room.vault.fingerprint(found.body)) not in known:
                known.add(mark)
                self._read(name, found.body)

    def _sent(self, room: ReadingRoom, connection: Connection, since: float) -> None:
        wanted = (
            select(delivery, referral.c.case_key)
            .join(referral, referral.c.id == delivery.c.referral)
            .where(delivery.c.created >= since)
            .order_by(delivery.c.n)
        )
        for row in connection.execute(wanted).mappings().all():
            sendable = Sendable(
                row["message_id"], row["referral"], row["recipient"], row["purpose"], DeliveryKind(row["kind"]),
                row["case_key"], row["document"],
            )  # fmt: skip
            try:
                prepared = prepare(room, connection, sendable)
            except CannotSend:
                self._unreadable += 1
                continue
            if prepared.format == self._installed.format:
                self._write(row["id"], prepared.projection.value)

    def _read(self, name: str, data: bytes) -> Outcome:
        before = outcome(lambda: self._installed.read(data))
        self._note(name, Direction.READ, before, outcome(lambda: self._changed.read(data)))
        return before

    def _write(self, name: str, value: Value) -> None:
        before = outcome(lambda: (self._installed.write(value),))
        self._note(name, Direction.WRITE, before, outcome(lambda: (self._changed.write(value),)))

    def _note(self, name: str, direction: Direction, before: Outcome, after: Outcome) -> None:
        self._documents += 1
        differences = compare(direction, before.run(direction), after.run(direction))
        self._seen += ((name, change, values) for change, values in differences)


def outcome(run: Callable[[], tuple[Translation[Any], ...]]) -> Outcome:
    """Return what a run gave; never raises for what a mapping does."""
    try:
        return Outcome(run())
    except Refusal as refusal:
        return Outcome(refused=refusal.findings)
    except MappingDefect as defect:
        return Outcome(refused=tuple(Finding("MAPPING_DEFECT", finding.path) for finding in defect.findings))
    except Exception:  # noqa: BLE001 - a changed mapping is foreign code: that it fails is a result, not an error of ours
        return Outcome(refused=(Finding("MAPPING_FAILED", ""),))


def sample_files(folder: Any) -> Iterator[tuple[str, bytes]]:
    """Yield the documents of a folder (a :class:`pathlib.Path` or a resource), by name."""
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.is_file() and file.name.endswith((".json", ".xml")):
            yield file.name, file.read_bytes()
