"""OneRoster 1.2 as far as the vectors go: one pupil with one stay, as a REST document or as a package of CSV files."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime, timedelta

from conformance.reference import codes
from conformance.reference.trees import RefusedError, Tree

SEX = {"MALE": "male", "FEMALE": "female", "X": "other", "UNKNOWN": "unspecified"}
_BEFORE_FIRST = {"KAT", "PREP"}
_DAY = timedelta(days=1)


def unpacked(body: bytes) -> Tree:
    """Read the files of a package into the members they have in a REST document; raises `RefusedError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            tables = {name: package.read(name).decode() for name in package.namelist()}
    except (zipfile.BadZipFile, UnicodeDecodeError):
        raise RefusedError(400, "MALFORMED") from None
    rows = {name: list(csv.DictReader(io.StringIO(text))) for name, text in tables.items()}
    user, stay, facts = (rows[f"{name}.csv"][0] for name in ("users", "enrollments", "demographics"))
    kind, _, number = user["userIds"].strip("{}").partition(":")
    more = {"pk.fatherName": user["metadata.pk.fatherName"]}
    user_ = {**user, "userIds": [{"type": kind, "identifier": number}], "grades": [user["grades"]], "metadata": more}
    return {"users": [user_], "enrollments": [stay], "demographics": [facts]}


def read(tree: Tree, flaws: frozenset[str]) -> Tree:
    """Read the pupil and the stay."""
    user, stay, facts = (tree[name][0] for name in ("users", "enrollments", "demographics"))
    more = user["metadata"]
    enrolment = {
        "student_id": user["sourcedId"], "grade": more.get("pk.gradeCode", user["grades"][0]),
        "entry_date": stay["beginDate"],
    }  # fmt: skip
    if "reads-grades-alone" in flaws:
        enrolment["grade"] = user["grades"][0]
    if stay.get("endDate"):
        end = date.fromisoformat(stay["endDate"])
        enrolment["exit_date"] = (end if "counts-the-end" in flaws else end - _DAY).isoformat()
    for one in tree.get("orgs", []):
        enrolment |= {"school_code": one["identifier"], "school_scheme": one["metadata"]["pk.schoolScheme"]}
    child = {
        "name": f"{user['givenName']} {user['familyName']}", "birth_date": facts["birthDate"],
        "sex": codes.read(SEX, facts["sex"], "/demographics/0/sex", flaws),
        "identifiers": [{"scheme": "pk-bform", "value": one["identifier"]} for one in user["userIds"]],
    }  # fmt: skip
    if "pk.nameUr" in more:
        child["name_ur"] = more["pk.nameUr"]
    father = {"relation": "FATHER", "name": more["pk.fatherName"]}
    return {"type": "record", "child": child, "persons": [father], "enrolment": enrolment}


def written(document: Tree, flaws: frozenset[str]) -> Tree:
    """Write the pupil and the stay as a REST document."""
    child, stay = document["child"], document["enrolment"]
    stamp = datetime.fromisoformat(stay["updated_at"]).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    head = {"status": "active", "dateLastModified": stamp}
    given, _, family = child["name"].rpartition(" ")
    first = stay["grade"] in _BEFORE_FIRST
    user = {
        "sourcedId": stay["student_id"], **head, "enabledUser": "true", "givenName": given, "familyName": family,
        "roles": [{"roleType": "primary", "role": "student", "org": {"sourcedId": "conf-org"}}],
        "grades": ["KG" if first else stay["grade"]],
        "metadata": {"pk.fatherName": document["persons"][0]["name"]},
    }  # fmt: skip
    if first:
        user["metadata"]["pk.gradeCode"] = stay["grade"]
    if "tells-schools-more" in flaws:
        user["phone"] = document["persons"][0].get("phone", "none")
    enrolled = {
        "sourcedId": "conf-enrolment", **head, "role": "student", "primary": "false", "beginDate": stay["entry_date"],
        "user": {"sourcedId": stay["student_id"]}, "class": {"sourcedId": "conf-class"},
        "school": {"sourcedId": "conf-org"},
    }  # fmt: skip
    if "exit_date" in stay:
        end = date.fromisoformat(stay["exit_date"])
        enrolled["endDate"] = (end if "counts-the-end" in flaws else end + _DAY).isoformat()
    facts = {
        "sourcedId": stay["student_id"], **head, "birthDate": child["birth_date"],
        "sex": codes.written(SEX, child["sex"], flaws),
    }  # fmt: skip
    org = {"sourcedId": "conf-org", **head, "name": stay["school_name"], "type": "school",
           "identifier": stay["school_code"], "metadata": {"pk.schoolScheme": stay["school_scheme"]}}  # fmt: skip
    return {"users": [user], "enrollments": [enrolled], "demographics": [facts], "orgs": [org]}
