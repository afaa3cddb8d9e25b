"""What a sender may take back of a referral it has sent: the referral, or the consent it rests on.

Everything is done in one transaction: the change, the ledger's entries, the notices.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, RowMapping

from gateway import languages
from gateway.clock import instant
from gateway.delivery.outgoing import CannotSend, opened
from gateway.delivery.settling import move
from gateway.errors import Gone, NotFound, NotRevocable
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Value
from gateway.recall.reach import receivers
from gateway.recall.reevaluation import Recalled, reevaluate, take_back
from gateway.room import Room
from gateway.routing import Agency
from gateway.store import referrals
from gateway.vault.documents import DocumentKind, put
from mappings.dates import instant as canonical_instant
from mappings.engine.mapping import canonical
from mappings.referral import Referral
from mappings.vocabulary import AgencyKind, ConsentBasis, Purpose, State


class WithdrawalReason(StrEnum):
    """Why a sender withdraws a referral."""

    NO_LONGER_NEEDED = "NO_LONGER_NEEDED"
    SENT_IN_ERROR = "SENT_IN_ERROR"
    WRONG_CHILD = "WRONG_CHILD"
    DUPLICATE = "DUPLICATE"
    OTHER = "OTHER"


@dataclass(frozen=True)
class Revocation:
    """Which part of consent is taken back; empty means all of it."""

    purposes: tuple[Purpose, ...] = ()
    kinds: tuple[AgencyKind, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether nothing is left of the consent."""
        return not self.purposes and not self.kinds


@dataclass(frozen=True)
class Change:
    """What a change did."""

    ref: str
    state: str
    recalled: tuple[Recalled, ...]
    again: bool
    """It had been made before, or changes nothing."""


async def withdraw(room: Room, agency: Agency, name: str, reason: WithdrawalReason) -> Change:
    """Withdraw a referral: what is unsent stays unsent, whoever was told hears of it.

    Raises:
        NotFound: the agency has sent no such referral.
        Gone: it was erased.
    """
    return await durably(room, lambda c: _withdraw(room, c, mine(c, agency, name), agency, reason))


async def revoke(room: Room, agency: Agency, name: str, revocation: Revocation) -> Change:
    """Take consent back, wholly or for some purposes or kinds of agency.

    Raises:
        NotFound, Gone: as above.
        NotRevocable: the referral does not rest on consent.
    """
    return await durably(room, lambda c: _revoke(room, c, mine(c, agency, name), agency, revocation))


async def durably(room: Room, work: Callable[[Connection], Change]) -> Change:
    """Make a change in one transaction; returns when it is on disk."""
    return await asyncio.wrap_future(room.store.committer.submit(work))


def mine(connection: Connection, agency: Agency, name: str) -> RowMapping:
    """Return an agency's part in a referral it has sent. Raises `NotFound`."""
    party = referrals.visible(connection, agency.id, name)
    if party is None or party["role"] != "SENDER":
        raise NotFound
    return party


def facts(room: Room, connection: Connection, referral_id: str) -> Referral:
    """Return the newest canonical form of a referral. Raises `Gone`, `NotFound`."""
    try:
        return opened(room, connection, referral_id)
    except CannotSend as error:
        raise (Gone() if error.code == "ERASED" else NotFound()) from None


def _withdraw(
    room: Room, connection: Connection, party: RowMapping, agency: Agency, reason: WithdrawalReason
) -> Change:
    referral_id = party["referral"]
    facts(room, connection, referral_id)
    done = []
    for receiver, rows in list(receivers(room, connection, referral_id)):
        if receiver.party["state"] != State.REVOKED.value:
            done.append(take_back(room, connection, receiver, rows, reason.value))
    waiting = [p for p in referrals.parties(connection, referral_id) if p["state"] == State.HELD.value]
    for held in waiting:
        move(room, connection, referral_id, held["agency"], State.REVOKED, room.clock.now(), reason=reason.value)
    # A receiver that has finished keeps its state; it is told all the same, and only once.
    done = [each for each in done if each.unsent or each.notice]
    if done or waiting:
        fields: dict[str, Value] = {
            "reason": reason.value,
            "unsent": sum(each.unsent for each in done),
            "notices": sum(each.notice is not None for each in done),
        }
        room.journal.append(Event(EventType.REFERRAL_WITHDRAWN, agency.id, referral_id, None, fields))
    return changed(connection, party, done, again=not done and not waiting)


def _revoke(room: Room, connection: Connection, party: RowMapping, agency: Agency, revocation: Revocation) -> Change:
    referral_id = party["referral"]
    referral = facts(room, connection, referral_id)
    consent = referral.consent
    if consent is None or consent.basis in {None, ConsentBasis.COURT_ORDER, ConsentBasis.MANDATORY_REPORT}:
        raise NotRevocable
    tree = canonical(referral)
    narrowed = _narrowed(tree["consent"], revocation, canonical_instant(instant(room.clock.now())))
    if narrowed == tree["consent"]:
        return changed(connection, party, [], again=True)
    keep(room, connection, referral_id, {**tree, "consent": narrowed})
    done = reevaluate(room, connection, referral_id, "CONSENT_REVOKED")
    fields: dict[str, Value] = {"receivers": len(done)}
    if revocation.purposes:
        fields["purposes"] = [each.value.lower() for each in revocation.purposes]
    if revocation.kinds:
        fields["kinds"] = [each.value.lower() for each in revocation.kinds]
    room.journal.append(Event(EventType.CONSENT_REVOKED, agency.id, referral_id, None, fields))
    return changed(connection, party, done, again=False)


def _narrowed(consent: dict[str, Any], revocation: Revocation, now: str) -> dict[str, Any]:
    """Return what is left of a consent; an empty list of purposes or kinds means all, so nothing left is revoked."""
    if revocation.whole:
        return {**consent, "revoked_at": consent.get("revoked_at", now)}
    left = dict(consent)
    for name, every, gone in (
        ("purposes", [each.value for each in Purpose], revocation.purposes),
        ("recipients", [each.value for each in AgencyKind], revocation.kinds),
    ):
        if gone:
            left[name] = [each for each in consent.get(name) or every if each not in gone]
    nothing = any(name in left and not left[name] for name in ("purposes", "recipients"))
    return {**consent, "revoked_at": consent.get("revoked_at", now)} if nothing else left


def keep(room: Room, connection: Connection, referral_id: str, tree: dict[str, Any]) -> None:
    """Seal a new canonical form of a referral; the older ones stay."""
    value = Referral.model_validate(tree)
    put(
        connection, room.vault, id=room.clock.new_id(), referral=referral_id, case=referral_id,
        kind=DocumentKind.CANONICAL, media_type="application/json", body=languages.ours().write(value).value,
        now=room.clock.now(),
    )  # fmt: skip
    referrals.touch(connection, referral_id, room.clock.now())


def changed(connection: Connection, party: RowMapping, done: list[Recalled], *, again: bool) -> Change:
    """Return what the sender is told of a change."""
    row = referrals.by_id(connection, party["referral"])
    return Change(party["ref"], row["state"] if row else party["state"], tuple(done), again)
