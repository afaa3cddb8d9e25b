"""School documents in both directions: the page's examples A to C, and its cases by number (formats/school.md 4.7)."""

from __future__ import annotations

import json

import pytest

from mappings.engine import laws
from mappings.engine.lineage import How
from tests.mappings.school_documents import (
    ABSENT,
    EXAMPLE_A,
    EXAMPLE_B,
    EXAMPLE_C_DECISION,
    EXAMPLE_C_RECEIPT,
    changed,
    dump,
    fullest,
    read,
    refused,
    school,
    value,
    write,
)


def test_example_a_reads_as_a_record_and_is_written_again() -> None:
    record = read(EXAMPLE_A)
    assert record["type"] == "record"
    assert record["child"] == {
        "name": "Zoya Farzi",
        "name_ur": "زویا فرضی",
        "sex": "FEMALE",
        "birth_date": "2016-03-09",
        "birth_date_estimated": False,
        "identifiers": [{"scheme": "pk-bform", "value": "3999900000172", "status": "VERIFIED"}],
    }
    assert record["persons"] == [
        {
            "relation": "FATHER",
            "roles": ["GUARDIAN"],
            "name": "Aslam Farzi",
            "identifiers": [{"scheme": "pk-cnic", "value": "3999900000251"}],
        }
    ]
    assert record["enrolment"]["updated_at"] == "2025-11-15T04:10:00Z"
    assert write(record) == changed(EXAMPLE_A, updated_at="2025-11-15T04:10:00Z")


def test_example_b_reads_as_a_referral_and_is_written_again() -> None:
    referral = read(EXAMPLE_B)
    assert referral["type"] == "referral"
    assert referral["ref"] == "edu-7f3c-0001"
    assert referral["child"]["birth_date"] == "2015"
    assert referral["child"]["birth_date_estimated"] is True
    assert referral["requested"]["service"] == "EDUCATION"
    assert referral["requested"]["target"] == {"district": "PK711", "sex": "MALE", "grade": "ALP-P"}
    assert referral["enrolment"] == {"bform_status": "NOT_AVAILABLE"}
    assert write(referral) == EXAMPLE_B


@pytest.mark.parametrize("example", [EXAMPLE_C_RECEIPT, EXAMPLE_C_DECISION], ids=["receipt", "decision"])
def test_example_c_reads_as_a_reply_and_is_written_again(example: dict[str, object]) -> None:
    reply = read(example)
    assert reply["type"] == "reply"
    assert reply["in_reply_to"] == example["request_id"]
    assert write(reply) == example


@pytest.mark.parametrize("document", ["enrolment", "reenrolment_request", "receipt", "decision"])
def test_the_fullest_value_is_written_as_its_document_and_nothing_is_lost(document: str) -> None:
    filled = value(fullest(document))
    written = school().write(filled)
    assert written.document == document
    assert laws.round_trip(school(), filled) == []
    assert laws.accounted(school(), filled) == []
    assert {drop.path for drop in written.dropped} <= {"requested.service"}


@pytest.mark.parametrize(
    ("scheme", "code"),
    [
        ("pk-sindh-semis", "49999001"),
        ("pk-sindh-semis", "399990001"),
        ("pk-punjab-emis", "499990001"),
        ("pk-punjab-emis", "3999900"),
        ("pk-punjab-emis", "03520001"),
        ("pk-kp-emis", "123"),
        ("pk-kp-emis", "12345678901"),
        ("pk-kp-emis", "12A45"),
    ],
)
def test_case_1_a_school_code_that_does_not_fit_its_scheme_is_refused_and_never_padded(scheme: str, code: str) -> None:
    wrong = changed(EXAMPLE_A, school__scheme=scheme, school__code=code)
    assert refused(read, wrong) == [("SCHOOL_CODE", "/school/code")]
    record = read(EXAMPLE_A)
    record["enrolment"] |= {"school_scheme": scheme, "school_code": code}
    assert refused(write, record) == [("SCHOOL_CODE", "/school/code")]


@pytest.mark.parametrize("code", [3520001, 39999001, 39999001.0, None, ["39999001"]])
def test_case_1_a_school_code_that_is_no_text_is_refused(code: object) -> None:
    assert refused(read, changed(EXAMPLE_A, school__code=code)) == [("WRONG_TYPE", "/school/code")]


def test_case_1_a_code_of_another_province_keeps_its_leading_zero() -> None:
    kept = changed(EXAMPLE_A, school__scheme="pk-kp-emis", school__code="0123456")
    assert write(read(kept))["school"]["code"] == "0123456"


def test_case_3_a_child_without_papers_or_birth_date_is_accepted() -> None:
    unknown = changed(EXAMPLE_B, student__date_of_birth=ABSENT)
    referral = read(unknown)
    assert "birth_date" not in referral["child"]
    assert "birth_date_estimated" not in referral["child"]
    enrolment = changed(EXAMPLE_A, date_of_birth=ABSENT, b_form_no=ABSENT, b_form_status="NOT_AVAILABLE")
    record = read(changed(enrolment, dob_estimated=True))
    record["child"]["age"] = {"value": 9, "unit": "Y", "estimated": True}
    written = write(record)
    assert written["dob_estimated"] is True
    assert "date_of_birth" not in written
    assert written["b_form_status"] == "NOT_AVAILABLE"


def test_case_5_nothing_of_the_home_is_written_when_it_must_not_be_contacted() -> None:
    referral = fullest("reenrolment_request")
    referral["persons"][0]["phone"] = "0399 1234567"
    assert "father_name" in write(referral)["student"]
    referral["requested"]["safety"].append("NO_CONTACT_WITH_HOME")
    written = school().write(value(referral))
    student = json.loads(written.value)["student"]
    assert not {"father_name", "guardian_name", "guardian_relation", "guardian_cnic"} & set(student)
    for secret in ("Aslam", "Sakina", "3999900000268", "1234567"):
        assert secret.encode() not in written.value
    assert {d.path for d in written.dropped} >= {"persons[0].name", "persons[1].identifiers[0].value"}
    assert laws.round_trip(school(), value(referral)) == []


@pytest.mark.parametrize("field", ["father_name", "guardian_name", "guardian_relation", "guardian_cnic"])
def test_case_5_a_request_that_names_the_home_all_the_same_is_refused(field: str) -> None:
    said = {"guardian_relation": "MOTHER", "guardian_cnic": "3999900000251"}.get(field, "Aslam Farzi")
    findings = refused(read, changed(EXAMPLE_B, **{f"student__{field}": said}))
    assert [path for _, path in findings] == [f"/student/{field}"]


def test_case_8_an_instant_moves_to_utc_and_a_birth_date_stays_its_day() -> None:
    record = read(changed(EXAMPLE_A, updated_at="2026-02-01T02:30:00+05:00", date_of_birth="2017-02-01"))
    assert record["enrolment"]["updated_at"] == "2026-01-31T21:30:00Z"
    assert record["child"]["birth_date"] == "2017-02-01"
    written = write(record)
    assert (written["updated_at"], written["date_of_birth"]) == ("2026-01-31T21:30:00Z", "2017-02-01")


def test_case_18_nothing_about_nationality_or_displacement_is_written() -> None:
    referral = fullest("reenrolment_request")
    referral["child"] |= {"nationality": "AFG", "displacement": "REFUGEE"}
    referral["child"]["identifiers"].append({"scheme": "pk-por", "value": "POR-FARZI-77"})
    data = school().write(value(referral)).value
    for trace in (b"AFG", b"REFUGEE", b"POR-FARZI-77", b"nationality"):
        assert trace not in data


def test_case_20_the_end_of_a_consent_travels() -> None:
    assert read(EXAMPLE_B)["consent"]["expires_on"] == "2026-06-30"


def test_case_21_no_document_of_a_school_tells_of_child_protection() -> None:
    referral = fullest("reenrolment_request")
    referral |= {
        "sender": {"agency": "welfare:farzi-cpb", "kind": "SOCIAL_WELFARE", "officer": "Farzi Officer"},
        "case_ref": "CASE-FARZI-1",
        "concern": {"types": ["SEXUAL_VIOLENCE"], "narrative": "Misali narrative"},
        "risk": {"level": "HIGH"},
        "reporter": {"name": "Namuna Reporter"},
        "incident": {"number": "9977/77"},
        "clinical": {},
        "links": [{"kind": "SIBLING", "ref": "FARZI-LINK"}],
    }
    data = school().write(value(referral)).value
    traces = (b"welfare", b"cpb", b"Officer", b"CASE", b"SEXUAL", b"narrative", b"risk", b"Reporter", b"9977", b"LINK")
    assert [trace for trace in traces if trace in data] == []


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
