"""Hold what every receiver was told against what it may know now; take back, or correct, what is too much.

Asked after every change of the facts or of consent (formats/police.md R5), and once a day for what changes by itself:
agreements and consent that have run out.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from gateway.delivery import operations
from gateway.delivery.outgoing import CannotSend, Composed, Sendable, compose
from gateway.delivery.settling import move
from gateway.delivery.states import DeliveryKind, DeliveryState
from gateway.delivery.told import Leaf, leaves_of
from gateway.errors import Gone
from gateway.ledger.events import Event, EventType
from gateway.recall.notices import NoticeKind, Receiver, links_copies, owe
from gateway.recall.reach import receivers, told_since
from gateway.room import Room
from gateway.store import referrals
from gateway.store.tables import party
from mappings.vocabulary import State

NOT_PERMITTED = frozenset({"NO_AGREEMENT", "NO_BASIS", "CONSENT_REVOKED"})
"""Why a message cannot be made that leave nothing to tell."""
_WAITED = [
    state.value
    for state in (
        State.SENT, State.DELIVERED, State.ACKNOWLEDGED, State.INFO_NEEDED, State.ACCEPTED, State.IN_SERVICE,
        State.DEAD_LETTER,
    )
]  # fmt: skip
_LIVE = {DeliveryState.OPEN.value, DeliveryState.DEAD.value}


@dataclass(frozen=True)
class Recalled:
    """What became of one receiver."""

    agency: str
    unsent: int
    """Deliveries that will not be made."""
    notice: NoticeKind | None
    released: tuple[str, ...]
    """Generic paths of what it was told and may no longer know; never a value."""


def reevaluate(room: Room, connection: Connection, referral_id: str, reason: str) -> list[Recalled]:
    """Take back or correct whatever a receiver was told and may no longer know.

    Raises:
        Gone: the referral was erased.
    """
    found = []
    row = referrals.by_id(connection, referral_id)
    for receiver, rows in list(receivers(room, connection, referral_id)) if row else []:
        if receiver.party["state"] == State.REVOKED.value:
            continue
        recalled = _judged(room, connection, receiver, rows, reason)
        if recalled is not None:
            found.append(recalled)
    return found


def _judged(
    room: Room, connection: Connection, receiver: Receiver, rows: list[RowMapping], reason: str
) -> Recalled | None:
    """Return what had to be done about one receiver; ``None``: what it knows it may know."""
    for row in rows:
        operations.recall(connection, row["id"], room.clock.now())
    verdict = _verdict(room, connection, receiver, rows)
    if not verdict.over and not verdict.excess:
        return None
    if verdict.over or verdict.document is None:
        return take_back(room, connection, receiver, rows, reason)
    linked = links_copies(receiver.agency, verdict.document)
    owe(room, connection, receiver, NoticeKind.CORRECTION, reason, len(verdict.excess), linked=linked)
    return Recalled(receiver.agency.id, 0, NoticeKind.CORRECTION, _paths(verdict.excess))


@dataclass(frozen=True)
class _Verdict:
    """What is too much at one receiver."""

    over: bool
    """Nothing may be told at all."""
    excess: frozenset[Leaf]
    """What it was told and may no longer know."""
    document: str | None
    """The document a corrected copy would be; ``None``: no copy can be made."""


def _verdict(room: Room, connection: Connection, receiver: Receiver, rows: list[RowMapping]) -> _Verdict:
    """Hold what a receiver was told against what it may know; only reads."""
    composed = None
    try:
        composed = _composed_now(room, connection, receiver)
    except CannotSend as error:
        if error.code == "ERASED":
            raise Gone from None
        if error.code in NOT_PERMITTED:
            return _Verdict(True, frozenset(), None)
    told = told_since(room, connection, receiver, rows) or frozenset()
    if composed is None:
        return _Verdict(False, told, None)
    return _Verdict(False, told - leaves_of(composed), composed.translation.document)


def lapsed(room: Room, connection: Connection) -> list[str]:
    """Return the referrals of which some receiver knows, or would be sent, more than it may by now; only reads.

    Looked at are those in which a receiver still has something to do: what it keeps of one that has ended is bound by
    its agreement's own terms of retention.
    """
    wanted = select(party.c.referral).where(party.c.role == "RECIPIENT", party.c.state.in_(_WAITED)).distinct()
    found = []
    for referral_id in connection.execute(wanted.order_by(party.c.referral)).scalars().all():
        for receiver, rows in receivers(room, connection, referral_id):
            if receiver.party["state"] not in _WAITED:
                continue
            try:
                verdict = _verdict(room, connection, receiver, rows)
            except Gone:
                break
            if verdict.over or verdict.excess:
                found.append(referral_id)
                break
    return found


def _composed_now(room: Room, connection: Connection, receiver: Receiver) -> Composed:
    row = referrals.by_id(connection, receiver.party["referral"])
    sent = receiver.sent
    return compose(
        room, connection,
        Sendable(
            sent["message_id"], sent["referral"], sent["recipient"], sent["purpose"], DeliveryKind.REFERRAL,
            row["case_key"] if row else "", sent["document"],
        ),
    )  # fmt: skip


def take_back(room: Room, connection: Connection, receiver: Receiver, rows: list[RowMapping], reason: str) -> Recalled:
    """Stop what has not been sent to one receiver, and withdraw what has; its part of the referral is over."""
    now = room.clock.now()
    stopped = 0
    for row in rows:
        if row["state"] in _LIVE and operations.skip(connection, row["id"], reason, now):
            stopped += 1
            fields = {"recipient": receiver.agency.id, "reason": reason}
            room.journal.append(Event(EventType.SKIPPED, "gateway", row["referral"], row["id"], fields))
    told = told_since(room, connection, receiver, rows)
    if told is not None:
        owe(room, connection, receiver, NoticeKind.WITHDRAWAL, reason, len(told))
    move(room, connection, receiver.party["referral"], receiver.agency.id, State.REVOKED, now, reason=reason)
    notice = NoticeKind.WITHDRAWAL if told is not None else None
    return Recalled(receiver.agency.id, stopped, notice, _paths(told or frozenset()))


def _paths(leaves: frozenset[Leaf]) -> tuple[str, ...]:
    return tuple(sorted({path for path, _ in leaves}))
