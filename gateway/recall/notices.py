"""Notices: what a receiver that was told something is told now, and whether it has answered."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from gateway import languages
from gateway.clock import instant
from gateway.delivery.lanes import Message, enqueue
from gateway.delivery.outgoing import opened
from gateway.delivery.states import DeliveryKind
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Value
from gateway.room import Room
from gateway.routing import Agency
from gateway.store import referrals
from gateway.store.tables import delivery, notice, referral
from gateway.vault.documents import DocumentKind, put
from mappings.dates import instant as canonical_instant
from mappings.engine.errors import MappingDefect, Refusal
from mappings.reply import Reply
from mappings.vocabulary import ReplyKind, State

COPIES = uuid.UUID("0f6c2f0e-5a3b-5f0e-9d53-6b8d3c1f7a42")
"""Name space of the message ids of notices and corrected copies: one for each notice, whenever it is computed."""


class NoticeKind(StrEnum):
    """What a receiver is told."""

    WITHDRAWAL = "WITHDRAWAL"
    """The referral no longer stands: act on it no more, and give up what was told."""
    CORRECTION = "CORRECTION"
    """The earlier copy no longer stands; another takes its place."""


@dataclass(frozen=True)
class Receiver:
    """Who is told, and what stands there."""

    party: RowMapping
    agency: Agency
    sent: RowMapping
    """The referral's newest delivery to it."""


def owe(
    room: Room, connection: Connection, receiver: Receiver, kind: NoticeKind, reason: str, leaves: int, *,
    linked: bool = False,
) -> str:  # fmt: skip
    """Queue a notice, in the receiver's language if that can say it, and follow it up; returns its id.

    A language that cannot say it (a civil register's, a roster's) leaves it to a person: the notice has no delivery,
    is told to people at once by the follow-up, and waits for an answer all the same.

    Args:
        room: the gateway.
        connection: a writing connection.
        receiver: who is told.
        kind: what it is told.
        reason: code, for the ledger.
        leaves: how many leaves it was told that it may no longer know.
        linked: a corrected copy says itself which copy it replaces.
    """
    now = room.clock.now()
    identity = room.clock.new_id()
    document = _seal(room, connection, receiver, now)
    messages = []
    if not linked and can_withdraw(receiver.agency):
        messages.append(_message(room, connection, receiver, DeliveryKind.NOTICE, f"{identity}/notice", document))
    if kind is NoticeKind.CORRECTION:
        messages.append(_message(room, connection, receiver, DeliveryKind.REFERRAL, f"{identity}/copy", document))
    enqueue(connection, messages, now)
    carried = messages[0].id if messages else None
    row = {
        "id": identity, "referral": receiver.party["referral"], "agency": receiver.agency.id, "kind": kind.value,
        "reason": reason, "delivery": carried, "created": now,
    }  # fmt: skip
    connection.execute(insert(notice), [row])
    fields: dict[str, Value] = {
        "recipient": receiver.agency.id, "kind": kind.value, "reason": reason, "leaves": leaves,
    }  # fmt: skip
    if messages:
        fields["message"] = messages[0].message_id
    room.journal.append(Event(EventType.NOTICE_SENT, "gateway", receiver.party["referral"], carried, fields))
    return identity


def _seal(room: Room, connection: Connection, receiver: Receiver, now: float) -> str:
    """Seal the withdrawal of the copy that was sent, as a canonical reply; returns the document's id."""
    referral_id = receiver.party["referral"]
    original = opened(room, connection, referral_id)
    tree: dict[str, Any] = {
        "type": "reply",
        "in_reply_to": receiver.sent["message_id"],
        "ref": receiver.party["ref"],
        "kind": ReplyKind.WITHDRAW.value,
        "state": State.REVOKED.value,
        "recipient": {"agency": receiver.agency.id, "kind": receiver.agency.kind, "name": receiver.agency.name},
        "at": canonical_instant(instant(now)),
    }
    if original.sender is not None:
        tree["sender"] = original.sender.model_dump(mode="json", include={"agency", "kind", "name"}, exclude_none=True)
    document = room.clock.new_id()
    put(
        connection, room.vault, id=document, referral=referral_id, case=referral_id, kind=DocumentKind.NOTICE,
        media_type="application/json", body=languages.ours().write(Reply.model_validate(tree)).value, now=now,
    )  # fmt: skip
    return document


def _message(
    room: Room, connection: Connection, receiver: Receiver, kind: DeliveryKind, name: str, document: str
) -> Message:
    row = referrals.by_id(connection, receiver.party["referral"])
    return Message(
        id=room.clock.new_id(),
        message_id=str(uuid.uuid5(COPIES, name)),
        referral=receiver.party["referral"],
        case_key=row["case_key"] if row else receiver.party["referral"],
        recipient=receiver.agency.id,
        purpose=receiver.sent["purpose"],
        kind=kind,
        urgent=bool(receiver.sent["urgent"]),
        document=document,
    )


def links_copies(agency: Agency, document: str) -> bool:
    """Tell whether a document of an agency's language says which copy it replaces."""
    mapping = languages.format_named(agency.format)
    found = next((d for d in mapping.documents if d.name == document), None) if mapping else None
    return agency.format == "raabta" or (found is not None and found.drop_reason("supersedes") is None)


def can_withdraw(agency: Agency) -> bool:
    """Tell whether a language can say that a referral is withdrawn; an invented one is written to find out."""
    mapping = languages.format_named(agency.format)
    if mapping is None:
        return False
    name = str(uuid.UUID(int=0))
    said = Reply.model_validate({
        "message_id": name, "in_reply_to": name, "ref": "rb-0", "kind": "WITHDRAW", "state": "REVOKED",
        "sender": {"agency": "a", "kind": "SOCIAL_WELFARE", "name": "a"},
        "recipient": {"agency": agency.id, "kind": agency.kind, "name": agency.name}, "at": "2026-01-01T00:00:00Z",
    })  # fmt: skip
    try:
        mapping.write(said)
    except (Refusal, MappingDefect):
        return False
    return True


def last(connection: Connection, referral_id: str, agency: str) -> RowMapping | None:
    """Return the newest notice a receiver was owed, or none."""
    wanted = select(notice).where(notice.c.referral == referral_id, notice.c.agency == agency)
    return connection.execute(wanted.order_by(notice.c.created.desc(), notice.c.id.desc()).limit(1)).mappings().first()


def unanswered(connection: Connection, created_before: float) -> list[RowMapping]:
    """Return the notices nobody has answered, owed before an instant, each with the priority of its referral."""
    wanted = (
        select(notice, referral.c.priority)
        .join(referral, referral.c.id == notice.c.referral)
        .where(notice.c.answered_at.is_(None), notice.c.created <= created_before)
    )
    return list(connection.execute(wanted.order_by(notice.c.created, notice.c.id)).mappings())


_NO_ANSWER = frozenset({ReplyKind.RECEIVE})
"""A receipt says that it arrived, not that anybody has done anything about it."""


def answered(room: Room, connection: Connection, party: RowMapping, reply: Reply) -> bool:
    """Take a receiver's answer as the answer to the notices it is owed; tells whether it was one.

    An answer that names another message of ours is about that one; one that names none is about all. So is one that
    says that it withdraws: some languages name only the request that was withdrawn (formats/school.md 4.4).
    """
    if reply.kind is None or reply.kind in _NO_ANSWER:
        return False
    wanted = (
        select(notice, delivery.c.message_id)
        .join(delivery, delivery.c.id == notice.c.delivery, isouter=True)
        .where(
            notice.c.referral == party["referral"], notice.c.agency == party["agency"], notice.c.answered_at.is_(None)
        )
    )
    open_ones = list(connection.execute(wanted).mappings())
    withdraws = reply.kind is ReplyKind.WITHDRAW
    meant = [each for each in open_ones if withdraws or reply.in_reply_to in {None, each["message_id"]}]
    for each in meant or (open_ones if party["state"] == State.REVOKED.value else []):
        done = update(notice).where(notice.c.id == each["id"])
        connection.execute(done.values(answered_at=room.clock.now(), answer=reply.kind.value))
        fields: dict[str, Value] = {"kind": each["kind"], "answer": reply.kind.value}
        room.journal.append(
            Event(EventType.NOTICE_ANSWERED, party["agency"], party["referral"], each["delivery"], fields)
        )
    return bool(open_ones)
