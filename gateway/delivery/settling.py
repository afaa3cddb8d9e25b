"""What an outcome means for a delivery: done, retry, dead, or the whole endpoint paused (reliability design 4.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

from adapters.base import Delivered, Outcome, Refused, Unavailable
from gateway.clock import instant
from gateway.delivery import endpoints
from gateway.delivery.backoff import EMERGENCY, NORMAL, RetryPolicy, next_delay
from gateway.delivery.breaker import BreakerPolicy
from gateway.delivery.lanes import Claimed
from gateway.delivery.outgoing import CannotSend, Composed
from gateway.delivery.settlement import Attempt, bury, settle_dead, settle_delivered, settle_retry
from gateway.delivery.states import DeliveryKind, OutcomeClass
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import code_of
from gateway.room import Room
from gateway.states import outdated, overall, permits
from gateway.store import referrals
from mappings.vocabulary import State

Take = Callable[[Connection], None]
"""Takes what a receiver answered at once, inside the settling transaction."""


class Settlement:
    """Everything settling needs beside the delivery: schedules and breaker."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.normal = NORMAL.scaled(room.time_scale)
        self.emergency = EMERGENCY.scaled(room.time_scale)
        self.breaker = BreakerPolicy().scaled(room.time_scale)

    def policy(self, claimed: Claimed) -> RetryPolicy:
        """Return the retry schedule of a delivery."""
        return self.emergency if claimed.urgent else self.normal

    def enter(self, kind: EventType, claimed: Claimed, **fields: Any) -> None:
        """Enter an event about a delivery."""
        told = {name: value for name, value in fields.items() if value is not None}
        event = Event(kind, "gateway", claimed.referral, claimed.id, {"recipient": claimed.recipient, **told})
        self.room.journal.append(event)

    def attempted(self, claimed: Claimed, made: Attempt) -> None:
        """Enter how an attempt ended."""
        self.enter(
            EventType.ATTEMPTED, claimed, message=claimed.message_id, attempt=claimed.attempts + 1,
            outcome=made.outcome.value, ms=made.ms, status=made.status, error=made.error,
        )  # fmt: skip


def settle(
    settlement: Settlement,
    connection: Connection,
    claimed: Claimed,
    composed: Composed,
    outcome: Outcome,
    began: float,
    ms: int,
    take: Take | None = None,
) -> None:
    """Store an attempt's outcome and everything that follows from it, if the lane is still ours; else nothing."""
    made = _attempt(claimed, composed, outcome, began, ms)
    now = settlement.room.clock.now()
    fault = not isinstance(outcome, Delivered | Refused) and outcome.transport_fault
    if isinstance(outcome, Delivered):
        ours = _delivered(settlement, connection, claimed, outcome, made, now, take)
    elif isinstance(outcome, Refused):
        ours = _dead(settlement, connection, claimed, made, code_of(outcome.code), now)
    else:
        ours = _again(settlement, connection, claimed, made, outcome, now)
    if not ours:
        return
    dest, later = claimed.recipient, settlement.room.store.committer.later
    later(("endpoint", dest), lambda c: endpoints.learn(c, dest, settlement.breaker, now, fault=fault))
    if isinstance(outcome, Unavailable) and outcome.pause:
        code = code_of(outcome.code)
        later(("endpoint", dest), lambda c: endpoints.pause(c, dest, code))
        settlement.enter(EventType.ENDPOINT_PAUSED, claimed, code=code)


def _attempt(claimed: Claimed, composed: Composed, outcome: Outcome, began: float, ms: int) -> Attempt:
    kinds = {
        "Delivered": OutcomeClass.DELIVERED,
        "Refused": OutcomeClass.REFUSED,
        "Unavailable": OutcomeClass.UNAVAILABLE,
        "Unknown": OutcomeClass.UNKNOWN,
    }
    return Attempt(
        at=began,
        ms=ms,
        outcome=kinds[type(outcome).__name__],
        status=outcome.status,
        error=None if isinstance(outcome, Delivered) else code_of(outcome.code),
        peer_ref=outcome.receipt_ref if isinstance(outcome, Delivered) else None,
        body_digest=composed.envelope.body_digest,
    )


def _delivered(
    settlement: Settlement,
    connection: Connection,
    claimed: Claimed,
    outcome: Delivered,
    made: Attempt,
    now: float,
    take: Take | None,
) -> bool:
    if not settle_delivered(connection, claimed, made, now):
        return False
    settlement.attempted(claimed, made)
    receipt = hashlib.sha256(outcome.receipt_ref.encode()).hexdigest() if outcome.receipt_ref else None
    settlement.enter(
        EventType.DELIVERED, claimed, message=claimed.message_id, attempts=claimed.attempts + 1, receipt=receipt
    )
    if claimed.kind is DeliveryKind.REFERRAL:
        move(settlement.room, connection, claimed.referral, claimed.recipient, State.DELIVERED, now)
        if take is not None:
            take(connection)
    return True


def _dead(
    settlement: Settlement, connection: Connection, claimed: Claimed, made: Attempt, code: str, now: float
) -> bool:
    if not settle_dead(connection, claimed, made, now):
        return False
    settlement.attempted(claimed, made)
    settlement.enter(EventType.DEAD, claimed, attempts=claimed.attempts + 1, code=code, status=made.status)
    if claimed.kind is DeliveryKind.REFERRAL:
        move(settlement.room, connection, claimed.referral, claimed.recipient, State.DEAD_LETTER, now, reason=code)
    return True


def _again(
    settlement: Settlement, connection: Connection, claimed: Claimed, made: Attempt, outcome: Any, now: float
) -> bool:
    """Schedule the next attempt, or give up when the schedule is used up; an emergency tells a person early."""
    policy = settlement.policy(claimed)
    asked = getattr(outcome, "retry_after", None)
    delay = next_delay(policy, claimed.tried + 1, asked)
    if delay is None:
        return _dead(settlement, connection, claimed, made, made.error or "EXHAUSTED", now)
    if not settle_retry(connection, claimed, made, now + delay):
        return False
    settlement.attempted(claimed, made)
    settlement.enter(
        EventType.RETRY_SCHEDULED, claimed, attempt=claimed.attempts + 1, next=instant(now + delay),
        asked=None if asked is None else round(asked),
    )  # fmt: skip
    return True


def bury_unsent(room: Room, connection: Connection, claimed: Claimed, error: CannotSend) -> None:
    """Close a message that cannot be made; a person is told through the dead letters."""
    now = room.clock.now()
    code = code_of(error.code)
    if not bury(connection, claimed, code, now):
        return
    if error.mapping is not None:
        fields: dict[str, Any] = {
            "recipient": claimed.recipient,
            "format": error.mapping.format,
            "mapping": error.mapping.digest,
            "code": code,
            "findings": error.findings,
        }
        room.journal.append(Event(EventType.TRANSLATION_FAILED, "gateway", claimed.referral, claimed.id, fields))
    dead: dict[str, Any] = {"recipient": claimed.recipient, "attempts": claimed.attempts, "code": code}
    room.journal.append(Event(EventType.DEAD, "gateway", claimed.referral, claimed.id, dead))
    if claimed.kind is DeliveryKind.REFERRAL:
        move(room, connection, claimed.referral, claimed.recipient, State.DEAD_LETTER, now, reason=code)


def move(
    room: Room,
    connection: Connection,
    referral_id: str,
    agency: str,
    wanted: State,
    now: float,
    *,
    reason: str | None = None,
) -> bool:
    """Move a referral to another state at one receiver if its present state permits; returns whether it moved."""
    referrals.lock(connection, referral_id)
    party = referrals.recipient(connection, referral_id, agency)
    if party is None:
        return False
    present = State(party["state"])
    opening = wanted is State.DEAD_LETTER and present in {State.SENT, State.DELIVERED}
    if present is wanted or outdated(present, wanted) or not (opening or permits(present, wanted)):
        return False
    referrals.set_party_state(connection, party, wanted.value, now)
    fields: dict[str, Any] = {"before": present.value, "after": wanted.value, "agency": agency}
    if reason is not None:
        fields["reason"] = reason
    room.journal.append(Event(EventType.STATE_CHANGED, "gateway", referral_id, None, fields))
    restate(connection, referral_id, now)
    return True


def restate(connection: Connection, referral_id: str, now: float) -> None:
    """Make the referral's own state anew from its receivers'."""
    rows = referrals.parties(connection, referral_id)
    states = [State(row["state"]) for row in rows if row["role"] == "RECIPIENT"]
    if states:
        referrals.set_state(connection, referral_id, overall(states).value, now)
