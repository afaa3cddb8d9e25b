"""What a caller may see of a referral: always its own view.

The sender sees what it sent, what a register completed as far as its kind may know it, and how every receiver stands. A
receiver sees what it was sent: the same projection, by the agreement in force now. Nobody else sees that it exists.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from gateway import languages
from gateway.break_glass import in_force
from gateway.clock import instant
from gateway.completion import completed, contradictions
from gateway.delivery.outgoing import CannotSend, Sendable, compose
from gateway.delivery.states import DeliveryKind
from gateway.errors import Gone, NotAcceptable, NotFound, Withdrawn
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Value
from gateway.policy import Basis, Entitlement, project
from gateway.room import Room
from gateway.routing import Agency
from gateway.store import referrals
from gateway.store.tables import delivery, document
from gateway.vault.documents import DocumentKind, get
from gateway.vault.errors import Erased
from mappings.engine.errors import Refusal
from mappings.engine.lineage import Translation
from mappings.engine.mapping import Mapping, canonical
from mappings.referral import Record, Referral
from mappings.vocabulary import State


@dataclass(frozen=True)
class View:
    """A referral as one caller sees it."""

    id: str
    """The name the caller knows it by."""
    state: str
    version: int
    document: bytes
    media_type: str
    summary: dict[str, Any]
    emergency: bool = False
    """An officer has overridden the withholding."""


def look(room: Room, agency: Agency, name: str, accept: str | None) -> View:
    """Return a referral as an agency sees it; blocks on the disk.

    Raises:
        NotFound: there is none, or the agency is no party to it.
        Gone: its content was erased.
        NotAcceptable: it cannot be given in the language asked for.
    """
    try:
        with room.store.readers.connection() as connection:
            party = referrals.visible(connection, agency.id, name)
            row = referrals.by_id(connection, party["referral"]) if party else None
            if party is None or row is None:
                raise NotFound
            if party["role"] == "SENDER":
                return _sender_view(room, connection, agency, row, party, accept)
            return _receiver_view(room, connection, agency, row, party, accept)
    except Erased:
        raise Gone from None


def _sender_view(
    room: Room, connection: Connection, agency: Agency, row: RowMapping, party: RowMapping, accept: str | None
) -> View:
    mapping = languages.wanted(accept, languages.ours())
    referral = _as_sent(room, connection, row["id"])
    for record in _records(room, connection, row["id"]):
        if contradictions(referral, record):
            continue
        known = project(record, Entitlement(agency.kind, None, None, Basis.CONSENT))
        referral = completed(referral, known.value)
    summary = {
        "id": party["ref"],
        "state": row["state"],
        "version": row["version"],
        "accepted_at": instant(row["created"]),
        "updated_at": instant(row["updated"]),
        "deliveries": _deliveries(connection, row["id"]),
    }
    return _view(party["ref"], row, mapping, referral, summary)


def _receiver_view(
    room: Room, connection: Connection, agency: Agency, row: RowMapping, party: RowMapping, accept: str | None
) -> View:
    wanted = select(delivery).where(
        delivery.c.referral == row["id"],
        delivery.c.recipient == agency.id,
        delivery.c.kind == DeliveryKind.REFERRAL.value,
    )
    sent = connection.execute(wanted.order_by(delivery.c.n.desc()).limit(1)).mappings().first()
    if sent is None:
        raise NotFound
    if party["state"] == State.REVOKED.value:
        _as_sent(room, connection, row["id"])  # 410 either way, but what was erased is said to be
        raise Withdrawn
    looked = Sendable(
        sent["message_id"], row["id"], agency.id, sent["purpose"], DeliveryKind.REFERRAL, row["case_key"],
        sent["document"], emergency=in_force(room, connection, row["id"], agency.id),
    )  # fmt: skip
    try:
        composed = compose(room, connection, looked)
    except CannotSend as error:
        raise (Gone() if error.code == "ERASED" else NotFound()) from None
    mapping = languages.wanted(accept, languages.format_named(agency.format) or languages.ours())
    summary = {"id": party["ref"], "state": party["state"], "version": row["version"]}
    view = _view(party["ref"], {**row, "state": party["state"]}, mapping, composed.projection.value, summary)
    return replace(view, emergency=looked.emergency)


def _view(name: str, row: Any, mapping: Mapping, referral: Referral, summary: dict[str, Any]) -> View:
    try:
        written: Translation[bytes] = mapping.write(referral)
    except Refusal:
        raise NotAcceptable from None
    summary = {**summary, "referral": canonical(referral)}
    return View(name, row["state"], row["version"], written.value, languages.media_type_of(mapping), summary)


def _as_sent(room: Room, connection: Connection, referral_id: str) -> Referral:
    wanted = select(document.c.id).where(
        document.c.referral == referral_id,
        document.c.kind == DocumentKind.CANONICAL.value,
        document.c.version == 1,
    )
    found = get(connection, room.vault, connection.execute(wanted).scalar_one())
    referral: Referral = _read(found.body if found else b"", Referral)
    return referral


def _records(room: Room, connection: Connection, referral_id: str) -> list[Record]:
    wanted = select(document.c.id).where(
        document.c.referral == referral_id, document.c.kind == DocumentKind.RECORD.value
    )
    ids = connection.execute(wanted.order_by(document.c.version)).scalars()
    found = [get(connection, room.vault, name) for name in ids]
    return [_read(each.body, Record) for each in found if each is not None]


def _read(body: bytes, model: type[Any]) -> Any:
    (reading,) = languages.ours().read(body)
    if not isinstance(reading.value, model):
        raise NotFound
    return reading.value


def _deliveries(connection: Connection, referral_id: str) -> list[dict[str, Any]]:
    """Return how every receiver stands, for the sender."""
    sent = {
        row["recipient"]: row
        for row in connection.execute(
            select(delivery)
            .where(delivery.c.referral == referral_id, delivery.c.kind == DeliveryKind.REFERRAL.value)
            .order_by(delivery.c.n)
        ).mappings()
    }
    told = []
    for party in referrals.parties(connection, referral_id):
        if party["role"] != "RECIPIENT":
            continue
        row = sent.get(party["agency"])
        entry = {"recipient": party["agency"], "state": party["state"], "updated_at": instant(party["updated"])}
        if row is not None:
            entry |= {"id": row["id"], "delivery": row["state"], "attempts": row["attempts"]}
            if row["last_error"] and row["state"] != "DONE":
                entry["last_error"] = row["last_error"]
        told.append(entry)
    return told


async def note_reading(
    room: Room, agency: Agency, referral_id: str, what: str, format_id: str, *, emergency: bool = False,
    request: str | None = None, query: str | None = None,
) -> None:  # fmt: skip
    """Enter that somebody looked, and whether they had to override a withholding for it.

    `request`: id of the request, a UUID; `query`: what was searched with, when it was found by a search.
    """
    more = {"purpose": "break-glass" if emergency else None, "request": request, "query": query}
    fields: dict[str, Value] = {"what": what, "format": format_id, **{k: v for k, v in more.items() if v is not None}}
    event = Event(EventType.READ, agency.id, referral_id, None, fields)
    await asyncio.wrap_future(room.store.committer.submit(lambda _: room.journal.append(event)))


def real_id(room: Room, agency: Agency, name: str) -> str:
    """Return the gateway's own id of the referral an agency knows by a name.

    Raises:
        NotFound: the agency is no party to such a referral.
    """
    with room.store.readers.connection() as connection:
        party = referrals.visible(connection, agency.id, name)
    if party is None:
        raise NotFound
    return str(party["referral"])
