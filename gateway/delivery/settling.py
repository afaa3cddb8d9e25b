"""What an outcome means for a delivery: done, retry, dead, or the whole endpoint paused (reliability design 4.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection

from adapters.base import Delivered, Outcome, Refused, Unavailable, Unknown
from gateway.clock import instant
from gateway.delivery import endpoints
from gateway.delivery.backoff import EMERGENCY, NORMAL, RetryPolicy, next_delay
from gateway.delivery.breaker import BreakerPolicy
from gateway.delivery.lanes import Claimed
from gateway.delivery.outgoing import CannotSend
from gateway.delivery.settlement import Attempt, End, bury, defer, settle_all
from gateway.delivery.states import DeliveryKind, DeliveryState, OutcomeClass
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import code_of
from gateway.room import Room
from gateway.states import outdated, overall, permits
from gateway.store import referrals
from mappings.vocabulary import State

Parties = Mapping[str, Sequence[dict[str, Any]]]
"""Everybody who is party to referrals, by referral."""
Take = Callable[[Connection, Sequence[tuple[Claimed, Any]], Parties], None]
"""Takes what receivers answered at once, inside the settling transaction; `Any` is whatever its reader made of it. The
parties are those of the referrals in question, as they stand by then."""


@dataclass(frozen=True)
class Ended:
    """One attempt that has ended: what was sent, what came of it, when it began (Unix seconds) and how long it took."""

    claimed: Claimed
    body_digest: str
    outcome: Outcome
    began: float
    ms: int
    heard: Any = None
    """What the receiver answered at once, as it was read; None: nothing to take."""


class Settlement:
    """Everything settling needs beside the delivery: schedules, the breaker, and who takes answers."""

    def __init__(self, room: Room, take: Take) -> None:
        self.room = room
        self.take = take
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


def settle(settlement: Settlement, connection: Connection, ended: Sequence[Ended]) -> list[None]:
    """Store what came of attempts and everything that follows from it; nothing of those whose lane is not ours."""
    now = settlement.room.clock.now()
    ends = [_end(settlement, each, now) for each in ended]
    held = settle_all(connection, ends)
    ours = [(each, end) for each, end in zip(ended, ends, strict=True) if each.claimed.id in held]
    for each, end in ours:
        _enter(settlement, each, end)
    moves = [m for each, end in ours if (m := _move(each, end)) is not None]
    heard = [(each.claimed, each.heard) for each, _ in ours if each.heard is not None]
    referrals.lock(connection, *(each.referral for each in moves))
    parties = referrals.parties_of(connection, {m.referral for m in moves} | {c.referral for c, _ in heard})
    _move_all(settlement.room, connection, moves, parties, now)
    if heard:
        settlement.take(connection, heard, parties)
    _learn(settlement, [each for each, _ in ours], now)
    return [None] * len(ended)


def _end(settlement: Settlement, each: Ended, now: float) -> End:
    """Decide how an attempt leaves its head; a schedule that is used up ends it."""
    claimed, made = each.claimed, _attempt(each)
    if isinstance(each.outcome, Delivered):
        return End(claimed, made, DeliveryState.DONE, now)
    if isinstance(each.outcome, Refused):
        return End(claimed, made, DeliveryState.DEAD, now)
    delay = next_delay(settlement.policy(claimed), claimed.tried + 1, _asked(each.outcome))
    if delay is None:
        return End(claimed, made, DeliveryState.DEAD, now)
    return End(claimed, made, DeliveryState.OPEN, now + delay, now + delay)


def _asked(outcome: Outcome) -> float | None:
    return outcome.retry_after if isinstance(outcome, Unavailable) else None


_CLASSES = {
    Delivered: OutcomeClass.DELIVERED,
    Refused: OutcomeClass.REFUSED,
    Unavailable: OutcomeClass.UNAVAILABLE,
    Unknown: OutcomeClass.UNKNOWN,
}


def _attempt(each: Ended) -> Attempt:
    outcome = each.outcome
    return Attempt(
        at=each.began,
        ms=each.ms,
        outcome=_CLASSES[type(outcome)],
        status=outcome.status,
        error=None if isinstance(outcome, Delivered) else code_of(outcome.code),
        peer_ref=outcome.receipt_ref if isinstance(outcome, Delivered) else None,
        body_digest=each.body_digest,
    )


def _enter(settlement: Settlement, each: Ended, end: End) -> None:
    """Enter how an attempt ended and what that means for the delivery."""
    claimed, made, number = each.claimed, end.made, each.claimed.attempts + 1
    settlement.enter(
        EventType.ATTEMPTED, claimed, message=claimed.message_id, attempt=number, outcome=made.outcome.value,
        ms=made.ms, status=made.status, error=made.error,
    )  # fmt: skip
    if end.state is DeliveryState.DONE:
        receipt = hashlib.sha256(made.peer_ref.encode()).hexdigest() if made.peer_ref else None
        settlement.enter(EventType.DELIVERED, claimed, message=claimed.message_id, attempts=number, receipt=receipt)
    elif end.state is DeliveryState.DEAD:
        settlement.enter(EventType.DEAD, claimed, attempts=number, code=_code(made), status=made.status)
    else:
        asked = _asked(each.outcome)
        settlement.enter(
            EventType.RETRY_SCHEDULED, claimed, attempt=number, next=instant(end.next_at or end.now),
            asked=None if asked is None else round(asked),
        )  # fmt: skip
    if isinstance(each.outcome, Unavailable) and each.outcome.pause:
        settlement.enter(EventType.ENDPOINT_PAUSED, claimed, code=code_of(each.outcome.code))


def _code(made: Attempt) -> str:
    return made.error or "EXHAUSTED"


def _move(each: Ended, end: End) -> Move | None:
    """Return how the referral moves at its receiver; an attempt that will be repeated moves nothing."""
    claimed = each.claimed
    if claimed.kind is not DeliveryKind.REFERRAL or end.state is DeliveryState.OPEN:
        return None
    if end.state is DeliveryState.DONE:
        return Move(claimed.referral, claimed.recipient, State.DELIVERED)
    return Move(claimed.referral, claimed.recipient, State.DEAD_LETTER, _code(end.made))


def _learn(settlement: Settlement, ended: Sequence[Ended], now: float) -> None:
    """Tell the breakers, after everything else in the transaction, destination by destination."""
    later = settlement.room.store.committer.later
    for dest in sorted({each.claimed.recipient for each in ended}):
        theirs = [each.outcome for each in ended if each.claimed.recipient == dest]
        faults = [not isinstance(each, Delivered | Refused) and each.transport_fault for each in theirs]
        later(
            ("endpoint", dest),
            partial(endpoints.learn_all, dest=dest, policy=settlement.breaker, now=now, faults=faults),
        )
        for outcome in theirs:
            if isinstance(outcome, Unavailable) and outcome.pause:
                later(("endpoint", dest), partial(endpoints.pause, dest=dest, reason=code_of(outcome.code)))


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


def give_back(room: Room, connection: Connection, claimed: Claimed) -> None:
    """Give back untried a head whose receiver answers so slowly that its turn did not come in time."""
    now = room.clock.now()
    if defer(connection, claimed, now):
        fields: dict[str, Any] = {"recipient": claimed.recipient, "next": instant(now), "code": "SLOW"}
        room.journal.append(Event(EventType.DEFERRED, "gateway", claimed.referral, claimed.id, fields))


@dataclass(frozen=True)
class Move:
    """A referral is to move to another state at one receiver; `reason` is a code."""

    referral: str
    agency: str
    state: State
    reason: str | None = None


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
    return move_all(room, connection, [Move(referral_id, agency, wanted, reason)], now) == 1


def move_all(room: Room, connection: Connection, moves: Sequence[Move], now: float) -> int:
    """Move referrals where their present states permit; returns how many moved. No two moves may be at one receiver."""
    referrals.lock(connection, *(each.referral for each in moves))
    parties = referrals.parties_of(connection, (each.referral for each in moves))
    return _move_all(room, connection, moves, parties, now)


def _move_all(room: Room, connection: Connection, moves: Sequence[Move], parties: Parties, now: float) -> int:
    """Move referrals that are locked; the parties found follow."""
    changed = []
    for each in moves:
        party = referrals.among(parties.get(each.referral, ()), each.agency)
        if party is None or not _may(State(party["state"]), each.state):
            continue
        fields: dict[str, Any] = {"before": party["state"], "after": each.state.value, "agency": each.agency}
        if each.reason is not None:
            fields["reason"] = each.reason
        room.journal.append(Event(EventType.STATE_CHANGED, "gateway", each.referral, None, fields))
        party["state"] = each.state.value
        changed.append(party)
    referrals.set_party_states(connection, [(party["n"], party["state"]) for party in changed], now)
    states = {name: _overall(parties[name]).value for name in {party["referral"] for party in changed}}
    referrals.set_states(connection, states, now)
    return len(changed)


def _may(present: State, wanted: State) -> bool:
    opening = wanted is State.DEAD_LETTER and present in {State.SENT, State.DELIVERED}
    return present is not wanted and not outdated(present, wanted) and (opening or permits(present, wanted))


def _overall(parties: Iterable[Mapping[str, Any]]) -> State:
    return overall(State(party["state"]) for party in parties if party["role"] == "RECIPIENT")


def restate(connection: Connection, referral_id: str, now: float) -> None:
    """Make the referral's own state anew from its receivers'."""
    rows = referrals.parties_of(connection, [referral_id])
    if any(row["role"] == "RECIPIENT" for row in rows.get(referral_id, ())):
        referrals.set_states(connection, {referral_id: _overall(rows[referral_id]).value}, now)
