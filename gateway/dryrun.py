"""Translate a document without storing anything: what the command line and ``POST /v1/translations`` do."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from gateway import clock, languages
from gateway.accounts.leaves import Leaves
from gateway.accounts.rows import Account, account
from gateway.errors import NotUnderstood, UnknownRecipient
from gateway.policy import Agreement, Basis, Entitlement, Projection, basis_of, project
from gateway.presumed import presumed
from gateway.room import Room
from gateway.routing import Agency
from gateway.routing.context import Address, addressed, merge
from gateway.routing.table import SERVICE_OF
from mappings.dates import instant
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding
from mappings.engine.lineage import Translation
from mappings.engine.mapping import Mapping, Value, canonical
from mappings.referral import Referral


@dataclass(frozen=True)
class Request:
    """What a dry run is asked beside the document."""

    agency: str = ""
    kind: str = ""
    """Kind of the receiver; by default the target format's."""
    agreement: Agreement | None = None
    service: str | None = None
    reply_by: str | None = None
    at: str | None = None
    """Instant to use where the source has none."""
    allow_partial: bool = False
    give: dict[str, Any] = field(default_factory=dict)
    """What this receiver is given where the referral is silent, as configured for its route."""
    today: date = date(1970, 1, 1)
    sender: dict[str, str] = field(default_factory=dict)
    """``agency``, ``kind`` and ``name`` of who hands the document in, where that is known."""
    media_type: str = ""
    """Which of the target's media types is wanted; by default the one it is served under."""


@dataclass(frozen=True)
class DryDocument:
    """One translated document."""

    body: bytes
    report: dict[str, Any]
    translation: Translation[bytes]
    reading: Translation[Value] = field(repr=False)
    projection: Projection = field(repr=False)

    @property
    def account(self) -> Account:
        """Both halves joined, with values, for whoever handed the document in."""
        known = self.projection
        return account(self.reading, known.value, known.withheld, self.translation, known.conditional)


@dataclass(frozen=True)
class DryRun:
    """What a dry run gives: one document for each child."""

    media_type: str
    documents: tuple[DryDocument, ...]


def dry_run(
    room: Room,
    source: Mapping,
    target: Mapping,
    body: bytes,
    *,
    sender: Agency,
    media_type: str,
    to_agency: str | None,
    purpose: str | None,
) -> DryRun:
    """Translate as the gateway would for an agency, or by the floor alone.

    Raises:
        NotUnderstood: source or target refuses; the findings say why.
        UnknownRecipient: nobody is registered under that id, or it has no such agreement.
    """
    who = {"agency": sender.id, "kind": sender.kind, "name": sender.name}
    asked = Request(kind=target.kind, at=_now(room), today=room.today(), sender=who, media_type=media_type)
    if to_agency is not None:
        agency = room.directory.find(to_agency)
        agreement = room.directory.agreement(agency.id, purpose or "", room.today()) if agency else None
        if agency is None or agreement is None:
            raise UnknownRecipient
        give = room.routes.given(agency.id, purpose)
        asked = replace(asked, agency=agency.id, kind=agency.kind, agreement=agreement, give=give)
    return translate(source, target, body, asked)


def _now(room: Room) -> str:
    return instant(clock.instant(room.clock.now()))


def translate(source: Mapping, target: Mapping, body: bytes, asked: Request) -> DryRun:
    """Translate a document; pure.

    Raises:
        NotUnderstood: source or target refuses.
    """
    documents = []
    media_type = asked.media_type or languages.media_type_of(target)
    for child, reading in enumerate(languages.read(source, body)):
        value = _stamped(reading.value, asked)
        if not _at_home(value, target):
            value = _routed(presumed(value, source, asked.sender, body, child), asked, target)
        projection = _projected(value, source, target, asked)
        try:
            written = target.write(projection.value, allow_partial=asked.allow_partial)
        except Refusal as refusal:
            raise NotUnderstood(findings=refusal.findings) from None
        written = replace(written, withheld=projection.withheld)
        report = {**_report(reading, written, projection), "routed": _given(reading.value, value)}
        body_out = languages.bound(target, written, media_type)
        documents.append(DryDocument(body_out, report, written, reading, projection))
    return DryRun(media_type, tuple(documents))


def _stamped(value: Value, asked: Request) -> Value:
    tree = canonical(value)
    if asked.at is not None:
        moments = {"referral": ("authored_at", "received_at"), "record": ("authored_at",), "reply": ("at",)}
        for leaf in moments[value.type]:
            tree.setdefault(leaf, asked.at)
    return type(value).model_validate(tree)


def _at_home(value: Value, target: Mapping) -> bool:
    """Tell whether nobody has to be told anything new: the target is ours, or of the sender's own kind."""
    if target.format == "raabta":
        return True
    return value.sender is not None and value.sender.kind == target.kind


def _routed(value: Value, asked: Request, target: Mapping) -> Value:
    """Return a referral with what routing would decide; canonical values, shown in the report as routed."""
    if not isinstance(value, Referral):
        return value
    requested = value.requested
    service = asked.service or SERVICE_OF.get(asked.kind or target.kind)
    give = merge({"requested": {"reply_by": asked.reply_by}} if asked.reply_by else {}, asked.give)
    recipient = value.recipients[0] if value.recipients else None
    address = Address(
        message_id=str(value.message_id),
        ref=str(value.ref),
        case_ref=value.case_ref,
        agency=asked.agency or (recipient.agency if recipient and recipient.agency else target.kind.lower()),
        kind=asked.kind or target.kind,
        name=asked.agency or target.kind,
        service=str(requested.service) if requested and requested.service and not asked.service else service,
        action=None,
        give=give,
    )
    return addressed(value, address)


def _given(read: Value, value: Value) -> list[str]:
    """Return the leaves the source did not say so: given by routing, or presumed."""
    before, after = Leaves.ours(canonical(read)).values, Leaves.ours(canonical(value)).values
    return sorted(path for path, held in after.items() if before.get(path) != held)


def _projected(value: Value, source: Mapping, target: Mapping, asked: Request) -> Projection:
    kind = asked.kind or target.kind
    if target.format == "raabta" and asked.agreement is None:
        return Projection(value, canonical(value), (), ())
    basis = Basis.CONSENT
    if asked.agreement is not None and isinstance(value, Referral):
        basis = basis_of(value, asked.agreement, kind, asked.today)
        if basis in {Basis.NONE, Basis.REVOKED}:
            code = "NO_BASIS" if basis is Basis.NONE else "CONSENT_REVOKED"
            raise NotUnderstood(code, [Finding("HELD", "", ours="consent.basis")])
    purpose = asked.agreement.purpose if asked.agreement else None
    return project(value, Entitlement(kind, purpose, asked.agreement, basis, source.kind))


def _report(reading: Translation[Value], written: Translation[bytes], projection: Projection) -> dict[str, Any]:
    """Return the account of both steps: theirs to ours, ours to theirs."""
    return {
        "source": reading.report(),
        "target": written.report(),
        "conditional": [{"path": c.path, "label": c.label, "rule": c.rule} for c in projection.conditional],
        "complete": written.complete,
    }
