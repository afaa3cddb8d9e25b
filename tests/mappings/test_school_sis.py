"""School documents in both directions: the page's examples A to C, and its cases by number (formats/school.md 4.7)."""

from __future__ import annotations

import json

import pytest

from mappings.engine import laws
from tests.mappings.school_documents import (
    ABSENT,
    EXAMPLE_A,
    EXAMPLE_B,
    EXAMPLE_C_DECISION,
    EXAMPLE_C_RECEIPT,
    changed,
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
