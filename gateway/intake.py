"""Intake: validate, deduplicate, plan and accept, in one transaction.

What is answered with an id is on disk: the sealed original and canonical form, the referral, its parties, a delivery
for each receiver, and the ledger's entries, all or nothing. The same key with the same body gets the same answer; with
another body it is refused and the first stands.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from gateway import drift, languages
from gateway.acceptance import Accepted, Case, Filing, Rows
from gateway.clock import instant
from gateway.deadlines import next_stage
from gateway.delivery.lanes import Message
from gateway.delivery.states import DeliveryKind
from gateway.errors import KeyMissing, NotUnderstood, SyntheticInProduction, UnknownRecipient
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Value, code_of
from gateway.naming import message_id, reference
from gateway.room import Room
from gateway.routing import Agency, Plan, Routed, route
from gateway.stamping import stamped
from gateway.vault.documents import DocumentKind, first
from gateway.vault.vault import CaseKey
from mappings.canonical import canonical_mapping, printed
from mappings.engine.findings import Finding
from mappings.engine.lineage import Translation
from mappings.engine.mapping import Mapping
from mappings.identifiers import THIRTEEN_DIGITS, is_synthetic
from mappings.plain import plain
from mappings.referral import Referral
from mappings.vocabulary import ConsentBasis, Priority, State

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
    request: str | None = None
    """Id of the request it came with, a UUID."""


@dataclass(frozen=True)
class _Case:
    """One child's referral as it was read and decided about."""

    id: str
    ref: str
    key: str
    case: str
    referral: Referral
    reading: Translation[Any]
    plan: Plan
    fingerprint: bytes


def prepare(room: Room, submission: Submission) -> Filing:
    """Read, check, plan and seal a submission; pure but for the clock, new ids and new keys.

    Raises:
        NotUnderstood, KeyMissing, UnknownRecipient, SyntheticInProduction: nothing is to be stored but the refusal.
    """
    readings = languages.read(submission.mapping, submission.body)
    now = room.clock.now()
    fingerprint = room.vault.fingerprint(submission.body)
    cases = [_case(room, submission, reading, index, fingerprint, now) for index, reading in enumerate(readings)]
    filed = [_filed(room, submission, case, now) for case in cases]
    return Filing(submission.agency.id, submission.mapping.format, filed, drift.in_readings(readings))


def _case(
    room: Room, submission: Submission, reading: Translation[Any], index: int, fingerprint: bytes, now: float
) -> _Case:
    if not isinstance(reading.value, Referral):
        raise NotUnderstood(findings=[Finding("NOT_A_REFERRAL", "")])
    if room.production:
        _refuse_samples(reading.value)
    _refuse_incomplete(submission.mapping, reading.value)
    _refuse_unborn(reading, now)
    referral = stamped(reading.value, submission.agency, now)
    key = _key(submission, referral, index)
    plan = _planned(room, submission, referral, reading)
    identity = room.clock.new_id()
    name = referral.case_ref or referral.ref or key
    return _Case(
        id=identity,
        ref=reference(room, identity, submission.agency.id),
        key=key,
        case=room.pseudonym("case", submission.agency.id, name),
        referral=referral,
        reading=reading,
        plan=plan,
        fingerprint=fingerprint,
    )


def _refuse_incomplete(mapping: Mapping, referral: Referral) -> None:
    """Refuse what no person could decide about, in our own language; other languages demand it by their schemas.

    A referral is about a child of whom something is known (case-management.md 6.1), and a duty to report is never a
    free tick: it names its law (3.6, and 6.1 at `statute_id`). What else is missing is held, for a person to decide.
    """
    if mapping.format != canonical_mapping().format:
        return
    consent = referral.consent
    missing = [] if plain(referral.child) else ["/child"]
    if consent is not None and consent.basis is ConsentBasis.MANDATORY_REPORT and not consent.statute_id:
        missing.append("/consent/statute_id")
    if missing:
        raise NotUnderstood(findings=[Finding("MISSING_REQUIRED", pointer) for pointer in missing])


_DAY = 86_400.0


def _refuse_unborn(reading: Translation[Any], now: float) -> None:
    """Refuse a birth after tomorrow (whatever the time zone), at its place in the document that came."""
    birth = reading.value.child.birth_date if reading.value.child else None
    if birth is not None and birth > instant(now + _DAY)[: len(birth)]:
        place = next((line.theirs for line in reading.lines if line.ours == "child.birth_date"), "")
        raise NotUnderstood(findings=[Finding("INVALID_DATE", place)])


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


def _filed(room: Room, submission: Submission, case: _Case, now: float) -> Case:
    rows = _rows(room, submission, case, now)
    return Case(case.key, rows, _told(case, rows.messages))


def _state(plan: Plan) -> State:
    return State.SENT if plan.routed else State.HELD


def _rows(room: Room, submission: Submission, case: _Case, now: float) -> Rows:
    key = room.vault.fresh_key(case.id, now)
    return Rows(
        case_key=key.row,
        referral=_row(submission, case, _state(case.plan), now),
        parties=_parties(room, submission, case, now),
        documents=_sealed(room, key.key, submission, case, now),
        messages=[_message(room, case, routed) for routed in case.plan.routed],
        events=list(_events(submission, case)),
    )


def _told(case: _Case, messages: list[Message]) -> Accepted:
    told = [{"id": m.id, "recipient": m.recipient, "state": State.SENT.value} for m in messages]
    held = [{"recipient": hold.agency, "state": State.HELD.value, "reason": hold.code} for hold in case.plan.holds]
    warnings = languages.warnings(case.reading)
    return Accepted(case.id, case.ref, _state(case.plan).value, (*told, *held), warnings, again=False)


def _priority(case: _Case) -> str:
    return case.referral.priority.value if case.referral.priority else UNSTATED


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
        "priority": _priority(case),
        "created": now,
        "updated": now,
    }


def _parties(room: Room, submission: Submission, case: _Case, now: float) -> list[dict[str, Any]]:
    wait = next_stage(State.SENT, _priority(case), 0.0)  # a receiver whose part is held is waited for just as long
    followup = None if wait is None else now + wait
    base = {"referral": case.id, "updated": now, "purpose": None, "service": None, "followup_at": followup}
    sender = {**base, "followup_at": None}
    rows = [{**sender, "agency": submission.agency.id, "role": "SENDER", "ref": case.ref, "state": State.SENT.value}]
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


def _sealed(room: Room, key: CaseKey, submission: Submission, case: _Case, now: float) -> list[dict[str, Any]]:
    """Seal the original bytes and the canonical form under the referral's own key."""
    texts = (
        (DocumentKind.ORIGINAL, languages.media_type_of(submission.mapping), submission.body),
        (DocumentKind.CANONICAL, "application/json", printed(case.referral)),
    )
    return [
        first(key, id=room.clock.new_id(), referral=case.id, kind=kind, media_type=media_type, body=data, now=now)
        for kind, media_type, data in texts
    ]


def _events(submission: Submission, case: _Case) -> Iterator[Event]:
    """Say what was accepted, and what was decided about it."""
    accepted: dict[str, Value] = {
        "format": submission.mapping.format,
        "mapping": submission.mapping.digest,
        "body": case.fingerprint.hex(),
        "bytes": len(submission.body),
        "priority": _priority(case),
        "recipients": [routed.agency.id for routed in case.plan.routed],
        "warnings": len(languages.warnings(case.reading)),
    }
    accepted |= {"request": submission.request} if submission.request else {}
    yield Event(EventType.REFERRAL_ACCEPTED, submission.agency.id, case.id, fields=accepted)
    for routed in case.plan.routed:
        fields: dict[str, Value] = {
            "recipient": routed.agency.id,
            "purpose": routed.purpose.lower(),
            "agreement": routed.agreement.digest,
            "rule": routed.rule,
        }
        decided: dict[str, Value] = {**fields, "service": routed.service} if routed.service else fields
        yield Event(EventType.ROUTED, "gateway", case.id, fields=decided)
    for hold in case.plan.holds:
        yield Event(EventType.REFERRAL_HELD, "gateway", case.id, fields={"code": hold.code})


def refused(room: Room, submission: Submission, code: str, findings: Sequence[Finding]) -> None:
    """Enter a refusal and count its drift, without any content; waits for the commit."""
    agency, format_id = submission.agency.id, submission.mapping.format
    fields: dict[str, Any] = {"format": format_id, "code": code_of(code), "findings": len(findings)}
    event = Event(EventType.REFERRAL_REFUSED, agency, fields=fields)

    def enter(connection: Connection) -> None:
        room.journal.append(event)
        drift.note_later(room.store.committer, agency, format_id, drift.in_findings(findings), room.clock.now())

    room.store.committer.run(enter)
