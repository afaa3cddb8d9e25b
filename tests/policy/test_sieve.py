"""What was found out of one person or child judges no other: what is remembered depends on all that rules ask for."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.policy import Basis, Entitlement, project, sieve
from mappings.referral import Referral
from tests.gateway.house import referral

PERSONS: tuple[dict[str, Any], ...] = (
    {"relation": "MOTHER"},
    {"relation": "MOTHER", "contact_rule": "SAFE"},
    {"relation": "MOTHER", "contact_rule": "UNSAFE"},
    {"relation": "MOTHER", "alleged_perpetrator": "YES"},
    {"relation": "MOTHER", "roles": ["ACCUSED"]},
    {"relation": "MOTHER", "status": "ASSIGNED"},
    {"relation": "FATHER"},
    {"roles": ["REPORTER"]},
    {"roles": ["WITNESS"]},
)
KINDS = ("EDUCATION", "HEALTH", "CIVIL_REG", "POLICE", "SOCIAL_WELFARE")


def about(person: dict[str, Any], **said: Any) -> Referral:
    told = {"name": "Farzi Misali", "phone": "03990000002", **person}
    return Referral.model_validate({**referral("namuna"), "persons": [told], **said})


VALUES = [about(person) for person in PERSONS]
VALUES += [about(person, registration={"kind": "ADOPTED"}) for person in PERSONS]
VALUES += [
    about(person, concern={"types": ["CONFLICT_WITH_LAW"], "primary": "CONFLICT_WITH_LAW"}) for person in PERSONS[:2]
]


@pytest.mark.parametrize("kind", KINDS)
def test_each_is_judged_as_if_it_were_the_first(kind: str) -> None:
    entitlement = Entitlement(kind, None, None, Basis.CONSENT)
    fresh = []
    for value in VALUES:
        sieve._sheet.cache_clear()
        fresh.append(project(value, entitlement))
    for first, second in ((a, b) for a in range(len(VALUES)) for b in range(len(VALUES))):
        sieve._sheet.cache_clear()
        assert project(VALUES[first], entitlement) == fresh[first]
        assert project(VALUES[second], entitlement) == fresh[second], (first, second)
