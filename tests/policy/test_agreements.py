"""Agreements narrow what the floor lets pass; consent is copied with its limits and never assumed."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from gateway.policy import Basis, basis_of
from gateway.policy.statutes import StatuteMistake, read_statutes
from mappings.engine.mapping import canonical
from mappings.labels import Label, leaves
from mappings.referral import Referral
from tests.policy.cases import EVERYTHING, KINDS, MOTHER, agreement, holds, referral, rules, told, tree

TODAY = date(2026, 3, 2)
PLAIN = agreement("HEALTH", purpose="TREAT")
BY_STATUTE = replace(PLAIN, statute_id="PB-PDNCA-2004")


def basis(given: Any = PLAIN, kind: str = "HEALTH", on: date = TODAY, **consent: Any) -> Basis:
    return basis_of(referral(consent=consent or None), given, kind, on)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("label", [label for label in Label if label is not Label.ADMINISTRATIVE])
def test_a_label_that_is_not_granted_takes_its_leaves_along(kind: str, label: Label) -> None:
    granted = canonical(told(referral(), kind, Basis.ORDER).value)
    narrowed = canonical(told(referral(), kind, Basis.ORDER, EVERYTHING - {label}).value)
    labels = {leaf.path: leaf.label for leaf in leaves(Referral).values()}

    lost = set(_paths(granted)) - set(_paths(narrowed))
    assert {path for path in _paths(granted) if labels[path] is label} <= lost


def _paths(node: Any, prefix: str = "") -> set[str]:
    """Return the generic paths of every leaf of a tree."""
    if isinstance(node, dict):
        return {path for key, value in node.items() for path in _paths(value, f"{prefix}.{key}" if prefix else key)}
    if isinstance(node, list):
        return {path for value in node for path in _paths(value, f"{prefix}[]")}
    return {prefix}


@pytest.mark.parametrize("kind", KINDS)
def test_an_agreement_that_grants_nothing_leaves_the_bookkeeping(kind: str) -> None:
    projection = told(referral(), kind, Basis.ORDER, frozenset())
    left = _paths(canonical(projection.value))
    labels = {leaf.path: leaf.label for leaf in leaves(Referral).values()}

    assert {"message_id", "priority", "focal_point.phone", "requested.service"} <= left
    assert {labels[path] for path in left} == {Label.ADMINISTRATIVE}


def test_a_refugees_number_needs_the_label_of_displacement_beside_that_of_identity() -> None:
    narrowed = told(referral(), "HEALTH", Basis.CONSENT, EVERYTHING - {Label.DISPLACEMENT})

    assert holds(narrowed, "child.identifiers[0].value")
    assert [n["scheme"] for n in canonical(narrowed.value)["child"]["identifiers"]] == ["pk-bform"]
    assert [n["scheme"] for n in canonical(narrowed.value)["persons"][0]["identifiers"]] == ["pk-cnic"]


def test_who_told_needs_the_label_of_the_reporter_beside_that_of_family() -> None:
    value = referral(persons=[MOTHER, {"relation": "NEIGHBOUR", "roles": ["COMPLAINANT"], "name": "Farzi Mustaghis"}])

    assert not holds(told(value, "POLICE", Basis.ORDER, EVERYTHING - {Label.REPORTER}), "persons[1].name")
    assert holds(told(value, "POLICE", Basis.ORDER, EVERYTHING), "persons[1].name")


def test_an_accused_needs_the_label_of_the_incident_beside_that_of_family() -> None:
    value = referral(persons=[MOTHER, {"relation": "NEIGHBOUR", "roles": ["ACCUSED"], "name": "Farzi Mulzim"}])

    assert not holds(told(value, "SOCIAL_WELFARE", labels=EVERYTHING - {Label.INCIDENT}), "persons[1].name")
    assert holds(told(value, "SOCIAL_WELFARE"), "persons[1].name")


def test_the_account_names_the_agreement_that_withheld() -> None:
    narrowed = told(referral(), "HEALTH", labels=frozenset({Label.IDENTITY}))

    assert rules(narrowed)["clinical.findings[0].text"] == "agreement:dsa-1"


@pytest.mark.parametrize("code", ["CONSENT", "ASSENT_PLUS_CONSENT", "BEST_INTEREST", "VITAL_INTEREST"])
def test_consent_and_interest_stand_by_themselves(code: str) -> None:
    assert basis(basis=code) is Basis.CONSENT


@pytest.mark.parametrize(
    ("code", "paper"), [("COURT_ORDER", {"order_ref": "O-1"}), ("MANDATORY_REPORT", {"statute_id": "PB-PDNCA-2004"})]
)
def test_an_order_or_statute_must_be_named(code: str, paper: dict[str, str]) -> None:
    assert basis(basis=code, kind="POLICE", **paper) is Basis.ORDER
    assert basis(basis=code, kind="POLICE") is Basis.NONE
    assert (
        basis(
            basis=code,
            kind="POLICE",
            **{"statute_id": "PB-PDNCA-2004", "order_ref": "O-1", **dict.fromkeys(paper, None)},
        )
        is Basis.NONE
    )


@pytest.mark.parametrize(
    ("statute", "kind", "province", "found"),
    [
        ("PB-PDNCA-2004", "POLICE", "PB", True), ("PDNCA-2004", "POLICE", "PB", True),
        ("PB-PDNCA-2004", "SOCIAL_WELFARE", None, True), ("PB-PDNCA-2004", "POLICE", "SD", False),
        ("PB-PDNCA-2004", "HEALTH", "PB", False), ("PB-PDNCA-2004", "EDUCATION", "PB", False),
        ("SD-CPAA-2011", "POLICE", "SD", True), ("PK-ZARRA-2020", "POLICE", "AJK", True),
        ("PK-ARA-2021", "HEALTH", "KP", True), ("A-LAW-OF-MY-OWN", "POLICE", "PB", False),
    ],
)  # fmt: skip
def test_a_duty_to_report_is_a_law_of_the_table_in_its_province_to_its_receivers(
    statute: str, kind: str, province: str | None, found: bool
) -> None:
    place = {"location": {"province": province}} if province else {}
    value = referral(consent={"basis": "MANDATORY_REPORT", "statute_id": statute}, child={**tree()["child"], **place})
    if province is None:
        value = referral(consent={"basis": "MANDATORY_REPORT", "statute_id": statute}, child={"name": "Farzi"})

    assert (basis_of(value, PLAIN, kind, TODAY) is Basis.ORDER) is found


@pytest.mark.parametrize(
    ("row", "why"),
    [('provinces = ["XX"]', "XX"), ('provinces = ["PB"]\nreports_to = ["ARMY"]', "ARMY"), ("", "provinces")],
)
def test_a_mistake_in_the_table_of_laws_stops_the_start(row: str, why: str) -> None:
    rest = "" if "reports_to" in row else 'reports_to = ["POLICE"]'
    with pytest.raises(StatuteMistake, match=why):
        read_statutes(f'[[statute]]\nid = "A"\ntitle = "A"\nconfirmed = false\n{row}\n{rest}'.encode())


def test_a_law_that_has_lapsed_carries_nothing() -> None:
    rows = read_statutes(
        b'[[statute]]\nid = "A"\ntitle = "A"\nprovinces = ["PB"]\nreports_to = ["POLICE"]\nconfirmed = true\n'
        b"until = 2026-03-01\n"
    )

    assert rows["A"].reaches("POLICE", "PB", date(2026, 3, 1))
    assert not rows["A"].reaches("POLICE", "PB", TODAY)


def test_without_any_word_there_is_no_basis() -> None:
    assert basis() is Basis.NONE
    assert basis(giver="CHILD") is Basis.NONE


@pytest.mark.parametrize(
    ("expires", "found"),
    [("2026-03-01", Basis.NONE), ("2026-03-02", Basis.CONSENT), ("2026-03-03", Basis.CONSENT)],
)
def test_consent_holds_on_its_last_day_and_not_after(expires: str, found: Basis) -> None:
    assert basis(basis="CONSENT", expires_on=expires) is found


def test_consent_holds_for_the_purposes_it_names() -> None:
    assert basis(basis="CONSENT", purposes=["TREAT", "ENROL"]) is Basis.CONSENT
    assert basis(basis="CONSENT", purposes=["ENROL"]) is Basis.NONE


def test_consent_holds_for_the_kinds_of_agency_it_names() -> None:
    assert basis(basis="CONSENT", recipients=["HEALTH"]) is Basis.CONSENT
    assert basis(basis="CONSENT", recipients=["POLICE"]) is Basis.NONE


def test_an_order_has_its_limits_too() -> None:
    assert basis(basis="COURT_ORDER", order_ref="O-1", expires_on="2026-03-01") is Basis.NONE
    assert basis(basis="MANDATORY_REPORT", statute_id="S-1", recipients=["POLICE"]) is Basis.NONE


def test_a_consent_that_was_taken_back_stops_even_what_a_statute_carries() -> None:
    assert basis(BY_STATUTE, basis="CONSENT", revoked_at="2026-03-01T10:00:00Z") is Basis.REVOKED
    assert basis(BY_STATUTE, revoked_at="2026-03-01T10:00:00Z") is Basis.REVOKED


@pytest.mark.parametrize(
    "consent",
    [{}, {"giver": "CHILD"}, {"basis": "CONSENT", "expires_on": "2026-03-01"},
     {"basis": "CONSENT", "purposes": ["ENROL"]}, {"basis": "CONSENT", "recipients": ["POLICE"]},
     {"basis": "COURT_ORDER"}, {"basis": "MANDATORY_REPORT"}],
)  # fmt: skip
def test_where_consent_does_not_reach_an_agreement_on_a_statute_does(consent: dict[str, Any]) -> None:
    assert basis(PLAIN, **consent) is Basis.NONE
    assert basis(BY_STATUTE, **consent) is Basis.STATUTE


def test_a_statute_behind_the_agreement_does_not_turn_consent_into_an_order() -> None:
    assert basis(BY_STATUTE, basis="CONSENT") is Basis.CONSENT


@pytest.mark.parametrize(
    ("day", "found"),
    [(date(2019, 12, 31), False), (date(2020, 1, 1), True), (date(2099, 12, 31), True), (date(2100, 1, 1), False)],
)
def test_an_agreement_is_in_force_from_its_first_to_its_last_day(day: date, found: bool) -> None:
    assert PLAIN.in_force(day) is found


def test_the_digest_of_an_agreement_names_what_it_says_and_not_the_order_it_was_written_in() -> None:
    same = replace(PLAIN, labels=frozenset(reversed(list(PLAIN.labels))))

    assert same.digest == PLAIN.digest
    assert BY_STATUTE.digest != PLAIN.digest
    assert replace(PLAIN, labels=frozenset({Label.IDENTITY})).digest != PLAIN.digest


def test_without_basis_the_need_to_know_of_a_consent_cell_is_not_met() -> None:
    assert rules(told(referral(), "HEALTH", Basis.NONE))["concern.primary"] == "no-basis:concern"
    assert rules(told(referral(), "POLICE", Basis.CONSENT))["concern.narrative"] == "needs-order:narrative"


def test_projecting_twice_changes_nothing_more() -> None:
    once = told(referral(persons=tree()["persons"]), "HEALTH").value

    assert told(once, "HEALTH").value == once


def test_the_original_is_not_touched() -> None:
    value = referral()
    before = value.model_dump_json()
    told(value, "EDUCATION")

    assert value.model_dump_json() == before
