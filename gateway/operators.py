"""What an operator may do to deliveries and endpoints: look, send again, give up, resume. Every act is an entry.

The operator of this machine logs in like everybody else, with a client of its own whose secret the gateway writes
beside its keys (mode 0600) at the first start; who can read that file can read the keys too.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from auth.client_secrets import hash_secret, new_secret
from auth.clients import AuthMethod, Client
from auth.scopes import parse_scopes
from gateway.clock import instant
from gateway.delivery import endpoints, operations
from gateway.delivery.settling import move
from gateway.delivery.states import DeliveryKind
from gateway.errors import IllegalMove, NotFound
from gateway.ledger.events import Event, EventType
from gateway.room import Room
from gateway.routing import Agency
from gateway.store.tables import attempt, delivery, referral
from gateway.vault.documents import DocumentKind, put
from mappings.vocabulary import State

OPERATOR = Agency("operator-local", "OPERATOR", "Operator of this gateway", "raabta", None, ())
"""The operator as a caller: party to no referral, so that no content is ever shown."""
CLIENT_ID = "operator-local"
SCOPES = (
    "delivery.read delivery.operate agency.read agency.operate referral.erase vault.operate break-glass.review "
    "ledger.read evidence.read"
)
SECRET_FILE = "operator.secret"  # noqa: S105 - the name of a file


def create_secret(path: Path) -> None:
    """Write a fresh secret for the operator of this machine, mode 0600; raises FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(new_secret())


def operator_client(secret: str) -> Client:
    """Return the operator's client."""
    return Client(
        CLIENT_ID, OPERATOR.id, AuthMethod.CLIENT_SECRET_BASIC, parse_scopes(SCOPES), secret_hash=hash_secret(secret)
    )


@dataclass(frozen=True)
class Why:
    """Why an operator acts: a code for the ledger, and words that are sealed."""

    code: str
    words: str = ""


def listed(
    connection: Connection, *, sender: str | None, state: str | None, after: int, limit: int
) -> list[RowMapping]:
    """Return deliveries in the order they were enqueued, of one sender's referrals or of all."""
    wanted = select(delivery).join(referral, referral.c.id == delivery.c.referral).where(delivery.c.n > after)
    if sender is not None:
        wanted = wanted.where(referral.c.sender == sender)
    if state is not None:
        wanted = wanted.where(delivery.c.state == state)
    return list(connection.execute(wanted.order_by(delivery.c.n).limit(limit)).mappings())


def one(connection: Connection, delivery_id: str, *, sender: str | None) -> tuple[RowMapping, list[RowMapping]]:
    """Return a delivery and its attempts.

    Raises:
        NotFound: there is none, or it belongs to another sender's referral.
    """
    wanted = select(delivery).join(referral, referral.c.id == delivery.c.referral).where(delivery.c.id == delivery_id)
    if sender is not None:
        wanted = wanted.where(referral.c.sender == sender)
    row = connection.execute(wanted).mappings().first()
    if row is None:
        raise NotFound
    made = select(attempt).where(attempt.c.delivery == delivery_id).order_by(attempt.c.n)
    return row, list(connection.execute(made).mappings())


def shown(row: RowMapping) -> dict[str, Any]:
    """Return a delivery as the API shows it; no content, no reference of a person."""
    body = {
        "id": row["id"],
        "message_id": row["message_id"],
        "recipient": row["recipient"],
        "purpose": row["purpose"],
        "kind": row["kind"],
        "state": row["state"],
        "attempts": row["attempts"],
        "created_at": instant(row["created"]),
        "next_at": instant(row["next_at"]) if row["next_at"] else None,
        "settled_at": instant(row["settled_at"]) if row["settled_at"] else None,
        "last_status": row["last_status"],
        "last_error": row["last_error"],
    }
    return {name: value for name, value in body.items() if value is not None}


def person(actor: str) -> Agency:
    """Return somebody at the console as an operator under their own name: the ledger says who decided."""
    return replace(OPERATOR, id=actor)


def owner(agency: Agency) -> str | None:
    """Return whose deliveries a caller may see and act on: an agency its own referrals', the operator all."""
    return None if agency.kind == OPERATOR.kind else agency.id


def redeliver(room: Room, connection: Connection, delivery_id: str, why: Why, actor: Agency) -> None:
    """Send a dead delivery again, under the same message id, with a fresh schedule.

    Raises:
        NotFound: there is none, or it belongs to another sender's referral.
        IllegalMove: it is not dead.
    """
    row, _ = one(connection, delivery_id, sender=owner(actor))
    now = room.clock.now()
    if not operations.replay(connection, delivery_id, now):
        raise IllegalMove
    _enter(room, connection, EventType.REPLAYED, row, why, actor.id)
    if row["kind"] == DeliveryKind.REFERRAL.value:
        move(room, connection, row["referral"], row["recipient"], State.SENT, now, reason=why.code)


def discard(room: Room, connection: Connection, delivery_id: str, why: Why, actor: Agency) -> None:
    """Decide that a delivery is never sent; later messages of the case go on.

    Raises:
        NotFound: there is none, or it belongs to another sender's referral.
        IllegalMove: it is delivered already, or was discarded before.
    """
    row, _ = one(connection, delivery_id, sender=owner(actor))
    if not operations.skip(connection, delivery_id, why.code, room.clock.now()):
        raise IllegalMove
    _enter(room, connection, EventType.SKIPPED, row, why, actor.id)


def resume(room: Room, connection: Connection, agency: str, actor: str) -> None:
    """Send to a paused agency again.

    Raises:
        NotFound: nobody is registered under that id.
        IllegalMove: it is not paused.
    """
    known = room.directory.find(agency)
    if known is None:
        raise NotFound
    if not endpoints.resume(connection, known.id):
        raise IllegalMove
    room.journal.append(Event(EventType.ENDPOINT_RESUMED, actor, fields={"recipient": known.id}))


def _enter(room: Room, connection: Connection, kind: EventType, row: RowMapping, why: Why, actor: str) -> None:
    """Enter an operator's act; the words are sealed with the referral, the ledger holds their digest."""
    fields: dict[str, str | int | list[str]] = {"recipient": row["recipient"], "reason": why.code}
    if why.words:
        put(
            connection, room.vault, id=room.clock.new_id(), referral=row["referral"], case=row["referral"],
            kind=DocumentKind.NOTE, media_type="text/plain", body=why.words.encode(), now=room.clock.now(),
        )  # fmt: skip
        fields["note"] = hashlib.sha256(room.vault.fingerprint(why.words.encode())).hexdigest()
    room.journal.append(Event(kind, actor, row["referral"], row["id"], fields))
