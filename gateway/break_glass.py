"""Break-glass: in an emergency an entitled officer overrides a withholding, for a while, and answers for it.

What an order would open is opened, and what the agreement does not grant; what a kind of agency must never learn, and
whatever protects a child from somebody around it, stays closed. The view alone widens: nothing is sent. Every override
is an entry in the ledger and stands on the auditor's list until somebody else has judged it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from gateway.clock import instant
from gateway.errors import Gone, IllegalMove, NotFound, Withdrawn
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Value
from gateway.room import Room
from gateway.routing import Agency
from gateway.store import referrals
from gateway.store.tables import broken_glass, referral
from gateway.vault.documents import DocumentKind, put
from gateway.vault.errors import Erased
from mappings.vocabulary import State

LONGEST = 4 * 60
"""Minutes an override may last."""


class Emergency(StrEnum):
    """Why a withholding is overridden."""

    DANGER_TO_LIFE = "DANGER_TO_LIFE"
    MISSING_CHILD = "MISSING_CHILD"
    MEDICAL_EMERGENCY = "MEDICAL_EMERGENCY"


class Verdict(StrEnum):
    """What an auditor makes of it."""

    JUSTIFIED = "JUSTIFIED"
    UNJUSTIFIED = "UNJUSTIFIED"


def break_glass(
    room: Room,
    connection: Connection,
    agency: Agency,
    name: str,
    officer: str,
    why: Emergency,
    words: str,
    minutes: int,
) -> dict[str, Any]:
    """Widen an agency's own view of a referral until a time; returns what the officer is told.

    Args:
        room: the gateway.
        connection: a writing connection.
        agency: whose officer it is, by its token.
        name: how the agency calls the referral.
        officer: the agency's own code of the officer; never a name.
        why: the emergency.
        words: the reason in words; sealed with the referral.
        minutes: how long, at most :data:`LONGEST`.

    Raises:
        NotFound: the agency has received no such referral.
        Gone, Withdrawn: it was erased, or taken back.
    """
    party = referrals.visible(connection, agency.id, name)
    if party is None or party["role"] != "RECIPIENT":
        raise NotFound
    if party["state"] == State.REVOKED.value:
        raise Withdrawn
    now = room.clock.now()
    note = _sealed(room, connection, party["referral"], words, now)
    row = {
        "id": room.clock.new_id(), "referral": party["referral"], "agency": agency.id, "officer": officer,
        "reason": why.value, "created": now, "expires": now + minutes * 60.0,
    }  # fmt: skip
    connection.execute(insert(broken_glass), [row])
    fields: dict[str, Value] = {
        "officer": officer, "reason": why.value, "until": instant(row["expires"]), "note": note,
    }  # fmt: skip
    room.journal.append(Event(EventType.GLASS_BROKEN, agency.id, party["referral"], None, fields))
    return {"id": row["id"], "until": instant(row["expires"])}


def _sealed(room: Room, connection: Connection, referral_id: str, words: str, now: float) -> str:
    """Seal words with a referral; returns their keyed digest."""
    try:
        put(
            connection, room.vault, id=room.clock.new_id(), referral=referral_id, case=referral_id,
            kind=DocumentKind.NOTE, media_type="text/plain", body=words.encode(), now=now,
        )  # fmt: skip
    except Erased:
        raise Gone from None
    return room.vault.fingerprint(words.encode()).hex()


def in_force(room: Room, connection: Connection, referral_id: str, agency: str) -> bool:
    """Tell whether an agency's override of a referral's withholding holds now."""
    wanted = select(broken_glass.c.id).where(
        broken_glass.c.referral == referral_id,
        broken_glass.c.agency == agency,
        broken_glass.c.expires > room.clock.now(),
    )
    return connection.execute(wanted.limit(1)).first() is not None


def listed(
    connection: Connection, reviewer: str | None, *, open_only: bool, after: int, limit: int
) -> list[RowMapping]:
    """Return overrides in the order they were made: all, or those of the referrals an agency has sent."""
    wanted = select(broken_glass).join(referral, referral.c.id == broken_glass.c.referral)
    wanted = wanted.where(broken_glass.c.n > after)
    if reviewer is not None:
        wanted = wanted.where(referral.c.sender == reviewer)
    if open_only:
        wanted = wanted.where(broken_glass.c.reviewed_at.is_(None))
    return list(connection.execute(wanted.order_by(broken_glass.c.n).limit(limit)).mappings())


def review(
    room: Room, connection: Connection, identity: str, reviewer: str, verdict: Verdict, words: str, *, every: bool
) -> None:
    """Judge an override; nobody judges an agency's own.

    Args:
        room: the gateway.
        connection: a writing connection.
        identity: the override's id.
        reviewer: who judges.
        verdict: what is made of it.
        words: why; sealed with the referral.
        every: the reviewer may judge overrides of every sender's referrals.

    Raises:
        NotFound: there is none, or it is of another sender's referral.
        IllegalMove: it has been judged, or it is the reviewer's own.
    """
    wanted = (
        select(broken_glass, referral.c.sender)
        .join(referral, referral.c.id == broken_glass.c.referral)
        .where(broken_glass.c.id == identity)
    )
    row = connection.execute(wanted).mappings().first()
    if row is None or not (every or row["sender"] == reviewer):
        raise NotFound
    if row["reviewed_at"] is not None or row["agency"] == reviewer:
        raise IllegalMove
    now = room.clock.now()
    judged = update(broken_glass).where(broken_glass.c.id == identity)
    connection.execute(judged.values(reviewed_at=now, reviewer=reviewer, verdict=verdict.value))
    fields: dict[str, Value] = {"agency": row["agency"], "verdict": verdict.value}
    if words:
        try:
            fields["note"] = _sealed(room, connection, row["referral"], words, now)
        except Gone:
            fields["note"] = room.vault.fingerprint(words.encode()).hex()
    room.journal.append(Event(EventType.GLASS_REVIEWED, reviewer, row["referral"], None, fields))
