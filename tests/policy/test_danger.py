"""The rules that protect a child from people around it, whatever an agreement grants."""

from typing import Any

import pytest

from gateway.policy import Basis
from mappings.engine.mapping import canonical
from tests.policy.cases import ACCUSED, KINDS, MOTHER, NEIGHBOUR, WITNESS, floor, holds, referral, rules, told, tree

FATHER = {
    "relation": "FATHER", "name": "Farzi Baap", "phone": "03990000011", "address": "Misali Gali 3",
    "identifiers": [{"scheme": "pk-cnic", "value": "3999900000369"}],
}  # fmt: skip
OTHERS = [kind for kind in KINDS if kind != "CIVIL_REG"]


def persons(*entries: dict[str, Any], **child: Any) -> Any:
    known = {**tree()["child"], **child}
    return referral(persons=list(entries), child=known)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("basis", [Basis.CONSENT, Basis.STATUTE])
@pytest.mark.parametrize("sign", [{"alleged_perpetrator": "YES"}, {"roles": ["ACCUSED"]}, {"contact_rule": "UNSAFE"}])
def test_the_contact_of_a_dangerous_father_reaches_nobody(kind: str, basis: Basis, sign: dict[str, Any]) -> None:
    projection = told(persons({**FATHER, **sign}), kind, basis)

    assert not holds(projection, "persons[0].phone")
    assert not holds(projection, "persons[0].address")


@pytest.mark.parametrize("sign", [{"alleged_perpetrator": "YES"}, {"roles": ["ACCUSED"]}])
def test_not_even_an_order_gives_the_police_the_contact_of_an_accused_father(sign: dict[str, Any]) -> None:
    """He is a suspect in their own case; the number in a referral is the family's."""
    projection = told(persons({**FATHER, **sign}), "POLICE", Basis.ORDER)

    assert rules(projection)["persons[0].phone"] == "unsafe-contact"


@pytest.mark.parametrize(
    ("kind", "named"),
    [("CIVIL_REG", False), ("POLICE", True), ("HEALTH", False), ("EDUCATION", False), ("SOCIAL_WELFARE", True)],
)
def test_an_accused_father_is_named_to_police_and_welfare_only(kind: str, named: bool) -> None:
    projection = told(persons({**FATHER, "alleged_perpetrator": "YES"}), kind)

    assert holds(projection, "persons[0].name") == named
    assert holds(projection, "persons[0].identifiers[0].value") == named


@pytest.mark.parametrize(
    ("kind", "named"),
    [("CIVIL_REG", False), ("POLICE", True), ("HEALTH", True), ("EDUCATION", False), ("SOCIAL_WELFARE", True)],
)
def test_a_caregiver_who_is_unsafe_is_not_named_to_a_school(kind: str, named: bool) -> None:
    assert holds(told(persons({**MOTHER, "contact_rule": "UNSAFE"}), kind), "persons[0].name") == named


@pytest.mark.parametrize("kind", ["HEALTH", "EDUCATION"])
@pytest.mark.parametrize("rule", [None, "ONLY_VIA_WORKER"])
def test_a_contact_nobody_called_safe_is_not_given_to_those_who_would_use_it(kind: str, rule: str | None) -> None:
    entry = {key: value for key, value in {**MOTHER, "contact_rule": rule}.items() if value}
    projection = told(persons(entry), kind)

    assert rules(projection)["persons[0].phone"] == "contact-not-safe"
    assert holds(projection, "persons[0].name")


@pytest.mark.parametrize("kind", ["HEALTH", "EDUCATION"])
def test_one_dangerous_person_at_home_makes_the_childs_own_address_unsafe(kind: str) -> None:
    safe = told(persons(MOTHER), kind)
    unsafe = told(persons(MOTHER, {**FATHER, "contact_rule": "UNSAFE"}), kind)

    assert holds(safe, "child.location.address")
    assert holds(safe, "child.phone")
    assert not holds(unsafe, "child.location.address")
    assert not holds(unsafe, "child.phone")
    assert holds(unsafe, "child.location.district")


@pytest.mark.parametrize(
    ("kind", "basis", "known"),
    [("CIVIL_REG", Basis.ORDER, False), ("HEALTH", Basis.ORDER, False), ("EDUCATION", Basis.ORDER, False),
     ("POLICE", Basis.CONSENT, False), ("POLICE", Basis.ORDER, True), ("SOCIAL_WELFARE", Basis.NONE, True)],
)  # fmt: skip
def test_a_shelters_address_is_known_to_the_bureau_and_on_order_to_the_police(
    kind: str, basis: Basis, known: bool
) -> None:
    place = {"district": "PK617", "address": "Namuna Panahgah", "tehsil": "Namuna", "shelter": True}
    projection = told(persons(MOTHER, location=place), kind, basis)

    assert holds(projection, "child.location.address") == known
    assert holds(projection, "child.location.tehsil") == known
    assert holds(projection, "child.location.shelter") == known
    assert holds(projection, "child.location.district")


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("status", ["ASSIGNED", "UNKNOWN"])
def test_a_parent_whose_name_is_fiction_is_named_to_the_register_only(kind: str, status: str) -> None:
    value = persons({**FATHER, "status": status}, parentage={"kind": "DO", "name": "Farzi Baap"})

    assert "persons" not in canonical(told(value, kind, Basis.ORDER).value)
    assert not holds(told(value, kind, Basis.ORDER), "child.parentage.name")
    assert holds(told(value, "CIVIL_REG"), "persons[0].name")


@pytest.mark.parametrize("kind", OTHERS)
def test_a_birth_father_stays_private_after_an_adoption(kind: str) -> None:
    value = referral(
        persons=[FATHER, {"relation": "GUARDIAN", "name": "Farzi Sarparast"}],
        registration={"kind": "ADOPTED"},
        child={**tree()["child"], "parentage": {"kind": "DO", "name": "Farzi Baap"}},
    )
    projection = told(value, kind, Basis.ORDER)

    assert rules(projection)["persons[0].name"] == "birth-father-after-adoption"
    assert not holds(projection, "child.parentage.name")
    assert canonical(projection.value)["persons"] == [{"relation": "GUARDIAN", "name": "Farzi Sarparast"}]
    assert holds(told(value, "CIVIL_REG"), "persons[0].name")


@pytest.mark.parametrize("kind", OTHERS)
def test_what_the_register_assigned_does_not_come_back_by_way_of_a_sender_of_the_same_kind(kind: str) -> None:
    """A record completes a bureau's referral; that the bureau sent it does not make the fiction the bureau's."""
    value = persons({**FATHER, "status": "ASSIGNED"})

    assert "persons" not in canonical(told(value, kind, Basis.ORDER, origin=kind).value)
    assert "persons" not in canonical(floor(value, kind, origin=kind).value)


def test_the_register_may_see_what_came_from_the_register() -> None:
    value = persons({**FATHER, "status": "ASSIGNED"})

    assert holds(floor(value, "CIVIL_REG", origin="CIVIL_REG"), "persons[0].phone")


@pytest.mark.parametrize(
    ("kind", "basis", "known"),
    [("POLICE", Basis.CONSENT, False), ("POLICE", Basis.ORDER, True), ("SOCIAL_WELFARE", Basis.ORDER, False),
     ("HEALTH", Basis.ORDER, False), ("EDUCATION", Basis.ORDER, False), ("CIVIL_REG", Basis.ORDER, False)],
)  # fmt: skip
@pytest.mark.parametrize("role", ["COMPLAINANT", "INFORMANT", "REPORTER"])
def test_who_told_is_known_to_the_police_on_order_and_to_nobody_else(
    kind: str, basis: Basis, known: bool, role: str
) -> None:
    projection = told(persons({**NEIGHBOUR, "roles": [role]}), kind, basis)

    assert holds(projection, "persons[0].name") == known


@pytest.mark.parametrize("kind", ["HEALTH", "EDUCATION", "CIVIL_REG"])
def test_a_mother_who_complained_is_a_mother_and_not_a_complainant(kind: str) -> None:
    projection = told(persons({**MOTHER, "roles": ["COMPLAINANT", "GUARDIAN"], "caste": "farzi"}), kind)
    (mother,) = canonical(projection.value)["persons"]

    assert mother["name"] == "Farzi Maa"
    assert mother["roles"] == ["GUARDIAN"]
    assert "caste" not in mother


@pytest.mark.parametrize("kind", KINDS)
def test_witnesses_and_accused_are_known_to_police_and_welfare_only(kind: str) -> None:
    projection = told(persons(ACCUSED, WITNESS), kind)
    names = [person["name"] for person in canonical(projection.value).get("persons", [])]

    assert names == (["Farzi Mulzim", "Farzi Gawah"] if kind in {"POLICE", "SOCIAL_WELFARE"} else [])


@pytest.mark.parametrize("scheme", ["unhcr-individual", "pk-por", "pk-acc", "pk-arc"])
@pytest.mark.parametrize("kind", ["CIVIL_REG", "POLICE", "EDUCATION"])
def test_a_number_that_tells_of_displacement_is_withheld_with_all_its_parts(kind: str, scheme: str) -> None:
    numbers = [{"scheme": scheme, "value": "U-1", "issuer": "UNHCR", "status": "VERIFIED"}]
    projection = told(persons(MOTHER, identifiers=numbers), kind, Basis.ORDER)

    assert "identifiers" not in canonical(projection.value)["child"]
    assert len(canonical(projection.value).get("persons", [{}])[0].get("identifiers", [])) == 1


def test_a_schools_copy_names_nobody_who_protects_children() -> None:
    told_school = canonical(told(referral(), "EDUCATION").value)

    assert told_school["focal_point"] == {"agency": "education-support", "role": "EDUCATION_SUPPORT", "phone": "1121"}
    assert told_school["sender"] == {"agency": "education-support"}
    assert "welfare" not in str(told_school).lower()


@pytest.mark.parametrize("kind", ["HEALTH", "EDUCATION"])
def test_the_danger_rules_bind_a_second_agency_of_the_senders_kind_too(kind: str) -> None:
    value = persons({**FATHER, "alleged_perpetrator": "YES"})

    assert not holds(told(value, kind, origin=kind), "persons[0].name")
    assert not holds(told(referral(), kind, Basis.ORDER, origin=kind), "reporter.name")


def test_between_languages_of_one_kind_nothing_is_held_back() -> None:
    """Converting a school's own document is no disclosure; police formats keep T0 (design/decisions.md 9)."""
    value = persons(ACCUSED, WITNESS, {**MOTHER, "contact_rule": "UNSAFE"})

    for kind in ("POLICE", "EDUCATION", "HEALTH"):
        assert len(canonical(floor(value, kind, origin=kind).value)["persons"]) == 3
        assert holds(floor(value, kind, origin=kind), "persons[2].phone")


def test_one_police_to_another_keeps_the_whole_case() -> None:
    projection = told(persons(ACCUSED, NEIGHBOUR, WITNESS), "POLICE", Basis.CONSENT, origin="POLICE")

    assert len(canonical(projection.value)["persons"]) == 3
    assert holds(projection, "persons[1].phone")
    assert holds(projection, "concern.narrative")
