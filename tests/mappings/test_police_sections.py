"""The section grammar and the offence table (formats/police.md B2, C, D)."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.engine.converters import Coarse, Unfit
from mappings.police.ages import print_age, read_age
from mappings.police.clock import print_clock, print_moment, print_occurrence, read_clock, read_moment, read_occurrence
from mappings.police.grammar import print_sections, read_sections
from mappings.police.names import is_initials, plain, print_name, read_name
from mappings.police.offences import category_of, concern_of, lookup, table
from mappings.vocabulary import ConcernType
from mappings.vocabulary.police import OffenceCategory


def keys(text: str) -> list[tuple[str, str, str]]:
    return [(s.act, s.section, s.clause) for s in read_sections(text).sections]


def test_d1_three_sections_of_the_penal_code_are_two_sexual_and_one_auxiliary() -> None:
    reading = read_sections("376(iii)/377-B/34 ت پ")
    assert keys("376(iii)/377-B/34 ت پ") == [("PPC", "376", "iii"), ("PPC", "377-B", ""), ("PPC", "34", "")]
    assert [s.categories for s in reading.sections] == [("SEXUAL",), ("SEXUAL",), ("AUX",)]
    assert not reading.act_defaulted


def test_d2_urdu_digits_are_read_as_digits() -> None:
    assert keys("۳۶۳ ت پ") == [("PPC", "363", "")]


def test_d3_an_act_binds_backwards_and_the_order_is_kept() -> None:
    assert keys("۳۶۵-بی/۳۷۶ ت پ ، 22-A PECA") == [("PPC", "365-B", ""), ("PPC", "376", ""), ("PECA2016", "22-A", "")]


def test_no_act_at_all_means_the_penal_code_and_is_said() -> None:
    reading = read_sections("365/B")
    assert [(s.act, s.section) for s in reading.sections] == [("PPC", "365-B")]
    assert reading.act_defaulted


def test_sections_after_the_last_act_are_of_an_unknown_act_and_unmapped() -> None:
    reading = read_sections("363 ت پ / 9")
    assert [(s.act, s.categories) for s in reading.sections] == [("PPC", ("MISSING",)), ("UNKNOWN", ("UNMAPPED",))]


def test_an_unknown_section_is_unmapped_and_not_dropped() -> None:
    assert read_sections("999 ت پ").sections[0].categories == ("UNMAPPED",)


def test_511_marks_the_sections_beside_it_as_attempted() -> None:
    assert [(s.section, s.attempted) for s in read_sections("302/34/511 ت پ").sections] == [
        ("302", True), ("34", False), ("511", False),
    ]  # fmt: skip


def test_invisible_marks_and_foreign_letters_do_not_hide_a_section() -> None:
    assert keys("\u200f377\u2011B\u00a0ت پ".replace("\u2011", "-")) == [("PPC", "377-B", "")]


@pytest.mark.parametrize("text", ["376(iii)/377-B ت پ, 22-A PECA", "363 ت پ", "36-A PDNCA"])
def test_printed_sections_are_read_back(text: str) -> None:
    assert keys(print_sections(keys(text))) == keys(text)


def test_a_clause_without_a_row_falls_back_to_its_section() -> None:
    fallback, own = lookup("PPC", "377-B", "x"), lookup("PPC", "337-A", "ii")
    assert fallback is not None
    assert fallback.section == "377-B"
    assert own is not None
    assert own.clause == "ii"


def test_d14_a_repealed_section_is_in_force_until_its_repeal() -> None:
    row = lookup("PPC", "292-C")
    assert row is not None
    assert row.in_force(date(2019, 5, 1))
    assert not row.in_force(date(2024, 11, 2))


def test_every_category_of_the_table_is_known_and_every_concern_is_ours() -> None:
    assert {c for row in table().values() for c in row.categories} <= set(OffenceCategory)
    assert set(concern_of().values()) <= set(ConcernType)
    assert all(concern_of()[category] == concern for concern, category in category_of().items())


def test_d5_alias_and_parentage_are_taken_out_of_the_name() -> None:
    name = read_name("فرضی احمد عرف کالا ولد فرضی رشید")
    assert (name.arabic, name.aliases, name.word, name.parent) == ("فرضی احمد", ("کالا",), "ولد", "فرضی رشید")


@pytest.mark.parametrize("text", ["Misali @ Guddu", "Misali urf Guddu"])
def test_latin_aliases_are_read(text: str) -> None:
    assert (read_name(text).latin, read_name(text).aliases) == ("Misali", ("Guddu",))


def test_a_name_in_both_scripts_and_its_aliases_are_read_back() -> None:
    name = read_name(print_name("فرضی گڑیا", "Farzi Gurya", ["کالا"]))
    assert (name.arabic, name.latin, name.aliases) == ("فرضی گڑیا", "Farzi Gurya", ("کالا",))


def test_a_name_that_reads_as_two_is_not_plain() -> None:
    assert not plain("Misali urf Guddu")
    assert plain("Misali Farzi")


@pytest.mark.parametrize(("name", "withheld"), [("م۔ف", True), ("[ف۔ر]", True), ("A.F.", True), ("Farzi", False)])
def test_initials_are_told_from_names(name: str, withheld: bool) -> None:
    assert is_initials(name) is withheld


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("تقریباً 16/17 سال", {"value": 16.5, "unit": "Y", "estimated": True, "text": "تقریباً 16/17 سال"}),
        ("۹ سال", {"value": 9.0, "unit": "Y", "text": "۹ سال"}),
        (7, {"value": 7.0, "unit": "Y"}),
        ("8 ماہ", {"value": 8.0, "unit": "M"}),
        ("بالغ", {"text": "بالغ"}),
    ],
)
def test_d6_ages_are_read_and_written_back_as_they_were(text: object, age: dict[str, object]) -> None:
    assert read_age(text) == age
    assert print_age(age) == text


def test_an_age_that_says_more_than_the_field_is_coarsened() -> None:
    assert isinstance(print_age({"value": 9.0, "unit": "Y", "basis": "BFORM"}), Coarse)


@pytest.mark.parametrize(
    ("text", "moment"),
    [("14-03-2025 04:30 PM", "2025-03-14T11:30:00Z"), ("10-07-2025 11:00:05", "2025-07-10T06:00:05Z")],
)
def test_moments_are_day_first_in_pakistani_time(text: str, moment: str) -> None:
    assert read_moment(text) == moment
    assert print_moment(moment) == text


@pytest.mark.parametrize("text", ["31-02-2025 04:30 PM", "14-03-2025", "14-03-2025 13:30 PM", "yesterday", 5])
def test_impossible_moments_are_refused(text: object) -> None:
    with pytest.raises(Unfit):
        read_moment(text)


def test_d7_words_without_a_date_leave_the_occurrence_unknown() -> None:
    assert read_occurrence("چند ماہ قبل") == {"precision": "UNKNOWN", "text": "چند ماہ قبل"}
    assert print_occurrence(read_occurrence("چند ماہ قبل")) == "چند ماہ قبل"


def test_a_dotted_day_keeps_its_words() -> None:
    occurred = read_occurrence("08.09.2025")
    assert occurred == {"start": "2025-09-07T19:00:00Z", "precision": "DAY", "text": "08.09.2025"}
    assert print_occurrence(occurred) == "08.09.2025"


@pytest.mark.parametrize(("twelve", "clock"), [("08:05 PM", "20:05"), ("12:05 AM", "00:05"), ("12:05 PM", "12:05")])
def test_clock_times_are_of_twelve_hours(twelve: str, clock: str) -> None:
    assert read_clock(twelve) == clock
    assert print_clock(clock) == twelve
