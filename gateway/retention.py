"""Retention: what has ended is erased when its time is over, once a day, by how it ended.

Source: formats/case-management.md 3.5 (retention and destruction on closure). Nothing that somebody still waits for is
erased: an open, held or undeliverable referral, a message not yet sent, a withdrawal nobody has answered.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, exists, select

from gateway.delivery.states import DeliveryState
from gateway.erasure import clear_log, erase
from gateway.room import Room
from gateway.store.tables import case_key, delivery, notice, referral
from mappings.vocabulary import State

DAY = 86_400.0
KINDS: dict[str, frozenset[State]] = {
    "ended": frozenset({
        State.COMPLETED, State.NOT_COMPLETED, State.FEEDBACK_ACCEPTED, State.CLOSED, State.TRANSFERRED, State.EXPIRED,
    }),
    "rejected": frozenset({State.REJECTED}),
    "withdrawn": frozenset({State.REVOKED}),
}  # fmt: skip
"""How a referral ended, and the states that mean it."""
BATCH = 50
"""Erasures in one transaction."""


def due(connection: Connection, now: float, days: Mapping[str, int]) -> list[str]:
    """Return the referrals whose time is over; ``days`` by kind, 0 keeps them for ever."""
    found: list[str] = []
    for kind, limit in days.items():
        if limit == 0:
            continue
        waiting = exists().where(
            delivery.c.referral == referral.c.id,
            delivery.c.state.in_([DeliveryState.OPEN.value, DeliveryState.DEAD.value]),
        )
        owed = exists().where(notice.c.referral == referral.c.id, notice.c.answered_at.is_(None))
        wanted = (
            select(referral.c.id)
            .join(case_key, case_key.c.case_key == referral.c.id)
            .where(
                referral.c.state.in_([state.value for state in KINDS[kind]]),
                referral.c.updated < now - limit * DAY,
                case_key.c.shredded_at.is_(None),
                ~waiting,
                ~owed,
            )
        )
        found += connection.execute(wanted.order_by(referral.c.n)).scalars()
    return found


def retain(room: Room, days: Mapping[str, int]) -> int:
    """Erase whatever is due and return how many referrals that was; blocks until it is on disk."""
    with room.store.readers.connection() as connection:
        names = due(connection, room.clock.now(), days)
    for start in range(0, len(names), BATCH):
        batch = names[start : start + BATCH]

        def work(connection: Connection, batch: list[str] = batch) -> None:
            # Again inside the transaction: somebody may have answered since.
            still = set(due(connection, room.clock.now(), days))
            for name in batch:
                if name in still:
                    erase(room, connection, name, "RETENTION", "gateway")

        room.store.committer.run(work)
    if names:
        clear_log(room)
    return len(names)
