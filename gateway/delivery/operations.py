"""What a person, or a starting process, may do to lanes and deliveries.

The caller writes the ledger entry (`replayed`, `skipped`, with the reason's code) in the same transaction.
"""

import re

from sqlalchemy import Connection, Integer, Row, bindparam, exists, select, text, update

from gateway.delivery.breaker import BreakerPolicy
from gateway.delivery.lanes import destinations
from gateway.delivery.states import DeliveryState
from gateway.store.tables import delivery, endpoint, lane

OPEN, DEAD, SKIPPED = DeliveryState.OPEN, DeliveryState.DEAD, DeliveryState.SKIPPED

#: A reason is a code; its explanation in words may name people and belongs into a sealed document of kind
#: NOTE.
REASON = re.compile(r"[A-Z][A-Z0-9_]{1,39}")

_UNSTICK = text("UPDATE lane SET next_at = :now WHERE dest = :to AND pending > 0 AND held = 0 AND next_at > :latest")
_LATE = (
    select(delivery.c.id)
    .where(text("state = 'OPEN' AND urgent = 1 AND alerted_at IS NULL"), delivery.c.created < bindparam("before"))
    .order_by(delivery.c.created)
    .limit(bindparam("most", type_=Integer))
)
"""What is looked for often, in the words of the indexes that answer it."""


def replay(connection: Connection, delivery_id: str, now: float) -> bool:
    """Send a DEAD delivery again, with the same message id and a fresh schedule, and free its lane.

    False: there is no such delivery, or it is not DEAD.
    """
    found = _locked(connection, delivery_id)
    if found is None or found.state != DEAD.value:
        return False
    revived = update(delivery).where(delivery.c.id == delivery_id)
    again = {"state": OPEN.value, "settled_at": None, "next_at": now, "alerted_at": None}
    connection.execute(revived.values(**again, base=delivery.c.attempts))
    _reopen(connection, found.lane, now, more=1)
    return True


def skip(connection: Connection, delivery_id: str, reason: str, now: float) -> bool:
    """Decide that an OPEN or DEAD delivery is never sent; later messages of the lane go on.

    A worker that is sending it at this moment is fenced off: its result will not be stored.
    False: there is no such delivery, or it is already DONE or SKIPPED. Raises ValueError for a reason that
    is no code.
    """
    if not REASON.fullmatch(reason):
        raise ValueError("A reason is a code of capital letters, digits and underscores.")
    found = _locked(connection, delivery_id)
    if found is None or found.state not in {OPEN.value, DEAD.value}:
        return False
    values = {"state": SKIPPED.value, "settled_at": now, "next_at": None, "closed_reason": reason}
    connection.execute(update(delivery).where(delivery.c.id == delivery_id).values(**values))
    _reopen(connection, found.lane, now, more=-1 if found.state == OPEN.value else 0)
    return True


def recall(connection: Connection, delivery_id: str, now: float) -> bool:
    """Take an OPEN delivery from any worker, so that it is composed anew from the facts as they are now.

    False: it is not OPEN. A worker that has entered its intention already may still send what it composed.
    """
    found = _locked(connection, delivery_id)
    if found is None or found.state != OPEN.value:
        return False
    leased = (lane.c.id == found.lane, lane.c.lease_owner.is_not(None))
    connection.execute(update(lane).where(*leased).values(lease_owner=None, next_at=now))
    return True


def _locked(connection: Connection, delivery_id: str) -> Row[int, str] | None:
    """Lock a delivery's lane and return the lane and the state the delivery then has; None: there is none.

    A worker that settles it locks the lane first too, so nothing changes between the look and what is done.
    """
    place = select(delivery.c.lane).where(delivery.c.id == delivery_id).scalar_subquery()
    connection.execute(select(lane.c.id).where(lane.c.id == place).with_for_update())
    return connection.execute(select(delivery.c.lane, delivery.c.state).where(delivery.c.id == delivery_id)).first()


def _reopen(connection: Connection, lane_id: int, now: float, *, more: int) -> None:
    """Change a lane's count, take it from any worker, hold it only if a dead message remains."""
    dead = exists().where(delivery.c.lane == lane_id, delivery.c.state == DEAD.value)
    held = int(connection.execute(select(dead)).scalar_one())
    open_ones = select(delivery.c.urgent).where(delivery.c.lane == lane_id, delivery.c.state == OPEN.value)
    urgent = connection.execute(open_ones.order_by(delivery.c.n).limit(1)).scalar()
    connection.execute(
        update(lane)
        .where(lane.c.id == lane_id)
        .values(
            pending=lane.c.pending + more,
            held=held,
            lease_owner=None,
            next_at=0.0 if urgent else now,
        )
    )


def release_leases(connection: Connection) -> int:
    """Free every lease and return how many there were; only at start, and only on SQLite.

    There the process that starts is the only owner, so no wall clock has to decide that the former one is
    dead.
    """
    freed = update(lane).where(lane.c.lease_owner.is_not(None))
    return connection.execute(freed.values(lease_owner=None, next_at=0.0)).rowcount


def mend_clock(connection: Connection, now: float, longest: float) -> int:
    """Make lanes due that wait longer than any schedule allows (`longest`, seconds) and return how many.

    That happens only when the clock was ahead and has been set back. A breaker that is open for longer than any may be
    lets its probe through.
    """
    shut = update(endpoint).where(endpoint.c.half_open_at > now + BreakerPolicy().longest)
    connection.execute(shut.values(half_open_at=now))
    # Destination by destination: so the index of what waits is used, and a long backlog is not read.
    values = {"latest": now + longest, "now": now}
    return sum(connection.execute(_UNSTICK, {"to": dest, **values}).rowcount for dest in destinations(connection))


def late(connection: Connection, created_before: float, limit: int = 100) -> list[str]:
    """Return urgent deliveries still open, enqueued before an instant, that nobody was told of."""
    return list(connection.execute(_LATE, {"before": created_before, "most": limit}).scalars())


def mark_alerted(connection: Connection, delivery_id: str, now: float) -> bool:
    """Note that a person was told about a late delivery. False: it had been noted before."""
    once = (delivery.c.id == delivery_id, delivery.c.alerted_at.is_(None))
    return connection.execute(update(delivery).where(*once).values(alerted_at=now)).rowcount == 1
