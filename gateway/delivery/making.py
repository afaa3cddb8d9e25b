"""Heads made ready to be sent: composed together, and the intention to send them entered, before anything leaves."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gateway.delivery import told
from gateway.delivery.lanes import Claimed, still_ours
from gateway.delivery.outgoing import Composed, Sendable, compose
from gateway.delivery.sources import Sources
from gateway.delivery.states import DeliveryKind
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Value
from gateway.policy.matrix import matrix
from gateway.room import Room
from gateway.store.errors import StoreError


@dataclass(frozen=True)
class Ready:
    """A message that can be sent, and the account of what it tells (`told.account`); None: it tells no referral."""

    head: Claimed
    composed: Composed
    account: bytes | None


Made = Ready | Exception | None
"""What became of a head before it is sent: None for one that was taken back meanwhile."""


def make(room: Room, heads: list[Claimed]) -> list[Made]:
    """Compose messages in one look at the database; what goes wrong with one is that one's result."""
    made: list[Made] = []
    with room.store.readers.connection() as connection:
        sources = Sources(room, connection, (head.referral for head in heads))
        for head in heads:
            try:
                composed = compose(room, connection, Sendable.of(head), sources)
                tells = head.kind is DeliveryKind.REFERRAL
                made.append(Ready(head, composed, told.account(head, composed) if tells else None))
            except (StoreError, DBAPIError):
                raise
            except Exception as error:  # noqa: BLE001 - handed on, to be told by whoever sends
                made.append(error)
    return made


def intend(room: Room, connection: Connection, ready: list[Ready]) -> set[str]:
    """Enter the intentions to send; returns the deliveries that were not taken back meanwhile."""
    held = still_ours(connection, [each.head for each in ready])
    ours = [each for each in ready if each.head.id in held]
    tells = [(e.head, e.composed.envelope.body_digest, e.account) for e in ours if e.account is not None]
    told.note(room, connection, tells)
    for each in ours:
        _enter(room, each.head, each.composed)
    return held


def _enter(room: Room, head: Claimed, composed: Composed) -> None:
    """Enter how a message was translated, and that it is about to be sent."""
    envelope, journal = composed.envelope, room.journal
    body = room.vault.fingerprint(envelope.body).hex()
    if head.attempts == 0 or head.tried == 0:
        translated: dict[str, Value] = {
            "recipient": head.recipient,
            "format": envelope.format,
            "mapping": envelope.digest,
            "agreement": composed.agreement,
            "matrix": matrix().digest,
            "body": body,
            "bytes": len(envelope.body),
            "carried": composed.translation.carried,
            "dropped": len(composed.translation.dropped),
            "withheld": len(composed.projection.withheld),
        }
        journal.append(Event(EventType.TRANSLATED, "gateway", head.referral, head.id, translated))
    attempting: dict[str, Value] = {
        "recipient": head.recipient,
        "message": head.message_id,
        "attempt": head.attempts + 1,
        "body": body,
    }
    journal.append(Event(EventType.ATTEMPTING, "gateway", head.referral, head.id, attempting))


def not_sent(made: Made) -> Exception | None:
    """Return what keeps a head from being sent whose intention was not entered."""
    return made if isinstance(made, Exception) else None
