"""Two thousand draws of referrals, agreements, purposes and later changes: no withheld byte, nothing granted missing.

Each draw is one referral whose every text is a canary, one agreement, a change (a section added, consent gone or run
out, an agreement narrowed), and what every kind of agency's languages make of it before and after.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gateway.policy import Agreement, Basis, Entitlement, Projection, basis_of, project
from mappings.canonical import canonical_mapping
from mappings.engine.mapping import canonical
from mappings.labels import Label
from mappings.referral import Referral
from tests.laws.secrecy import marked
from tests.policy.cases import ACCUSED, KINDS, MOTHER, NEIGHBOUR, PURPOSES, WITNESS, tree

DRAWS = 400
"""For each of the five kinds of agency: two thousand in all."""
TODAY = date(2026, 3, 2)
drawing = settings(
    max_examples=DRAWS, deadline=None, derandomize=True, database=None, phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
PEOPLE = [
    MOTHER, ACCUSED, NEIGHBOUR, WITNESS, {**MOTHER, "relation": "FATHER", "contact_rule": "UNSAFE"},
    {**MOTHER, "relation": "GUARDIAN", "contact_rule": "ONLY_VIA_WORKER"}, {**MOTHER, "alleged_perpetrator": "YES"},
]  # fmt: skip
SECTIONS = [{"act": "PPC", "section": section} for section in ("337-A", "376", "363", "371-A")]
BASES: list[dict[str, Any]] = [
    {"basis": "CONSENT"}, {"basis": "BEST_INTEREST"}, {"basis": "COURT_ORDER", "order_ref": "O-1"},
    {"basis": "MANDATORY_REPORT", "statute_id": "PK-ARA-2021"}, {"basis": "CONSENT", "expires_on": "2026-03-01"}, {},
]  # fmt: skip


def leaked(where: bytes | str, secrets: set[str]) -> set[str]:
    """Return which canaries stand in a text, with or without dashes."""
    text = where.decode() if isinstance(where, bytes) else where
    return {secret for secret in secrets if secret in text or secret in text.replace("-", "")}


@st.composite
def facts(draw: Any) -> Referral:
    """Return a referral with some of everything."""
    whole = tree()
    left = {name: whole[name] for name in whole if name == "child" or draw(st.integers(0, 3))}
    persons = [dict(each) for each in draw(st.lists(st.sampled_from(PEOPLE), max_size=3))]
    offences = draw(st.lists(st.sampled_from(SECTIONS), max_size=2, unique_by=lambda each: each["section"]))
    incident = {**left.get("incident", {}), "offences": offences}
    child = {**whole["child"], "location": {**whole["child"]["location"], "shelter": draw(st.booleans())}}
    said = {**left, "child": child, "persons": persons, "incident": incident, "consent": draw(st.sampled_from(BASES))}
    return Referral.model_validate({name: value for name, value in said.items() if value})


@st.composite
def agreements(draw: Any, kind: str) -> Agreement:
    """Return an agreement of an agency of a kind, that grants what was drawn for a purpose that was drawn."""
    labels = frozenset(draw(st.sets(st.sampled_from(sorted(Label)), min_size=6)))
    purpose = draw(st.sampled_from([PURPOSES[kind], PURPOSES[kind], "TREAT"]))
    statute = draw(st.sampled_from([None, "PB-PDNCA-2004"]))
    return Agreement(
        "dsa-1", "an-agency", purpose, labels, "Invented", "Tests", date(2020, 1, 1), date(2099, 12, 31), statute
    )


CHANGES = ("offence", "revoked", "narrowed", "none")


def changed(value: Referral, agreement: Agreement, change: str) -> tuple[Referral, Agreement]:
    """Return the facts and the agreement after a change."""
    said = canonical(value)
    if change == "offence":
        incident = said.get("incident", {})
        offences = [*incident.get("offences", ()), {"act": "PPC", "section": "377-B", "change": "ADDED"}]
        said["incident"] = {**incident, "offences": offences}
    if change == "revoked":
        said["consent"] = {**said.get("consent", {}), "revoked_at": "2026-03-01T10:00:00Z"}
    if change == "narrowed":
        agreement = replace(agreement, labels=frozenset(sorted(agreement.labels)[::2]))
    return Referral.model_validate(said), agreement


def told(value: Referral, agreement: Agreement, kind: str) -> Projection | None:
    """Return what a kind of agency is told, or nothing where nothing may be sent at all."""
    basis = basis_of(value, agreement, kind, TODAY)
    if basis in {Basis.NONE, Basis.REVOKED}:
        return None
    return project(value, Entitlement(kind, agreement.purpose, agreement, basis, "SOCIAL_WELFARE"))


def held(value: Referral, canaries: dict[str, str], kind: str, agreement: Agreement) -> set[str]:
    """Hold one projection to both halves of the law; returns the canaries that were told."""
    projection = told(value, agreement, kind)
    if projection is None:
        return set()
    body = canonical_mapping().write(projection.value).value
    kept = {canaries[each.path] for each in projection.withheld if each.path in canaries}
    granted = set(canaries.values()) - kept
    account = json.dumps([[each.path, each.label, each.rule] for each in projection.withheld])

    assert leaked(body, kept - granted) == set()
    assert leaked(account, set(canaries.values())) == set()
    assert leaked(body, granted) == granted, "what is granted is told"
    assert b"null" not in body
    assert_no_trace(json.loads(body))
    return granted


def assert_no_trace(node: Any) -> None:
    """Make sure that what is withheld leaves no empty object, no empty list and no placeholder."""
    for each in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        assert each not in ({}, [], "", None)
        assert_no_trace(each)


@pytest.mark.parametrize("kind", KINDS)
def test_no_withheld_byte_leaves_before_or_after_a_change_and_nothing_granted_is_missing(kind: str) -> None:
    seen = dict.fromkeys(itertools.product(CHANGES, (True, False)), 0)

    @drawing
    @given(st.data())
    def holds(data: st.DataObject) -> None:
        value, canaries = marked(data.draw(facts()))
        agreement = data.draw(agreements(kind))
        change = data.draw(st.sampled_from(CHANGES))
        before = held(value, canaries, kind, agreement)
        later, narrower = changed(value, agreement, change)
        after = held(later, canaries, kind, narrower)

        assert after <= before, "no change of these tells more"
        assert change != "none" or after == before
        assert change != "revoked" or not after
        seen[change, after < before] += 1

    holds()
    assert sum(seen.values()) >= DRAWS
    assert seen["revoked", True]
    assert seen["narrowed", True]
