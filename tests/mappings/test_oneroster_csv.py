"""The CSV binding: packages as a whole set and as changes, each rule at its row and column, hostile zip files."""

from __future__ import annotations

import io
import zipfile

import pytest

from mappings.referral import Record
from mappings.school_oneroster.csv_text import rows
from mappings.school_oneroster.package import csv_package
from mappings.school_oneroster.tables import FILES
from tests.mappings.oneroster_documents import (
    BULK_ROWS,
    EXAMPLE_E,
    altered,
    bulk,
    delta,
    fullest,
    manifest,
    oneroster,
    package,
    read,
    refused,
    table,
)


def test_a_bulk_package_is_read_as_one_record_for_each_pupil() -> None:
    first, second = oneroster().read(bulk())
    assert first.value.child.name == "Zoya Farzi"
    assert first.value.child.identifiers[0].value == "3999900000172"
    stay = first.value.enrolment
    assert (stay.student_id, stay.grade, stay.section, stay.exit_date) == ("p1", "KAT", "A", "2025-11-14")
    assert (stay.academic_year, stay.year_start, stay.year_end) == ("2025-26", "2025-04-01", "2026-03-31")
    assert (stay.school_code, stay.school_name, stay.updated_at) == ("39999001", "GGPS Misali Chak", None)
    assert second.value.child.name_ur == "سجن مثالی"
    assert (second.value.enrolment.student_id, second.value.enrolment.school_id) == ("p2", "s1")
    assert {"/users.csv/4/givenName", "/users.csv/2/userIds", "/academicSessions.csv/2/startDate"} <= set(
        first.leftover
    )


def test_every_value_that_is_read_names_its_row_and_column() -> None:
    lines = {line.ours: line.theirs for line in oneroster().read(bulk())[0].lines}
    assert lines["enrolment.class_id"] == "/enrollments.csv/2/classSourcedId"
    assert lines["child.identifiers[0].value"] == "/users.csv/2/userIds"
    assert lines["enrolment.grade"] == "/users.csv/2/grades"


def test_example_e_is_read_as_three_stays_of_two_pupils() -> None:
    stays = [stay["enrolment"] for stay in read(delta("enrollments", EXAMPLE_E))]
    assert [(s["student_id"][-4:], s["entry_date"], s.get("exit_date")) for s in stays] == [
        ("0007", "2025-04-03", "2025-11-14"),
        ("0007", "2026-01-12", None),
        ("0099", "2026-01-01", None),
    ]
    assert stays[2]["exit_reason"] == "INVALID"
    assert [(f.code, f.path) for f in oneroster().validate(delta("enrollments", EXAMPLE_E))] == [
        ("TO_BE_DELETED", "/enrollments.csv/4/status")
    ]


def test_what_we_write_is_a_delta_package_that_reads_as_the_same_record() -> None:
    document = oneroster().write(Record.model_validate(fullest())).value
    data = csv_package(document)
    assert [f.code for f in oneroster().validate(data)] == ["TO_BE_DELETED"]
    assert read(data) == read(document)
    assert data == csv_package(document)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        told = rows(archive.read("manifest.csv").decode(), "manifest.csv")
        assert set(archive.namelist()) - {"manifest.csv"} == {
            f"{name.removeprefix('file.')}.csv" for name, mode in told if mode == "delta"
        }
    assert [name for name, _ in told[3:]] == [f"file.{name}" for name in FILES["1.2"]]


def test_case_14_a_bulk_row_with_its_status_filled_is_refused() -> None:
    assert refused(altered("users", 1, status="active")) == [("row.field_forbidden_in_bulk", "/users.csv/3/status")]
    stamped = altered("orgs", 0, dateLastModified="2026-01-12T04:00:00.000Z")
    assert refused(stamped) == [("row.field_forbidden_in_bulk", "/orgs.csv/2/dateLastModified")]


def test_case_14_a_delta_row_without_its_status_is_refused() -> None:
    text = EXAMPLE_E.replace("enr-0007-20260112,active,", "enr-0007-20260112,,")
    assert refused(delta("enrollments", text)) == [("row.field_required_in_delta", "/enrollments.csv/3/status")]


def test_case_15_a_line_break_in_a_cell_is_refused_with_its_row_and_column() -> None:
    assert refused(altered("users", 1, givenName="سجن\nمثالی")) == [("CSV_LINE_BREAK", "/users.csv/3/givenName")]
    assert refused(altered("users", 0, **{"metadata.pk.gradeCode": "KAT\r"})) == [
        ("CSV_LINE_BREAK", "/users.csv/2/metadata.pk.gradeCode")
    ]


@pytest.mark.parametrize("name", ["urn:uuid:0001", "a b", "سجن", "x" * 256, "a;b"])
def test_case_15_an_identifier_outside_the_alphabet_is_refused_with_its_row_and_column(name: str) -> None:
    assert ("SOURCED_ID", "/users.csv/3/sourcedId") in refused(altered("users", 1, sourcedId=name))
    assert ("SOURCED_ID", "/enrollments.csv/2/classSourcedId") in refused(
        altered("enrollments", 0, classSourcedId=name)
    )


@pytest.mark.parametrize(
    ("file", "column", "cell", "code"),
    [
        ("users", "enabledUser", "TRUE", "INVALID_VALUE"),
        ("users", "enabledUser", "", "MISSING_REQUIRED"),
        ("users", "username", "", "MISSING_REQUIRED"),
        ("users", "grades", "KG,99", "UNKNOWN_CODE"),
        ("users", "userIds", "BForm:1", "INVALID_VALUE"),
        ("users", "userIds", "{BForm:1}{LMS:2}", "INVALID_VALUE"),
        ("enrollments", "beginDate", "03-04-2025", "INVALID_DATE"),
        ("enrollments", "endDate", "2025-02-30", "INVALID_DATE"),
        ("enrollments", "role", "pupil", "UNKNOWN_CODE"),
        ("enrollments", "primary", "0", "INVALID_VALUE"),
        ("enrollments", "classSourcedId", "c9", "CSV_REFERENCE"),
        ("demographics", "birthDate", "2019-03-09T00:00:00Z", "INVALID_DATE"),
        ("demographics", "sex", "F", "UNKNOWN_CODE"),
        ("orgs", "type", "SCHOOL", "UNKNOWN_CODE"),
        ("classes", "classType", "room", "UNKNOWN_CODE"),
        ("classes", "termSourcedIds", "t26,t99", "CSV_REFERENCE"),
        ("academicSessions", "schoolYear", "26", "INVALID_VALUE"),
        ("academicSessions", "parentSourcedId", "y99", "CSV_REFERENCE"),
        ("roles", "role", "pupil", "UNKNOWN_CODE"),
        ("users", "primaryOrgSourcedId", "s9", "CSV_REFERENCE"),
    ],
)
def test_every_rule_of_a_cell_names_its_row_and_column(file: str, column: str, cell: str, code: str) -> None:
    assert (code, f"/{file}.csv/2/{column}") in refused(altered(file, 0, **{column: cell}))


@pytest.mark.parametrize("stamp", ["2026-01-12T04:00:00Z", "2026-01-12T09:00:00.000+05:00", "2026-01-12"])
def test_a_stamp_in_csv_is_utc_with_milliseconds(stamp: str) -> None:
    text = EXAMPLE_E.replace("2025-11-15T04:10:00.000Z", stamp)
    assert refused(delta("enrollments", text)) == [("NOT_UTC", "/enrollments.csv/2/dateLastModified")]


def test_a_word_an_agreement_adds_is_read_where_the_binding_allows_it() -> None:
    assert len(read(altered("roles", 2, role="ext:hostel-warden"))) == 2
    assert refused(altered("users", 0, grades="ext:katchi")) == [("UNKNOWN_CODE", "/users.csv/2/grades")]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (lambda h: h.replace("sourcedId,status", "status,sourcedId"), "CSV_HEADER"),
        (lambda h: h.replace(",endDate", ""), "CSV_HEADER"),
        (lambda h: h.replace(",endDate", ",endDate,remark"), "CSV_HEADER"),
        (lambda h: h.replace(",endDate", ",endDate,endDate"), "CSV_HEADER"),
        (lambda h: h.replace("primary", "Primary"), "CSV_HEADER"),
        (lambda h: f"metadata.x,{h}", "CSV_HEADER"),
    ],
)
def test_a_header_is_the_bindings_own_or_refused(header: object, code: str) -> None:
    first, _, rest = EXAMPLE_E.partition("\n")
    assert callable(header)
    assert refused(delta("enrollments", f"{header(first)}\n{rest}")) == [(code, "/enrollments.csv/1")]


def test_metadata_columns_stand_after_those_of_the_binding() -> None:
    lines = EXAMPLE_E.splitlines()
    text = "\n".join([f"{lines[0]},metadata.pk.academicYear", f"{lines[1]},2025-26", *(f"{x}," for x in lines[2:])])
    assert read(delta("enrollments", text))[0]["enrolment"]["academic_year"] == "2025-26"


def test_a_row_of_another_width_and_an_identifier_twice_are_refused() -> None:
    assert refused(delta("enrollments", f"{EXAMPLE_E}a,b\n")) == [("CSV_COLUMNS", "/enrollments.csv/5")]
    twice = EXAMPLE_E.replace("enr-0007-20260112", "enr-0007-20250403")
    assert refused(delta("enrollments", twice)) == [("REPEATED", "/enrollments.csv/3/sourcedId")]


@pytest.mark.parametrize("text", ['a,"b', 'a,"b"c', 'a,b"c,d', "a\rb"])
def test_wrong_quoting_is_refused_at_its_row(text: str) -> None:
    assert refused(delta("enrollments", f"{EXAMPLE_E}{text}\n")) == [("MALFORMED", "/enrollments.csv/5")]


def test_a_byte_order_mark_and_either_line_end_are_tolerated() -> None:
    assert len(read(delta("enrollments", "\ufeff" + EXAMPLE_E.replace("\n", "\r\n")))) == 3


def test_text_that_is_no_utf8_or_holds_a_nul_is_refused_at_its_file() -> None:
    for body, code in ((b"\xff\xfe", "NOT_UTF8"), (b"a\x00b", "BAD_TEXT")):
        files = {"manifest.csv": manifest({"users": "bulk"}), "users.csv": body}
        assert refused(package(files)) == [(code, "/users.csv")]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("propertyName;value\n", [("CSV_HEADER", "/manifest.csv/1")]),
        (manifest({}).replace("file.users,absent\r\n", ""), [("MISSING_REQUIRED", "/manifest.csv/file.users")]),
        (manifest({}).replace("t.version,1.0", "t.version,2.0"), [("UNEXPECTED_VALUE", "/manifest.csv/2/value")]),
        (manifest({}).replace("file.users,absent", "file.users,some"), [("UNKNOWN_CODE", "/manifest.csv/24/value")]),
        (manifest({}, **{"file.users": "absent"}), [("REPEATED", "/manifest.csv/25/propertyName")]),
        (manifest({}, **{"file.pupils": "absent"}), [("UNKNOWN_FIELD", "/manifest.csv/25/propertyName")]),
        (manifest({}, color="green"), [("UNKNOWN_FIELD", "/manifest.csv/25/propertyName")]),
        (manifest({"users": "bulk"}), [("MISSING_REQUIRED", "/users.csv")]),
        (manifest({}, **{"source.systemName": "SIS", "source.systemCode": "1"}), [("NO_PUPIL", "")]),
    ],
)  # fmt: skip
def test_a_manifest_accounts_for_every_file_once(text: str, findings: list[tuple[str, str]]) -> None:
    assert refused(package({"manifest.csv": text})) == findings


def test_a_file_the_manifest_does_not_name_and_a_missing_manifest_are_refused() -> None:
    extra = {"manifest.csv": manifest({}), "users.csv": table("users", BULK_ROWS["users"])}
    assert refused(package(extra)) == [("ZIP_FILES", "/manifest.csv")]
    assert refused(package({"users.csv": "a"})) == [("MISSING_REQUIRED", "/manifest.csv")]


def test_a_file_of_another_service_is_checked_and_not_read() -> None:
    files = {"manifest.csv": manifest({"results": "delta", "enrollments": "delta"}), "enrollments.csv": EXAMPLE_E}
    good = package(
        {**files, "results.csv": "sourcedId,status,dateLastModified,score\nx,active,2026-01-12T04:00:00.000Z,9\n"}
    )
    assert ("CSV_NOT_READ", "/results.csv") in [(f.code, f.path) for f in oneroster().validate(good)]
    assert len(read(good)) == 3
    bad = package({**files, "results.csv": "sourcedId,status,dateLastModified,score\nx,,2026-01-12T04:00:00.000Z,9\n"})
    assert refused(bad) == [("row.field_required_in_delta", "/results.csv/2/status")]


def test_a_package_of_version_1_1_is_read_with_a_warning() -> None:
    users = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userId,givenName,familyName\n"
    users += 'p1,inactive,2026-01-12T04:00:00.000Z,true,"s1,s2",student,,{BForm:3999900000172},Zoya,Farzi\n'
    born = "userSourcedId,status,dateLastModified,birthdate,sex\np1,active,2026-01-12T04:00:00.000Z,2016-03-09,female\n"
    data = package(
        {
            "manifest.csv": manifest({"users": "delta", "demographics": "delta"}, "1.1"),
            "users.csv": users,
            "demographics.csv": born,
        }
    )
    (reading,) = oneroster().read(data)
    assert {w.code for w in reading.warnings} == {"OLD_VERSION"}
    assert (reading.value.child.birth_date, reading.value.child.sex) == ("2016-03-09", "FEMALE")
    assert (reading.value.enrolment.school_id, reading.value.child.identifiers[0].value) == ("s1", "3999900000172")
