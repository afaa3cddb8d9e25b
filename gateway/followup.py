"""Follow-up: no answer in time is told, louder each time, and never closes a referral.

Two clocks run at every receiver (formats/case-management.md 3.2 and 6.3): until somebody acknowledges, and until
somebody decides. At 75 % a warning, at 100 % a breach, then escalations; each is entered once, also after a restart,
because the ledger itself is the memory. An emergency that no receiver has after two minutes is told at once.
INFO_NEEDED pauses the clocks: the sender has to answer first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, select

from gateway.delivery.backoff import EMERGENCY
from gateway.delivery.operations import late, mark_alerted, mend_clock
from gateway.ledger.events import Event, EventType
from gateway.ledger.journal import read_fields
from gateway.ledger.kinds import Value
from gateway.recall import notices
from gateway.room import Room
from gateway.store import referrals
from gateway.store.duties import take_turn
from gateway.store.tables import delivery, entry, party, referral
from mappings.vocabulary import State

HOUR = 3_600.0
ACKNOWLEDGE = {"EMERGENCY": HOUR, "HIGH": HOUR, "MEDIUM": 24 * HOUR, "LOW": 72 * HOUR, "UNSTATED": 24 * HOUR}
DECIDE = {"EMERGENCY": 24 * HOUR, "HIGH": 24 * HOUR, "MEDIUM": 72 * HOUR, "LOW": 168 * HOUR, "UNSTATED": 72 * HOUR}
"""Seconds by priority; calendar time, counted from when the referral was accepted."""

UNSEEN = {State.SENT, State.DELIVERED, State.DEAD_LETTER, State.HELD}
UNDECIDED = UNSEEN | {State.ACKNOWLEDGED}


class Stage(StrEnum):
    """How late an answer is."""

    WARNING = "WARNING"
    """Three quarters of the time are gone."""
    BREACH = "BREACH"
    """The time is over: the receiver's supervisor is told."""
    ESCALATED = "ESCALATED"
    """Half as much again: the sender's supervisor is told."""
    COMMITTEE = "COMMITTEE"
    """Twice the time: the district committee is told."""


_AT = ((0.75, Stage.WARNING), (1.0, Stage.BREACH), (1.5, Stage.ESCALATED), (2.0, Stage.COMMITTEE))


@dataclass(frozen=True)
class Alert:
    """Something a person is told."""

    referral: str
    recipient: str
    code: str
    """``ACKNOWLEDGE_WARNING``, ``DECIDE_BREACH`` and so on."""
    notice: str | None = None
    """The withdrawal or correction nobody has answered."""


def overdue(state: State, priority: str, waited: float) -> Iterator[str]:
    """Yield the codes of everything that is late at one receiver.

    Args:
        state: where the referral stands there.
        priority: its priority, or UNSTATED.
        waited: seconds since it was accepted.
    """
    clocks = (("ACKNOWLEDGE", ACKNOWLEDGE, UNSEEN), ("DECIDE", DECIDE, UNDECIDED))
    for name, limits, waiting in clocks:
        if state not in waiting:
            continue
        share = waited / limits[priority]
        yield from (f"{name}_{stage.value}" for least, stage in _AT if share >= least)


def look(room: Room, connection: Connection) -> list[Alert]:
    """Return what has to be told now and has not been told yet."""
    now = room.clock.now()
    waiting = [state.value for state in UNDECIDED]
    rows = connection.execute(
        select(party.c.referral, party.c.agency, party.c.state, referral.c.priority, referral.c.created)
        .join(referral, referral.c.id == party.c.referral)
        .where(party.c.role == "RECIPIENT", party.c.state.in_(waiting), referral.c.created < now - 0.75 * HOUR)
    ).mappings()
    return [alert for row in rows for alert in _untold(connection, row, now)]


def _untold(connection: Connection, row: RowMapping, now: float) -> Iterator[Alert]:
    codes = list(overdue(State(row["state"]), row["priority"], now - row["created"]))
    told = _told(connection, row["referral"], row["agency"]) if codes else set()
    for code in codes:
        if code not in told:
            yield Alert(row["referral"], row["agency"], code)


def _told(connection: Connection, referral_id: str, agency: str, notice: str | None = None) -> set[str]:
    """Return the codes already entered about one receiver, or about one notice to it."""
    wanted = select(entry.c.fields).where(
        entry.c.referral == referral_id, entry.c.type == EventType.ALERTED.value, entry.c.fields.is_not(None)
    )
    told = (read_fields(fields) for fields in connection.execute(wanted).scalars())
    return {
        str(fields["code"]) for fields in told if (fields.get("recipient"), fields.get("notice")) == (agency, notice)
    }


def undelivered(room: Room, connection: Connection) -> list[Alert]:
    """Return the emergencies nobody has received yet and nobody was told of; each is noted as told."""
    now = room.clock.now()
    patience = (EMERGENCY.alert_after or 0.0) * room.time_scale
    alerts = []
    for delivery_id in late(connection, now - patience):
        wanted = select(delivery.c.referral, delivery.c.recipient).where(delivery.c.id == delivery_id)
        row = connection.execute(wanted).mappings().one()
        if mark_alerted(connection, delivery_id, now):
            alerts.append(Alert(row["referral"], row["recipient"], "EMERGENCY_UNDELIVERED"))
    return alerts


def unheeded(room: Room, connection: Connection) -> list[Alert]:
    """Return the withdrawals and corrections that wait too long for an answer, or for a person to tell them."""
    now = room.clock.now()
    alerts = []
    for owed in notices.unanswered(connection, now):
        row = referrals.by_id(connection, owed["referral"])
        limit = ACKNOWLEDGE[row["priority"]] if row else HOUR
        share = (now - owed["created"]) / limit
        codes = [f"{owed['kind']}_{stage.value}" for least, stage in _AT if share >= least]
        if owed["delivery"] is None:
            codes.append(f"{owed['kind']}_BY_HAND")
        told = _told(connection, owed["referral"], owed["agency"], owed["id"]) if codes else set()
        alerts += [Alert(owed["referral"], owed["agency"], code, owed["id"]) for code in codes if code not in told]
    return alerts


def tell(room: Room, every: float | None = None) -> list[Alert]:
    """Enter every alert that is due; returns them. Blocks until they are stored.

    With ``every`` (seconds) it looks only if no other process has done so in that time.
    """

    def work(connection: Connection) -> list[Alert]:
        if every is not None and not take_turn(connection, "followup", every, room.clock.now()):
            return []
        room.journal.flush(connection, wait=True)  # what was told before is then found among the entries
        mend_clock(connection, room.clock.now(), EMERGENCY.longest)
        alerts = [*look(room, connection), *undelivered(room, connection), *unheeded(room, connection)]
        for alert in alerts:
            fields: dict[str, Value] = {"recipient": alert.recipient, "code": alert.code}
            if alert.notice is not None:
                fields["notice"] = alert.notice
            room.journal.append(Event(EventType.ALERTED, "gateway", alert.referral, None, fields))
        return alerts

    return room.store.committer.submit(work, last=True).result()
