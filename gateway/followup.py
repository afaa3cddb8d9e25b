"""Follow-up: no answer in time is told, louder each time, and never closes a referral.

What is late, and how late, `deadlines` says. Each stage is entered once, also after a restart, because the ledger
itself is the memory. An emergency that no receiver has after two minutes is told at once.

Of millions that wait only those are read whose next stage has come: every receiver carries the moment at which it is to
be looked at again (`party.followup_at`; none: not before its state changes).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, bindparam, select, text

from gateway.deadlines import ACKNOWLEDGE, AT, next_stage, overdue
from gateway.delivery.backoff import EMERGENCY
from gateway.delivery.operations import late, mark_alerted, mend_clock
from gateway.ledger.events import Event, EventType
from gateway.ledger.journal import read_fields
from gateway.ledger.kinds import Value
from gateway.recall import notices
from gateway.room import Room
from gateway.store.duties import take_turn
from gateway.store.tables import delivery, entry, party, referral
from mappings.vocabulary import State

AT_ONCE = 500
"""Receivers looked at in one transaction, for others write between two of them; and referrals asked about at once."""

_DUE = (
    select(
        party.c.n,
        party.c.referral,
        party.c.agency,
        party.c.role,
        party.c.state,
        referral.c.priority,
        referral.c.created,
    )
    .join(referral, referral.c.id == party.c.referral)
    .where(party.c.followup_at <= bindparam("now"))
    .order_by(party.c.followup_at)
    .limit(AT_ONCE)
)
_TOLD = select(entry.c.referral, entry.c.fields).where(
    entry.c.referral.in_(bindparam("referrals", expanding=True)),
    entry.c.type == EventType.ALERTED.value,
    entry.c.fields.is_not(None),
)
_LOOK_AGAIN = text("UPDATE party SET followup_at = :at WHERE n = :n AND state = :state")
"""Whoever has moved on meanwhile, by another gateway, stays due and is looked at anew."""


@dataclass(frozen=True)
class Alert:
    """Something a person is told."""

    referral: str
    recipient: str
    code: str
    """``ACKNOWLEDGE_WARNING``, ``DECIDE_BREACH`` and so on."""
    notice: str | None = None
    """The withdrawal or correction nobody has answered."""


def look(room: Room, connection: Connection) -> tuple[list[Alert], bool]:
    """Return what has to be told now of receivers that do not answer, and whether more of them are to be looked at.

    Only those are looked at whose time has come (`party.followup_at`), however many wait.
    """
    now = room.clock.now()
    if connection.execute(_DUE, {"now": now}).first() is None:
        return [], False
    room.journal.flush(connection, wait=True)  # what was told before, by whomever, is then found among the entries
    rows = connection.execute(_DUE, {"now": now}).mappings().all()
    codes = {row["n"]: list(overdue(State(row["state"]), row["priority"], now - row["created"])) for row in rows}
    told = _told(connection, {row["referral"] for row in rows if codes[row["n"]]})
    if rows:
        again = [{"n": row["n"], "state": row["state"], "at": _next(row, now)} for row in rows]
        connection.execute(_LOOK_AGAIN, again)
    alerts = [
        Alert(row["referral"], row["agency"], code)
        for row in rows
        if row["role"] == "RECIPIENT"
        for code in codes[row["n"]]
        if (row["referral"], row["agency"], None, code) not in told
    ]
    return alerts, len(rows) == AT_ONCE


def _next(row: RowMapping, now: float) -> float | None:
    """Return when a receiver is to be looked at again; none: not before its state has changed."""
    if row["role"] != "RECIPIENT":
        return None
    after = next_stage(State(row["state"]), row["priority"], now - row["created"])
    return None if after is None else float(row["created"] + after)


def _told(connection: Connection, referral_ids: Collection[str]) -> set[tuple[str, str, str | None, str]]:
    """Return what was entered about referrals: (referral, receiver, notice or none, code)."""
    asked = sorted(referral_ids)
    parts = (asked[start : start + AT_ONCE] for start in range(0, len(asked), AT_ONCE))
    rows = [row for part in parts for row in connection.execute(_TOLD, {"referrals": part})]
    entered = ((row.referral, read_fields(row.fields)) for row in rows)
    return {
        (referral_id, str(fields.get("recipient")), _text(fields.get("notice")), str(fields["code"]))
        for referral_id, fields in entered
    }


def _text(value: Value | None) -> str | None:
    return None if value is None else str(value)


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
    owed = notices.unanswered(connection, now)
    codes = {each["id"]: _unheeded(each, now - each["created"]) for each in owed}
    told = _told(connection, {each["referral"] for each in owed if codes[each["id"]]})
    return [
        Alert(each["referral"], each["agency"], code, each["id"])
        for each in owed
        for code in codes[each["id"]]
        if (each["referral"], each["agency"], each["id"], code) not in told
    ]


def _unheeded(owed: RowMapping, waited: float) -> list[str]:
    """Return the codes of everything that is late about one notice."""
    limit = ACKNOWLEDGE[owed["priority"]]
    codes = [f"{owed['kind']}_{stage.value}" for share, stage in AT if waited >= share * limit]
    return codes if owed["delivery"] is not None else [*codes, f"{owed['kind']}_BY_HAND"]


def tell(room: Room, every: float | None = None) -> list[Alert]:
    """Enter every alert that is due; returns them. Blocks until they are stored.

    With ``every`` (seconds) it looks only if no other process has done so in that time.
    """

    def first(connection: Connection) -> tuple[list[Alert], bool]:
        if every is not None and not take_turn(connection, "followup", every, room.clock.now()):
            return [], False
        room.journal.flush(connection, wait=True)  # as in `look`
        mend_clock(connection, room.clock.now(), EMERGENCY.longest)
        alerts, more = look(room, connection)
        return _enter(room, [*alerts, *undelivered(room, connection), *unheeded(room, connection)]), more

    def again(connection: Connection) -> tuple[list[Alert], bool]:
        alerts, more = look(room, connection)
        return _enter(room, alerts), more

    told, more = room.store.committer.submit(first, last=True).result()
    while more:
        alerts, more = room.store.committer.submit(again, last=True).result()
        told += alerts
    return told


def _enter(room: Room, alerts: list[Alert]) -> list[Alert]:
    for alert in alerts:
        fields: dict[str, Value] = {"recipient": alert.recipient, "code": alert.code}
        if alert.notice is not None:
            fields["notice"] = alert.notice
        room.journal.append(Event(EventType.ALERTED, "gateway", alert.referral, None, fields))
    return alerts
