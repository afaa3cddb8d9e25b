"""An agency's answer becomes a change of state, and is told to the sender in the sender's own language.

Answers come in two ways: over the door (``POST /v1/referrals/{id}/replies``), or at once with the receipt of a
delivery. Both are read by the same mappings, deduplicated by the agency's own message id, and end in one transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, select

from gateway import drift, languages
from gateway.clock import instant
from gateway.delivery.lanes import Claimed, Message, enqueue
from gateway.delivery.settling import move
from gateway.delivery.states import DeliveryKind
from gateway.errors import Gone, IllegalMove, KeyReused, NotFound, NotUnderstood
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Value as Entered
from gateway.recall.amending import amend
from gateway.recall.notices import answered
from gateway.room import Room
from gateway.routing import Agency
from gateway.states import ANSWERS, asked_for, outdated, permits
from gateway.store import referrals
from gateway.store.bulk import insert_rows
from gateway.store.tables import inbound
from gateway.vault.documents import DocumentKind, Draft, put, put_all
from gateway.vault.errors import Erased
from mappings.dates import instant as canonical_instant
from mappings.engine.findings import Finding
from mappings.engine.lineage import Translation
from mappings.engine.mapping import Mapping, Value, canonical
from mappings.referral import Record
from mappings.reply import Reply
from mappings.vocabulary import ReplyKind, State

_SEEN = select(inbound.c.fingerprint, inbound.c.referral).where(
    inbound.c.agency == bindparam("agency"), inbound.c.message_id == bindparam("message_id")
)


@dataclass(frozen=True)
class Answer:
    """A document an agency answered with."""

    agency: Agency
    body: bytes
    mapping: Mapping
    reading: Translation[Value]
    request: str | None = None
    """Id of the request it came with, a UUID."""


@dataclass(frozen=True)
class Taken:
    """What the answering agency is told."""

    ref: str
    state: str
    again: bool
    """It had been taken before, or changes nothing."""
    warnings: tuple[Finding, ...] = ()


async def receive(
    room: Room, agency: Agency, name: str, body: bytes, mapping: Mapping, request: str | None = None
) -> Taken:
    """Take an answer that came over the door.

    Args:
        room: the gateway.
        agency: who answers, by its token.
        name: how it names the referral: its own pairwise reference.
        body: the document.
        mapping: the language it is in.
        request: id of the request it came with, a UUID.

    Raises:
        NotUnderstood, NotFound, KeyReused, IllegalMove: nothing was changed.
    """
    try:
        readings = languages.read(mapping, body)
    except NotUnderstood as error:
        found = drift.in_findings(error.findings)
        await asyncio.wrap_future(room.store.committer.submit(lambda _: note(room, agency.id, mapping, found)))
        raise
    if len(readings) != 1 or not isinstance(readings[0].value, Reply):
        raise NotUnderstood(findings=[Finding("NOT_A_REPLY", "")])
    answer = Answer(agency, body, mapping, readings[0], request)
    return await asyncio.wrap_future(room.store.committer.submit(lambda c: _take(room, c, answer, name)))


def note(room: Room, agency: str, mapping: Mapping, seen: Iterable[drift.Sighting]) -> None:
    """Count what an answer shows that its mapping does not know."""
    drift.note_later(room.store.committer, agency, mapping.format, seen, room.clock.now())


def _take(room: Room, connection: Connection, answer: Answer, name: str) -> Taken:
    party = referrals.visible(connection, answer.agency.id, name)
    if party is None:
        raise NotFound
    referrals.lock(connection, party["referral"])
    party = referrals.recipient(connection, party["referral"], answer.agency.id) or party
    if seen(room, connection, answer, party["referral"]):
        return Taken(party["ref"], party["state"], again=True, warnings=languages.warnings(answer.reading))
    try:
        take = _news if party["role"] == "SENDER" else apply
        return take(room, connection, answer, party)
    except Erased:
        raise Gone from None


def _news(room: Room, connection: Connection, answer: Answer, party: RowMapping) -> Taken:
    """Take what a sender says of its own case: sections added or deleted, a new status (formats/police.md R5)."""
    reply = answer.reading.value
    if not isinstance(reply, Reply) or reply.changes is None:
        raise NotFound
    keep(room, connection, answer, party["referral"], room.clock.now())
    amend(room, connection, party["referral"], answer.agency.id, reply.changes)
    return Taken(party["ref"], party["state"], again=False, warnings=languages.warnings(answer.reading))


def _message_id(room: Room, answer: Answer, referral_id: str) -> str:
    """Return the id a repeat is known by: the agency's own, or else that of this body about this referral."""
    named = answer.reading.value.message_id
    return named or f"body-{room.pseudonym(referral_id, room.vault.fingerprint(answer.body).hex())}"


def seen(room: Room, connection: Connection, answer: Answer, referral_id: str) -> bool:
    """Tell whether the agency has sent this answer before.

    Raises:
        KeyReused: it used the same message id for another body, or about another referral.
    """
    wanted = {"agency": answer.agency.id, "message_id": _message_id(room, answer, referral_id)}
    known = connection.execute(_SEEN, wanted).first()
    if known is not None and tuple(known) != (room.vault.fingerprint(answer.body), referral_id):
        raise KeyReused
    return known is not None


def apply(room: Room, connection: Connection, answer: Answer, party: RowMapping) -> Taken:
    """Store an answer and what follows from it."""
    reply = answer.reading.value
    if not isinstance(reply, Reply):
        raise NotUnderstood(findings=[Finding("NOT_A_REPLY", "")])
    now, present = room.clock.now(), State(party["state"])
    settled = answered(room, connection, party, reply)
    if settled and (present is State.REVOKED or reply.kind is ReplyKind.WITHDRAW):
        # No more than that the service ended (formats/case-management.md 6.5 case 7), or that a copy is given up.
        return Taken(party["ref"], present.value, again=False)
    wanted = asked_for(reply.kind, reply.state)
    changes = wanted is not None and wanted is not present and not outdated(present, wanted)
    if changes and wanted is not None and (wanted not in ANSWERS or not permits(present, wanted)):
        raise IllegalMove
    document = keep(room, connection, answer, party["referral"], now)
    if changes and wanted is not None:
        reason = reply.reason.value if reply.reason else None
        move(room, connection, party["referral"], answer.agency.id, wanted, now, reason=reason)
    if reply.changes is not None and answer.agency.kind == "POLICE":
        amend(room, connection, party["referral"], answer.agency.id, reply.changes)
    if reply.kind is not ReplyKind.RECEIVE and (changes or wanted is None):
        _forward(room, connection, answer, party["referral"], document, now)
    state = wanted.value if changes and wanted is not None else present.value
    return Taken(party["ref"], state, again=False, warnings=languages.warnings(answer.reading))


def keep(room: Room, connection: Connection, answer: Answer, referral_id: str, now: float) -> str:
    """Seal the answer as it came and in canonical form, remember its id, enter it; returns the canonical's id."""
    value = answer.reading.value
    kind = DocumentKind.RECORD if isinstance(value, Record) else DocumentKind.REPLY
    tree = canonical(value)
    tree["sender"] = {"agency": answer.agency.id, "kind": answer.agency.kind, "name": answer.agency.name}
    if kind is DocumentKind.REPLY:
        # A receipt may name no time; when it came is then when it was said (design/decisions.md 1).
        tree.setdefault("at", canonical_instant(instant(now)))
    stamped = type(value).model_validate(tree)
    ids = (room.clock.new_id(), room.clock.new_id())
    bodies = (
        (ids[0], DocumentKind.ANSWER, languages.media_type_of(answer.mapping), answer.body),
        (ids[1], kind, "application/json", languages.ours().write(stamped).value),
    )
    for name, what, media_type, body in bodies:
        put(
            connection, room.vault, id=name, referral=referral_id, case=referral_id, kind=what, media_type=media_type,
            body=body, now=now,
        )  # fmt: skip
    row = {
        "agency": answer.agency.id,
        "message_id": _message_id(room, answer, referral_id),
        "fingerprint": room.vault.fingerprint(answer.body),
        "referral": referral_id,
        "document": ids[0],
        "at": now,
    }
    insert_rows(connection, inbound, [row])
    _enter(room, answer, referral_id)
    return ids[1]


def _enter(room: Room, answer: Answer, referral_id: str) -> None:
    """Enter what was answered, and count what its mapping does not know."""
    value = answer.reading.value
    fields: dict[str, Any] = {
        "kind": value.kind.value if isinstance(value, Reply) and value.kind else "RECORD",
        "format": answer.mapping.format,
        "mapping": answer.mapping.digest,
        "body": room.vault.fingerprint(answer.body).hex(),
    }
    if isinstance(value, Reply) and value.reason:
        fields["reason"] = value.reason.value
    fields |= {"request": answer.request} if answer.request else {}
    note(room, answer.agency.id, answer.mapping, drift.in_readings([answer.reading]))
    room.journal.append(Event(EventType.REPLY_RECEIVED, answer.agency.id, referral_id, None, fields))


def keep_receipts(room: Room, connection: Connection, receipts: Sequence[tuple[Claimed, Answer]]) -> None:
    """Seal plain receipts as they came, and enter them.

    A receipt changes nothing beside its delivery, so it needs neither a canonical form to be told on nor to be known
    again: what one attempt was given is evidence of that attempt.
    """
    drafts = [
        Draft(room.clock.new_id(), claimed.referral, languages.media_type_of(answer.mapping), answer.body)
        for claimed, answer in receipts
    ]
    if drafts:
        put_all(connection, room.vault, DocumentKind.ANSWER, drafts, room.clock.now())
    for claimed, answer in receipts:
        _enter(room, answer, claimed.referral)


def _forward(room: Room, connection: Connection, answer: Answer, referral_id: str, document: str, now: float) -> None:
    """Queue the answer for the referral's sender, if the sender takes answers; it can always ask for them."""
    row = referrals.by_id(connection, referral_id)
    sender = room.directory.find(row["sender"]) if row else None
    if row is None or sender is None or sender.reply_format is None:
        return
    message = Message(
        id=room.clock.new_id(),
        message_id=room.clock.new_id(),
        referral=referral_id,
        case_key=row["case_key"],
        recipient=sender.id,
        purpose="CASE_MANAGE",
        kind=DeliveryKind.REPLY,
        urgent=row["priority"] == "EMERGENCY",
        document=document,
    )
    enqueue(connection, [message], now)
    reply = answer.reading.value
    kind = reply.kind.value if isinstance(reply, Reply) and reply.kind else "INFORM"
    fields: dict[str, Entered] = {
        "author": answer.agency.id,
        "recipient": sender.id,
        "kind": kind,
        "message": message.message_id,
    }
    room.journal.append(Event(EventType.REPLY_FORWARDED, "gateway", referral_id, message.id, fields))
