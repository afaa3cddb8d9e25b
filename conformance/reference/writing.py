"""Canonical values to documents of the agencies, as far as the vectors and the checks go."""

from __future__ import annotations

import csv
import io
import json
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

from lxml import etree

from conformance.reference import codes, registers, rosters
from conformance.reference.bundles import write_bundle
from conformance.reference.trees import RefusedError, Tree
from conformance.sandbox.documents import default_namespace

FIR_NS = "urn:raabta:police-fir:1"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
MEDIA = {
    "nadra_crms": "application/vnd.raabta.crms+xml", "police_fir": "application/vnd.raabta.fir+xml",
    "police_psrms": "application/vnd.raabta.fir+json", "health_fhir": "application/fhir+json",
    "school_sis": "application/vnd.raabta.sis+json", "school_oneroster": "application/zip",
    "raabta": "application/json", "crvs_dci": "application/vnd.raabta.dci+json",
    "school_roster": "application/vnd.raabta.oneroster+json",
}  # fmt: skip


def write(name: str, document: Tree, flaws: frozenset[str]) -> bytes:
    """Write a canonical document in a format; raises `RefusedError`."""
    told = _bent(document, flaws)
    if name == "raabta":
        return json.dumps(told, ensure_ascii=False).encode()
    writers: dict[str, Callable[[Tree, frozenset[str]], bytes]] = {
        "nadra_crms": _crms, "police_fir": _fir, "police_psrms": _psrms, "school_sis": _sis,
        "health_fhir": lambda value, bent: _json(write_bundle(value, bent), bent), "school_oneroster": _roster,
        "school_roster": lambda value, bent: _json(rosters.written(value, bent), bent),
        "crvs_dci": lambda value, bent: _json(registers.written(value, bent), bent),
    }  # fmt: skip
    body = writers[name](told, flaws)
    if "writes-bom" in flaws:
        body = b"\xef\xbb\xbf" + body
    return body


def _bent(document: Tree, flaws: frozenset[str]) -> Tree:
    """Give the document as a flawed translator would take it."""
    child = dict(document.get("child", {}))
    if "strips-urdu" in flaws:
        child = {name: value.encode("ascii", "ignore").decode() if isinstance(value, str) else value
                 for name, value in child.items()}  # fmt: skip
    if "loses-numbers" in flaws:
        child.pop("identifiers", None)
    persons = [dict(one) for one in document.get("persons", [])]
    if "swaps-guardians" in flaws and len(persons) > 1:
        numbers = [one.get("identifiers") for one in persons]
        for one, number in zip(persons, reversed(numbers), strict=True):
            one["identifiers"] = number
    return {**document, "child": child, "persons": persons}


def _number(child: Tree, *, dashed: bool = True) -> str | None:
    found = next((one["value"] for one in child.get("identifiers", []) if one["scheme"] == "pk-bform"), None)
    if found is None:
        return None
    plain = found.replace("-", "")
    return f"{plain[:5]}-{plain[5:12]}-{plain[12]}" if dashed else plain


def _add(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    found = etree.SubElement(parent, name, attributes)
    found.text = text
    return found


def _xml(root: Any, flaws: frozenset[str]) -> bytes:
    if "undeclared-encoding" in flaws:
        return etree.tostring(root, encoding="utf-8", xml_declaration=False)
    written = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written.replace(b"&lt;", b"<") if "joins-strings" in flaws else written


def _json(value: Any, flaws: frozenset[str]) -> bytes:
    written = json.dumps(value, ensure_ascii=False)
    return (written.replace("<", "&lt;").replace("]]>", "]]") if "joins-strings" in flaws else written).encode()


def _crms(document: Tree, flaws: frozenset[str]) -> bytes:
    child = document["child"]
    root = etree.Element("CIVIL_REGISTRATION", version="1.0")
    data = _add(root, "REQUEST_DATA")
    _add(data, "TRANSACTION_ID", f"9901{int(uuid.UUID(document['message_id'])) % 10**15:015}")
    _add(data, "AREA_NAME", codes.written(codes.AREAS, child["location"]["province"], flaws))
    _add(data, "PURPOSE_CODE", "CHILD_PROTECTION_REFERRAL")
    _add(data, "LEGAL_BASIS", document["consent"]["basis"])
    _add(data, "REFERRAL_REF", document.get("ref", "conf-ref"))
    birth = _add(data, "BIRTH_REGISTRATION", status="NOTIFIED")
    if "invalid-documents" in flaws:
        _add(birth, "CONF_INVENTED", "1")
    element = _add(birth, "CHILD")
    if number := _number(child, dashed=False):
        _add(element, "CHILD_NUMBER", number)
    for language, name in (("ur", "name_ur"), ("en", "name")):
        if child.get(name):
            _add(element, "NAME", child[name], **{XML_LANG: language})
    _add(element, "GENDER", codes.written(codes.SEX["nadra_crms"], child["sex"], flaws))
    year, month, day = child["birth_date"].split("-")
    _add(element, "DATE_OF_BIRTH", f"{day}-{month}-{year}", precision="DAY")
    for relation in ("FATHER", "MOTHER"):
        person: Tree = next((one for one in document["persons"] if one.get("relation") == relation), {})
        parent = _add(birth, relation, status="DECLARED")
        _add(parent, "NAME", person.get("name"), **{XML_LANG: "en"})
        for one in person.get("identifiers") or []:
            _add(parent, "ID", one["value"].replace("-", ""), type="CNIC")
    if "leaks-narrative" in flaws:
        _add(birth, "REMARKS", document["concern"].get("narrative", ""))
    return _xml(root, flaws)


def _fir(document: Tree, flaws: frozenset[str]) -> bytes:
    child = document["child"]
    root = etree.Element(f"{{{FIR_NS}}}FIRDocument", nsmap=default_namespace(FIR_NS), schemaVersion="1.0")
    head = _in(root, "Header")
    sender = document.get("sender", {}).get("agency", "welfare-pb-cpb")
    for name, value in (
        ("MessageID", document["message_id"]), ("MessageTypeCode", "REFERRAL"),
        ("MessageDateTime", document.get("authored_at", "2026-03-20T09:15:00+05:00")), ("SenderSystemID", sender),
        ("ReceiverSystemID", "POLICE"), ("DisclosureTierCode", "T0"), ("IncidentDisseminationLevelCode", "RED"),
    ):  # fmt: skip
        _in(head, name, value)
    if "invalid-documents" in flaws:
        _in(head, "ConfInvented", "1")
    person = _in(root, "Person", id="p1")
    name = child.get("name_ur") or child.get("name")
    _in(person, "PersonFullName", name, script="Arab" if child.get("name_ur") else "Latn")
    if number := _number(child):
        _in(person, "PersonNationalID", number, type="BFORM")
    if child.get("birth_date"):
        _in(person, "PersonBirthDate", child["birth_date"])
    if child.get("sex"):
        _in(person, "PersonSexText", codes.written(codes.SEX["police_fir"], child["sex"], flaws))
    protection = _in(root, "ChildProtection")
    _in(protection, "UrgencyCode", codes.written(codes.URGENCY, document["priority"], flaws))
    _in(protection, "CaregiverIsAccusedIndicator", "false")
    referral = _in(root, "Referral")
    _in(referral, "ReferralRef", document.get("ref", "conf-ref"))
    _in(referral, "RequestedActionCode", document.get("requested", {}).get("action", "ENROL"))
    if reply_by := document.get("requested", {}).get("reply_by"):
        _in(referral, "ReplyByDateTime", reply_by)
    _in(referral, "Consent", basis=document["consent"]["basis"])
    focal = document["focal_point"]
    note = document["concern"].get("narrative", "") if "leaks-narrative" in flaws else focal["agency"]
    _in(referral, "FocalPoint", agency=note, role=focal["role"], phone=focal["phone"])
    return _xml(root, flaws)


def _in(parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
    return _add(parent, f"{{{FIR_NS}}}{name}", text, **attributes)


def _psrms(document: Tree, flaws: frozenset[str]) -> bytes:
    child, concern = document["child"], document.get("concern", {})
    person = {"person_name": child.get("name_ur") or child.get("name")}
    if child.get("sex"):
        person["sus_gender"] = codes.written(codes.SEX["police_psrms"], child["sex"], flaws)
    if child.get("name_ur") and child.get("name"):
        person["person_name"] = f"{child['name_ur']} / {child['name']}"
    if number := _number(child):
        person["person_cnic"] = number
    told = {
        "message_id": document["message_id"], "message_type": "REFERRAL", "tier": "T0",
        "sender": document.get("sender", {}).get("agency", "welfare-pb-cpb"),
        "referral_ref": document.get("ref", "conf-ref"), "child": person,
        "urgency": codes.written(codes.URGENCY, document.get("priority", "HIGH"), flaws),
        "caregiver_is_accused": bool(concern.get("caregiver_is_accused")), "requested_action": "ENROL",
        "consent": {"basis": document.get("consent", {}).get("basis", "BEST_INTEREST")},
        "focal_point": document.get("focal_point", {"role": "CHILD_PROTECTION_OFFICER", "phone": "1121"}),
    }  # fmt: skip
    if "NEGLECT" in concern.get("types", []):
        told["categories"] = ["NEGLECT"]
    if reply_by := document.get("requested", {}).get("reply_by"):
        told["reply_by"] = reply_by
    if "invalid-documents" in flaws:
        told["conf_invented"] = 1
    if "leaks-narrative" in flaws:
        told["child"]["description"] = concern.get("narrative") or "none"
    return _json(told, flaws)


def _sis(document: Tree, flaws: frozenset[str]) -> bytes:
    child, wanted = document["child"], document.get("requested", {})
    student = {"name": child["name"], "sex": codes.written(codes.SEX["school_sis"], child.get("sex", "MALE"), flaws)}
    if child.get("name_ur"):
        student["name_ur"] = child["name_ur"]
    if number := _number(child, dashed=False):
        student["b_form_no"] = number
    if child.get("birth_date"):
        student |= {"date_of_birth": child["birth_date"], "dob_estimated": False}
    safe = [one for one in document.get("persons", []) if "GUARDIAN" in one.get("roles", [])]
    for one in safe[:1]:
        student |= {"guardian_relation": one["relation"], "guardian_name": one["name"]}
        for number_ in one.get("identifiers") or []:
            student["guardian_cnic"] = number_["value"]
    target = wanted.get("target", {"school_scheme": "pk-punjab-emis", "school_code": "39999002"})
    told = {
        "request_id": document["message_id"], "referral_ref": document.get("ref", "conf-ref"), "student": student,
        "request_type": codes.written({one: one for one in ("RE_ENROL", "ENROL_NEW", "TRANSFER_IN", "CATCH_UP",
                                       "KEEP_PLACE")}, wanted.get("enrolment", "KEEP_PLACE"), flaws),
        "priority": codes.written(codes.SIS_PRIORITY, document.get("priority", "HIGH"), flaws),
        "target": {"school": {"scheme": target["school_scheme"], "code": target["school_code"]}},
        "focal_point": {"agency": "education-support", "role": "EDUCATION_SUPPORT", "phone": "1121"},
        "reply_by": wanted.get("reply_by", "2026-12-31T00:00:00Z"),
        "consent": {"basis": document.get("consent", {}).get("basis", "BEST_INTEREST"), "scope": "education"},
    }  # fmt: skip
    if wanted.get("supports"):
        told["supports"] = wanted["supports"]
    if "invalid-documents" in flaws:
        told["conf_invented"] = 1
    if "leaks-narrative" in flaws:
        told["focal_point"] = {
            "agency": document.get("concern", {}).get("narrative") or "x",
            "role": "EDUCATION_SUPPORT",
        }
    return _json(told, flaws)


def _roster(document: Tree, flaws: frozenset[str]) -> bytes:
    name = document["child"]["name"]
    if name.startswith(("=", "+", "-", "@")) and "runs-formulas" not in flaws:
        raise RefusedError(422, "CANNOT_HOLD", "/users.csv")
    rows, package = io.StringIO(), io.BytesIO()
    csv.writer(rows).writerows([["sourcedId", "givenName"], [document["enrolment"]["student_id"], name]])
    with zipfile.ZipFile(package, "w") as made:
        made.writestr("users.csv", rows.getvalue())
    return package.getvalue()
