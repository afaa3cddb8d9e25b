"""What hypothesis draws of need to know: facts, agreements, purposes, later changes; and what policy says of them.

A set is drawn as the bits of one number: a draw costs a tenth of what a draw of each element costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from hypothesis import strategies as st

from gateway.policy import Agreement, Basis, Entitlement, Projection, basis_of, project
from mappings.engine.mapping import canonical
from mappings.labels import Label
from mappings.referral import Referral
from tests.policy.cases import ACCUSED, MOTHER, NEIGHBOUR, PURPOSES, WITNESS, tree

T = TypeVar("T")

TODAY = date(2026, 3, 2)
PEOPLE = [
    MOTHER, ACCUSED, NEIGHBOUR, WITNESS, {**MOTHER, "relation": "FATHER", "contact_rule": "UNSAFE"},
    {**MOTHER, "relation": "GUARDIAN", "contact_rule": "ONLY_VIA_WORKER"}, {**MOTHER, "alleged_perpetrator": "YES"},
]  # fmt: skip
SECTIONS = [{"act": "PPC", "section": section} for section in ("337-A", "376", "363", "371-A")]
BASES: list[dict[str, Any]] = [
    {"basis": "CONSENT"}, {"basis": "BEST_INTEREST"}, {"basis": "COURT_ORDER", "order_ref": "O-1"},
    {"basis": "MANDATORY_REPORT", "statute_id": "PK-ARA-2021"}, {"basis": "CONSENT", "expires_on": "2026-03-01"}, {},
]  # fmt: skip
_WHOLE = tree()
_PARTS = [name for name in _WHOLE if name != "child"]
_LABELS = sorted(Label)
_FEWEST = 6


@st.composite
def some(draw: Any, of: Sequence[T]) -> list[T]:
    """Return some of a few things (24 at most), in their order."""
    bits = draw(st.integers(0, 2 ** len(of) - 1))
    return [each for place, each in enumerate(of) if bits >> place & 1]


@st.composite
def facts(draw: Any) -> Referral:
    """Return a referral with some of everything: each section stands in three of four."""
    lost = set(draw(some(_PARTS))) & set(draw(some(_PARTS)))
    left = {name: _WHOLE[name] for name in _WHOLE if name not in lost}
    persons = [dict(each) for each in draw(some(PEOPLE))[:3]]
    incident = {**left.get("incident", {}), "offences": draw(some(SECTIONS))[:2]}
    child = {**_WHOLE["child"], "location": {**_WHOLE["child"]["location"], "shelter": draw(st.booleans())}}
    said = {**left, "child": child, "persons": persons, "incident": incident, "consent": draw(st.sampled_from(BASES))}
    return Referral.model_validate({name: value for name, value in said.items() if value})


@st.composite
def agreements(draw: Any, kind: str) -> Agreement:
    """Return an agreement of an agency of a kind, that grants what was drawn for a purpose that was drawn."""
    labels = frozenset(draw(some(_LABELS)))
    if len(labels) < _FEWEST:
        labels = frozenset(_LABELS) - labels
    purpose = draw(st.sampled_from([PURPOSES[kind], PURPOSES[kind], PURPOSES[kind], "TREAT"]))
    statute = draw(st.sampled_from([None, "PB-PDNCA-2004"]))
    return Agreement(
        "dsa-1", "an-agency", purpose, labels, "Invented", "Tests", date(2020, 1, 1), date(2099, 12, 31), statute
    )


def narrowed(agreement: Agreement) -> Agreement:
    """Return an agreement that grants half of what it did."""
    return replace(agreement, labels=frozenset(sorted(agreement.labels)[::2]))


def changed(value: Referral, agreement: Agreement, change: str) -> tuple[Referral, Agreement]:
    """Return the facts and the agreement after a change."""
    said = canonical(value)
    if change == "offence":
        incident = said.get("incident", {})
        offences = [*incident.get("offences", ()), {"act": "PPC", "section": "377-B", "change": "ADDED"}]
        said["incident"] = {**incident, "offences": offences}
    elif change == "revoked":
        said["consent"] = {**said.get("consent", {}), "revoked_at": "2026-03-01T10:00:00Z"}
    else:
        return value, narrowed(agreement) if change == "narrowed" else agreement
    return Referral.model_validate(said), agreement


def told(value: Referral, agreement: Agreement, kind: str) -> Projection | None:
    """Return what a kind of agency is told, or nothing where nothing may be sent at all."""
    basis = basis_of(value, agreement, kind, TODAY)
    if basis in {Basis.NONE, Basis.REVOKED}:
        return None
    return project(value, Entitlement(kind, agreement.purpose, agreement, basis, "SOCIAL_WELFARE"))
