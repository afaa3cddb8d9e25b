"""Rows of referrals and of the agencies that are parties to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, case, exists, or_, select, text, update

from gateway.store.bulk import insert_rows
from gateway.store.tables import delivery, party, referral

_BY_ID = select(referral).where(referral.c.id == bindparam("id"))
_PARTIES = select(party).where(party.c.referral == bindparam("referral")).order_by(party.c.n)
_PARTY = select(party).where(party.c.referral == bindparam("referral"), party.c.role == bindparam("role"))
_RECIPIENT = _PARTY.where(party.c.agency == bindparam("agency"))
_PARTIES_OF = select(party).where(party.c.referral.in_(bindparam("referrals", expanding=True))).order_by(party.c.n)
_LOCK = (
    select(referral.c.n)
    .where(referral.c.id.in_(bindparam("referrals", expanding=True)))
    .order_by(referral.c.id)
    .with_for_update()
)
_FINGERPRINTS = select(referral.c.idem, referral.c.fingerprint).where(
    referral.c.sender == bindparam("sender"), referral.c.idem.in_(bindparam("keys", expanding=True))
)
_SET_PARTY = text(
    "UPDATE party SET state = :state, updated = :now, followup_at = COALESCE(followup_at, :now) WHERE n = :n"
)
_SET_STATE = text("UPDATE referral SET state = :state, updated = :now, version = version + 1 WHERE id = :id")
"""Statements of every delivery, built once: building them anew costs as much as running them."""


def by_key(connection: Connection, sender: str, key: str) -> RowMapping | None:
    """Return the referral a sender stored under an idempotency key, or none."""
    wanted = select(referral).where(referral.c.sender == sender, referral.c.idem == key)
    return connection.execute(wanted).mappings().first()


def by_id(connection: Connection, referral_id: str) -> RowMapping | None:
    """Return a referral, or none."""
    return connection.execute(_BY_ID, {"id": referral_id}).mappings().first()


def lock(connection: Connection, *ids: str) -> None:
    """Let nobody else change referrals or their parties until the transaction ends; what was read before may be old."""
    if ids and connection.dialect.name != "sqlite":  # whose only writer needs no lock
        connection.execute(_LOCK, {"referrals": sorted(set(ids))})


def visible(connection: Connection, agency: str, name: str) -> RowMapping | None:
    """Return an agency's own part in the referral it calls ``name`` (its reference, or the id), or none.

    The agency stands in the query itself: what it is no party to does not exist for it, nor what waits for a person
    before it may be sent there.
    """
    named = or_(party.c.ref == name, party.c.referral == name)
    wanted = select(party).where(party.c.agency == agency, named, _known())
    return connection.execute(wanted.limit(1)).mappings().first()


def _known() -> ColumnElement[bool]:
    """Return the condition that a party knows of its referral: it sent it, or a delivery to it was made."""
    addressed = exists().where(delivery.c.referral == party.c.referral, delivery.c.recipient == party.c.agency)
    return or_(party.c.role == "SENDER", addressed)


def parties(connection: Connection, referral_id: str) -> list[RowMapping]:
    """Return everybody who is party to a referral, the sender first."""
    return list(connection.execute(_PARTIES, {"referral": referral_id}).mappings())


def parties_of(connection: Connection, ids: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """Return everybody who is party to referrals, by referral, the sender first."""
    found: dict[str, list[dict[str, Any]]] = {}
    wanted = sorted(set(ids))
    result = connection.execute(_PARTIES_OF, {"referrals": wanted}) if wanted else None
    names = tuple(result.keys()) if result is not None else ()
    for row in result or ():
        party_row = dict(zip(names, row, strict=True))
        found.setdefault(party_row["referral"], []).append(party_row)
    return found


def among(parties: Iterable[dict[str, Any]], agency: str) -> dict[str, Any] | None:
    """Return one recipient among the parties of a referral, or none."""
    return next((each for each in parties if each["agency"] == agency and each["role"] == "RECIPIENT"), None)


def recipient(connection: Connection, referral_id: str, agency: str) -> RowMapping | None:
    """Return one recipient of a referral, or none."""
    wanted = {"referral": referral_id, "agency": agency, "role": "RECIPIENT"}
    return connection.execute(_RECIPIENT, wanted).mappings().first()


def sender(connection: Connection, referral_id: str) -> RowMapping:
    """Return the sender of a referral."""
    return connection.execute(_PARTY, {"referral": referral_id, "role": "SENDER"}).mappings().one()


def fingerprints(connection: Connection, sender: str, keys: list[str]) -> list[tuple[str, bytes]]:
    """Return (idempotency key, fingerprint) of those of a sender's keys that are in use."""
    return [(row[0], row[1]) for row in connection.execute(_FINGERPRINTS, {"sender": sender, "keys": keys})]


def add(connection: Connection, rows: list[dict[str, Any]], parties: list[dict[str, Any]]) -> None:
    """Store referrals and their parties."""
    insert_rows(connection, referral, rows)
    insert_rows(connection, party, parties)


def set_party_state(connection: Connection, row: RowMapping, state: str, now: float) -> None:
    """Store the state one agency left the referral in."""
    set_party_states(connection, [(row["n"], state)], now)


def set_party_states(connection: Connection, states: Sequence[tuple[int, str]], now: float) -> None:
    """Store the states agencies left their referrals in, by row number."""
    if states:
        connection.execute(_SET_PARTY, [{"n": n, "state": state, "now": now} for n, state in states])


def set_states(connection: Connection, states: Mapping[str, str], now: float) -> None:
    """Store the states of referrals, by id, and count their versions up."""
    if states:
        connection.execute(_SET_STATE, [{"id": name, "state": states[name], "now": now} for name in sorted(states)])


def touch(connection: Connection, referral_id: str, now: float) -> None:
    """Count a referral's version up."""
    changed = update(referral).where(referral.c.id == referral_id)
    connection.execute(changed.values(updated=now, version=referral.c.version + 1))


def listed(
    connection: Connection, agency: str, *, state: str | None, since: float | None, after: int, limit: int
) -> list[RowMapping]:
    """Return referrals an agency is party to, in the order of acceptance, after a row number.

    The sender is told the referral's own state, a receiver the state it left it in itself.
    """
    standing = case((party.c.role == "SENDER", referral.c.state), else_=party.c.state).label("state")
    conditions = [party.c.agency == agency, referral.c.n > after, _known()]
    if state is not None:
        conditions.append(standing == state)
    if since is not None:
        conditions.append(referral.c.updated >= since)
    wanted = (
        select(referral.c.n, referral.c.created, referral.c.updated, party.c.ref, party.c.role, standing)
        .join(party, party.c.referral == referral.c.id)
        .where(and_(*conditions))
        .order_by(referral.c.n)
        .limit(limit)
    )
    return list(connection.execute(wanted).mappings())


def anywhere(connection: Connection, name: str) -> str | None:
    """Return the id of the referral that anybody calls ``name``; for operators on the gateway's own machine."""
    wanted = select(party.c.referral).where(or_(party.c.ref == name, party.c.referral == name)).limit(1)
    found = connection.execute(wanted).scalar()
    return None if found is None else str(found)
