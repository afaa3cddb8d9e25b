"""What OneRoster demands beside the values we carry: identifiers, references, roles, marks of state.

Everything here follows from values that stand in the record; nothing is drawn, no clock is read. Identifiers are made
of pupil, school and entry date, so that a pupil who comes back gets a new enrolment, and never of a referral
(formats/school.md 1.7 and 4.7, cases 6 and 21).
"""

from __future__ import annotations

import uuid
from typing import Any

from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding
from mappings.engine.trees import Node
from mappings.school_oneroster.cells import ALPHABET
from mappings.school_oneroster.converters import code_misfits
from mappings.school_oneroster.csv_objects import COLLECTIONS
from mappings.school_oneroster.marking import laid_out
from mappings.school_oneroster.member_order import ordered

BASE = "https://sis.example/ims/oneroster/rostering/v1p2"
"""Where a roster would serve its objects; a name that belongs to nobody, so that it tells of nobody."""
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, BASE)


def finished(tree: Node, ours: Node) -> Node:
    """Return the tree, completed in place.

    Args:
        tree: what the rules wrote.
        ours: the canonical record.

    Raises:
        Refusal: MISSING_REQUIRED, SCHOOL_CODE.
    """
    stay: Node = ours.get("enrolment", {})
    findings: list[Finding] = []
    ids = _ids(stay, findings)
    stamp = tree.pop("$stamp", {})
    school = tree.pop("$school", {})
    for node in tree.get("users", ())[:1]:
        laid_out(node, "/users/0")
    _users(tree, ids, findings)
    _enrollments(tree, ids, findings)
    _places(tree, stay, ids, findings)
    _sessions(tree, stay, ids)
    for name in COLLECTIONS:
        for node in tree.get(name, ()):
            node.setdefault("status", "active")
            node |= {key: value for key, value in stamp.items() if key not in node}
    held = "enrollments" if "enrollments" in tree else "users"
    stamp["$at"] = f"/{held}/0"
    school["$at"] = "/enrollments/0/school" if "enrollments" in tree else "/users/0/roles/0/org"
    if "dateLastModified" not in stamp:
        findings.append(Finding("MISSING_REQUIRED", f"/{held}/0/dateLastModified", ours="enrolment.updated_at"))
    ordered(tree)
    if findings:
        raise Refusal(findings)
    return tree


def _ids(stay: Node, findings: list[Finding]) -> dict[str, str]:
    """Return the identifiers of the objects of one stay, given or derived."""
    pupil = stay.get("student_id")
    if pupil is None:
        findings.append(Finding("MISSING_REQUIRED", "/users/0/sourcedId", ours="enrolment.student_id"))
    code, school = stay.get("school_code"), stay.get("school_id")
    if code is None and school is None:
        findings.append(Finding("MISSING_REQUIRED", "/orgs/0/identifier", ours="enrolment.school_code"))
    if code_misfits(stay.get("school_scheme"), code):
        findings.append(Finding("SCHOOL_CODE", "/orgs/0/identifier", ours="enrolment.school_code"))
    place = code or school or ""
    room = f"{stay.get('grade', '')}{stay.get('section', '')}"
    return {
        "users": pupil or "",
        "demographics": pupil or "",
        "orgs": school or derived("org", place),
        "classes": stay.get("class_id") or derived("cls", place, room),
        "courses": derived("crs", place, stay.get("grade", "")),
        "enrollments": derived("enr", pupil or "", place, stay.get("entry_date", "").replace("-", "")),
        "academicSessions": derived("ses", place, stay.get("academic_year", "")),
    }


def derived(kind: str, *parts: str) -> str:
    """Return an identifier made of its parts, readable where the alphabet allows it."""
    text = "-".join([kind, *(part for part in parts if part)])
    return text if ALPHABET.fullmatch(text) else f"{kind}-{uuid.uuid5(_SPACE, text)}"


def pointer(collection: str, kind: str, sourced_id: str) -> Node:
    """Return a reference to another object."""
    return {"href": f"{BASE}/{collection}/{sourced_id}", "sourcedId": sourced_id, "type": kind}


def _users(tree: Node, ids: dict[str, str], findings: list[Finding]) -> None:
    if "users" not in tree:
        tree["users"] = [{}]
    user = tree["users"][0]
    if "givenName" not in user:
        findings.append(Finding("MISSING_REQUIRED", "/users/0/givenName", ours="child.name"))
    user.setdefault("enabledUser", "true")
    user["roles"] = [{"roleType": "primary", "role": "student", "org": pointer("orgs", "org", ids["orgs"])}]
    for node in tree.get("demographics", ()):
        node["sourcedId"] = ids["demographics"]


def _enrollments(tree: Node, ids: dict[str, str], findings: list[Finding]) -> None:
    for node in tree.get("enrollments", ()):
        if "sourcedId" not in node and "beginDate" not in node:
            findings.append(Finding("MISSING_REQUIRED", "/enrollments/0/beginDate", ours="enrolment.entry_date"))
        node.setdefault("sourcedId", ids["enrollments"])
        node["user"] = pointer("users", "user", ids["users"])
        node["class"] = {**pointer("classes", "class", ids["classes"]), **node.get("class", {})}
        node["school"] = pointer("orgs", "org", ids["orgs"])
        node |= {"role": "student", "primary": "false"}


def _places(tree: Node, stay: Node, ids: dict[str, str], findings: list[Finding]) -> None:
    """Complete the school and its class; a class points to a year, known by its name."""
    for node in tree.get("orgs", ()):
        if "name" not in node:
            findings.append(Finding("MISSING_REQUIRED", "/orgs/0/name", ours="enrolment.school_name"))
        node |= {"sourcedId": ids["orgs"], "type": "school"}
    for node in tree.get("classes", ()):
        if "academic_year" not in stay:
            findings.append(Finding("MISSING_REQUIRED", "/classes/0/terms", ours="enrolment.academic_year"))
        grades: Any = tree["users"][0].get("grades")
        node |= {
            "sourcedId": ids["classes"],
            "course": pointer("courses", "course", ids["courses"]),
            "school": pointer("orgs", "org", ids["orgs"]),
            "terms": [pointer("academicSessions", "academicSession", ids["academicSessions"])],
            **({"grades": list(grades)} if grades else {}),
        }


def _sessions(tree: Node, stay: Node, ids: dict[str, str]) -> None:
    for node in tree.get("academicSessions", ()):
        node |= {"sourcedId": ids["academicSessions"], "title": stay["academic_year"]}
