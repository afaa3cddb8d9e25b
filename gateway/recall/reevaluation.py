"""Hold what every receiver was told against what it may know now; take back, or correct, what is too much.

Asked after every change of the facts or of consent (formats/police.md R5), and once a day for what changes by itself:
agreements and consent that have run out.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

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
from mappings.vocabulary import State

NOT_PERMITTED = frozenset({"NO_AGREEMENT", "NO_BASIS", "CONSENT_REVOKED"})
"""Why a message cannot be made that leave nothing to tell."""
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
    try:
        composed = _composed_now(room, connection, receiver)
    except CannotSend as error:
        if error.code == "ERASED":
            raise Gone from None
        if error.code in NOT_PERMITTED:
            return take_back(room, connection, receiver, rows, reason)
        composed = None
    told = told_since(room, connection, receiver, rows)
    excess = (told or frozenset()) - (leaves_of(composed) if composed else frozenset())
    if not excess:
        return None
    if composed is None:
        return take_back(room, connection, receiver, rows, reason)
    linked = links_copies(receiver.agency, composed.translation.document)
    owe(room, connection, receiver, NoticeKind.CORRECTION, reason, len(excess), linked=linked)
    return Recalled(receiver.agency.id, 0, NoticeKind.CORRECTION, _paths(excess))


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
