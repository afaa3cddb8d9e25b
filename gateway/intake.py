"""Intake: validate, deduplicate, plan and accept, in one transaction.

What is answered with an id is on disk: the sealed original and canonical form, the referral, its parties, a delivery
for each receiver, and the ledger's entries, all or nothing. The same key with the same body gets the same answer; with
another body it is refused and the first stands.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from gateway import drift, languages
from gateway.clock import instant
from gateway.delivery.lanes import Message, enqueue
from gateway.delivery.states import DeliveryKind
from gateway.errors import KeyMissing, KeyReused, NotUnderstood, SyntheticInProduction, UnknownRecipient
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Value, code_of
from gateway.naming import message_id, reference
from gateway.room import Room
from gateway.routing import Agency, Plan, Routed, route
from gateway.store import referrals
from gateway.vault.documents import DocumentKind, put
from mappings.dates import instant as canonical_instant
from mappings.engine.findings import Finding
from mappings.engine.lineage import Translation
from mappings.engine.mapping import Mapping, canonical
from mappings.identifiers import THIRTEEN_DIGITS, is_synthetic
from mappings.referral import Referral
from mappings.vocabulary import Priority, State

UNSTATED = "UNSTATED"
"""Priority of a referral whose sender gave none; never put into a document."""


@dataclass(frozen=True)
class Submission:
    """A document as it arrived at the door."""

    agency: Agency
    body: bytes
    mapping: Mapping
    key: str | None
    """Idempotency-Key header, if there was one."""


@dataclass(frozen=True)
class Accepted:
    """What the sender is told."""

    id: str
    ref: str
    state: str
    deliveries: tuple[dict[str, Any], ...]
    warnings: tuple[Finding, ...]
    again: bool
    """It had been accepted before."""


@dataclass(frozen=True)
class _Case:
    """One child's referral, ready to be stored."""

    id: str
    ref: str
    key: str
    case: str
    referral: Referral
    translation: Translation[Any]
    plan: Plan
    fingerprint: bytes


async def accept(room: Room, submission: Submission) -> tuple[Accepted, ...]:
    """Accept a document; one referral for each child it is about.

    Raises:
        NotUnderstood, KeyMissing, KeyReused, UnknownRecipient, SyntheticInProduction: only the refusal was stored.
        StoreBusy, StoreUnavailable: nothing was stored.
    """
    cases = prepare(room, submission)
    work = room.store.committer.submit(lambda connection: _store(room, connection, submission, cases))
    return await asyncio.wrap_future(work)


def prepare(room: Room, submission: Submission) -> list[_Case]:
    """Read, check and plan a submission; pure but for the clock and new ids."""
    readings = languages.read(submission.mapping, submission.body)
    now = room.clock.now()
    cases = []
    for index, reading in enumerate(readings):
        if not isinstance(reading.value, Referral):
            raise NotUnderstood(findings=[Finding("NOT_A_REFERRAL", "")])
        if room.production:
            _refuse_samples(reading.value)
        referral = _stamped(reading.value, submission.agency, now)
        key = _key(submission, referral, index)
        plan = _planned(room, submission, referral, reading)
        identity = room.clock.new_id()
        name = referral.case_ref or referral.ref or key
        cases.append(
            _Case(
                id=identity,
                ref=reference(room, identity, submission.agency.id),
                key=key,
                case=room.pseudonym("case", submission.agency.id, name),
                referral=referral,
                translation=reading,
                plan=plan,
                fingerprint=room.vault.fingerprint(submission.body),
            )
        )
    return cases


def _stamped(referral: Referral, sender: Agency, now: float) -> Referral:
    """Return the referral with what only the gateway knows: when it came, and from whom the token says it came."""
    tree = canonical(referral)
    received = canonical_instant(instant(now))
    tree["received_at"] = received
    tree.setdefault("authored_at", received)
    tree["sender"] = {**tree.get("sender", {}), "agency": sender.id, "kind": sender.kind}
    tree["sender"].setdefault("name", sender.name)
    return Referral.model_validate(tree)


def _planned(room: Room, submission: Submission, referral: Referral, reading: Translation[Any]) -> Plan:
    """Return the plan; a recipient nobody knows is pointed at in the sender's own document."""
    try:
        return route(referral, submission.agency, room.directory, room.routes, room.today())
    except UnknownRecipient as unknown:
        theirs = {line.ours: line.theirs for line in reading.lines}
        found = [Finding(f.code, theirs.get(f.path, ""), ours=f.path) for f in unknown.findings]
        raise UnknownRecipient(findings=found) from None


def _key(submission: Submission, referral: Referral, index: int) -> str:
    key = submission.key or referral.message_id
    if not key:
        raise KeyMissing
    return f"{key}#{index + 1}" if index and submission.key else key


def _refuse_samples(referral: Referral) -> None:
    numbers = [*referral.child.identifiers, *(i for p in referral.persons for i in p.identifiers)]
    if any(n.scheme in THIRTEEN_DIGITS and is_synthetic(n.value) for n in numbers):
        raise SyntheticInProduction(findings=[Finding("SYNTHETIC_IDENTIFIER", "")])


def _store(room: Room, connection: Connection, submission: Submission, cases: list[_Case]) -> tuple[Accepted, ...]:
    """Store every case of a document, or find that it was stored before."""
    first = referrals.by_key(connection, submission.agency.id, cases[0].key)
    if first is not None:
        if first["fingerprint"] != cases[0].fingerprint:
            raise KeyReused
        return tuple(_found(connection, submission, case) for case in cases)
    if any(referrals.by_key(connection, submission.agency.id, case.key) is not None for case in cases[1:]):
        raise KeyReused
    seen = drift.in_readings(case.translation for case in cases)
    drift.note(connection, submission.agency.id, submission.mapping.format, seen, room.clock.now())
    return tuple(_new(room, connection, submission, case) for case in cases)


def _found(connection: Connection, submission: Submission, case: _Case) -> Accepted:
    row = referrals.by_key(connection, submission.agency.id, case.key)
    if row is None:
        raise KeyReused
    ref = referrals.sender(connection, row["id"])["ref"]
    told = tuple(
        {"recipient": p["agency"], "state": p["state"]}
        for p in referrals.parties(connection, row["id"])
        if p["role"] == "RECIPIENT"
    )
    return Accepted(row["id"], ref, row["state"], told, languages.warnings(case.translation), again=True)


def _new(room: Room, connection: Connection, submission: Submission, case: _Case) -> Accepted:
    now = room.clock.now()
    state = State.SENT if case.plan.routed else State.HELD
    referrals.add(connection, _row(submission, case, state, now), _parties(room, submission, case, now))
    _seal(room, connection, submission, case, now)
    messages = [_message(room, case, routed) for routed in case.plan.routed]
    enqueue(connection, messages, now)
    _enter(room, submission, case)
    told = [{"id": m.id, "recipient": m.recipient, "state": State.SENT.value} for m in messages]
    held = [{"recipient": hold.agency, "state": State.HELD.value, "reason": hold.code} for hold in case.plan.holds]
    return Accepted(case.id, case.ref, state.value, (*told, *held), languages.warnings(case.translation), again=False)


def _row(submission: Submission, case: _Case, state: State, now: float) -> dict[str, Any]:
    return {
        "id": case.id,
        "sender": submission.agency.id,
        "idem": case.key,
        "fingerprint": case.fingerprint,
        "case_key": case.case,
        "format": submission.mapping.format,
        "mapping_digest": submission.mapping.digest,
        "state": state.value,
        "priority": case.referral.priority.value if case.referral.priority else UNSTATED,
        "created": now,
        "updated": now,
    }


def _parties(room: Room, submission: Submission, case: _Case, now: float) -> list[dict[str, Any]]:
    base = {"referral": case.id, "updated": now, "purpose": None, "service": None}
    rows = [{**base, "agency": submission.agency.id, "role": "SENDER", "ref": case.ref, "state": State.SENT.value}]
    rows += [
        {
            **base, "agency": routed.agency.id, "role": "RECIPIENT", "state": State.SENT.value,
            "ref": reference(room, case.id, routed.agency.id), "purpose": routed.purpose, "service": routed.service,
        }
        for routed in case.plan.routed
    ]  # fmt: skip
    rows += [
        {
            **base, "agency": hold.agency, "role": "RECIPIENT", "state": State.HELD.value,
            "ref": reference(room, case.id, hold.agency), "purpose": hold.purpose,
        }
        for hold in case.plan.holds
        if hold.agency is not None
    ]  # fmt: skip
    return rows


def _message(room: Room, case: _Case, routed: Routed) -> Message:
    return Message(
        id=room.clock.new_id(),
        message_id=message_id(case.id, routed.agency.id),
        referral=case.id,
        case_key=case.case,
        recipient=routed.agency.id,
        purpose=routed.purpose,
        kind=DeliveryKind.REFERRAL,
        urgent=case.referral.priority is Priority.EMERGENCY,
    )


def _seal(room: Room, connection: Connection, submission: Submission, case: _Case, now: float) -> None:
    """Seal the original bytes and the canonical form under a key of this referral's own."""
    texts = (
        (DocumentKind.ORIGINAL, languages.media_type_of(submission.mapping), submission.body),
        (DocumentKind.CANONICAL, "application/json", languages.ours().write(case.referral).value),
    )
    for kind, media_type, data in texts:
        put(
            connection, room.vault, id=room.clock.new_id(), referral=case.id, case=case.id, kind=kind,
            media_type=media_type, body=data, now=now,
        )  # fmt: skip


def _enter(room: Room, submission: Submission, case: _Case) -> None:
    """Enter into the ledger what was accepted, and what was decided about it."""
    actor = submission.agency.id
    recipients = [routed.agency.id for routed in case.plan.routed]
    accepted: dict[str, Value] = {
        "format": submission.mapping.format,
        "mapping": submission.mapping.digest,
        "body": room.vault.fingerprint(submission.body).hex(),
        "bytes": len(submission.body),
        "priority": case.referral.priority.value if case.referral.priority else UNSTATED,
        "recipients": recipients,
        "warnings": len(languages.warnings(case.translation)),
    }
    room.journal.append(Event(EventType.REFERRAL_ACCEPTED, actor, case.id, fields=accepted))
    for routed in case.plan.routed:
        fields: dict[str, Value] = {
            "recipient": routed.agency.id,
            "purpose": routed.purpose.lower(),
            "agreement": routed.agreement.digest,
            "rule": routed.rule,
        }
        decided: dict[str, Value] = {**fields, "service": routed.service} if routed.service else fields
        room.journal.append(Event(EventType.ROUTED, "gateway", case.id, fields=decided))
    for hold in case.plan.holds:
        room.journal.append(Event(EventType.REFERRAL_HELD, "gateway", case.id, fields={"code": hold.code}))


def refused(room: Room, submission: Submission, code: str, findings: Sequence[Finding]) -> None:
    """Enter a refusal and count its drift, without any content; waits for the commit."""
    agency, format_id = submission.agency.id, submission.mapping.format
    fields: dict[str, Any] = {"format": format_id, "code": code_of(code), "findings": len(findings)}
    event = Event(EventType.REFERRAL_REFUSED, agency, fields=fields)

    def enter(connection: Connection) -> None:
        room.journal.append(event)
        drift.note(connection, agency, format_id, drift.in_findings(findings), room.clock.now())

    room.store.committer.run(enter)
