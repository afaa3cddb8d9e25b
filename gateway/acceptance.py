"""Acceptance: what intake has prepared is stored, many documents in one work item of the committer.

Requests that arrive while the committer is busy wait in a tray; it takes them all at its next turn, asks once which of
their keys are known, and writes each table once. A document is still accepted whole or not at all: if anything goes
wrong with the tray as a whole, each document of it is tried again in a work item of its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Connection, RowMapping

from gateway import drift
from gateway.delivery.lanes import Message, enqueue
from gateway.errors import KeyReused
from gateway.ledger.events import Event
from gateway.room import Room
from gateway.store import referrals
from gateway.store.errors import StoreBusy, StoreError
from gateway.vault.documents import put_first
from mappings.engine.findings import Finding

MOST = 200
"""Documents that one work item takes."""


@dataclass(frozen=True)
class Accepted:
    """What the sender is told."""

    id: str
    ref: str
    state: str
    deliveries: tuple[dict[str, Any], ...]
    warnings: tuple[Finding, ...]
    again: bool
    """It had been accepted before."""


@dataclass(frozen=True)
class Rows:
    """Everything one referral is stored as, by table; written in this order."""

    case_key: dict[str, Any]
    referral: dict[str, Any]
    parties: list[dict[str, Any]]
    documents: list[dict[str, Any]]
    messages: list[Message]
    events: list[Event]


@dataclass(frozen=True)
class Case:
    """One child's referral, ready to be stored."""

    key: str
    rows: Rows
    told: Accepted

    @property
    def fingerprint(self) -> bytes:
        """The keyed digest of the body it came in."""
        found: bytes = self.rows.referral["fingerprint"]
        return found


@dataclass(frozen=True)
class Filing:
    """One document, ready to be stored: a case for each child it is about."""

    sender: str
    format: str
    cases: list[Case]
    sightings: frozenset[drift.Sighting]

    @property
    def touched(self) -> list[str]:
        """The pseudonyms of the cases whose rows it changes."""
        return [str(case.rows.referral["case_key"]) for case in self.cases]


@dataclass
class _Waiting:
    filing: Filing
    answer: asyncio.Future[tuple[Accepted, ...]]
    loop: asyncio.AbstractEventLoop

    def resolve(self, result: tuple[Accepted, ...] | Exception) -> None:
        """Tell the caller, on its own loop, unless it has gone."""
        if self.answer.done():
            return
        if isinstance(result, Exception):
            self.answer.set_exception(result)
        else:
            self.answer.set_result(result)


@dataclass
class _Trayful:
    """What one work item of the committer has taken."""

    taken: list[_Waiting] = field(default_factory=list)


class Tray:
    """Prepared documents on their way to the committer; `limit` of them may wait."""

    def __init__(self, room: Room, limit: int) -> None:
        self._room = room
        self._limit = limit
        self._guard = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._asked = False

    async def file(self, filing: Filing) -> tuple[Accepted, ...]:
        """Store a document and return what its sender is told, once it is durable.

        Raises:
            KeyReused: another document was accepted under one of its keys.
            StoreBusy, StoreUnavailable: nothing was stored.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(filing, loop.create_future(), loop)
        with self._guard:
            if len(self._waiting) >= self._limit:
                raise StoreBusy
            self._waiting.append(waiting)
            ask, self._asked = not self._asked, True
        if ask:
            self._ask()
        return await waiting.answer

    @property
    def waiting(self) -> int:
        """How many documents wait for the committer."""
        return len(self._waiting)

    def _ask(self) -> None:
        trayful = _Trayful()
        try:
            work = self._room.store.committer.submit(
                lambda connection: store(self._room, connection, [each.filing for each in trayful.taken]),
                cases=lambda: self._take(trayful),
            )
        except StoreError as error:
            self._take(trayful)
            _tell((each, error) for each in trayful.taken)
            return
        work.add_done_callback(lambda done: self._done(trayful, done))

    def _take(self, trayful: _Trayful) -> list[str]:
        """Take what waits, when the committer's turn comes, and return the cases it is about."""
        with self._guard:
            self._asked = False
            while self._waiting and len(trayful.taken) < MOST:
                trayful.taken.append(self._waiting.popleft())
            more = bool(self._waiting)
            self._asked = more
        if more:
            self._ask()
        return [case for each in trayful.taken for case in each.filing.touched]

    def _done(self, trayful: _Trayful, work: Future[list[tuple[Accepted, ...] | Exception]]) -> None:
        """Tell every caller; on the committing thread, after the commit."""
        error = work.exception()
        if error is None:
            _tell(zip(trayful.taken, work.result(), strict=True))
        elif isinstance(error, StoreError) or len(trayful.taken) < 2:
            _tell((each, cast(Exception, error)) for each in trayful.taken)
        else:
            for each in trayful.taken:
                self._alone(each)

    def _alone(self, waiting: _Waiting) -> None:
        """Store one document in a work item of its own, because of whatever went wrong with its neighbours."""
        try:
            work = self._room.store.committer.submit(
                lambda c: store(self._room, c, [waiting.filing]), cases=lambda: waiting.filing.touched
            )
        except StoreError as error:
            _tell([(waiting, error)])
            return
        work.add_done_callback(lambda done: self._done(_Trayful([waiting]), done))


def _tell(results: Iterable[tuple[_Waiting, tuple[Accepted, ...] | Exception]]) -> None:
    """Resolve callers' futures, with one call into each loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, tuple[Accepted, ...] | Exception]]] = {}
    for waiting, result in results:
        by_loop.setdefault(waiting.loop, []).append((waiting, result))
    for loop, told in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, told)


def _resolve(told: list[tuple[_Waiting, tuple[Accepted, ...] | Exception]]) -> None:
    for waiting, result in told:
        waiting.resolve(result)


def store(room: Room, connection: Connection, filings: Sequence[Filing]) -> list[tuple[Accepted, ...] | Exception]:
    """Store documents, in order; a result for each: what its sender is told, or KeyReused."""
    known = _known(connection, filings)
    fresh: list[Filing] = []
    verdicts: list[bool | Exception] = []
    for filing in filings:
        verdict = _verdict(filing, known)
        verdicts.append(verdict)
        if verdict is True:
            fresh.append(filing)
            known.update(((filing.sender, case.key), case.fingerprint) for case in filing.cases)
    _write(room, connection, fresh)
    results: list[tuple[Accepted, ...] | Exception] = []
    for filing, verdict in zip(filings, verdicts, strict=True):
        if isinstance(verdict, Exception):
            results.append(verdict)
        elif verdict:
            results.append(tuple(case.told for case in filing.cases))
        else:
            results.append(_again(connection, filing))
    return results


def _known(connection: Connection, filings: Sequence[Filing]) -> dict[tuple[str, str], bytes]:
    """Return the fingerprints of what is stored already under any of the keys."""
    keys: dict[str, list[str]] = {}
    for filing in filings:
        keys.setdefault(filing.sender, []).extend(case.key for case in filing.cases)
    return {
        (sender, key): fingerprint
        for sender, wanted in keys.items()
        for key, fingerprint in referrals.fingerprints(connection, sender, wanted)
    }


def _verdict(filing: Filing, known: dict[tuple[str, str], bytes]) -> bool | Exception:
    """Tell whether a document is new; False: it is a repeat, KeyReused: another one has one of its keys."""
    found = [known.get((filing.sender, case.key)) for case in filing.cases]
    if found[0] is not None:
        return False if found[0] == filing.cases[0].fingerprint else KeyReused()
    return KeyReused() if any(each is not None for each in found) else True


def _write(room: Room, connection: Connection, filings: Sequence[Filing]) -> None:
    cases = [case.rows for filing in filings for case in filing.cases]
    if not cases:
        return
    parties = [party for rows in cases for party in rows.parties]
    referrals.add(connection, [rows.referral for rows in cases], parties)
    documents = [document for rows in cases for document in rows.documents]
    put_first(connection, [rows.case_key for rows in cases], documents)
    now = room.clock.now()
    enqueue(connection, [message for rows in cases for message in rows.messages], now)
    for rows in cases:
        for event in rows.events:
            room.journal.append(event)
    for filing in filings:
        drift.note_later(room.store.committer, filing.sender, filing.format, filing.sightings, now)


def _again(connection: Connection, filing: Filing) -> tuple[Accepted, ...] | Exception:
    found = [(referrals.by_key(connection, filing.sender, case.key), case) for case in filing.cases]
    if any(row is None for row, _ in found):
        return KeyReused()
    return tuple(_found(connection, row, case) for row, case in found if row is not None)


def _found(connection: Connection, row: RowMapping, case: Case) -> Accepted:
    ref = referrals.sender(connection, row["id"])["ref"]
    told = tuple(
        {"recipient": p["agency"], "state": p["state"]}
        for p in referrals.parties(connection, row["id"])
        if p["role"] == "RECIPIENT"
    )
    return Accepted(row["id"], ref, row["state"], told, case.told.warnings, again=True)
