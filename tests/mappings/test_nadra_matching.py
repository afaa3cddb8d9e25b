"""Whether two values are of one child (formats/nadra.md 8, cases 12 to 16), and what needs a day or a house."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.matching import (
    SPELLINGS,
    Match,
    compare_children,
    compare_dates,
    compare_names,
    compare_numbers,
    duplicates,
    fuzziness,
    possible_duplicate,
    slips,
    together,
)
from mappings.nadra_crms.circumstances import judge_at, synthetic_numbers
from mappings.people import Child
from mappings.referral import Record, Referral
from tests.mappings.nadra_documents import crms

MOTHER = {
    "relation": "MOTHER",
    "status": "DECLARED",
    "name": "Nazo Azmaishi",
    "identifiers": [{"scheme": "pk-cnic", "value": "3999900000122"}],
}


@pytest.fixture(autouse=True)
def _sentences() -> None:
    """Load the mapping, which brings the sentences of its findings."""
    crms()


WORDS = st.text(st.sampled_from("abcdefghijk علیکمن"), max_size=12)


def entry(number: str, **changes: Any) -> Record:
    """Return an entry of the register for Mohammad Husain, with top-level sections replaced."""
    sections: dict[str, Any] = {
        "child": {"name": "Mohammad Husain", "birth_date": "2016-03-07"},
        "persons": [MOTHER],
        "registration": {"crms_number": number},
    }
    return Record.model_validate({**sections, **changes})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("علي", "علی"),
        ("\u202bنازو\u202c آزمائشی", "نازو آزمائشی"),
        ("كريم", "کریم"),
        ("ZARMINA  azmaishi", "Zarmina Azmaishi"),
        ("محمـد", "محمد"),
    ],
)
def test_case_12_what_a_keyboard_confuses_is_the_same_name(one: str, other: str) -> None:
    assert compare_names(one, other) is Match.YES
    assert compare_names(other, one) is Match.YES


@pytest.mark.parametrize(("one", "other"), [("آمنہ", "امنہ"), ("تھا", "تہا"), ("علی", "علے")])
def test_case_13_letters_that_carry_meaning_never_make_the_same_name(one: str, other: str) -> None:
    assert compare_names(one, other) is not Match.YES


def test_case_13_three_letters_bear_no_slip() -> None:
    assert compare_names("تھا", "تہا") is Match.NO
    assert compare_names("آمنہ", "امنہ") is Match.CLOSE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Mohammad Husain", "Muhammad Hussain"),
        ("Mohd. Hussein", "Muhammad Husain"),
        ("M. Hussain", "Mohammad Hussein"),
        ("Syed Ali Namuna", "Sayyid Ali Namuna"),
        ("Shirin Bibi", "Shirin Begum"),
        ("Farzi Chaudhry", "Farzi Choudhury"),
        ("Zarmina Azmaishi", "Zarmeena Azmaaishi"),
        ("Azmaishi Zarmina", "Zarmina Azmaishi"),
        ("Zarmina Gul Azmaishi", "Zarmina Azmaishi"),
    ],
)
def test_case_14_free_spelling_is_close_and_never_yes(one: str, other: str) -> None:
    assert compare_names(one, other) is Match.CLOSE
    assert compare_names(other, one) is Match.CLOSE


def test_case_14_mohammad_husain_and_muhammad_hussain_of_one_mother_are_close() -> None:
    asked = Child.model_validate({"name": "Mohammad Husain", "birth_date": "2016-03-07"})
    held = Child.model_validate({"name": "Muhammad Hussain", "birth_date": "2016-03-07"})
    fields = compare_children(asked, held)
    mother = compare_numbers("3999900000122", "3999900000122")
    assert fields == {"CHILD_NUMBER": Match.NOT_HELD, "CHILD_NAME": Match.CLOSE, "DATE_OF_BIRTH": Match.YES}
    assert together([*fields.values(), mother]) is Match.CLOSE


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        ("Bilal Namuna", "Bilal Farzi", Match.NO),
        ("Bilal", "Bilal Namuna", Match.NO),
        ("Ali", "Abi", Match.NO),
        ("Bilal", "Bilaal", Match.CLOSE),
        ("Bilal Namuna", "بلال نمونہ", Match.NOT_HELD),
        ("Bilal Namuna", None, Match.NOT_HELD),
        (None, "Bilal Namuna", Match.NOT_HELD),
        ("\u200f", "Bilal", Match.NOT_HELD),
    ],
)
def test_other_names_are_no_match_and_other_scripts_are_not_held(
    one: str | None, other: str | None, match: Match
) -> None:
    assert compare_names(one, other) is match
    assert compare_names(other, one) is match


@pytest.mark.parametrize(
    ("one", "other", "match"),
    [
        ("2016-03-07", "2016-03-07", Match.YES),
        ("2016-03-07", "2016-03-12", Match.CLOSE),
        ("2016-03-07", "2016-03-13", Match.NO),
        ("2016", "2016-03-07", Match.CLOSE),
        ("2016-03", "2016", Match.CLOSE),
        ("2016", "2016", Match.CLOSE),
        ("2016-04", "2016-03-07", Match.NO),
        ("2015", "2016-03-07", Match.NO),
        (None, "2016", Match.NOT_HELD),
    ],
)
def test_a_birth_known_in_part_is_never_the_same_day(one: str | None, other: str | None, match: Match) -> None:
    assert compare_dates(one, other) is match
    assert compare_dates(other, one) is match


def test_an_estimated_birth_is_close_within_a_year() -> None:
    assert compare_dates("2016", "2017-05-05", estimated=True) is Match.CLOSE
    assert compare_dates("2016-03-07", "2016-03-07", estimated=True) is Match.CLOSE
    assert compare_dates("2014", "2016-03-07", estimated=True) is Match.NO


def test_the_name_counts_in_the_script_both_have() -> None:
    asked = Child.model_validate({"name": "Zarmina Azmaishi", "name_ur": "زرمینہ آزمائشی"})
    held = Child.model_validate({"name_ur": "زرمینہ آزمائشی", "birth_date": "2016"})
    assert compare_children(asked, held)["CHILD_NAME"] is Match.YES
    assert compare_children(asked, held)["DATE_OF_BIRTH"] is Match.NOT_HELD


def test_case_15_twins_are_two_children() -> None:
    twins = {"twins": True}
    one = entry("B999901-16-00017", registration={"crms_number": "B999901-16-00017", **twins})
    other = entry("B999901-16-00018", registration={"crms_number": "B999901-16-00018", **twins})
    assert not possible_duplicate(one, other)
    assert possible_duplicate(one, one)
    assert possible_duplicate(entry("B999901-16-00017"), entry("B999901-16-00018"))


def test_case_16_a_late_second_registration_is_a_possible_duplicate_and_both_stay() -> None:
    first = entry("B999901-16-00017")
    late = entry("B999901-19-00003", child={"name": "Muhammad Hussain", "birth_date": "2016-12-02"})
    stranger = entry("B999901-16-00099", child={"name": "Bilal Namuna", "birth_date": "2016-03-07"}, persons=[MOTHER])
    assert possible_duplicate(first, late)
    assert duplicates((first, stranger, late)) == {0, 2}
    beyond = entry("B999901-19-00004", child={"name": "Muhammad Hussain", "birth_date": "2016-12-03"})
    assert not possible_duplicate(first, beyond)


def test_the_same_name_is_a_possible_duplicate_within_three_years() -> None:
    second = entry("B999901-19-00005", child={"name": "Mohammad Husain", "birth_date": "2019-03-06"})
    third = entry("B999901-19-00006", child={"name": "Mohammad Husain", "birth_date": "2019-03-08"})
    assert possible_duplicate(entry("B999901-16-00017"), second)
    assert not possible_duplicate(entry("B999901-16-00017"), third)


@pytest.mark.parametrize(
    "mother",
    [
        {**MOTHER, "identifiers": [{"scheme": "pk-cnic", "value": "3999900000144"}]},
        {"relation": "MOTHER", "status": "DECLARED", "name": "Shirin Namuna"},
        {"relation": "MOTHER", "status": "ASSIGNED", "name": "Nazo Azmaishi"},
        {"relation": "FATHER", "name": "Nazo Azmaishi"},
    ],
)
def test_another_mother_or_an_assigned_one_never_makes_a_duplicate(mother: dict[str, Any]) -> None:
    assert not possible_duplicate(entry("B999901-16-00017"), entry("B999901-16-00018", persons=[mother]))


def test_a_mother_without_a_number_is_known_by_her_name() -> None:
    mother = {"relation": "MOTHER", "status": "DECLARED", "name": "Naazo Azmaishi"}
    assert possible_duplicate(entry("B999901-16-00017"), entry("B999901-16-00018", persons=[mother]))


def test_fuzziness_is_that_of_opencrvs() -> None:
    assert [fuzziness(n) for n in (1, 3, 4, 6, 7, 20)] == [0, 0, 1, 1, 2, 2]
    assert slips("bilal", "bilaal") == 1
    assert slips("bilal", "blial") == 1
    assert slips("", "abc") == 3


def test_no_word_is_a_spelling_of_two_words() -> None:
    words = [word for group in SPELLINGS for word in group]
    assert len(words) == len(set(words))


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(WORDS, WORDS)
def test_comparing_names_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert compare_names(one, other) is compare_names(other, one)
    assert slips(one, other) == slips(other, one) <= max(len(one), len(other))
    assert (slips(one, other) == 0) == (one == other)


@pytest.mark.parametrize(
    ("born", "at", "codes"),
    [
        ("2007-03-07", "2026-03-07T00:00:00Z", ["ADULT"]),
        ("2008-03-07", "2026-03-06T19:00:00Z", ["ADULT"]),
        ("2008-03-07", "2026-03-06T18:59:59Z", []),
        ("2008", "2026-06-01T00:00:00Z", []),
        ("2007", "2026-01-01T00:00:00Z", ["ADULT"]),
        ("2008-02-29", "2026-02-28T12:00:00Z", []),
        ("2008-02-29", "2026-03-01T12:00:00Z", ["ADULT"]),
        ("2026-03-08", "2026-03-07T12:00:00Z", ["NADRA_906"]),
        ("2026-03", "2026-03-07T12:00:00Z", []),
        ("2027", "2026-03-07T12:00:00Z", ["NADRA_906"]),
    ],
)
def test_case_25_an_adult_warns_and_a_birth_to_come_is_906(born: str, at: str, codes: list[str]) -> None:
    value = Referral.model_validate({"child": {"birth_date": born}, "received_at": "1999-01-01T00:00:00Z"})
    assert [finding.code for finding in judge_at(value, at)] == codes
    assert all(finding.ours == "child.birth_date" and finding.message_ur for finding in judge_at(value, at))


def test_case_25_without_a_birth_nothing_is_said() -> None:
    assert list(judge_at(Record(), "2026-03-07T12:00:00Z")) == []


def test_finding_909_names_every_number_of_the_sample_range() -> None:
    value = Record.model_validate(
        {
            "child": {"identifiers": [{"scheme": "pk-bform", "value": "3999900000134"}]},
            "persons": [MOTHER, {"identifiers": [{"scheme": "passport", "value": "39999XX"}]}],
            "registration": {"applicant": {"id_scheme": "pk-cnic", "id_value": "3999900000111"}},
        }
    )
    found = list(synthetic_numbers(value))
    assert {finding.code for finding in found} == {"NADRA_909"}
    assert [finding.ours for finding in found] == [
        "child.identifiers[0].value",
        "persons[0].identifiers[0].value",
        "registration.applicant.id_value",
    ]
    real = Record.model_validate({"child": {"identifiers": [{"scheme": "pk-bform", "value": "1000000000001"}]}})
    assert list(synthetic_numbers(real)) == []
