"""Compose what is sent: from the sealed referral, for one receiver, under the agreement then in force.

Translation happens at send time, so that a later change of agreement or consent binds what has not left yet. The same
referral, agreement and mapping give the same bytes, whatever the attempt.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from adapters.base import Envelope, Kind
from gateway import languages
from gateway.delivery.lanes import Claimed
from gateway.delivery.sources import Sources
from gateway.delivery.states import DeliveryKind
from gateway.policy import Basis, Entitlement, Projection, basis_of, project, project_tree
from gateway.room import ReadingRoom
from gateway.routing import Agency, Routed, route_to
from gateway.routing.context import Address, addressed_tree
from gateway.spans import span
from gateway.store import referrals
from gateway.vault.documents import get
from gateway.vault.errors import Erased
from mappings.canonical import reopened
from mappings.engine.errors import MappingDefect, Refusal
from mappings.engine.lineage import Translation
from mappings.engine.mapping import Mapping, Value, canonical
from mappings.engine.trees import Node
from mappings.referral import Referral
from mappings.reply import Reply

V = TypeVar("V", Referral, Reply)
OWN_ANSWER = "0" * 64
"""Stands for the agreement of an answer that goes back to whoever asked: the floor alone binds it."""


class CannotSend(Exception):
    """A message cannot be made; a person must decide. Carries a code, never a value."""

    def __init__(self, code: str, findings: int = 0, mapping: Mapping | None = None) -> None:
        self.code = code
        self.findings = findings
        self.mapping = mapping
        super().__init__(code)


@dataclass(frozen=True)
class Composed:
    """A message ready to be sent, and the account of how it was made."""

    envelope: Envelope
    translation: Translation[bytes]
    projection: Projection
    agreement: str
    """Digest of the agreement it was made under."""


@dataclass(frozen=True)
class Sendable:
    """What composing needs to know of a delivery, whether it is about to be sent or only looked at."""

    message_id: str
    referral: str
    recipient: str
    purpose: str
    kind: DeliveryKind
    case_key: str
    document: str | None = None
    attempts: int = 0
    emergency: bool = False
    """An officer has overridden the withholding for a look; never set on what is sent."""

    @classmethod
    def of(cls, head: Claimed) -> Sendable:
        """Return the part of a leased head that composing needs."""
        return cls(
            head.message_id, head.referral, head.recipient, head.purpose, head.kind, head.case_key, head.document,
            head.attempts,
        )  # fmt: skip


def opened(room: ReadingRoom, connection: Connection, referral_id: str) -> Referral:
    """Return the newest canonical form of a referral.

    Raises:
        CannotSend: ERASED or NO_DOCUMENT.
    """
    return _opened(Sources(room, connection, [referral_id]), referral_id)[0]


def _opened(sources: Sources, referral_id: str) -> tuple[Referral, Node]:
    try:
        body = sources.canonical(referral_id)
    except Erased:
        raise CannotSend("ERASED") from None
    referral, tree = _canonical(body, Referral)
    return referral, tree


def _canonical(body: bytes, model: type[V]) -> tuple[V, Node]:
    if not body:
        raise CannotSend("NO_DOCUMENT")
    value, tree = reopened(body)
    if not isinstance(value, model):
        raise CannotSend("NO_DOCUMENT")
    return value, tree


@dataclass(frozen=True)
class Prepared:
    """What one receiver may be told, not yet in its language."""

    agency: Agency
    projection: Projection
    format: str
    agreement: str
    """Digest of the agreement in force."""


def compose(room: ReadingRoom, connection: Connection, claimed: Sendable, sources: Sources | None = None) -> Composed:
    """Return the message of a leased delivery; `sources` were looked up for it, and others, if they are given.

    Raises:
        CannotSend: no agreement or basis is in force, the content was erased, or the mapping refuses.
    """
    with span("project", recipient=claimed.recipient):
        prepared = prepare(room, connection, claimed, sources)
    return _written(claimed, prepared)


def prepare(room: ReadingRoom, connection: Connection, claimed: Sendable, sources: Sources | None = None) -> Prepared:
    """Return what a delivery's receiver may be told now; `sources` as for :func:`compose`.

    Raises:
        CannotSend: no agreement or basis is in force, or the content was erased.
    """
    agency = room.directory.find(claimed.recipient)
    if agency is None:
        raise CannotSend("UNKNOWN_RECIPIENT")
    if claimed.kind is DeliveryKind.REPLY:
        return _reply(room, connection, claimed, agency)
    if claimed.kind is DeliveryKind.NOTICE:
        return _notice(room, connection, claimed, agency)
    return _referral(room, connection, claimed, agency, sources or Sources(room, connection, [claimed.referral]))


def _referral(
    room: ReadingRoom, connection: Connection, claimed: Sendable, agency: Agency, sources: Sources
) -> Prepared:
    referral, tree = _opened(sources, claimed.referral)
    party = sources.recipient(claimed.referral, agency.id)
    sender = room.directory.find(sources.sender(claimed.referral) or "")
    if party is None or sender is None:
        raise CannotSend("NO_DOCUMENT")
    routed = _still_routed(room, claimed, referral, agency, sender, party["service"])
    copy = addressed_tree(referral, tree, _address(room, connection, claimed, routed, party["ref"]))
    origin = referral.sender.kind if referral.sender else None
    entitlement = Entitlement(agency.kind, routed.purpose, routed.agreement, routed.basis, origin)
    projection = project_tree(Referral, copy, entitlement.overridden() if claimed.emergency else entitlement)
    return Prepared(agency, projection, agency.format, routed.agreement.digest)


def _still_routed(
    room: ReadingRoom, claimed: Sendable, referral: Referral, agency: Agency, sender: Agency, service: str | None
) -> Routed:
    """Return under what the message may go now: agreements and consent may have changed since it was accepted."""
    today = room.today()
    agreement = room.directory.agreement(agency.id, claimed.purpose, today)
    if agreement is None:
        raise CannotSend("NO_AGREEMENT")
    basis = basis_of(referral, agreement, agency.kind, today)
    if basis in {Basis.NONE, Basis.REVOKED}:
        raise CannotSend("NO_BASIS" if basis is Basis.NONE else "CONSENT_REVOKED")
    same = route_to(agency, referral, sender, room.directory, room.routes, today)
    action, give = (same.action, same.give) if same else (None, {})
    return Routed(agency, claimed.purpose, service, action, agreement, basis, "stored", give)


def _address(room: ReadingRoom, connection: Connection, claimed: Sendable, routed: Routed, ref: str) -> Address:
    corrected = _stored_reply(room, connection, claimed).in_reply_to if claimed.document else None
    return Address(
        message_id=claimed.message_id,
        ref=ref,
        case_ref=f"case-{room.pseudonym('case', claimed.case_key, routed.agency.id)}",
        agency=routed.agency.id,
        kind=routed.agency.kind,
        name=routed.agency.name,
        service=routed.service,
        action=routed.action,
        give=routed.give,
        supersedes=corrected,
    )


def _notice(room: ReadingRoom, connection: Connection, claimed: Sendable, agency: Agency) -> Prepared:
    """Return a withdrawal, or news about the case, as far as its receiver may know it."""
    tree = canonical(_stored_reply(room, connection, claimed))
    tree["message_id"] = claimed.message_id
    agreement = room.directory.agreement(agency.id, claimed.purpose, room.today()) if "changes" in tree else None
    entitlement = Entitlement(agency.kind, claimed.purpose, agreement, Basis.CONSENT)
    projection = project(Reply.model_validate(tree), entitlement)
    return Prepared(agency, projection, agency.format, agreement.digest if agreement else OWN_ANSWER)


def _stored_reply(room: ReadingRoom, connection: Connection, claimed: Sendable) -> Reply:
    try:
        document = get(connection, room.vault, claimed.document or "")
    except Erased:
        raise CannotSend("ERASED") from None
    return _canonical(document.body if document else b"", Reply)[0]


def _reply(room: ReadingRoom, connection: Connection, claimed: Sendable, agency: Agency) -> Prepared:
    """Return an answer, told to the referral's sender in the sender's own language."""
    reply = _stored_reply(room, connection, claimed)
    sender = referrals.sender(connection, claimed.referral)
    row = referrals.by_id(connection, claimed.referral)
    original = opened(room, connection, claimed.referral)
    tree = canonical(reply)
    tree.update(message_id=claimed.message_id, ref=original.ref or sender["ref"])
    tree["recipient"] = {"agency": agency.id, "kind": agency.kind, "name": agency.name}
    if original.message_id:
        tree["in_reply_to"] = original.message_id
    copy = Reply.model_validate(tree)
    format_id = agency.reply_format or (row["format"] if row else agency.format)
    projection = project(copy, Entitlement(agency.kind, claimed.purpose, None, Basis.CONSENT))
    return Prepared(agency, projection, format_id, OWN_ANSWER)


def _written(claimed: Sendable, prepared: Prepared) -> Composed:
    projection = prepared.projection
    mapping = languages.format_named(prepared.format)
    if mapping is None:
        raise CannotSend("UNKNOWN_FORMAT")
    value: Value = projection.value
    try:
        with span("translate", recipient=claimed.recipient, format=mapping.format):
            translation = mapping.write(value)
    except Refusal as refusal:
        code = refusal.findings[0].code if refusal.findings else "REFUSED"
        raise CannotSend(code, len(refusal.findings), mapping) from None
    except MappingDefect as defect:
        raise CannotSend("MAPPING_DEFECT", len(defect.findings), mapping) from None
    envelope = _envelope(claimed, prepared.agency, mapping, translation, value)
    return Composed(envelope, translation, projection, prepared.agreement)


def _envelope(
    claimed: Sendable, agency: Agency, mapping: Mapping, translation: Translation[bytes], value: Value
) -> Envelope:
    kind: Kind = "referral" if claimed.kind is DeliveryKind.REFERRAL else "reply"
    return Envelope(
        message_id=claimed.message_id,
        referral=claimed.referral,
        ref=getattr(value, "ref", None) or "",
        sender="raabta",
        recipient=agency.id,
        purpose=claimed.purpose,
        kind=kind,
        format=mapping.format,
        document=translation.document,
        digest=mapping.digest,
        media_type=languages.media_type_of(mapping),
        body=translation.value,
        body_digest=hashlib.sha256(translation.value).hexdigest(),
        correlation=claimed.case_key,
        attempt=claimed.attempts + 1,
    )
