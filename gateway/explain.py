"""Redo a past translation and say, field by field, which rule made which value.

A translation is made from the sealed referral, the agreement and the mapping. If all three are what they were, the same
bytes come out, and their digest proves it; if not, the explanation says which of them has changed since.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from gateway.accounts.rows import Account, account
from gateway.delivery.outgoing import CannotSend, Composed, Sendable, compose
from gateway.delivery.states import DeliveryKind
from gateway.errors import Gone, NotFound
from gateway.ledger.events import EventType
from gateway.ledger.journal import read_fields
from gateway.ledger.kinds import Value
from gateway.room import ReadingRoom
from gateway.store.tables import delivery, document, entry, referral
from gateway.vault.documents import DocumentKind, get
from mappings.engine.errors import Refusal
from mappings.engine.lineage import Line, Translation
from mappings.engine.mapping import Value as Told
from mappings.engine.mapping import canonical
from mappings.engine.trees import dotted, leaf_places, root
from mappings.library import by_media_type


@dataclass(frozen=True)
class Field:
    """One value on its way."""

    rule: str
    ours: str
    theirs: str
    converter: str
    outcome: str
    value: str | None
    """The value on our side, for somebody entitled to read it; ``None`` where there is none or it was not asked for."""


@dataclass(frozen=True)
class Explanation:
    """How a delivery's document was made."""

    delivery: str
    recipient: str
    format: str
    document: str
    same_bytes: bool | None
    """The bytes made now are those that were sent; ``None``: nothing was sent yet."""
    changed: tuple[str, ...]
    """What is not as it was: ``mapping``, ``agreement``."""
    fields: tuple[Field, ...]
    dropped: tuple[dict[str, str], ...]
    withheld: tuple[dict[str, str], ...]
    account: Account = field(repr=False)
    """Source and target side by side, with values; not part of the JSON."""

    def as_json(self) -> dict[str, Any]:
        """Return the explanation as JSON values."""
        return {
            "delivery": self.delivery,
            "recipient": self.recipient,
            "format": self.format,
            "document": self.document,
            "same_bytes": self.same_bytes,
            "changed": list(self.changed),
            "fields": [field.__dict__ for field in self.fields],
            "dropped": list(self.dropped),
            "withheld": list(self.withheld),
        }


def explain(room: ReadingRoom, connection: Connection, delivery_id: str, *, values: bool = False) -> Explanation:
    """Redo the translation of a delivery.

    Args:
        room: vault, directory and routes.
        connection: a reading connection.
        delivery_id: the delivery's id.
        values: show the values too, not only where they went.

    Raises:
        NotFound: there is no such delivery, or its document can no longer be made (the code says why).
        Gone: the referral was erased.
    """
    row = connection.execute(select(delivery).where(delivery.c.id == delivery_id)).mappings().first()
    if row is None:
        raise NotFound
    case = connection.execute(select(referral.c.case_key).where(referral.c.id == row["referral"])).scalar_one()
    try:
        composed = compose(room, connection, _sendable(row, case))
    except CannotSend as error:
        raise (Gone() if error.code == "ERASED" else NotFound(error.code)) from None
    then = _recorded(connection, delivery_id)
    reading = source_of(room, connection, row, composed.projection.value)
    return _told(row, composed, reading, then, values=values)


def _sendable(row: RowMapping, case: str) -> Sendable:
    return Sendable(
        row["message_id"],
        row["referral"],
        row["recipient"],
        row["purpose"],
        DeliveryKind(row["kind"]),
        case,
        row["document"],
    )


def _recorded(connection: Connection, delivery_id: str) -> dict[str, Value]:
    """Return what the ledger says of how it was translated, the last time it was."""
    wanted = (
        select(entry.c.fields)
        .where(entry.c.delivery == delivery_id, entry.c.type == EventType.TRANSLATED.value)
        .order_by(entry.c.idx.desc())
        .limit(1)
    )
    fields = connection.execute(wanted).scalar()
    return read_fields(fields) if fields else {}


def source_of(room: ReadingRoom, connection: Connection, row: RowMapping, told: Told) -> Translation[Told] | None:
    """Read again the document a delivery came from, as it arrived; ``None`` where it cannot be read any more.

    Of a document about several children, the reading that shares most with what was told is meant.
    """
    kind = DocumentKind.ANSWER if row["kind"] == DeliveryKind.REPLY else DocumentKind.ORIGINAL
    arrived = select(document.c.id).where(document.c.referral == row["referral"], document.c.kind == kind.value)
    if row["document"] is not None and kind is DocumentKind.ANSWER:
        kept_at = select(document.c.created).where(document.c.id == row["document"]).scalar_subquery()
        arrived = arrived.where(document.c.created == kept_at)
    found = connection.execute(arrived.order_by(document.c.version).limit(1)).scalar()
    original = get(connection, room.vault, found) if found else None
    mapping = by_media_type(original.media_type) if original else None
    if original is None or mapping is None:
        return None
    try:
        readings = mapping.read(original.body)
    except Refusal:
        return None
    leaves = _leaves(told)
    return max(readings, key=lambda reading: len(leaves & _leaves(reading.value)))


def _leaves(value: Told) -> set[tuple[str, str]]:
    tree = canonical(value)
    return {(dotted(hit.trail), str(hit.value)) for hit in leaf_places(tree, root(tree))}


def _told(
    row: RowMapping,
    composed: Composed,
    reading: Translation[Told] | None,
    then: dict[str, Value],
    *,
    values: bool,
) -> Explanation:
    now = {"mapping": composed.translation.digest, "agreement": composed.agreement}
    sent = row["body_digest"]
    made = hashlib.sha256(composed.envelope.body).hexdigest()
    written = composed.translation
    return Explanation(
        delivery=row["id"],
        recipient=row["recipient"],
        format=written.format,
        document=written.document,
        same_bytes=None if sent is None else sent == made,
        changed=tuple(name for name, digest in now.items() if then and then.get(name) != digest),
        fields=tuple(_field(line, values=values) for line in written.lines),
        dropped=tuple({"path": d.path, "reason": d.reason} for d in written.dropped),
        withheld=tuple({"path": w.path, "label": w.label, "rule": w.rule} for w in composed.projection.withheld),
        account=account(reading, composed.projection.value, composed.projection.withheld, written),
    )


def _field(line: Line, *, values: bool) -> Field:
    value = line.our_value if values else None
    return Field(
        line.rule, line.ours, line.theirs, line.converter, line.how.value, None if value is None else str(value)
    )
