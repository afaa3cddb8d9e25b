"""A roster by hand (formats/school.md 1.3, 4.5): one stay of one pupil in the six collections of OneRoster's REST."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from benchmarks.handwritten.refusing import Untranslatable, built, checked, coded, demanded, text, turned
from mappings.dates import full_date, instant
from mappings.engine.json_reader import read_json
from mappings.enrolment import school_code_fits
from mappings.identifiers import thirteen_digits
from mappings.referral import Record
from mappings.school_oneroster.cells import ALPHABET

SEXES = {"female": "FEMALE", "male": "MALE", "other": "X", "unspecified": "UNKNOWN"}
SEX_WRITTEN = turned(SEXES)
GRADES = {"PG": "PR", "NUR": "PK", **{f"{n:02d}": f"{n:02d}" for n in range(1, 13)}}
SHARED = {"KAT": "KG", "PREP": "KG", **{f"NFE-{letter}": "UG" for letter in "ABCDE"}, "ALP-P": "UG", "ALP-M": "UG"}
"""Classes that share a grade, so that the class stands in the metadata too."""
_CLASS_OF = turned(GRADES)
_DAY = timedelta(days=1)
_NO_NAME = frozenset({"", "-", "--", "."})


def read(data: bytes) -> Record:
    """Return the record of the one stay a roster holds."""
    document, _ = read_json(data)
    if not isinstance(document, dict):
        raise Untranslatable("UNKNOWN_DOCUMENT", "")
    stay = demanded(_single(document, "enrollments"), "/enrollments/0")
    if stay.get("role") != "student":
        raise Untranslatable("NO_PUPIL", "/enrollments/0/role")
    user = _found(document, "users", stay, "user")
    metadata = _object(user, "metadata", "/users/0")
    child = _child(user, metadata)
    demographics = _single(document, "demographics")
    if demographics is not None:
        _add_birth(child, demographics)
    enrolment = _enrolment(stay, user, metadata)
    _add_school(enrolment, _found(document, "orgs", stay, "school"))
    room = _found(document, "classes", stay, "class")
    if room.get("classType") == "homeroom" and "title" in room:
        enrolment["section"] = text(room["title"], "/classes/0/title")
    if (year := _single(document, "academicSessions")) is not None and year.get("type") == "schoolYear":
        _add_year(enrolment, year)
    values: dict[str, Any] = {"child": child, "enrolment": enrolment}
    if "pk.fatherName" in metadata:
        father = text(metadata["pk.fatherName"], "/users/0/metadata/pk.fatherName")
        values["persons"] = ({"relation": "FATHER", "name": father},)
    return built(Record, values)


def _single(document: dict[str, Any], collection: str) -> dict[str, Any] | None:
    items = document.get(collection, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Untranslatable("WRONG_TYPE", f"/{collection}")
    if len(items) > 1:
        raise Untranslatable("REPEATED", f"/{collection}/1")
    return items[0] if items else None


def _object(node: dict[str, Any], key: str, at: str) -> dict[str, Any]:
    found = node.get(key, {})
    if not isinstance(found, dict):
        raise Untranslatable("WRONG_TYPE", f"{at}/{key}")
    return found


def _found(document: dict[str, Any], collection: str, stay: dict[str, Any], reference: str) -> dict[str, Any]:
    """Return the object a stay points to, or an empty one where it is not in the document."""
    wanted = _object(stay, reference, "/enrollments/0").get("sourcedId")
    item = _single(document, collection)
    if item is None:
        return {}
    if item.get("sourcedId") != wanted:
        raise Untranslatable("DANGLING_REFERENCE", f"/enrollments/0/{reference}/sourcedId")
    return item


def _child(user: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    given = text(demanded(user.get("givenName"), "/users/0/givenName"), "/users/0/givenName").strip()
    family = text(demanded(user.get("familyName"), "/users/0/familyName"), "/users/0/familyName").strip()
    alone = str(metadata.get("pk.singleName", "")).lower() == "true" and given == family
    child: dict[str, Any] = {"name": given if alone or family in _NO_NAME else f"{given} {family}"}
    if "pk.nameUr" in metadata:
        child["name_ur"] = text(metadata["pk.nameUr"], "/users/0/metadata/pk.nameUr")
    numbers = user.get("userIds", [])
    if not isinstance(numbers, list):
        raise Untranslatable("WRONG_TYPE", "/users/0/userIds")
    found = []
    for index, number in enumerate(numbers):
        if isinstance(number, dict) and number.get("type") == "BForm":
            path = f"/users/0/userIds/{index}/identifier"
            digits = checked(thirteen_digits, number.get("identifier"), path, "INVALID_IDENTIFIER")
            found.append({"scheme": "pk-bform", "value": digits})
    child["identifiers"] = found
    return child


def _add_birth(child: dict[str, Any], demographics: dict[str, Any]) -> None:
    if "birthDate" in demographics:
        path = "/demographics/0/birthDate"
        child["birth_date"] = checked(full_date, demographics["birthDate"], path, "INVALID_DATE")
    if "sex" in demographics:
        child["sex"] = coded(SEXES, demographics["sex"], "/demographics/0/sex")


def _enrolment(stay: dict[str, Any], user: dict[str, Any], metadata: dict[str, Any]) -> dict[str, Any]:
    at = "/enrollments/0"
    enrolment: dict[str, Any] = {
        "student_id": _id(_object(stay, "user", at).get("sourcedId"), f"{at}/user/sourcedId"),
        "enrolment_id": _id(stay.get("sourcedId"), f"{at}/sourcedId"),
        "class_id": _id(_object(stay, "class", at).get("sourcedId"), f"{at}/class/sourcedId"),
        "school_id": _id(_object(stay, "school", at).get("sourcedId"), f"{at}/school/sourcedId"),
        "updated_at": _stamp(demanded(stay.get("dateLastModified"), f"{at}/dateLastModified"), at),
    }
    if stay.get("status") == "tobedeleted":
        enrolment["exit_reason"] = "INVALID"
    if "beginDate" in stay:
        enrolment["entry_date"] = checked(full_date, stay["beginDate"], f"{at}/beginDate", "INVALID_DATE")
    if "endDate" in stay:
        enrolment["exit_date"] = checked(_day_before, stay["endDate"], f"{at}/endDate", "INVALID_DATE")
    if "identifier" in user:
        enrolment["admission_no"] = text(user["identifier"], "/users/0/identifier")
    if "pk.gradeLocal" in metadata:
        enrolment["grade_local"] = text(metadata["pk.gradeLocal"], "/users/0/metadata/pk.gradeLocal")
    if (grade := _grade(user.get("grades", []), metadata.get("pk.gradeCode"))) is not None:
        enrolment["grade"] = grade
    return enrolment


def _grade(grades: Any, told: Any) -> str | None:
    """Return the class; of a grade that several share, the metadata says which."""
    if not isinstance(grades, list) or len(grades) > 1:
        raise Untranslatable("AMBIGUOUS_GRADE", "/users/0/grades")
    if told is not None:
        theirs = GRADES.get(told) or SHARED.get(told) if isinstance(told, str) else None
        if theirs is None:
            raise Untranslatable("UNKNOWN_CODE", "/users/0/metadata/pk.gradeCode")
        if grades and grades[0] != theirs:
            raise Untranslatable("GRADE_CONFLICT", "/users/0/grades/0")
        return str(told)
    if not grades:
        return None
    if grades[0] in SHARED.values():
        raise Untranslatable("AMBIGUOUS_GRADE", "/users/0/grades/0")
    return coded(_CLASS_OF, grades[0], "/users/0/grades/0")


def _add_school(enrolment: dict[str, Any], school: dict[str, Any]) -> None:
    if "name" in school:
        enrolment["school_name"] = text(school["name"], "/orgs/0/name")
    scheme = _object(school, "metadata", "/orgs/0").get("pk.schoolScheme")
    if "identifier" in school:
        enrolment["school_code"] = text(school["identifier"], "/orgs/0/identifier", 20)
    if scheme is not None:
        enrolment["school_scheme"] = text(scheme, "/orgs/0/metadata/pk.schoolScheme")
        if "identifier" in school and not school_code_fits(scheme, enrolment["school_code"]):
            raise Untranslatable("SCHOOL_CODE", "/orgs/0/identifier")


def _add_year(enrolment: dict[str, Any], session: dict[str, Any]) -> None:
    at = "/academicSessions/0"
    if "startDate" in session:
        enrolment["year_start"] = checked(full_date, session["startDate"], f"{at}/startDate", "INVALID_DATE")
    if "endDate" in session:
        enrolment["year_end"] = checked(_day_before, session["endDate"], f"{at}/endDate", "INVALID_DATE")
    if "schoolYear" in session:
        year = text(session["schoolYear"], f"{at}/schoolYear")
        if not (len(year) == 4 and year.isascii() and year.isdigit() and 1901 <= int(year) <= 2099):
            raise Untranslatable("INVALID_VALUE", f"{at}/schoolYear")
        enrolment["academic_year"] = f"{int(year) - 1}-{year[2:]}"


def _id(value: Any, path: str) -> str:
    found = text(demanded(value, path), path)
    if ALPHABET.fullmatch(found) is None:
        raise Untranslatable("SOURCED_ID", path)
    return found


def _stamp(value: Any, at: str) -> str:
    if not isinstance(value, str) or not value.endswith(("Z", "+00:00")):
        raise Untranslatable("NOT_UTC", f"{at}/dateLastModified")
    return checked(instant, value, f"{at}/dateLastModified", "INVALID_DATE")


def _day_before(value: str) -> str:
    """Return the last day of a period whose end is the day after it."""
    return (date.fromisoformat(full_date(value)) - _DAY).isoformat()
