"""A plan: to whom one referral goes, and what must wait for a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gateway.errors import UnknownRecipient
from gateway.policy import Agreement, Basis, basis_of
from gateway.routing.directory import Agency, Directory
from gateway.routing.table import PURPOSE_OF, SERVICE_OF, Destination, RoutingTable
from mappings.engine.findings import Finding
from mappings.referral import Referral


@dataclass(frozen=True)
class Routed:
    """One receiver."""

    agency: Agency
    purpose: str
    service: str | None
    action: str | None
    agreement: Agreement
    basis: Basis
    rule: str
    give: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Hold:
    """A receiver the referral may not go to yet; a person decides."""

    agency: str | None
    """``None``: nobody was named and no route fits."""
    purpose: str | None
    code: str
    """NO_RECIPIENT, NO_AGREEMENT, NO_BASIS or CONSENT_REVOKED."""


@dataclass(frozen=True)
class Plan:
    """Where a referral goes."""

    routed: tuple[Routed, ...]
    holds: tuple[Hold, ...]


def route(referral: Referral, sender: Agency, directory: Directory, table: RoutingTable, on: date) -> Plan:
    """Return the plan for a referral: the recipients it names, then those of every route whose condition holds.

    Raises:
        UnknownRecipient: it names an agency nobody has registered.
    """
    routed: dict[str, Routed] = {}
    holds: list[Hold] = []
    for rule, destination in _destinations(referral, sender, directory, table):
        agency = directory.find(destination.agency)
        if agency is None or agency.id == sender.id or agency.id in routed:
            continue
        decided = _decide(referral, agency, destination, rule, directory, on)
        if isinstance(decided, Routed):
            routed[agency.id] = decided
        elif decided not in holds:
            holds.append(decided)
    if not routed and not holds:
        holds.append(Hold(None, None, "NO_RECIPIENT"))
    return Plan(tuple(routed.values()), tuple(h for h in holds if h.agency not in routed))


def route_to(
    agency: Agency, referral: Referral, sender: Agency, directory: Directory, table: RoutingTable, on: date
) -> Routed | None:
    """Return one agency's part of the plan for a referral (see :func:`route`), or none.

    Raises:
        UnknownRecipient: the referral names an agency nobody has registered.
    """
    if agency.id == sender.id:
        return None
    ways = _destinations(referral, sender, directory, table)
    mine = ((rule, to) for rule, to in ways if directory.find(to.agency) is agency)
    decided = (_decide(referral, agency, to, rule, directory, on) for rule, to in mine)
    return next((each for each in decided if isinstance(each, Routed)), None)


def _destinations(
    referral: Referral, sender: Agency, directory: Directory, table: RoutingTable
) -> Iterator[tuple[str, Destination]]:
    for index, party in enumerate(referral.recipients):
        name = party.agency
        if name is None:
            continue
        agency = directory.find(name)
        if agency is None:
            raise UnknownRecipient(findings=[Finding("UNKNOWN_RECIPIENT", f"recipients[{index}].agency")])
        service = referral.requested.service if referral.requested else None
        yield "named", Destination(agency.id, None, service, None, table.given(agency.id, None))
    for rule in table.routes:
        if rule.when.holds(referral, sender.id, sender.kind):
            for destination in rule.to:
                yield rule.id, destination


def _decide(
    referral: Referral, agency: Agency, destination: Destination, rule: str, directory: Directory, on: date
) -> Routed | Hold:
    purpose = str(destination.purpose or PURPOSE_OF.get(agency.kind, ""))
    agreement = directory.agreement(agency.id, purpose, on)
    if agreement is None:
        return Hold(agency.id, purpose, "NO_AGREEMENT")
    basis = basis_of(referral, agreement, agency.kind, on)
    if basis is Basis.REVOKED:
        return Hold(agency.id, purpose, "CONSENT_REVOKED")
    if basis is Basis.NONE:
        return Hold(agency.id, purpose, "NO_BASIS")
    service = destination.service or SERVICE_OF.get(agency.kind)
    return Routed(
        agency, purpose, str(service) if service else None, destination.action, agreement, basis, rule, destination.give
    )
