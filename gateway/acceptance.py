"""Acceptance: what intake has prepared is stored, many documents in one work item of the committer.

Requests that arrive while the committer is busy wait in a tray (`gateway.store.tray`); what is taken from it together
is asked once which of its keys are known, and each table is written once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping

from gateway import drift
from gateway.delivery.lanes import Message, enqueue
from gateway.errors import KeyReused
from gateway.ledger.events import Event
from gateway.room import Room
from gateway.store import referrals, tray
from gateway.vault.documents import put_first
from mappings.engine.findings import Finding


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


class Tray(tray.Tray[Filing, tuple[Accepted, ...]]):
    """Prepared documents on their way to the committer; `limit` of them may wait."""

    def __init__(self, room: Room, limit: int) -> None:
        super().__init__(room.store.committer, lambda c, filings: store(room, c, filings), lambda f: f.touched, limit)

    async def file(self, filing: Filing) -> tuple[Accepted, ...]:
        """Store a document and return what its sender is told, once it is durable.

        Raises:
            KeyReused: another document was accepted under one of its keys.
            StoreBusy, StoreUnavailable: nothing was stored.
        """
        return await self.put(filing)


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
