"""The routing table: which referral goes to whom, as configured; and what each kind of agency is asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from mappings.identifiers import Scheme
from mappings.referral import Referral
from mappings.vocabulary import Action, Priority, Purpose, Service

SERVICE_OF = {
    "HEALTH": Service.HEALTH_CARE,
    "EDUCATION": Service.EDUCATION,
    "POLICE": Service.POLICE,
    "CIVIL_REG": Service.CIVIL_REGISTRATION,
    "SOCIAL_WELFARE": Service.CASE_MANAGEMENT,
}
"""What a kind of agency is asked for when the referral does not say (design/decisions.md 9)."""

PURPOSE_OF = {
    "HEALTH": Purpose.TREAT,
    "EDUCATION": Purpose.ENROL,
    "POLICE": Purpose.INVESTIGATE,
    "CIVIL_REG": Purpose.REGISTER_BIRTH,
    "SOCIAL_WELFARE": Purpose.CASE_MANAGE,
}
"""For what a kind of agency uses it when the route does not say."""

ACTION_OF = {
    Service.HEALTH_CARE: Action.TREAT,
    Service.FORENSIC_EXAM: Action.EXAMINE,
    Service.EDUCATION: Action.ENROL,
    Service.POLICE: Action.INVESTIGATE,
    Service.CASE_MANAGEMENT: Action.ASSESS,
    Service.SAFE_SHELTER: Action.SHELTER,
    Service.MISSING_CHILD_ALERT: Action.TRACE,
}

REPLY_WITHIN = {
    Priority.EMERGENCY: timedelta(hours=1),
    Priority.HIGH: timedelta(hours=24),
    Priority.MEDIUM: timedelta(hours=72),
    Priority.LOW: timedelta(days=7),
}
"""By when a receiver must have answered (formats/case-management.md 3.2); calendar time in every priority."""


@dataclass(frozen=True)
class When:
    """A condition on a referral; what is empty does not matter, and all that is set must hold."""

    sender: frozenset[str] = frozenset()
    sender_kind: frozenset[str] = frozenset()
    concern: frozenset[str] = frozenset()
    """At least one of these."""
    service: frozenset[str] = frozenset()
    district: frozenset[str] = frozenset()

    def holds(self, referral: Referral, sender: str, sender_kind: str) -> bool:
        """Tell whether a referral satisfies the condition."""
        place = referral.child.location
        facts: list[tuple[frozenset[str], set[str]]] = [
            (self.sender, {sender}),
            (self.sender_kind, {sender_kind}),
            (self.concern, {str(c) for c in (referral.concern.types if referral.concern else ())}),
            (self.service, {str(referral.requested.service)} if referral.requested else set()),
            (self.district, {place.district} if place and place.district else set()),
        ]
        return all(not wanted or wanted & found for wanted, found in facts)


@dataclass(frozen=True)
class Destination:
    """One agency a route leads to."""

    agency: str
    purpose: str | None = None
    service: str | None = None
    action: str | None = None
    give: dict[str, Any] = field(default_factory=dict)
    """Canonical values this receiver is given where the referral is silent (focal point, school, consent basis)."""


@dataclass(frozen=True)
class Route:
    """A rule of the table."""

    id: str
    when: When
    to: tuple[Destination, ...]
    line: int = 0
    """Where it stands in the configuration, for mistakes found later."""


@dataclass(frozen=True)
class RoutingTable:
    """All routes, and what every receiver is given where the referral is silent."""

    routes: tuple[Route, ...] = ()
    give: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By agency id: canonical values for referrals that name the agency themselves."""

    def given(self, agency: str, purpose: str | None) -> dict[str, Any]:
        """Return what an agency is given where a referral is silent: by its own entry, or by the first route to it."""
        if agency in self.give:
            return self.give[agency]
        ways = (to for route in self.routes for to in route.to if to.agency == agency)
        return next((to.give for to in ways if to.purpose in {None, purpose}), {})


def action_for(service: Service | None, referral: Referral) -> Action | None:
    """Return what is asked of a receiver when nobody said: a register that may know the child is asked first."""
    if service is Service.CIVIL_REGISTRATION:
        numbers = {identifier.scheme for identifier in referral.child.identifiers}
        return Action.LOOK_UP if numbers & {Scheme.CRMS, Scheme.BFORM} else Action.REGISTER
    return ACTION_OF.get(service) if service else None
