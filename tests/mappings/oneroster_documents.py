"""Rosters to read: the school page's examples D and E (formats/school.md 4.8), and packages to spoil."""

from __future__ import annotations

import io
import json
import zipfile
from functools import cache
from importlib import resources
from typing import Any

import pytest

from mappings.engine.errors import Refusal
from mappings.engine.load import load
from mappings.engine.mapping import Mapping, canonical
from mappings.referral import Record
from mappings.school_oneroster.tables import FILES, HEADERS

STAMP = "2026-01-12T04:00:00.000Z"
PUPIL = "SIS-99900001-0007"
_BASE = "https://sis.example/ims/oneroster/rostering/v1p2"


def pointer(collection: str, kind: str, name: str) -> dict[str, str]:
    return {"href": f"{_BASE}/{collection}/{name}", "sourcedId": name, "type": kind}


EXAMPLE_D_USER: dict[str, Any] = {
    "sourcedId": PUPIL, "status": "active", "dateLastModified": STAMP, "enabledUser": "true",
    "givenName": "Zoya", "familyName": "Farzi",
    "roles": [{"roleType": "primary", "role": "student", "org": pointer("orgs", "org", "org-39999001")}],
    "grades": ["04"], "metadata": {"pk.gradeLocal": "Class 4"},
}  # fmt: skip
EXAMPLE_D_ENROLLMENT: dict[str, Any] = {
    "sourcedId": "enr-0007-20260112", "status": "active", "dateLastModified": STAMP,
    "user": pointer("users", "user", PUPIL), "class": pointer("classes", "class", "cls-39999001-04A"),
    "school": pointer("orgs", "org", "org-39999001"), "role": "student", "primary": "false",
    "beginDate": "2026-01-12",
}  # fmt: skip
EXAMPLE_E = """sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate
enr-0007-20250403,active,2025-11-15T04:10:00.000Z,cls-39999001-04A,org-39999001,SIS-99900001-0007,student,false,2025-04-03,2025-11-15
enr-0007-20260112,active,2026-01-12T04:00:00.000Z,cls-39999001-04A,org-39999001,SIS-99900001-0007,student,false,2026-01-12,
enr-0099-20260101,tobedeleted,2026-01-12T04:00:00.000Z,cls-39999001-04A,org-39999001,SIS-99900001-0099,student,false,2026-01-01,
"""  # noqa: E501 - the page's own text
BULK_ROWS: dict[str, list[dict[str, str]]] = {
    "users": [
        {"sourcedId": "p1", "enabledUser": "true", "username": "p1", "givenName": "Zoya", "familyName": "Farzi",
         "userIds": "{BForm:3999900000172},{LMS:7}", "grades": "KG", "primaryOrgSourcedId": "s1",
         "metadata.pk.gradeCode": "KAT"},
        {"sourcedId": "p2", "enabledUser": "true", "username": "p2", "givenName": "سجن", "familyName": "مثالی",
         "grades": "04", "metadata.pk.gradeCode": ""},
        {"sourcedId": "t1", "enabledUser": "true", "username": "t1", "givenName": "Namuna", "familyName": "Teacher"},
    ],
    "roles": [
        {"sourcedId": "r1", "userSourcedId": "p1", "roleType": "primary", "role": "student", "orgSourcedId": "s1"},
        {"sourcedId": "r2", "userSourcedId": "p2", "roleType": "primary", "role": "student", "orgSourcedId": "s1"},
        {"sourcedId": "r3", "userSourcedId": "t1", "roleType": "primary", "role": "teacher", "orgSourcedId": "s1"},
    ],
    "enrollments": [
        {"sourcedId": "e1", "classSourcedId": "c1", "schoolSourcedId": "s1", "userSourcedId": "p1", "role": "student",
         "primary": "false", "beginDate": "2025-04-03", "endDate": "2025-11-15"},
    ],
    "demographics": [{"sourcedId": "p1", "birthDate": "2019-03-09", "sex": "female"}],
    "orgs": [{"sourcedId": "s1", "name": "GGPS Misali Chak", "type": "school", "identifier": "39999001"}],
    "classes": [
        {"sourcedId": "c1", "title": "A", "classType": "homeroom", "courseSourcedId": "k1", "schoolSourcedId": "s1",
         "termSourcedIds": "t26", "grades": "KG"},
    ],
    "academicSessions": [
        {"sourcedId": "t26", "title": "Spring", "type": "term", "startDate": "2025-04-01", "endDate": "2025-10-01",
         "schoolYear": "2026", "parentSourcedId": "y26"},
        {"sourcedId": "y26", "title": "2025-26", "type": "schoolYear", "startDate": "2025-04-01",
         "endDate": "2026-04-01", "schoolYear": "2026"},
    ],
}  # fmt: skip
"""A small school as the whole set: two pupils, a teacher, one class."""


@cache
def oneroster() -> Mapping:
    """Return the mapping, loaded once, without the other formats."""
    return load("mappings.school_oneroster")


def rest(**collections: Any) -> bytes:
    return json.dumps(collections, ensure_ascii=False).encode()


def manifest(modes: dict[str, str], version: str = "1.2", **more: str) -> str:
    """Return a manifest in which files that are not named are absent."""
    lines = ["propertyName,value", "manifest.version,1.0", f"oneroster.version,{version}"]
    lines += [f"file.{name},{modes.get(name, 'absent')}" for name in FILES[version]]
    return "\r\n".join([*lines, *(f"{name},{value}" for name, value in more.items())]) + "\r\n"


def package(files: dict[str, str | bytes]) -> bytes:
    """Return a zip of files by name."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return target.getvalue()


def table(name: str, rows: list[dict[str, str]]) -> str:
    """Return a data file with the binding's own header and the metadata columns of its rows."""
    extra = dict.fromkeys(column for row in rows for column in row if column not in HEADERS[name])
    columns = [*HEADERS[name], *extra]
    lines = [columns, *([_cell(row.get(column, "")) for column in columns] for row in rows)]
    return "".join(",".join(line) + "\r\n" for line in lines)


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\r\n') else text


def bulk(**changed: list[dict[str, str]]) -> bytes:
    """Return the small school as a bulk package, some files replaced."""
    tables = {**BULK_ROWS, **changed}
    files: dict[str, str | bytes] = {"manifest.csv": manifest(dict.fromkeys(tables, "bulk"))}
    return package(files | {f"{name}.csv": table(name, rows) for name, rows in tables.items()})


def altered(name: str, row: int, **cells: str) -> bytes:
    """Return the small school with cells of one row replaced."""
    rows = [dict(one) for one in BULK_ROWS[name]]
    rows[row] |= cells
    return bulk(**{name: rows})


def delta(name: str, text: str) -> bytes:
    return package({"manifest.csv": manifest({name: "delta"}), f"{name}.csv": text})


def read(data: bytes) -> list[dict[str, Any]]:
    """Return what a document says, one tree for each stay."""
    return [canonical(reading.value) for reading in oneroster().read(data)]


def write(tree: dict[str, Any]) -> dict[str, Any]:
    """Return a canonical record as a document."""
    document: dict[str, Any] = json.loads(oneroster().write(Record.model_validate(tree)).value)
    return document


def fullest() -> dict[str, Any]:
    """Return the fullest canonical sample."""
    text = resources.files("mappings.school_oneroster").joinpath("samples/fullest.roster.json").read_text("utf-8")
    tree: dict[str, Any] = json.loads(text)
    return tree


def refused(data: bytes) -> list[tuple[str, str]]:
    """Return code and path of every finding of the refusal that reading ends in."""
    try:
        oneroster().read(data)
    except Refusal as refusal:
        return [(finding.code, finding.path) for finding in refusal.findings if finding.severity == "error"]
    raise AssertionError("nothing was refused")


def record(**parts: Any) -> dict[str, Any]:
    """Return the fullest record with leaves of the stay (plain names) or whole parts (``child``) replaced."""
    tree = fullest()
    for name, value in parts.items():
        holder = tree if name in ("child", "persons") else tree["enrolment"]
        if value is None:
            holder.pop(name, None)
        else:
            holder[name] = value
    return tree


def refused_writing(tree: dict[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(Refusal) as caught:
        write(tree)
    return [(finding.code, finding.path) for finding in caught.value.findings]
