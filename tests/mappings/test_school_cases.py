"""Cases of formats/school.md 4.7 that a provincial system's words decide; docs/adr/0012 says where the others stand."""

from __future__ import annotations

import pytest

from tests.mappings.school_documents import (
    ABSENT,
    EXAMPLE_A,
    EXAMPLE_B,
    EXAMPLE_C_DECISION,
    changed,
    fullest,
    read,
    refused,
    write,
)


def test_case_2_twins_under_one_guardian_are_read_as_two_pupils_with_their_own_numbers() -> None:
    twin = changed(EXAMPLE_A, student_id="SIS-99900001-0008", b_form_no="3999900000187")
    one, other = read(EXAMPLE_A), read(twin)
    assert one["child"]["name"] == other["child"]["name"]
    assert one["persons"] == other["persons"]
    assert one["enrolment"]["student_id"] != other["enrolment"]["student_id"]
    assert "links" not in one


def test_case_3_an_estimated_age_of_nine_asks_for_a_stipend_and_says_that_there_is_no_bform() -> None:
    request = changed(EXAMPLE_B, supports=["STIPEND_BTW"], student__date_of_birth="2017-01-01")
    written = write(read(request))
    assert written["supports"] == ["STIPEND_BTW"]
    assert written["student"]["b_form_status"] == "NOT_AVAILABLE"
    assert (written["student"]["date_of_birth"], written["student"]["dob_estimated"]) == ("2017-01-01", True)


def test_case_4_a_bform_that_comes_later_leaves_the_student_as_it_is() -> None:
    before = read(changed(EXAMPLE_A, b_form_no=ABSENT, b_form_status="APPLIED"))
    after = read(EXAMPLE_A)
    assert before["enrolment"].pop("bform_status") == "APPLIED"
    assert before["enrolment"] == after["enrolment"]
    assert after["child"].pop("identifiers") == [{"scheme": "pk-bform", "value": "3999900000172", "status": "VERIFIED"}]
    assert before["child"] == after["child"]


def test_case_6_a_new_stay_leaves_the_old_one_its_end() -> None:
    back = changed(
        EXAMPLE_A,
        entry_date="2026-01-12",
        exit_date=ABSENT,
        exit_reason=ABSENT,
        entry_type="RE_ENTRY",
        status="CURRENT",
    )
    old, new = read(EXAMPLE_A)["enrolment"], read(back)["enrolment"]
    assert (old["entry_date"], old["exit_date"]) == ("2025-04-03", "2025-11-14")
    assert (new["entry_date"], new["entry_type"], "exit_date" in new) == ("2026-01-12", "RE_ENTRY", False)


def test_case_7_the_last_day_stays_inclusive_in_the_schools_own_format() -> None:
    leap = changed(EXAMPLE_A, exit_date="2028-02-29")
    assert write(read(leap))["exit_date"] == "2028-02-29"
    assert refused(read, changed(EXAMPLE_A, exit_date="2027-02-29")) == [("INVALID_VALUE", "/exit_date")]


@pytest.mark.parametrize("year", ["2025-26", "2026-27"])
def test_case_11_the_academic_year_is_what_the_school_says_whatever_the_month(year: str) -> None:
    january = changed(EXAMPLE_A, academic_year=year, entry_date="2026-01-12", exit_date=ABSENT, exit_reason=ABSENT)
    assert write(read(january))["academic_year"] == year


def test_case_12_two_shifts_of_one_building_keep_their_codes_and_shifts() -> None:
    evening = changed(EXAMPLE_A, school__code="39999002", shift="AFTERNOON")
    stays = [read(document)["enrolment"] for document in (EXAMPLE_A, evening)]
    assert [(s["school_name"], s["school_code"], s["shift"]) for s in stays] == [
        ("GGPS Misali Chak", "39999001", "MORNING"),
        ("GGPS Misali Chak", "39999002", "AFTERNOON"),
    ]


def test_case_13_a_redirection_names_the_successor_and_is_no_plain_refusal() -> None:
    moved = changed(EXAMPLE_C_DECISION, state="REDIRECTED", reject_code="SCHOOL_CLOSED", conditions=ABSENT)
    reply = read(moved)
    assert (reply["state"], reply["reason"]) == ("REJECTED", "SCHOOL_CLOSED")
    assert reply["outcome"]["business_status"] == "redirected"
    assert reply["outcome"]["school_code"] == "499990001"


def test_case_17_a_changed_priority_changes_the_bytes_and_the_same_request_does_not() -> None:
    referral = fullest("reenrolment_request")
    assert write(referral) == write(fullest("reenrolment_request"))
    assert write(referral | {"priority": "LOW"})["request_id"] == write(referral)["request_id"]
    assert write(referral | {"priority": "LOW"}) != write(referral)


def test_case_19_a_boy_sent_to_a_girls_school_is_refused_with_a_reason_of_its_own() -> None:
    decision = changed(EXAMPLE_C_DECISION, state="REJECTED", reject_code="WRONG_GENDER_SCHOOL", conditions=ABSENT)
    assert read(decision)["reason"] == "WRONG_GENDER_SCHOOL"


def test_a_request_that_does_not_say_what_is_wanted_is_told_where() -> None:
    assert refused(read, changed(EXAMPLE_B, request_type=ABSENT)) == [("MISSING_REQUIRED", "/request_type")]
