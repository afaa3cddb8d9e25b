"""R1 to R5 of formats/police.md as one view of a report, and what it forbids in both syntaxes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from mappings.engine.mapping import canonical
from mappings.police.disclosure import view
from mappings.police.offences import categories
from mappings.police.report import At, Authority, Offended, Party, Report, Station
from mappings.referral import Referral
from tests.mappings.police_documents import changed, example, fir, patched, psrms, read, refused, unwritten


def section(key: str, *, act: str = "PPC", deleted: bool = False) -> Offended:
    return Offended(act, key, "", categories(act, key), f"/{key}", deleted)


NINE = Party("/victim", ("VICTIM",), name="Misali", name_path="/victim/name", age=9)
MOTHER = Party("/mother", ("COMPLAINANT",), name="Farzi Bibi", name_path="/mother/name", parent_of=(0,))
THIEF = Party("/thief", ("ACCUSED_NAMED",), name="Namuna", name_path="/thief/name", age=40)
BASE = Report("", "FIR", "T1", parties=(NINE, MOTHER, THIEF), offences=(section("376"),))


def breaches(report: Report) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in view(report).breaches]


@pytest.mark.parametrize(
    ("roles", "age", "child"),
    [(("VICTIM",), 17.5, True), (("VICTIM",), 18, False), (("MISSING_CHILD",), None, True), (("CICL",), None, True),
     (("ACCUSED_NAMED",), 15, True), (("ACCUSED_NAMED",), None, False), (("WITNESS",), 9, False)],
)  # fmt: skip
def test_r1_who_is_a_child(roles: tuple[str, ...], age: float | None, child: bool) -> None:
    report = replace(BASE, parties=(replace(NINE, roles=roles, age=age),), offences=(section("302"),))
    assert bool(view(report).children) is child


@pytest.mark.parametrize(("key", "children"), [("377-B", (0, 1)), ("302", (0,))])
def test_r1_an_unknown_age_is_a_childs_where_the_section_is_for_children(key: str, children: tuple[int, ...]) -> None:
    report = replace(BASE, parties=(NINE, replace(NINE, age=None)), offences=(section(key),))
    assert view(report).children == children


def test_r1_where_nobody_is_known_to_be_a_child_unknown_ages_are_taken_for_one() -> None:
    assert view(replace(BASE, parties=(replace(NINE, age=None),), offences=(section("302"),))).children == (0,)


@pytest.mark.parametrize(
    ("offence", "protected"),
    [(section("376"), {0, 1}), (section("302"), set()), (section("376", deleted=True), set()),
     (section("34", act="KPCPWA2010"), {0, 1}), (section("22-A", act="PECA2016"), {0, 1})],
)  # fmt: skip
def test_r2_who_is_protected(offence: Offended, protected: set[int]) -> None:
    assert view(replace(BASE, offences=(offence,))).protected == protected


def test_r2_an_accused_child_is_protected_whatever_the_section() -> None:
    report = replace(BASE, parties=(NINE, replace(THIEF, age=15)), offences=(section("302"),))
    assert view(report).protected == {1}


def test_r2_what_a_sender_calls_a_section_does_not_take_its_secrecy() -> None:
    assert view(replace(BASE, offences=(replace(section("376"), categories=("PHYS",)),))).protected == {0, 1}


def test_r3_at_t1_names_need_an_authority_and_initials_none() -> None:
    assert breaches(BASE) == [("POL-E07", "/victim/name"), ("POL-E07", "/mother/name")]
    assert breaches(replace(BASE, authorities=(Authority("COURT_ORDER", "/a"),))) == []
    assert breaches(replace(BASE, parties=(replace(NINE, name="M.F."), replace(MOTHER, name="F.B."), THIEF))) == []
    assert breaches(replace(BASE, tier="T0")) == []


def test_r3_a_place_that_is_the_victims_home_is_one_too() -> None:
    report = replace(BASE, parties=(replace(NINE, name="", address="House 1, Farzi"),), place="house 1,  Farzi",
                     place_path="/place")  # fmt: skip
    assert breaches(report) == [("POL-E07", "/place")]


@pytest.mark.parametrize("tier", ["T2", "T3"])
def test_r3_below_t1_nothing_tells_who_it_is_and_no_authority_helps(tier: str) -> None:
    hidden = tuple(replace(party, name="") for party in BASE.parties)
    report = replace(BASE, tier=tier, parties=hidden, number="1/25", number_path="/no", narrative_path="/narrative",
                     station=Station(path="/station"), authorities=(Authority("COURT_ORDER", "/a"),))  # fmt: skip
    assert {path for _, path in breaches(report)} == {"/no", "/narrative", "/station"}


def test_r4_the_floor_of_a_protected_report_is_t1() -> None:
    assert view(BASE).floor == "T1"
    assert view(replace(BASE, offences=(section("302"),))).floor == "T3"


def test_r5_a_section_that_is_added_changes_the_view_at_once() -> None:
    before = replace(BASE, offences=(section("354", deleted=True), section("342")))
    after = replace(before, offences=(*before.offences, section("377-B")))
    assert (view(before).floor, view(after).floor) == ("T3", "T1")


SENT = At(datetime(2025, 3, 15, 12, tzinfo=UTC), "/sent")


@pytest.mark.parametrize(
    ("authority", "accused", "holds"),
    [(Authority("NEXT_OF_KIN", "/a"), False, True), (Authority("NEXT_OF_KIN", "/a"), True, False),
     (Authority("COURT_ORDER", "/a", date(2025, 3, 15)), True, True),
     (Authority("COURT_ORDER", "/a", date(2025, 3, 16)), False, False)],
)  # fmt: skip
def test_an_authority_that_does_not_hold_discloses_nothing(authority: Authority, accused: bool, holds: bool) -> None:
    report = replace(BASE, sent=SENT, authorities=(authority,), caregiver_accused=accused)
    assert (("POL-E08", "/a") in breaches(report)) is not holds
    assert (("POL-E07", "/victim/name") in breaches(report)) is not holds


def test_a_level_wider_than_the_tier_is_refused() -> None:
    data = changed("E1.xml", (">RED<", ">GREEN<"))
    assert refused(fir(), data) == {("POL-E07", "/FIRDocument/Header[1]/IncidentDisseminationLevelCode[1]")}


VICTIM = {"role": "VICTIM", "person_name": "م۔ف", "age": 9}
SECRET: dict[str, Any] = {"secName": "377-B ت پ", "gawahan": [], "na_maloom_mulziman": None}


def secret(mustaghis: dict[str, Any], **child: Any) -> set[tuple[str, str]]:
    return refused(psrms(), patched("E2.json", mustaghis=mustaghis, mutasra_ashkhas=[{**VICTIM, **child}], **SECRET))


def test_a_father_in_clear_is_seen_by_the_name_his_child_stands_beside() -> None:
    father = {"person_name": "فرضي خان"}
    assert secret(father) == set()
    assert ("POL-E07", "/mustaghis/person_name") in secret(father, person_father="فرضی خان")


def test_a_mother_in_clear_is_seen_by_the_husband_both_stand_beside() -> None:
    mother = {"person_name": "فرضی بی بی زوجہ فرضی خان"}
    assert ("POL-E07", "/mustaghis/person_name") in secret(mother, person_father="فرضی خان")
    assert ("POL-E07", "/mustaghis/person_name") not in secret(mother, person_father="نمونہ خان")


def test_children_of_one_named_father_are_siblings_in_json_too() -> None:
    children = [{"age": 7, "person_father": "فرضی خان"}, {"age": 9, "person_father": "فرضی خان"}]
    data = patched("E2.json", mutasra_ashkhas=children, message_type="FIR")
    kinds = [t.value.links[0].kind for t in psrms().read(data) if isinstance(t.value, Referral)]
    assert kinds == ["SIBLING", "SIBLING"]
    data = patched("E2.json", mutasra_ashkhas=children, mustaghis={"person_name": "نمونہ"})
    kinds = [t.value.links[0].kind for t in psrms().read(data) if isinstance(t.value, Referral)]
    assert kinds == ["SAME_INCIDENT", "SAME_INCIDENT"]


def test_a_parent_of_ours_in_clear_is_not_written() -> None:
    value = read(fir(), example("E1.xml"))
    tree = canonical(value)
    tree["incident"].pop("disclosures")
    assert unwritten(psrms(), Referral.model_validate(tree)) == set()
    tree["persons"][0]["name_ur"] = "فرضی رشید"
    for mapping in (fir(), psrms()):
        assert unwritten(mapping, Referral.model_validate(tree)) == {("POL-E07", "")}


def test_the_refusal_repeats_no_name() -> None:
    named = [{**VICTIM, "person_name": "Misali"}]
    data = patched("E2.json", mustaghis={"person_name": "Azmaishi"}, mutasra_ashkhas=named, **SECRET)
    said = json.dumps([finding.as_json() for finding in psrms().validate(data)])
    assert "POL-E07" in said
    assert "Misali" not in said
