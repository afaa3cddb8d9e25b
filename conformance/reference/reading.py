"""Documents of the agencies to canonical values, as far as the vectors go."""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from typing import Any

from conformance.reference import codes, rosters
from conformance.reference.registers import read_answer
from conformance.reference.trees import RefusedError, Shape, Tree, first, read_json, read_xml, text
from conformance.vectors.cases import HERE

GOLDEN = {
    "nadra_crms": ("smallest.xml", "fullest.xml", "foundling.xml"),
    "police_fir": ("smallest.xml", "fullest.xml"),
    "police_psrms": ("missing.json",),
    "school_sis": ("enrolment.json", "request.json"),
    "health_fhir": ("fullest.json",),
    "crvs_dci": ("registration.json",),
    "school_roster": ("roster.json",),
}
_FOLDERS = {"school_roster": "school_oneroster"}
_NONE: frozenset[str] = frozenset()
_CRMS = "CIVIL_REGISTRATION/RESPONSE_DATA/BIRTH_REGISTRATION"


def digits(number: str, flaws: frozenset[str] = _NONE) -> str:
    """Fold a number of thirteen digits."""
    return number if "keeps-dashes" in flaws else number.replace("-", "").replace(" ", "")


@cache
def shape(name: str) -> Shape:
    """Learn the shape of a format from its golden documents."""
    found = Shape()
    for file in GOLDEN[name]:
        found.learn(parse(name, (HERE / _FOLDERS.get(name, name) / file).read_bytes(), _NONE, lambda _url: None))
    return found


def parse(name: str, body: bytes, flaws: frozenset[str], fetch: Any) -> Tree:
    """Parse a document in the syntax of its format."""
    return read_xml(body, flaws, fetch) if name in {"nadra_crms", "police_fir"} else read_json(body, flaws)


def read(name: str, body: bytes, flaws: frozenset[str], fetch: Any) -> Tree:
    """Read a document; raises `RefusedError`."""
    if name == "school_oneroster":
        return rosters.read(rosters.unpacked(body), flaws)
    tree = parse(name, body, flaws, fetch)
    _version(name, tree, flaws)
    shape(name).check(tree, flaws, xml=name in {"nadra_crms", "police_fir"})
    reader = {
        "nadra_crms": _crms, "police_fir": _fir, "police_psrms": _psrms, "school_sis": _sis, "health_fhir": _fhir,
        "crvs_dci": read_answer, "school_roster": rosters.read,
    }[name]  # fmt: skip
    return reader(tree, flaws)


def _version(name: str, tree: Tree, flaws: frozenset[str]) -> None:
    if "ignores-versions" in flaws:
        return
    if name == "nadra_crms" and first(tree, "CIVIL_REGISTRATION/@version") != "1.0":
        raise RefusedError(422, "VERSION", "/CIVIL_REGISTRATION/@version")
    if name == "police_fir" and first(tree, "FIRDocument/@schemaVersion") != "1.0":
        raise RefusedError(422, "VERSION", "/FIRDocument/@schemaVersion")
    if name == "police_psrms" and tree.get("message_type") != "FIR":
        raise RefusedError(422, "UNKNOWN_CODE", "/message_type")
    if name == "school_sis" and tree.get("request_type", "CATCH_UP") != "CATCH_UP":
        raise RefusedError(422, "UNKNOWN_CODE", "/request_type")


def need(tree: Any, paths: tuple[str, ...], flaws: frozenset[str], root: str = "") -> None:
    """Refuse a document that lacks one of several paths."""
    for path in paths:
        if first(tree, path) in (None, []) and "misses-nothing" not in flaws:
            raise RefusedError(422, "MISSING_REQUIRED", f"{root}/{path}")


def _crms(tree: Tree, flaws: frozenset[str]) -> Tree:
    birth = first(tree, _CRMS)
    need(birth, ("CHILD/NAME", "CHILD/GENDER", "CHILD/DATE_OF_BIRTH", "CRMS_NUMBER"), flaws, f"/{_CRMS}")
    child = first(birth, "CHILD")
    names = {one.get("@lang"): one["#"] for one in child.get("NAME", [])}
    found = {
        "name": names.get("en"), "name_ur": names.get("ur"),
        "sex": codes.read(codes.SEX["nadra_crms"], text(child, "GENDER") or "MALE", f"/{_CRMS}/CHILD/GENDER", flaws),
        "birth_date": crms_date(text(child, "DATE_OF_BIRTH") or "2015", flaws),
    }  # fmt: skip
    if number := text(child, "CHILD_NUMBER"):
        found["identifiers"] = [{"scheme": "pk-bform", "value": digits(number, flaws)}]
    known = {"REGISTERED", "NOTIFIED", "CANCELLED"}
    registration = {
        "crms_number": text(birth, "CRMS_NUMBER"), "kind": birth.get("@kind"),
        "status": codes.known(known, birth.get("@status", ""), f"/{_CRMS}/@status", flaws),
        "registered_on": text(birth, "REGISTRATION_DATE"),
    }  # fmt: skip
    persons = [_parent(relation, first(birth, relation), flaws) for relation in ("FATHER", "MOTHER")]
    if "swaps-guardians-on-reading" in flaws:
        persons[0]["relation"], persons[1]["relation"] = "MOTHER", "FATHER"
    return tidy({"type": "record", "child": found, "persons": persons, "registration": registration})


def _parent(relation: str, element: Tree, flaws: frozenset[str]) -> Tree:
    names = {one.get("@lang"): one["#"] for one in element.get("NAME", [])}
    number = text(element, "ID")
    return {
        "relation": relation, "status": element.get("@status"), "name": names.get("en"), "name_ur": names.get("ur"),
        "identifiers": [{"scheme": "pk-cnic", "value": digits(number, flaws)}] if number else None,
    }  # fmt: skip


def crms_date(written: str, flaws: frozenset[str]) -> str:
    """Read d-M-yyyy, or a year."""
    if re.fullmatch(r"\d{4}", written):
        return written
    parts = re.fullmatch(r"(\d{1,2})-(\d{1,2})-(\d{4})", written)
    if parts is None:
        raise RefusedError(422, "INVALID_DATE", f"/{_CRMS}/CHILD/DATE_OF_BIRTH")
    day, month, year = map(int, parts.groups())
    if "month-first" in flaws and day <= 12:
        day, month = month, day
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise RefusedError(422, "INVALID_DATE", f"/{_CRMS}/CHILD/DATE_OF_BIRTH") from None


_FIR_NEEDS = (
    "Header/MessageID", "Registration/FIRYear", "Incident/ActivityReportedDateTime", "ChildProtection/UrgencyCode",
)  # fmt: skip


def _fir(tree: Tree, flaws: frozenset[str]) -> Tree:
    root = first(tree, "FIRDocument")
    need(root, _FIR_NEEDS, flaws, "/FIRDocument")
    people = [_person(one, flaws) for one in root.get("Person", [])]
    victim = next((one for one in people if "VICTIM" in one["roles"]), {})
    others = [one for one in people if one is not victim]
    child = {name: value for name, value in victim.items() if name not in {"roles", "relation"}}
    if "mixes-persons" in flaws and others:
        child["sex"] = others[0].get("sex") or child["sex"]
    offences = [_offence(one.get("@section", ""), flaws) for one in root.get("Offense", [])]
    urgency = text(root, "ChildProtection/UrgencyCode")
    place = "/FIRDocument/ChildProtection/UrgencyCode"
    return tidy({
        "type": "referral", "message_id": text(root, "Header/MessageID"),
        "priority": codes.read(codes.URGENCY, urgency or "24H", place, flaws),
        "child": child, "persons": others,
        "concern": {"caregiver_is_accused": text(root, "ChildProtection/CaregiverIsAccusedIndicator") == "true"},
        "incident": {
            "number": text(root, "Registration/FIRNumber"),
            "serial": int(text(root, "Registration/FIRSerialNumber") or 0),
            "year": int(text(root, "Registration/FIRYear") or 0), "offences": [{"section": one} for one in offences],
        },
    })  # fmt: skip


def _offence(section: str, flaws: frozenset[str]) -> str:
    if section in codes.SECTIONS:
        return section
    if "other-offence" in flaws:
        return "OTHER"
    raise RefusedError(422, "UNKNOWN_CODE", "/FIRDocument/Offense/@section")


def _person(element: Tree, flaws: frozenset[str]) -> Tree:
    roles = [codes.known(codes.ROLES, one["#"], "/FIRDocument/Person/RoleCode", flaws) for one in element["RoleCode"]]
    names = {one.get("@script"): one["#"] for one in element.get("PersonFullName", [])}
    sex, number = text(element, "PersonSexText"), text(element, "PersonNationalID")
    place = "/FIRDocument/Person/PersonSexText"
    kind = first(element, "PersonNationalID/@type")
    scheme = "pk-bform" if kind == "BFORM" else "pk-cnic"
    return {
        "roles": ["ACCUSED" if one == "ACCUSED_NAMED" else one for one in roles],
        "name": names.get("Latn"), "name_ur": names.get("Arab"), "birth_date": text(element, "PersonBirthDate"),
        "sex": codes.read(codes.SEX["police_fir"], sex, place, flaws) if sex else None,
        "identifiers": [{"scheme": scheme, "value": digits(number, flaws)}] if number else None,
    }  # fmt: skip


def _psrms(tree: Tree, flaws: frozenset[str]) -> Tree:
    need(tree, ("message_id", "fir_no", "fir_report_date"), flaws)
    child, complainant = tree["mutasra_ashkhas"][0], tree["mustaghis"]
    cp = tree["child_protection"]
    sex = {**codes.SEX["police_psrms"]}
    return tidy({
        "type": "referral", "message_id": tree.get("message_id"),
        "priority": codes.read(codes.URGENCY, cp["urgency"], "/child_protection/urgency", flaws),
        "child": {
            "name_ur": child["person_name"], "age": {"value": int(str(child["age"]).split()[0])},
            "sex": codes.read(sex, child["sus_gender"], "/mutasra_ashkhas/0/sus_gender", flaws),
        },
        "persons": [{
            "roles": ["COMPLAINANT"], "name_ur": complainant["person_name"],
            "identifiers": [{"scheme": "pk-cnic", "value": digits(complainant["person_cnic"], flaws)}],
        }],
        "concern": {"caregiver_is_accused": cp["caregiver_is_accused"]},
        "incident": {"number": f"{tree.get('fir_no')}/{tree['fir_year']}"},
    })  # fmt: skip


def _sis(tree: Tree, flaws: frozenset[str]) -> Tree:
    if "student_id" in tree:
        return _enrolment(tree, flaws)
    need(tree, ("request_id", "focal_point", "consent", "student/name"), flaws)
    student = tree["student"]
    birth = student["date_of_birth"]
    child = {
        "name": student.get("name"), "name_ur": student["name_ur"], "birth_date_estimated": student["dob_estimated"],
        "sex": codes.read(codes.SEX["school_sis"], student["sex"], "/student/sex", flaws),
        "birth_date": birth[:4] if student["dob_estimated"] else birth,
    }  # fmt: skip
    requested = {"enrolment": tree["request_type"], "target": {"district": tree["target"]["admin2_pcode"]}}
    consent = {"basis": tree.get("consent", {}).get("basis")}
    return tidy({
        "type": "referral", "message_id": tree["request_id"], "child": child, "requested": requested,
        "consent": consent,
    })  # fmt: skip


def _enrolment(tree: Tree, flaws: frozenset[str]) -> Tree:
    known = {"MORNING", "EVENING"}
    codes.known(known, tree["shift"], "/shift", flaws)
    number = {"scheme": "pk-cnic", "value": digits(tree["guardian_cnic"], flaws)}
    guardian = {"relation": tree["guardian_relation"], "name": tree["father_name"], "identifiers": [number]}
    return tidy({
        "type": "record",
        "child": {
            "name": tree["name"], "name_ur": tree["name_ur"], "birth_date": tree["date_of_birth"],
            "sex": codes.read(codes.SEX["school_sis"], tree["sex"], "/sex", flaws),
            "identifiers": [{"scheme": "pk-bform", "value": digits(tree["b_form_no"], flaws)}],
        },
        "persons": [guardian],
        "enrolment": {
            "grade": codes.known(codes.GRADES - ({"PG", "NUR", "KAT"} if "no-preprimary" in flaws else set()),
                                 tree["grade_code"], "/grade_code", flaws),
            "school_code": tree["school"]["code"], "status": tree["status"],
        },
    })  # fmt: skip


def _fhir(tree: Tree, flaws: frozenset[str]) -> Tree:
    held = {one["resource"]["resourceType"]: one["resource"] for one in tree.get("entry", [])}
    need(tree, ("identifier/value",), flaws, "/identifier")
    need(held["ServiceRequest"], ("subject", "status"), flaws, "Bundle.entry[0].resource")
    request, patient, mother = held["ServiceRequest"], held["Patient"], held["RelatedPerson"]
    place = "Bundle.entry[2].resource.gender"
    return tidy({
        "type": "referral", "message_id": tree["identifier"].get("value"),
        "priority": codes.read(codes.FHIR_PRIORITY, request["priority"], "Bundle.entry[0].resource.priority", flaws),
        "child": {
            "name": patient["name"][0]["text"], "name_ur": patient["name"][1]["text"],
            "sex": codes.read(codes.SEX["health_fhir"], patient["gender"], place, flaws),
            "birth_date": patient["birthDate"],
            "identifiers": [{"scheme": "pk-bform", "value": digits(patient["identifier"][0]["value"], flaws)}],
        },
        "persons": [{"relation": "MOTHER", "name": mother["name"][0]["text"]}],
        "requested": {"service": "CASE_MANAGEMENT"}, "concern": {"primary": "PHYSICAL_ABUSE"},
        "consent": {"basis": "BEST_INTEREST"},
    })  # fmt: skip


def tidy(document: Tree) -> Tree:
    """Take out of a document what is not known."""
    found: Tree = clean(document)
    return found


def clean(value: Any) -> Any:
    """Take out what is not known."""
    if isinstance(value, dict):
        return {name: clean(inner) for name, inner in value.items() if inner not in (None, [], {})}
    return [clean(one) for one in value] if isinstance(value, list) else value
