"""OneRoster in both directions: the page's example D and its cases by number (formats/school.md 4.7 and 4.8)."""

from __future__ import annotations

import json

import pytest

from mappings.engine import laws
from mappings.referral import Record
from tests.mappings import school_documents as sis
from tests.mappings.oneroster_documents import (
    EXAMPLE_D_ENROLLMENT,
    EXAMPLE_D_USER,
    PUPIL,
    STAMP,
    fullest,
    oneroster,
    read,
    record,
    refused,
    refused_writing,
    rest,
    write,
)


def test_example_d_reads_as_one_stay_and_is_written_again() -> None:
    (stay,) = read(rest(users=[EXAMPLE_D_USER], enrollments=[EXAMPLE_D_ENROLLMENT]))
    assert stay["child"] == {"name": "Zoya Farzi"}
    assert stay["enrolment"] == {
        "student_id": PUPIL,
        "enrolment_id": "enr-0007-20260112",
        "school_id": "org-39999001",
        "class_id": "cls-39999001-04A",
        "grade": "04",
        "grade_local": "Class 4",
        "entry_date": "2026-01-12",
        "updated_at": "2026-01-12T04:00:00Z",
    }
    written = write(stay)
    assert (written["users"], written["enrollments"]) == ([EXAMPLE_D_USER], [EXAMPLE_D_ENROLLMENT])


def test_the_single_objects_of_example_d_are_read() -> None:
    (user,) = read(rest(user=EXAMPLE_D_USER))
    assert (user["child"]["name"], user["enrolment"]["school_id"]) == ("Zoya Farzi", "org-39999001")
    (enrollment,) = read(rest(enrollment=EXAMPLE_D_ENROLLMENT))
    assert enrollment["enrolment"]["student_id"] == PUPIL
    assert enrollment["enrolment"]["entry_date"] == "2026-01-12"
    born = {
        "sourcedId": PUPIL,
        "status": "active",
        "dateLastModified": STAMP,
        "birthDate": "2016-03-09",
        "sex": "female",
    }
    (demographics,) = read(rest(demographics=born))
    assert demographics["child"] == {"sex": "FEMALE", "birth_date": "2016-03-09"}
    assert demographics["enrolment"]["student_id"] == PUPIL


def test_the_fullest_record_is_written_and_nothing_is_lost() -> None:
    value = Record.model_validate(fullest())
    assert laws.round_trip(oneroster(), value) == []
    assert laws.accounted(oneroster(), value) == []
    assert oneroster().write(value).dropped == ()


def test_an_enrolment_of_the_sis_is_written_and_what_travels_comes_back() -> None:
    stay = sis.read(sis.EXAMPLE_A)
    (back,) = read(json.dumps(write(stay)).encode())
    assert back["child"]["name_ur"] == stay["child"]["name_ur"]
    kept = (
        "student_id",
        "school_scheme",
        "school_code",
        "grade",
        "section",
        "academic_year",
        "entry_date",
        "exit_date",
    )
    assert {key: back["enrolment"][key] for key in kept} == {key: stay["enrolment"][key] for key in kept}


@pytest.mark.parametrize("code", ["49999001", "399990001"])
def test_case_1_a_school_code_that_does_not_fit_its_scheme_is_refused_and_never_padded(code: str) -> None:
    assert refused_writing(record(school_scheme="pk-sindh-semis", school_code=code)) == [
        ("SCHOOL_CODE", "/orgs/0/identifier")
    ]
    org = {"sourcedId": "s", "status": "active", "dateLastModified": STAMP, "name": "GGPS", "type": "school",
           "identifier": code, "metadata": {"pk.schoolScheme": "pk-sindh-semis"}}  # fmt: skip
    assert refused(rest(users=[EXAMPLE_D_USER], orgs=[org])) == [("SCHOOL_CODE", "/orgs/0/identifier")]


def test_case_2_twins_under_one_father_stay_two_pupils() -> None:
    other = EXAMPLE_D_USER | {"sourcedId": "SIS-99900001-0008"}
    stays = read(rest(users=[EXAMPLE_D_USER, other]))
    assert [stay["enrolment"]["student_id"] for stay in stays] == [PUPIL, "SIS-99900001-0008"]


def test_case_4_a_bform_that_comes_later_changes_no_identifier() -> None:
    without = write(record(child={"name": "Zoya Farzi"}, enrolment_id=None))
    number = {"scheme": "pk-bform", "value": "39999-0000017-2"}
    later = write(record(child={"name": "Zoya Farzi", "identifiers": [number]}, enrolment_id=None))
    assert later["users"][0].pop("userIds") == [{"type": "BForm", "identifier": "3999900000172"}]
    assert later == without


def test_case_5_without_a_father_in_the_record_no_father_and_no_cnic_stand_in_the_roster() -> None:
    guardian = {"relation": "MOTHER", "roles": ["GUARDIAN"], "name": "Sakina Namuna",
                "identifiers": [{"scheme": "pk-cnic", "value": "3999900000268"}]}  # fmt: skip
    data = json.dumps(write(record(persons=[guardian])))
    assert not [word for word in ("Sakina", "3999900000268", "fatherName") if word in data]


def test_case_6_a_pupil_who_comes_back_gets_a_new_enrolment_and_the_old_one_keeps_its_end() -> None:
    left = write(record(enrolment_id=None, exit_reason="DROPOUT"))
    back = write(record(enrolment_id=None, entry_date="2026-01-12", exit_date=None, exit_reason=None, status="CURRENT"))
    assert left["users"][0]["sourcedId"] == back["users"][0]["sourcedId"]
    assert left["enrollments"][0]["sourcedId"] != back["enrollments"][0]["sourcedId"]
    old, new = read(rest(users=back["users"], enrollments=[*left["enrollments"], *back["enrollments"]]))
    assert (old["enrolment"]["exit_date"], "exit_date" in new["enrolment"]) == ("2025-11-14", False)
    assert old["enrolment"]["student_id"] == new["enrolment"]["student_id"]


@pytest.mark.parametrize(
    ("last", "end"),
    [
        ("2026-03-31", "2026-04-01"),
        ("2028-02-28", "2028-02-29"),
        ("2028-02-29", "2028-03-01"),
        ("2027-02-28", "2027-03-01"),
        ("2025-12-31", "2026-01-01"),
    ],
)
def test_case_7_the_last_day_is_written_as_the_day_after_it_and_read_back(last: str, end: str) -> None:
    document = write(record(exit_date=last))
    assert document["enrollments"][0]["endDate"] == end
    assert read(json.dumps(document).encode())[0]["enrolment"]["exit_date"] == last


def test_case_8_an_instant_is_written_in_utc_with_milliseconds_and_a_birth_date_stays_its_day() -> None:
    stay = sis.read(sis.changed(sis.EXAMPLE_A, updated_at="2026-02-01T02:30:00+05:00", date_of_birth="2017-02-01"))
    document = write(stay)
    assert document["enrollments"][0]["dateLastModified"] == "2026-01-31T21:30:00.000Z"
    assert document["demographics"][0]["birthDate"] == "2017-02-01"


def test_case_8_a_stamp_with_another_offset_is_refused() -> None:
    user = EXAMPLE_D_USER | {"dateLastModified": "2026-02-01T02:30:00+05:00"}
    assert refused(rest(users=[user])) == [("NOT_UTC", "/users/0/dateLastModified")]
    zulu = EXAMPLE_D_USER | {"dateLastModified": "2026-01-31T21:30:00+00:00"}
    assert read(rest(users=[zulu]))[0]["enrolment"]["updated_at"] == "2026-01-31T21:30:00Z"


@pytest.mark.parametrize(
    ("grade", "ceds", "told"),
    [("KAT", "KG", True), ("PREP", "KG", True), ("PG", "PR", False), ("NUR", "PK", False), ("04", "04", False),
     ("12", "12", False), ("ALP-P", "UG", True), ("NFE-C", "UG", True), ("MAD-HIFZ", "Other", True)],
)  # fmt: skip
def test_case_10_every_class_is_a_ceds_grade_and_comes_back(grade: str, ceds: str, told: bool) -> None:
    document = write(record(grade=grade, grade_local=None))
    user = document["users"][0]
    assert user["grades"] == document["classes"][0]["grades"] == [ceds]
    assert ("pk.gradeCode" in user["metadata"]) is told
    assert read(json.dumps(document).encode())[0]["enrolment"]["grade"] == grade


@pytest.mark.parametrize("grade", ["KG", "UG", "Other"])
@pytest.mark.parametrize("label", [None, "Class one", "Lower group"])
def test_case_10_a_shared_grade_without_its_code_is_ambiguous(grade: str, label: str | None) -> None:
    user = EXAMPLE_D_USER | {"grades": [grade], "metadata": {"pk.gradeLocal": label} if label else {}}
    assert refused(rest(users=[user])) == [("AMBIGUOUS_GRADE", "/users/0/grades")]


@pytest.mark.parametrize(("label", "grade"), [("Katchi", "KAT"), ("کچی", "KAT"), ("KAT", "KAT"), ("Prep", "PREP")])
def test_case_10_a_label_that_names_one_class_resolves_the_grade(label: str, grade: str) -> None:
    user = EXAMPLE_D_USER | {"grades": ["KG"], "metadata": {"pk.gradeLocal": label}}
    stay = read(rest(users=[user]))[0]["enrolment"]
    assert (stay["grade"], stay["grade_local"]) == (grade, label)


def test_a_grade_that_contradicts_its_code_is_refused() -> None:
    user = EXAMPLE_D_USER | {"grades": ["04"], "metadata": {"pk.gradeCode": "KAT"}}
    assert refused(rest(users=[user])) == [("GRADE_CONFLICT", "/users/0/grades")]
    assert refused(rest(users=[EXAMPLE_D_USER | {"grades": ["TK"]}])) == [("UNKNOWN_CODE", "/users/0/grades")]


def test_case_11_the_year_of_a_winter_zone_school_is_read_from_its_own_session() -> None:
    document = write(record(academic_year="2026-27", year_start="2026-03-01", year_end="2026-12-20"))
    session = document["academicSessions"][0]
    assert (session["schoolYear"], session["startDate"], session["endDate"]) == ("2027", "2026-03-01", "2026-12-21")
    stay = read(json.dumps(document).encode())[0]["enrolment"]
    assert (stay["academic_year"], stay["year_end"]) == ("2026-27", "2026-12-20")


def test_a_year_whose_days_nobody_knows_makes_no_session() -> None:
    document = write(record(year_start=None, year_end=None))
    assert document["academicSessions"] == []
    assert document["enrollments"][0]["metadata"] == {"pk.academicYear": "2025-26"}
    assert read(json.dumps(document).encode())[0]["enrolment"]["academic_year"] == "2025-26"


def test_case_12_two_shifts_of_one_building_are_two_schools() -> None:
    morning = write(record(enrolment_id=None, school_id=None, class_id=None, shift="MORNING"))
    evening = write(record(enrolment_id=None, school_id=None, class_id=None, shift="AFTERNOON", school_code="39999002"))
    for name in ("orgs", "classes", "enrollments"):
        assert morning[name][0]["sourcedId"] != evening[name][0]["sourcedId"]


def test_case_16_a_pupil_who_is_to_be_deleted_is_read_with_a_warning() -> None:
    (reading,) = oneroster().read(rest(users=[EXAMPLE_D_USER | {"status": "tobedeleted"}]))
    assert [(w.code, w.path) for w in reading.warnings] == [("TO_BE_DELETED", "/users/0/status")]
    assert reading.value.child.name == "Zoya Farzi"


def test_an_entry_made_in_error_is_to_be_deleted_and_read_back_as_such() -> None:
    document = write(record(exit_reason="INVALID"))
    assert document["enrollments"][0]["status"] == "tobedeleted"
    assert document["users"][0]["status"] == "active"
    (reading,) = oneroster().read(json.dumps(document).encode())
    assert reading.value.enrolment.exit_reason == "INVALID"
    assert [(w.code, w.path) for w in reading.warnings] == [("TO_BE_DELETED", "/enrollments/0/status")]


@pytest.mark.parametrize("reason", ["DROPOUT", "EXPELLED", "DIED"])
def test_why_a_child_left_is_not_told_to_a_roster(reason: str) -> None:
    written = oneroster().write(Record.model_validate(record(exit_reason=reason)))
    assert reason.encode() not in written.value
    assert "enrolment.exit_reason" in {drop.path for drop in written.dropped}


def test_cases_18_and_21_a_roster_holds_no_trace_of_displacement_or_of_the_referral() -> None:
    tree = record() | {
        "message_id": "00000000-0000-4000-8000-0000000000b1",
        "authored_at": "2026-01-12T04:00:00Z",
        "sender": {"agency": "welfare:farzi-cpb", "kind": "SOCIAL_WELFARE"},
        "incident": {"number": "9977/77"},
    }
    tree["child"] |= {"nationality": "AFG", "displacement": "REFUGEE", "care_arrangement": "RESIDENTIAL_CARE"}
    tree["child"]["identifiers"].append({"scheme": "pk-por", "value": "POR-FARZI-77"})
    data = oneroster().write(Record.model_validate(tree)).value
    traces = (b"0000000000b1", b"welfare", b"raabta", b"gateway", b"9977", b"AFG", b"REFUGEE", b"POR", b"RESIDENTIAL")
    assert [trace for trace in traces if trace in data] == []
    assert data == oneroster().write(Record.model_validate(record())).value
