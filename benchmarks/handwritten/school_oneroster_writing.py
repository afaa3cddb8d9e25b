"""A roster by hand: writing one stay of one pupil; identifiers nobody gave are made of pupil, school and year."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from benchmarks.handwritten.refusing import Untranslatable, coded, demanded
from benchmarks.handwritten.school_oneroster import GRADES, SEX_WRITTEN, SHARED
from mappings.engine.json_reader import write_json
from mappings.enrolment import Enrolment, school_code_fits
from mappings.identifiers import Scheme
from mappings.people import Child, Person
from mappings.referral import Record
from mappings.school_oneroster.finishing import derived, pointer
from mappings.vocabulary import Relation
from mappings.vocabulary.school import EnrolmentStatus, ExitReason

_ENABLED = {
    EnrolmentStatus.CURRENT: "true", EnrolmentStatus.LEFT: "false", EnrolmentStatus.PENDING_ADMISSION: "true",
    EnrolmentStatus.PENDING_TRANSFER: "true", EnrolmentStatus.TRANSFERRED: "false",
}  # fmt: skip
_DAY = timedelta(days=1)


def write(record: Record) -> bytes:
    """Return a record as a roster."""
    stay: Enrolment = demanded(record.enrolment, "enrolment")
    pupil = demanded(stay.student_id, "enrolment.student_id")
    stamp = _stamp(demanded(stay.updated_at, "enrolment.updated_at"))
    ids = _ids(stay)
    collections: dict[str, Any] = {
        "users": [_user(record, stay, pupil, ids["org"], stamp)],
        "enrollments": [_enrollment(stay, pupil, ids, stamp)],
        "demographics": _demographics(record.child, pupil, stamp),
        "orgs": [_school(stay, ids["org"], stamp)],
        "classes": _classes(stay, ids, stamp),
        "academicSessions": _sessions(stay, ids["session"], stamp),
    }
    return write_json(collections)


def _ids(stay: Enrolment) -> dict[str, str]:
    place = demanded(stay.school_code or stay.school_id, "enrolment.school_code")
    grade = stay.grade or ""
    return {
        "org": stay.school_id or derived("org", place),
        "class": stay.class_id or derived("cls", place, f"{grade}{stay.section or ''}"),
        "course": derived("crs", place, grade),
        "enrollment": stay.enrolment_id
        or derived("enr", stay.student_id or "", place, (stay.entry_date or "").replace("-", "")),
        "session": derived("ses", place, stay.academic_year or ""),
    }


def _user(record: Record, stay: Enrolment, pupil: str, org: str, stamp: str) -> dict[str, Any]:
    given, family, alone = _halves(demanded(record.child.name, "child.name"))
    enabled = "true" if stay.status is None else demanded(_ENABLED.get(stay.status), "enrolment.status")
    user: dict[str, Any] = {
        "sourcedId": pupil, "status": "active", "dateLastModified": stamp, "enabledUser": enabled,
    }  # fmt: skip
    numbers = [number.value for number in record.child.identifiers if number.scheme is Scheme.BFORM]
    if numbers:
        user["userIds"] = [{"type": "BForm", "identifier": number} for number in numbers]
    role = {"roleType": "primary", "role": "student", "org": pointer("orgs", "org", org)}
    user |= {"givenName": given, "familyName": family, "roles": [role]}
    if stay.admission_no is not None:
        user["identifier"] = _line(stay.admission_no, "enrolment.admission_no")
    if stay.grade is not None:
        user["grades"] = [_ceds(stay.grade)]
    if metadata := _metadata(record, stay, alone=alone):
        user["metadata"] = metadata
    return user


def _metadata(record: Record, stay: Enrolment, *, alone: bool) -> dict[str, str]:
    metadata = {"pk.singleName": "true"} if alone else {}
    if record.child.name_ur is not None:
        metadata["pk.nameUr"] = _line(record.child.name_ur, "child.name_ur")
    father = _father(record.persons)
    if father is not None and father.name is not None:
        metadata["pk.fatherName"] = _line(father.name, "persons.name")
    if stay.grade in SHARED:
        metadata["pk.gradeCode"] = stay.grade
    if stay.grade_local is not None:
        metadata["pk.gradeLocal"] = _line(stay.grade_local, "enrolment.grade_local")
    return metadata


def _enrollment(stay: Enrolment, pupil: str, ids: dict[str, str], stamp: str) -> dict[str, Any]:
    node: dict[str, Any] = {
        "sourcedId": ids["enrollment"],
        "status": "tobedeleted" if stay.exit_reason is ExitReason.INVALID else "active",
        "dateLastModified": stamp,
        "user": pointer("users", "user", pupil),
        "class": pointer("classes", "class", ids["class"]),
        "school": pointer("orgs", "org", ids["org"]),
        "role": "student", "primary": "false",
    }  # fmt: skip
    if stay.entry_date is not None:
        node["beginDate"] = stay.entry_date
    if stay.exit_date is not None:
        node["endDate"] = _day_after(stay.exit_date, "enrolment.exit_date")
    return node


def _demographics(child: Child, pupil: str, stamp: str) -> list[dict[str, Any]]:
    node: dict[str, Any] = {"sourcedId": pupil, "status": "active", "dateLastModified": stamp}
    if child.birth_date is not None and len(child.birth_date) == 10 and not child.birth_date_estimated:
        node["birthDate"] = child.birth_date
    if child.sex is not None:
        node["sex"] = coded(SEX_WRITTEN, child.sex, "child.sex")
    return [node] if len(node) > 3 else []


def _school(stay: Enrolment, org: str, stamp: str) -> dict[str, Any]:
    if stay.school_scheme and stay.school_code and not school_code_fits(stay.school_scheme, stay.school_code):
        raise Untranslatable("SCHOOL_CODE", "enrolment.school_code")
    name = _line(demanded(stay.school_name, "enrolment.school_name"), "enrolment.school_name")
    node: dict[str, Any] = {
        "sourcedId": org, "status": "active", "dateLastModified": stamp, "name": name, "type": "school",
    }  # fmt: skip
    if stay.school_code is not None:
        node["identifier"] = stay.school_code
    if stay.school_scheme is not None:
        node["metadata"] = {"pk.schoolScheme": stay.school_scheme}
    return node


def _classes(stay: Enrolment, ids: dict[str, str], stamp: str) -> list[dict[str, Any]]:
    if stay.section is None:
        return []
    demanded(stay.academic_year, "enrolment.academic_year")
    node: dict[str, Any] = {
        "sourcedId": ids["class"], "status": "active", "dateLastModified": stamp,
        "title": _line(stay.section, "enrolment.section"), "classType": "homeroom",
        "course": pointer("courses", "course", ids["course"]), "school": pointer("orgs", "org", ids["org"]),
        "terms": [pointer("academicSessions", "academicSession", ids["session"])],
    }  # fmt: skip
    if stay.grade is not None:
        node["grades"] = [_ceds(stay.grade)]
    return [node]


def _sessions(stay: Enrolment, session: str, stamp: str) -> list[dict[str, Any]]:
    year, start, end = stay.academic_year, stay.year_start, stay.year_end
    if year is None or start is None or end is None:
        return []
    closing = int(year[:4]) + 1
    if closing % 100 != int(year[5:]) or closing > 2099:
        raise Untranslatable("CANNOT_HOLD", "enrolment.academic_year")
    return [{
        "sourcedId": session, "status": "active", "dateLastModified": stamp, "title": year, "type": "schoolYear",
        "startDate": start, "endDate": _day_after(end, "enrolment.year_end"), "schoolYear": str(closing),
    }]  # fmt: skip


def _halves(name: str) -> tuple[str, str, bool]:
    """Return given and family name, and whether they are one name repeated: OneRoster demands both."""
    words = name.split()
    if not words:
        raise Untranslatable("CANNOT_HOLD", "child.name")
    return (words[0], words[0], True) if len(words) == 1 else (" ".join(words[:-1]), words[-1], False)


def _ceds(grade: str) -> str:
    theirs = GRADES.get(grade) or SHARED.get(grade) or ("Other" if grade.startswith("MAD-") else None)
    if theirs is None:
        raise Untranslatable("UNMAPPED_CODE", "enrolment.grade")
    return theirs


def _line(value: str, ours: str) -> str:
    if "\n" in value or "\r" in value:
        raise Untranslatable("CANNOT_HOLD", ours)
    return value


def _stamp(value: str) -> str:
    moment = datetime.fromisoformat(value)
    return f"{moment.strftime('%Y-%m-%dT%H:%M:%S')}.{moment.microsecond // 1000:03d}Z"


def _day_after(value: str, ours: str) -> str:
    try:
        return (date.fromisoformat(value) + _DAY).isoformat()
    except OverflowError:
        raise Untranslatable("CANNOT_HOLD", ours) from None


def _father(persons: tuple[Person, ...]) -> Person | None:
    return next((person for person in persons if person.relation is Relation.FATHER), None)
