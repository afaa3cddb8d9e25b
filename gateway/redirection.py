"""Redirect a dead delivery: another agency is asked instead, under its own agreement, because a person decided so."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from gateway import operators
from gateway.delivery.lanes import Message, enqueue
from gateway.delivery.outgoing import CannotSend, opened
from gateway.delivery.settling import restate
from gateway.delivery.states import DeliveryKind, DeliveryState
from gateway.errors import IllegalMove, NotFound, UnknownRecipient
from gateway.ledger.events import Event, EventType
from gateway.naming import message_id, reference
from gateway.policy import Agreement, Basis, basis_of
from gateway.room import Room
from gateway.routing import Agency
from gateway.routing.table import PURPOSE_OF, SERVICE_OF
from gateway.store import referrals
from mappings.engine.findings import Finding
from mappings.vocabulary import State

RULE = "redirected"
"""Stands for the rule of a route that a person decided."""


@dataclass(frozen=True)
class _Way:
    agency: Agency
    purpose: str
    service: str | None
    agreement: Agreement


def redirect(room: Room, connection: Connection, delivery_id: str, to: str, why: operators.Why, actor: Agency) -> str:
    """Give up a dead delivery of a referral and send the referral to another agency; returns the new delivery's id.

    What the other agency may know is decided anew when it is sent, by its own agreement.

    Raises:
        NotFound: there is no such delivery, or it belongs to another sender's referral.
        UnknownRecipient: nobody is registered under that id.
        IllegalMove: it is not dead or no referral, the agency is a party already, or no agreement or basis holds.
    """
    row, _ = operators.one(connection, delivery_id, sender=operators.owner(actor))
    if row["state"] != DeliveryState.DEAD.value or row["kind"] != DeliveryKind.REFERRAL.value:
        raise IllegalMove
    way = _way(room, connection, row, to)
    operators.discard(room, connection, delivery_id, why, actor)
    fresh = _add(room, connection, row, way)
    fields: dict[str, str | int | list[str]] = {
        "recipient": way.agency.id,
        "purpose": way.purpose.lower(),
        "agreement": way.agreement.digest,
        "rule": RULE,
    }
    told = {**fields, "service": way.service} if way.service else fields
    room.journal.append(Event(EventType.ROUTED, actor.id, row["referral"], fresh, told))
    return fresh


def _way(room: Room, connection: Connection, row: RowMapping, to: str) -> _Way:
    agency = room.directory.find(to)
    if agency is None:
        raise UnknownRecipient(findings=[Finding("UNKNOWN_RECIPIENT", "to")])
    known = {party["agency"] for party in referrals.parties(connection, row["referral"])}
    purpose, today = str(PURPOSE_OF.get(agency.kind, "")), room.today()
    agreement = room.directory.agreement(agency.id, purpose, today)
    if agency.id in known:
        raise IllegalMove("ALREADY_A_PARTY")
    if agreement is None:
        raise IllegalMove("NO_AGREEMENT")
    try:
        value = opened(room, connection, row["referral"])
    except CannotSend as error:
        raise IllegalMove(error.code) from None
    if basis_of(value, agreement, agency.kind, today) in {Basis.NONE, Basis.REVOKED}:
        raise IllegalMove("NO_BASIS")
    service = SERVICE_OF.get(agency.kind)
    return _Way(agency, purpose, str(service) if service else None, agreement)


def _add(room: Room, connection: Connection, row: RowMapping, way: _Way) -> str:
    """Make the agency a party, and a delivery for it; returns the delivery's id."""
    now, agency = room.clock.now(), way.agency.id
    stored = referrals.by_id(connection, row["referral"])
    if stored is None:
        raise NotFound
    party = {
        "referral": row["referral"], "agency": agency, "role": "RECIPIENT", "state": State.SENT.value, "updated": now,
        "ref": reference(room, row["referral"], agency), "purpose": way.purpose, "service": way.service,
    }  # fmt: skip
    referrals.add(connection, [], [party])
    message = Message(
        id=room.clock.new_id(),
        message_id=message_id(row["referral"], agency),
        referral=row["referral"],
        case_key=stored["case_key"],
        recipient=agency,
        purpose=way.purpose,
        kind=DeliveryKind.REFERRAL,
        urgent=bool(row["urgent"]),
    )
    enqueue(connection, [message], now)
    restate(connection, row["referral"], now)
    return message.id
