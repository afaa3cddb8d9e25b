"""What a receiver answers at once, with the receipt of a delivery: its state, or a register's record of the child.

It is read before the transaction that settles the delivery, and taken inside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from adapters.base import Delivered
from gateway import drift, languages
from gateway.completion import completed, contradictions
from gateway.delivery.lanes import Claimed
from gateway.delivery.outgoing import opened
from gateway.delivery.settling import Parties, move, restate
from gateway.errors import IllegalMove, KeyReused, NotUnderstood
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Value as Entered
from gateway.ledger.kinds import code_of
from gateway.recall.amending import rejected
from gateway.replies import Answer, apply, keep, keep_receipts, note, seen
from gateway.room import ReadingRoom, Room
from gateway.routing import Agency
from gateway.states import asked_for, outdated, permits
from gateway.store import referrals
from gateway.vault.documents import DocumentKind, put
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding
from mappings.engine.mapping import Mapping
from mappings.referral import Record
from mappings.reply import Reply
from mappings.vocabulary import ReplyKind, State


@dataclass(frozen=True)
class Heard:
    """What a receiver answered at once, as far as it could be read."""

    agency: Agency
    mapping: Mapping
    answer: Answer | None
    findings: tuple[Finding, ...] = ()
    """Why it could not."""


def read_answer(room: ReadingRoom, claimed: Claimed, delivered: Delivered) -> Heard | None:
    """Read what a receiver answered at once; outside any transaction, for reading a document takes its time."""
    agency = room.directory.find(claimed.recipient)
    mapping = languages.format_named(agency.format) if agency else None
    if agency is None or mapping is None or delivered.answer is None:
        return None
    try:
        readings = mapping.read(delivered.answer)
    except Refusal as refusal:
        return Heard(agency, mapping, None, tuple(refusal.findings))
    return Heard(agency, mapping, Answer(agency, delivered.answer, mapping, readings[0]))


def take(room: Room, connection: Connection, answers: Sequence[tuple[Claimed, Heard]], parties: Parties) -> None:
    """Take what receivers answered at once, inside the transaction that settles their deliveries.

    An answer we cannot read, or that the state does not permit, does not undo the delivery: it is entered and left.
    """
    receipts = []
    for claimed, heard in answers:
        party = referrals.among(parties.get(claimed.referral, ()), claimed.recipient)
        if party is not None and heard.answer is not None and _only_receives(heard.answer, State(party["state"])):
            receipts.append((claimed, heard.answer))
        else:
            _take(room, connection, claimed, heard)
    keep_receipts(room, connection, receipts)


def _only_receives(answer: Answer, present: State) -> bool:
    """Tell whether an answer says no more than that our message arrived, which its delivery has said already."""
    reply = answer.reading.value
    if not isinstance(reply, Reply) or reply.kind is not ReplyKind.RECEIVE or reply.changes is not None:
        return False
    wanted = asked_for(reply.kind, reply.state)
    return wanted is State.DELIVERED and (present is wanted or outdated(present, wanted))


def _take(room: Room, connection: Connection, claimed: Claimed, heard: Heard) -> None:
    party = referrals.recipient(connection, claimed.referral, claimed.recipient)
    if party is None:
        return
    if heard.answer is None:
        _refuse(room, claimed, heard.mapping, heard.findings[0].code if heard.findings else "REFUSED")
        note(room, claimed.recipient, heard.mapping, drift.in_findings(heard.findings))
        return
    try:
        if not seen(room, connection, heard.answer, party["referral"]):
            _answered(room, connection, heard.answer, party)
    except (IllegalMove, KeyReused, NotUnderstood) as error:
        _refuse(room, claimed, heard.mapping, error.code)


def _refuse(room: Room, claimed: Claimed, mapping: Mapping, code: str) -> None:
    fields: dict[str, Entered] = {"format": mapping.format, "code": code_of(code)}
    room.journal.append(Event(EventType.REPLY_REFUSED, claimed.recipient, claimed.referral, claimed.id, fields))


def _answered(room: Room, connection: Connection, answer: Answer, party: RowMapping) -> None:
    if isinstance(answer.reading.value, Record):
        _complete(room, connection, answer, answer.reading.value, party["referral"])
    else:
        apply(room, connection, answer, _begun(room, connection, answer, party))


def _begun(room: Room, connection: Connection, answer: Answer, party: RowMapping) -> RowMapping:
    """Return the part of a receiver that has done at once what it was asked, as one that has accepted it first."""
    reply, present = answer.reading.value, State(party["state"])
    wanted = asked_for(reply.kind, reply.state) if isinstance(reply, Reply) else None
    if wanted is not State.COMPLETED or permits(present, wanted) or not permits(present, State.ACCEPTED):
        return party
    move(room, connection, party["referral"], answer.agency.id, State.ACCEPTED, room.clock.now())
    return referrals.recipient(connection, party["referral"], answer.agency.id) or party


def _complete(room: Room, connection: Connection, answer: Answer, record: Record, referral_id: str) -> None:
    """Complete the child's identity from a register's record, or hold where they contradict each other."""
    now = room.clock.now()
    referral = opened(room, connection, referral_id)
    document = keep(room, connection, answer, referral_id, now)
    if contradictions(referral, record) or rejected(connection, referral_id):
        party = referrals.recipient(connection, referral_id, answer.agency.id)
        if party is not None:
            referrals.set_party_state(connection, party, State.HELD.value, now)
            restate(connection, referral_id, now)
        held = Event(EventType.REFERRAL_HELD, "gateway", referral_id, None, {"code": "IDENTITY_CONFLICT"})
        room.journal.append(held)
        return
    better = completed(referral, record)
    put(
        connection, room.vault, id=room.clock.new_id(), referral=referral_id, case=referral_id,
        kind=DocumentKind.CANONICAL, media_type="application/json", body=languages.ours().write(better).value,
        now=now,
    )  # fmt: skip
    gained = len(better.child.identifiers) - len(referral.child.identifiers)
    fields: dict[str, Entered] = {"source": answer.agency.id, "identifiers": gained, "document": document}
    room.journal.append(Event(EventType.IDENTITY_COMPLETED, "gateway", referral_id, None, fields))
    for state in (State.ACCEPTED, State.COMPLETED):
        move(room, connection, referral_id, answer.agency.id, state, now)
