"""Whom a referral has reached, and what each of them was told since it was last told otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, RowMapping, select

from gateway.delivery.states import DeliveryKind, DeliveryState, OutcomeClass
from gateway.delivery.told import Leaf, Told, told
from gateway.recall.notices import Receiver, last
from gateway.room import Room
from gateway.store import referrals
from gateway.store.tables import attempt, delivery

_MAYBE = {OutcomeClass.DELIVERED.value, OutcomeClass.UNKNOWN.value}
"""Outcomes after which a receiver may have the message."""


def receivers(room: Room, connection: Connection, referral_id: str) -> Iterator[tuple[Receiver, list[RowMapping]]]:
    """Yield every receiver a delivery was made for, with all its deliveries of the referral, newest first."""
    for party in referrals.parties(connection, referral_id):
        agency = room.directory.find(party["agency"])
        if party["role"] != "RECIPIENT" or agency is None:
            continue
        rows = _deliveries(connection, referral_id, party["agency"])
        if rows:
            yield Receiver(party, agency, rows[0]), rows


def _deliveries(connection: Connection, referral_id: str, agency: str) -> list[RowMapping]:
    wanted = select(delivery).where(
        delivery.c.referral == referral_id,
        delivery.c.recipient == agency,
        delivery.c.kind == DeliveryKind.REFERRAL.value,
    )
    return list(connection.execute(wanted.order_by(delivery.c.n.desc())).mappings())


def reached(connection: Connection, row: RowMapping, seen: list[Told]) -> bool:
    """Tell whether a receiver has a message, or may have it: in doubt it has.

    What was about to be sent and has no recorded end may have arrived: we died, or were overtaken, while sending.
    """
    if row["state"] == DeliveryState.DONE.value:
        return True
    made = connection.execute(select(attempt.c.at, attempt.c.outcome).where(attempt.c.delivery == row["id"])).all()
    if any(outcome in _MAYBE for _, outcome in made):
        return True
    begun = [each.at for each in seen if each.delivery == row["id"]]
    return bool(begun) and (not made or max(begun) > max(at for at, _ in made))


def told_since(
    room: Room, connection: Connection, receiver: Receiver, rows: list[RowMapping]
) -> frozenset[Leaf] | None:
    """Return what a receiver was told since its last notice, or ``None`` if nothing has reached it since.

    Of a delivery that an older version of the gateway made, nobody wrote down what it told: then it is empty.
    """
    referral_id = receiver.party["referral"]
    seen = [each for each in told(room, connection, referral_id) if each.recipient == receiver.agency.id]
    before = last(connection, referral_id, receiver.agency.id)
    since = before["created"] if before is not None else float("-inf")
    fresh = [row for row in rows if reached(connection, row, seen) and _after(row, seen, since)]
    if not fresh:
        return None
    names = {row["id"] for row in fresh}
    return frozenset(leaf for each in seen if each.delivery in names and each.at > since for leaf in each.leaves)


def _after(row: RowMapping, seen: list[Told], since: float) -> bool:
    """Tell whether a delivery told anything after an instant."""
    mine = [each.at for each in seen if each.delivery == row["id"]]
    return max(mine, default=row["created"]) > since
