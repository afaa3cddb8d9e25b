"""School documents value by value: codes, names, numbers, guardians, targets, and what is refused where."""

from __future__ import annotations

import json

import pytest

from mappings.engine import laws
from mappings.engine.lineage import How
from tests.mappings.school_documents import (
    ABSENT,
    EXAMPLE_A,
    EXAMPLE_B,
    changed,
    dump,
    fullest,
    read,
    refused,
    school,
    value,
    write,
)


def test_an_unknown_sex_is_refused_and_never_guessed() -> None:
    referral = fullest("reenrolment_request")
    referral["child"]["sex"] = "UNKNOWN"
    assert refused(write, referral) == [("UNMAPPED_CODE", "/student/sex")]


def test_an_emergency_is_written_as_high_and_reported_as_coarsened() -> None:
    referral = fullest("reenrolment_request") | {"priority": "EMERGENCY"}
    written = school().write(value(referral))
    assert json.loads(written.value)["priority"] == "HIGH"
    assert [line.how for line in written.lines if line.ours == "priority"] == [How.COARSENED]


@pytest.mark.parametrize(
    ("known", "estimated", "day", "flag", "back"),
    [
        ("2016", None, "2016-01-01", True, "2016"),
        ("2016", False, "2016-01-01", True, "2016"),
        ("2016-03", None, "2016-03-01", True, "2016"),
        ("2016-03-09", None, "2016-03-09", False, "2016-03-09"),
        ("2016-03-09", True, "2016-03-09", True, "2016-03-09"),
        ("2016-03-01", False, "2016-03-01", False, "2016-03-01"),
        ("2016-03-01", True, "2016-03-01", True, "2016"),
        ("2020-02-29", False, "2020-02-29", False, "2020-02-29"),
    ],
)
def test_a_birth_is_written_as_far_as_it_is_known(
    known: str, estimated: bool | None, day: str, flag: bool, back: str
) -> None:
    referral = fullest("reenrolment_request")
    referral["child"] |= {"birth_date": known, "birth_date_estimated": estimated}
    written = school().write(value(referral))
    document = json.loads(written.value)
    assert (document["student"]["date_of_birth"], document["student"]["dob_estimated"]) == (day, flag)
    hows = {line.how for line in written.lines if line.ours == "child.birth_date"}
    assert hows == {How.CARRIED if day == known == back else How.COARSENED}
    assert read(document)["child"]["birth_date"] == back
    assert laws.round_trip(school(), value(referral)) == []


def test_bidirectional_marks_are_taken_off_a_name_and_the_loss_is_reported() -> None:
    referral = fullest("reenrolment_request")
    referral["child"]["name_ur"] = "\u202bزویا\u200f فرضی\u202c"
    written = school().write(value(referral))
    assert json.loads(written.value)["student"]["name_ur"] == "زویا فرضی"
    assert [line.how for line in written.lines if line.ours == "child.name_ur"] == [How.COARSENED]
    assert refused(read, changed(EXAMPLE_A, name_ur="\u202bزویا")) == [("INVALID_VALUE", "/name_ur")]


def test_a_name_longer_than_the_format_holds_is_refused_not_cut() -> None:
    referral = fullest("reenrolment_request")
    referral["child"]["name"] = "F" * 101
    assert refused(write, referral) == [("CANNOT_HOLD", "/student/name")]


def test_dashes_in_numbers_are_read_and_not_written() -> None:
    record = read(changed(EXAMPLE_A, b_form_no="39999-0000017-2", guardian_cnic="39999-0000025-1"))
    assert record["child"]["identifiers"][0]["value"] == "3999900000172"
    assert write(record)["guardian_cnic"] == "3999900000251"


def test_a_number_whose_last_digit_is_nought_is_no_identity_number() -> None:
    assert refused(read, changed(EXAMPLE_A, b_form_no="3999900000170")) == [("INVALID_IDENTIFIER", "/b_form_no")]


def test_a_guardian_beside_the_father_is_a_person_of_his_own() -> None:
    record = read(
        changed(EXAMPLE_A, guardian_relation="MOTHER", guardian_name="Sakina Namuna", guardian_cnic="3999900000268")
    )
    assert [(p["relation"], p["name"]) for p in record["persons"]] == [
        ("FATHER", "Aslam Farzi"),
        ("MOTHER", "Sakina Namuna"),
    ]


def test_a_grandmother_is_written_as_guardian_and_reported_as_coarsened() -> None:
    referral = fullest("reenrolment_request")
    referral["persons"][1]["relation"] = "GRANDMOTHER"
    written = school().write(value(referral))
    assert json.loads(written.value)["student"]["guardian_relation"] == "GUARDIAN"
    assert [line.how for line in written.lines if line.ours == "persons[1].relation"] == [How.COARSENED]


def test_of_two_guardians_the_father_is_named_and_the_other_is_accounted_for() -> None:
    referral = fullest("reenrolment_request")
    referral["persons"][0]["roles"] = ["GUARDIAN"]
    written = school().write(value(referral))
    student = json.loads(written.value)["student"]
    assert (student["father_name"], student["guardian_relation"]) == ("Aslam Farzi", "FATHER")
    assert "guardian_name" not in student
    assert "persons[1].name" in {drop.path for drop in written.dropped}


def test_two_names_for_a_father_who_is_the_guardian_are_refused() -> None:
    assert refused(read, changed(EXAMPLE_A, guardian_name="Akram Farzi")) == [("GUARDIAN_CONFLICT", "/guardian_name")]
    assert len(read(changed(EXAMPLE_A, guardian_name="Aslam Farzi"))["persons"]) == 1


def test_release_only_to_listed_demands_the_list() -> None:
    referral = fullest("reenrolment_request")
    del referral["requested"]["release_to"]
    assert refused(write, referral) == [("MISSING_REQUIRED", "/release_to")]
    assert ("MISSING_REQUIRED", "/release_to") in refused(read, changed(EXAMPLE_B, release_to=ABSENT))


def test_a_hidden_previous_school_is_not_named() -> None:
    referral = fullest("reenrolment_request")
    referral["requested"]["safety"].append("HIDE_PREVIOUS_SCHOOL")
    written = school().write(value(referral))
    assert json.loads(written.value)["last_known_enrolment"] == {
        "grade_code": "04",
        "grade_local": "Class 4",
        "exit_date": "2025-11-14",
    }
    assert b"Misali Chak" not in written.value


def test_a_chosen_school_leaves_no_search() -> None:
    referral = fullest("reenrolment_request")
    referral["requested"]["target"] |= {"district": "PK617", "sex": "FEMALE", "grade": "05"}
    assert set(write(referral)["target"]) == {"school"}
    both = changed(EXAMPLE_B, target__school={"scheme": "pk-punjab-emis", "code": "39999002"})
    assert {path for _, path in refused(read, both)} == {
        "/target/admin2_pcode",
        "/target/sex",
        "/target/grade_code",
    }


@pytest.mark.parametrize(
    ("path", "theirs"),
    [
        ("message_id", "/request_id"),
        ("ref", "/referral_ref"),
        ("priority", "/priority"),
        ("child.name", "/student/name"),
        ("child.sex", "/student/sex"),
        ("requested.enrolment", "/request_type"),
        ("requested.reply_by", "/reply_by"),
        ("focal_point.agency", "/focal_point/agency"),
        ("focal_point.role", "/focal_point/role"),
        ("consent.basis", "/consent/basis"),
    ],
)
def test_a_value_the_request_demands_is_refused_by_both_names_and_never_defaulted(path: str, theirs: str) -> None:
    referral = fullest("reenrolment_request")
    *above, last = path.split(".")
    node = referral
    for step in above:
        node = node[step]
    del node[last]
    assert refused(write, referral) == [("MISSING_REQUIRED", theirs)]
    partial = school().write(value(referral), allow_partial=True)
    assert partial.complete is False
    assert [(w.code, w.path) for w in partial.warnings] == [("PARTIAL", theirs)]


def test_without_a_target_district_and_sex_are_missing() -> None:
    referral = fullest("reenrolment_request")
    del referral["requested"]["target"]
    assert refused(write, referral) == [
        ("MISSING_REQUIRED", "/target/admin2_pcode"),
        ("MISSING_REQUIRED", "/target/sex"),
    ]


@pytest.mark.parametrize("field", sorted(set(EXAMPLE_A) - {"date_of_birth", "dob_estimated"}))
def test_every_wrong_type_in_an_enrolment_is_refused_at_its_place(field: str) -> None:
    findings = refused(read, changed(EXAMPLE_A, **{field: 7}))
    assert f"/{field}" in {path for _, path in findings}


def test_an_unknown_field_and_a_null_are_refused() -> None:
    assert refused(read, changed(EXAMPLE_B, fir_no=None))[0][0] == "UNKNOWN_FIELD"
    assert refused(read, changed(EXAMPLE_B, reply_by=None)) == [("WRONG_TYPE", "/reply_by")]


def test_an_exit_date_demands_its_reason() -> None:
    assert refused(read, changed(EXAMPLE_A, exit_reason=ABSENT)) == [("MISSING_REQUIRED", "/exit_reason")]
    record = read(EXAMPLE_A)
    del record["enrolment"]["exit_reason"]
    assert refused(write, record) == [("MISSING_REQUIRED", "/exit_reason")]


def test_an_academic_year_is_two_years_that_follow_each_other() -> None:
    assert refused(read, changed(EXAMPLE_A, academic_year="2025-27")) == [("INVALID_VALUE", "/academic_year")]
    assert read(changed(EXAMPLE_A, academic_year="1999-00"))["enrolment"]["academic_year"] == "1999-00"


def test_the_request_agrees_with_what_the_sandbox_school_sends() -> None:
    focal = {"agency": "education-support", "role": "EDUCATION_SUPPORT", "phone": "1121"}
    assert write(read(changed(EXAMPLE_B, focal_point=focal)))["focal_point"] == focal


def test_no_finding_repeats_a_value_of_the_document() -> None:
    wrong = changed(EXAMPLE_A, b_form_no="geheim-172", guardian_name="Geheim Farzi", shift="GEHEIM")
    findings = school().validate(dump(wrong))
    assert findings
    assert "geheim" not in json.dumps([f.as_json() for f in findings], ensure_ascii=False).lower()
