"""Protected persons (police R1-R5): who is one, and what narrows; an added section narrows, a deleted one widens."""

from typing import Any

import pytest

from gateway.policy import Basis
from gateway.policy.protection import protected
from tests.policy.cases import KINDS, MOTHER, holds, referral, rules, told, tree

SECRET_SECTIONS = ["376", "377-B", "371-A"]
PLAIN = {"act": "PPC", "section": "337-A"}


def facts(*offences: dict[str, Any], **said: Any) -> dict[str, Any]:
    return tree(incident={"number": "123/25", "medico_legal_ref": "MLC-1", "offences": list(offences)}, **said)


@pytest.mark.parametrize("section", SECRET_SECTIONS)
def test_the_table_says_which_sections_are_secret_whatever_the_sender_calls_them(section: str) -> None:
    assert protected(facts({"act": "PPC", "section": section, "categories": ["PHYS"]}))
    assert not protected(facts(PLAIN))


@pytest.mark.parametrize("category", ["SEXUAL", "ONLINE", "TRAFFICKING"])
def test_what_the_sender_calls_secret_is(category: str) -> None:
    assert protected(facts({**PLAIN, "categories": [category]}))


def test_a_deleted_section_protects_no_more() -> None:
    assert not protected(facts({"act": "PPC", "section": "376", "change": "DELETED"}))
    assert protected(facts({"act": "PPC", "section": "376", "change": "ADDED"}))


def test_every_report_under_the_act_of_khyber_pakhtunkhwa_is_confidential() -> None:
    assert protected(facts({"act": "KPCPWA2010", "section": "33"}))


@pytest.mark.parametrize(
    "said",
    [{"child": {"roles": ["IN_CONFLICT_WITH_LAW"]}}, {"concern": {"types": ["CONFLICT_WITH_LAW"]}}],
)
def test_an_accused_child_is_protected_too(said: dict[str, Any]) -> None:
    assert protected(tree(**said))


@pytest.mark.parametrize("kind", KINDS)
def test_what_narrows_for_a_protected_child(kind: str) -> None:
    plain = told(referral(**facts(PLAIN)), kind, Basis.ORDER)
    secret = told(referral(**facts({"act": "PPC", "section": "376"})), kind, Basis.ORDER)
    watched = ["incident.number", "incident.medico_legal_ref", "persons[0].phone", "persons[0].address",
               "child.location.address", "child.phone", "child.name", "persons[0].name"]  # fmt: skip
    lost = {path for path in watched if holds(plain, path) and not holds(secret, path)}

    assert lost == {
        "HEALTH": {"incident.number"},
        "EDUCATION": {"persons[0].phone", "persons[0].address", "child.location.address", "child.phone"},
    }.get(kind, set())


def test_the_account_names_the_rule() -> None:
    value = referral(**facts({"act": "PPC", "section": "376"}, persons=[MOTHER]))

    assert rules(told(value, "EDUCATION"))["persons[0].phone"] == "protected:caregiver_contact"
    assert rules(told(value, "HEALTH"))["incident.number"] == "protected:fir_number"
