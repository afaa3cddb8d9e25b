"""How a leased head ends: delivered, to be retried, dead, or given back untried.

Each function answers False, and has written nothing, when the lease is no longer the worker's own (see
`lanes`).
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, update

from gateway.delivery.lanes import Claimed, next_time
from gateway.delivery.states import DeliveryState, OutcomeClass
from gateway.store.tables import attempt, delivery, lane

DONE, DEAD = DeliveryState.DONE, DeliveryState.DEAD


@dataclass(frozen=True)
class Attempt:
    """One attempt as it is recorded: when it began, how long it took, how it ended; no bodies."""

    at: float
    ms: int
    outcome: OutcomeClass
    status: int | None = None
    error: str | None = None
    peer_ref: str | None = None
    body_digest: str | None = None


def settle_delivered(connection: Connection, claimed: Claimed, made: Attempt, now: float) -> bool:
    """Close the head as DONE and free the lane for the next message."""
    return _close(connection, claimed, DONE, now, _learned(claimed, made), made)


def settle_dead(connection: Connection, claimed: Claimed, made: Attempt, now: float) -> bool:
    """Record a last attempt, close the head as DEAD and hold the lane for a person."""
    return _close(connection, claimed, DEAD, now, _learned(claimed, made), made)


def bury(connection: Connection, claimed: Claimed, error: str, now: float) -> bool:
    """Close as DEAD a head that could not be prepared for sending (code `error`); no attempt is counted."""
    return _close(connection, claimed, DEAD, now, {"last_error": error})


def settle_retry(connection: Connection, claimed: Claimed, made: Attempt, next_at: float) -> bool:
    """Record a failed attempt and let the lane wait until `next_at`."""
    if not _release(connection, claimed, next_at=next_at):
        return False
    _record(connection, claimed, made)
    _update(connection, claimed, next_at=next_at, **_learned(claimed, made))
    return True


def defer(connection: Connection, claimed: Claimed, next_at: float) -> bool:
    """Give the lane back untried until `next_at`, because a breaker is open; no attempt is used up."""
    if not _release(connection, claimed, next_at=next_at):
        return False
    _update(connection, claimed, next_at=next_at)
    return True


def _close(
    connection: Connection,
    claimed: Claimed,
    state: DeliveryState,
    now: float,
    learned: dict[str, Any],
    made: Attempt | None = None,
) -> bool:
    """End the head in `state` and free the lane with one message fewer; a dead head holds it."""
    if not _release(connection, claimed, pending=lane.c.pending - 1, held=int(state is DEAD)):
        return False
    if made is not None:
        _record(connection, claimed, made)
    _update(connection, claimed, state=state.value, settled_at=now, next_at=None, **learned)
    due = next_time(connection, claimed.lane, now)
    connection.execute(update(lane).where(lane.c.id == claimed.lane).values(next_at=due))
    return True


def _release(connection: Connection, claimed: Claimed, **changes: Any) -> bool:
    """Give the lane back if it is still ours; the one place where the fence stands."""
    ours = (
        lane.c.id == claimed.lane,
        lane.c.lease_owner == claimed.owner,
        lane.c.lease_gen == claimed.generation,
    )
    freed = connection.execute(update(lane).where(*ours).values(lease_owner=None, **changes))
    return freed.rowcount == 1


def _record(connection: Connection, claimed: Claimed, made: Attempt) -> None:
    row = {
        "delivery": claimed.id,
        "n": claimed.attempts + 1,
        "at": made.at,
        "ms": made.ms,
        "status": made.status,
        "outcome": made.outcome.value,
        "error": made.error,
        "peer_ref": made.peer_ref,
    }
    connection.execute(insert(attempt), [row])


def _learned(claimed: Claimed, made: Attempt) -> dict[str, Any]:
    """Return what an attempt changes in its delivery; a reference once given is not forgotten."""
    return {
        "attempts": claimed.attempts + 1,
        "first_at": func.coalesce(delivery.c.first_at, made.at),
        "last_status": made.status,
        "last_error": made.error,
        "peer_ref": func.coalesce(made.peer_ref, delivery.c.peer_ref),
        "body_digest": func.coalesce(made.body_digest, delivery.c.body_digest),
    }


def _update(connection: Connection, claimed: Claimed, **values: Any) -> None:
    connection.execute(update(delivery).where(delivery.c.id == claimed.id).values(**values))
