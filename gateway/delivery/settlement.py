"""How a leased head ends: delivered, to be retried, dead, or given back untried.

Nothing is written about a head whose lease is no longer the worker's own (see `lanes`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from gateway.delivery.lanes import Claimed, still_ours
from gateway.delivery.states import DeliveryState, OutcomeClass
from gateway.store.bulk import insert_rows
from gateway.store.tables import attempt

OPEN, DONE, DEAD = DeliveryState.OPEN, DeliveryState.DONE, DeliveryState.DEAD


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


#: Give a lane back, :gone messages fewer, if it is still ours; the one place where the fence stands. With no
#: :next_at it is due at once, and before all others (0) if the message behind the head is urgent.
_RELEASE = text(
    """
    UPDATE lane SET lease_owner = NULL, held = :held, pending = pending - :gone,
        next_at = COALESCE(:next_at, CASE WHEN 1 = (
            SELECT urgent FROM delivery WHERE lane = :lane AND state = 'OPEN' AND id <> :id ORDER BY n LIMIT 1
        ) THEN 0.0 ELSE :now END)
    WHERE id = :lane AND lease_owner = :owner AND lease_gen = :generation
    """
)

#: Note what an attempt taught us about a delivery; a reference once given is not forgotten.
_LEARN = text(
    """
    UPDATE delivery SET state = :state, settled_at = :settled_at, next_at = :next_at, attempts = :attempts,
        first_at = COALESCE(first_at, :at), last_status = :status, last_error = :error,
        peer_ref = COALESCE(:peer_ref, peer_ref), body_digest = COALESCE(:body_digest, body_digest)
    WHERE id = :id
    """
)

#: End a delivery without an attempt.
_BURY = text(
    """
    UPDATE delivery SET state = 'DEAD', settled_at = :now, next_at = NULL, last_error = :error WHERE id = :id
    """
)

#: Show people when a delivery that was given back untried comes up again.
_DEFER = text("UPDATE delivery SET next_at = :next_at WHERE id = :id")


@dataclass(frozen=True)
class End:
    """How an attempt leaves a leased head: DONE, DEAD (its lane is held for a person), or OPEN until `next_at`."""

    claimed: Claimed
    made: Attempt
    state: DeliveryState
    now: float
    next_at: float | None = None


def settle_all(connection: Connection, ends: Sequence[End]) -> set[str]:
    """Record attempts and give their lanes back; returns the ids of those deliveries whose lease was still ours."""
    held = still_ours(connection, [end.claimed for end in ends], lock=True)
    ours = [end for end in ends if end.claimed.id in held]
    if ours:
        connection.execute(_RELEASE, [_lane_of(end) for end in ours])
        insert_rows(connection, attempt, [_attempt_of(end) for end in ours])
        connection.execute(_LEARN, [_delivery_of(end) for end in ours])
    return held


def settle_delivered(connection: Connection, claimed: Claimed, made: Attempt, now: float) -> bool:
    """Close the head as DONE and free the lane for the next message."""
    return bool(settle_all(connection, [End(claimed, made, DONE, now)]))


def settle_dead(connection: Connection, claimed: Claimed, made: Attempt, now: float) -> bool:
    """Record a last attempt, close the head as DEAD and hold the lane for a person."""
    return bool(settle_all(connection, [End(claimed, made, DEAD, now)]))


def settle_retry(connection: Connection, claimed: Claimed, made: Attempt, next_at: float) -> bool:
    """Record a failed attempt and let the lane wait until `next_at`."""
    return bool(settle_all(connection, [End(claimed, made, OPEN, next_at, next_at)]))


def bury(connection: Connection, claimed: Claimed, error: str, now: float) -> bool:
    """Close as DEAD a head that could not be prepared for sending (code `error`); no attempt is counted."""
    if not _release(connection, claimed, now, gone=1, held=1):
        return False
    connection.execute(_BURY, {"id": claimed.id, "now": now, "error": error})
    return True


def defer(connection: Connection, claimed: Claimed, next_at: float) -> bool:
    """Give the lane back untried until `next_at`, because a breaker is open; no attempt is used up."""
    if not _release(connection, claimed, next_at, next_at=next_at):
        return False
    connection.execute(_DEFER, {"id": claimed.id, "next_at": next_at})
    return True


def _release(
    connection: Connection,
    claimed: Claimed,
    now: float,
    *,
    gone: int = 0,
    held: int = 0,
    next_at: float | None = None,
) -> bool:
    values = _lease(claimed, now, gone=gone, held=held, next_at=next_at)
    return connection.execute(_RELEASE, values).rowcount == 1


def _lease(claimed: Claimed, now: float, *, gone: int, held: int, next_at: float | None) -> dict[str, Any]:
    return {
        "lane": claimed.lane,
        "owner": claimed.owner,
        "generation": claimed.generation,
        "id": claimed.id,
        "now": now,
        "gone": gone,
        "held": held,
        "next_at": next_at,
    }


def _lane_of(end: End) -> dict[str, Any]:
    closed = end.state is not OPEN
    return _lease(end.claimed, end.now, gone=int(closed), held=int(end.state is DEAD), next_at=end.next_at)


def _attempt_of(end: End) -> dict[str, Any]:
    made = end.made
    return {
        "delivery": end.claimed.id,
        "n": end.claimed.attempts + 1,
        "at": made.at,
        "ms": made.ms,
        "status": made.status,
        "outcome": made.outcome.value,
        "error": made.error,
        "peer_ref": made.peer_ref,
    }


def _delivery_of(end: End) -> dict[str, Any]:
    made = end.made
    return {
        "id": end.claimed.id,
        "state": end.state.value,
        "settled_at": None if end.state is OPEN else end.now,
        "next_at": end.next_at,
        "attempts": end.claimed.attempts + 1,
        "at": made.at,
        "status": made.status,
        "error": made.error,
        "peer_ref": made.peer_ref,
        "body_digest": made.body_digest,
    }
