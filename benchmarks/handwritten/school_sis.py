"""A school's enrolment by hand (formats/school.md 4.2): one JSON object about one stay of one pupil."""

from __future__ import annotations

import re
from typing import Any

from benchmarks.handwritten.refusing import Untranslatable, built, checked, coded, demanded, flag, text, turned
from mappings.dates import full_date, instant, partial_date
from mappings.engine.json_reader import read_json, write_json
from mappings.enrolment import Enrolment, school_code_fits
from mappings.identifiers import Scheme, thirteen_digits
from mappings.people import Child, Person
from mappings.referral import Record
from mappings.text import strip_bidi
from mappings.vocabulary import PersonRole, Relation

_SEXES = {"F": "FEMALE", "M": "MALE", "X": "X"}
_SEX_WRITTEN = turned(_SEXES)
_GUARDIANS = {"FATHER": "FATHER", "MOTHER": "MOTHER", "GUARDIAN": "GUARDIAN", "INSTITUTION": "INSTITUTION"}
_WIDER = {"PARENT": "GUARDIAN", "STEP_FATHER": "GUARDIAN", "STEP_MOTHER": "GUARDIAN", "STEP_PARENT": "GUARDIAN",
          "GRANDFATHER": "GUARDIAN", "GRANDMOTHER": "GUARDIAN", "SIBLING": "GUARDIAN", "UNCLE_AUNT": "GUARDIAN",
          "RELATIVE": "GUARDIAN"}  # fmt: skip
_RELATION_WRITTEN = {**_WIDER, **turned(_GUARDIANS)}
_STUDENT = re.compile(r"[0-9A-Za-z./@_-]{1,64}")
_PLAIN = ("admission_no", "grade_local", "section", "shift", "medium")
_DEMANDED = ("entry_type", "status")


def read(data: bytes) -> Record:
    """Return the record that an enrolment is."""
    document, _ = read_json(data)
    if not isinstance(document, dict) or "student_id" not in document or "entry_date" not in document:
        raise Untranslatable("UNKNOWN_DOCUMENT", "")
    return built(Record, {
        "child": _child(document), "persons": _people(document), "enrolment": _enrolment(document),
    })  # fmt: skip


def _child(document: dict[str, Any]) -> dict[str, Any]:
    child: dict[str, Any] = {
        "name": text(demanded(document.get("name"), "/name"), "/name"),
        "sex": coded(_SEXES, demanded(document.get("sex"), "/sex"), "/sex"),
    }
    if "name_ur" in document:
        child["name_ur"] = text(document["name_ur"], "/name_ur")
    if "b_form_no" in document:
        number = checked(thirteen_digits, document["b_form_no"], "/b_form_no", "INVALID_IDENTIFIER")
        status = demanded(document.get("b_form_status"), "/b_form_status")
        child["identifiers"] = ({"scheme": "pk-bform", "value": number, "status": status},)
    if "date_of_birth" in document:
        day = checked(partial_date, document["date_of_birth"], "/date_of_birth", "INVALID_DATE")
        estimated = flag(document.get("dob_estimated", False), "/dob_estimated")
        child["birth_date"] = day[:4] if estimated and day.endswith("-01") else day
        if "dob_estimated" in document:
            child["birth_date_estimated"] = estimated
    return child


def _people(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the father and the guardian, who may be one person."""
    people: list[dict[str, Any]] = []
    relation = document.get("guardian_relation")
    father, name = document.get("father_name"), document.get("guardian_name")
    if relation == "FATHER":
        if father is not None and name is not None and father != name:
            raise Untranslatable("GUARDIAN_CONFLICT", "/guardian_name")
        father = father if father is not None else name
    if father is not None or relation == "FATHER":
        people.append({"relation": Relation.FATHER})
        if father is not None:
            people[0]["name"] = text(father, "/father_name")
    numbered = "guardian_cnic" in document
    if relation == "FATHER":
        guardian = people[0]
    elif relation is not None or name is not None or numbered:
        guardian = {}
        people.append(guardian)
        if name is not None:
            guardian["name"] = text(name, "/guardian_name")
        if relation is not None:
            guardian["relation"] = coded(_GUARDIANS, relation, "/guardian_relation")
    else:
        return people
    guardian["roles"] = (PersonRole.GUARDIAN,)
    if numbered:
        number = checked(thirteen_digits, document["guardian_cnic"], "/guardian_cnic", "INVALID_IDENTIFIER")
        guardian["identifiers"] = ({"scheme": "pk-cnic", "value": number},)
    return people


def _enrolment(document: dict[str, Any]) -> dict[str, Any]:
    school = demanded(document.get("school"), "/school")
    if not isinstance(school, dict):
        raise Untranslatable("WRONG_TYPE", "/school")
    scheme = text(demanded(school.get("scheme"), "/school/scheme"), "/school/scheme")
    code = text(demanded(school.get("code"), "/school/code"), "/school/code")
    if not school_code_fits(scheme, code):
        raise Untranslatable("SCHOOL_CODE", "/school/code")
    stay: dict[str, Any] = {
        "student_id": text(document["student_id"], "/student_id"), "school_scheme": scheme, "school_code": code,
        "grade": text(demanded(document.get("grade_code"), "/grade_code"), "/grade_code"),
        "academic_year": text(demanded(document.get("academic_year"), "/academic_year"), "/academic_year"),
        "entry_date": checked(full_date, document["entry_date"], "/entry_date", "INVALID_DATE"),
        "updated_at": checked(instant, demanded(document.get("updated_at"), "/updated_at"), "/updated_at"),
    }  # fmt: skip
    if "name" in school:
        stay["school_name"] = text(school["name"], "/school/name")
    for key in _PLAIN:
        if key in document:
            stay[key] = text(document[key], f"/{key}")
    for key in _DEMANDED:
        stay[key] = text(demanded(document.get(key), f"/{key}"), f"/{key}")
    if "b_form_no" not in document:
        stay["bform_status"] = text(demanded(document.get("b_form_status"), "/b_form_status"), "/b_form_status")
    if "exit_date" in document:
        stay["exit_date"] = checked(full_date, document["exit_date"], "/exit_date", "INVALID_DATE")
        stay["exit_reason"] = text(demanded(document.get("exit_reason"), "/exit_reason"), "/exit_reason")
    return stay


def write(record: Record) -> bytes:
    """Return a record as an enrolment."""
    stay: Enrolment = demanded(record.enrolment, "enrolment")
    student = demanded(stay.student_id, "enrolment.student_id")
    if _STUDENT.fullmatch(student) is None:
        raise Untranslatable("CANNOT_HOLD", "enrolment.student_id")
    document: dict[str, Any] = {"student_id": student}
    _write_number(document, record.child, stay)
    if stay.admission_no is not None:
        document["admission_no"] = stay.admission_no
    document["name"] = _name(demanded(record.child.name, "child.name"), "child.name")
    if record.child.name_ur is not None:
        document["name_ur"] = _name(record.child.name_ur, "child.name_ur")
    _write_people(document, record.persons)
    document["sex"] = coded(_SEX_WRITTEN, demanded(record.child.sex, "child.sex"), "child.sex")
    _write_birth(document, record.child)
    _write_stay(document, stay)
    return write_json(document)


def _write_number(document: dict[str, Any], child: Child, stay: Enrolment) -> None:
    number = next((i for i in child.identifiers if i.scheme is Scheme.BFORM), None)
    if number is not None:
        document["b_form_no"] = number.value
    status = number.status if number is not None else stay.bform_status
    document["b_form_status"] = demanded(status, "child.identifiers.status").value


def _write_people(document: dict[str, Any], persons: tuple[Person, ...]) -> None:
    father = next((p for p in persons if p.relation is Relation.FATHER), None)
    guardian = next((p for p in persons if PersonRole.GUARDIAN in p.roles), None)
    both = next((p for p in persons if p.relation is Relation.FATHER and PersonRole.GUARDIAN in p.roles), None)
    if both is not None:
        father = guardian = both
    if father is not None and father.name is not None:
        document["father_name"] = _name(father.name, "persons.name")
    if guardian is None:
        return
    if guardian is not father and guardian.name is not None:
        document["guardian_name"] = _name(guardian.name, "persons.name")
    if guardian.relation is not None:
        document["guardian_relation"] = coded(_RELATION_WRITTEN, guardian.relation, "persons.relation")
    cnic = next((i.value for i in guardian.identifiers if i.scheme is Scheme.CNIC), None)
    if cnic is not None:
        document["guardian_cnic"] = cnic


def _write_birth(document: dict[str, Any], child: Child) -> None:
    born = child.birth_date
    if born is None:
        document["dob_estimated"] = True
        return
    document["date_of_birth"] = f"{born}-01-01"[:10] if len(born) < 10 else born
    document["dob_estimated"] = len(born) < 10 or bool(child.birth_date_estimated)


def _write_stay(document: dict[str, Any], stay: Enrolment) -> None:
    scheme = demanded(stay.school_scheme, "enrolment.school_scheme")
    code = demanded(stay.school_code, "enrolment.school_code")
    if not school_code_fits(scheme, code):
        raise Untranslatable("SCHOOL_CODE", "enrolment.school_code")
    school = document["school"] = {"scheme": scheme, "code": code}
    if stay.school_name is not None:
        school["name"] = _name(stay.school_name, "enrolment.school_name")
    document["grade_code"] = demanded(stay.grade, "enrolment.grade")
    for key in ("grade_local", "section"):
        value = getattr(stay, key)
        if value is not None:
            if len(value) > 60:
                raise Untranslatable("CANNOT_HOLD", f"enrolment.{key}")
            document[key] = value
    for key in ("shift", "medium"):
        value = getattr(stay, key)
        if value is not None:
            document[key] = value.value
    year = document["academic_year"] = demanded(stay.academic_year, "enrolment.academic_year")
    if (int(year[:4]) + 1) % 100 != int(year[5:]):
        raise Untranslatable("CANNOT_HOLD", "enrolment.academic_year")
    _write_dates(document, stay)


def _write_dates(document: dict[str, Any], stay: Enrolment) -> None:
    document["entry_date"] = demanded(stay.entry_date, "enrolment.entry_date")
    if stay.exit_date is not None:
        document["exit_date"] = stay.exit_date
    document["entry_type"] = demanded(stay.entry_type, "enrolment.entry_type").value
    if stay.exit_date is not None:
        document["exit_reason"] = demanded(stay.exit_reason, "enrolment.exit_reason").value
    document["status"] = demanded(stay.status, "enrolment.status").value
    document["updated_at"] = demanded(stay.updated_at, "enrolment.updated_at")


def _name(value: str, ours: str) -> str:
    """Return a name without the bidirectional marks this format forbids, if it can hold it."""
    plain = strip_bidi(value)
    if not 1 <= len(plain) <= 100:
        raise Untranslatable("CANNOT_HOLD", ours)
    return plain
