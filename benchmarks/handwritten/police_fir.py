"""Police XML by hand: a first information report about one child (formats/police.md B1)."""

from __future__ import annotations

import re
from typing import Any

from benchmarks.handwritten.elements import (
    Element,
    Parts,
    demanded_text,
    needed,
    only,
    parts_of,
    text_of,
)
from benchmarks.handwritten.refusing import Untranslatable, built, checked, coded, demanded, text
from mappings.dates import full_date, instant
from mappings.engine.json_reader import Limits
from mappings.engine.xml_reader import parse_xml
from mappings.identifiers import thirteen_digits
from mappings.police.names import PARENTAGE, read_name
from mappings.police.offences import categories, concern_of
from mappings.referral import Referral

NAMESPACE = "urn:raabta:police-fir:1"
_LIMITS = Limits(octets=2_097_152)
_IN = f"{{{NAMESPACE}}}"
_DOC = "/FIRDocument"
_INCIDENT = f"{_DOC}/Incident[1]"
_UNIT = f"{_DOC}/Registration[1]/EnforcementUnit[1]"
REPORTS = frozenset({"FIR", "NC_REPORT", "MISSING_CHILD", "FINAL_REPORT", "CANCELLATION"})
SEXES = {"MALE": "MALE", "FEMALE": "FEMALE", "TRANSGENDER": "X", "UNKNOWN": "UNKNOWN"}
URGENCIES = {"IMMEDIATE": "EMERGENCY", "24H": "HIGH", "72H": "MEDIUM", "ROUTINE": "LOW"}
CHILD_ROLES = {"VICTIM": "VICTIM", "MISSING_CHILD": "MISSING", "COMPLAINANT": "COMPLAINANT", "WITNESS": "WITNESS"}
NUMBERS = {"CNIC": "pk-cnic", "BFORM": "pk-bform", "CRC": "pk-bform", "POC": "pk-poc", "AFGHAN_CARD": "pk-acc"}
_ROLES = frozenset(
    {"ACCUSED_NAMED", "ACCUSED_UNKNOWN", "ACCUSED_ARRESTED", "COMPLAINANT", "INFORMANT", "WITNESS", "SURETY",
     "GUARDIAN", "STATE"}
)  # fmt: skip
ROLES = {role: "ACCUSED" if role == "ACCUSED_NAMED" else role for role in _ROLES}
RELATIONS = frozenset(
    {"PARENT", "STEP_PARENT", "GUARDIAN", "RELATIVE", "TEACHER", "EMPLOYER", "NEIGHBOUR", "STRANGER", "SPOUSE",
     "UNKNOWN"}
)  # fmt: skip
_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_FIR = re.compile(r"([0-9]{1,5})/([0-9]{2}|[0-9]{4})")


def read(data: bytes) -> Referral:
    """Return the referral that a report about one child is."""
    root, _ = parse_xml(data, _LIMITS)
    if root.tag != f"{_IN}FIRDocument":
        raise Untranslatable("POL-E01", "/")
    document = parts_of(root, _IN)
    header = parts_of(needed(document, "Header", _DOC), _IN)
    protection = parts_of(needed(document, "ChildProtection", _DOC), _IN)
    child, persons, missing = _people(document)
    child["whereabouts"] = _said(protection, "CurrentWhereaboutsCode", f"{_DOC}/ChildProtection[1]")
    offences = [_offence(element, n) for n, element in enumerate(document.get("Offense", ()), 1)]
    concern = _concern(offences, protection, missing=missing)
    incident = {**_registration(document), **_incident(document), **_status(document)}
    incident |= {"document": _kind(header), "tier": _said(header, "DisclosureTierCode", f"{_DOC}/Header[1]")}
    incident["offences"] = offences
    incident["officials"] = [_official(element) for element in document.get("Official", ())]
    urgency = _said(protection, "UrgencyCode", f"{_DOC}/ChildProtection[1]")
    values: dict[str, Any] = {
        "message_id": _said(header, "MessageID", f"{_DOC}/Header[1]"),
        "priority": coded(URGENCIES, urgency, f"{_DOC}/ChildProtection[1]/UrgencyCode[1]"),
        "sender": {"kind": "POLICE", "system": _said(header, "SenderSystemID", f"{_DOC}/Header[1]")},
        "child": child, "persons": persons, "concern": concern, "incident": incident,
    }  # fmt: skip
    if (sent := only(header, "MessageDateTime", f"{_DOC}/Header[1]")) is not None:
        values["authored_at"] = _moment(sent, f"{_DOC}/Header[1]/MessageDateTime[1]")
    return built(Referral, values)


def _said(parts: Parts, name: str, at: str) -> str:
    return text(demanded_text(needed(parts, name, at), f"{at}/{name}[1]"), f"{at}/{name}[1]")


def _kind(header: Parts) -> str:
    kind = _said(header, "MessageTypeCode", f"{_DOC}/Header[1]")
    if kind not in REPORTS:
        raise Untranslatable("UNKNOWN_DOCUMENT", f"{_DOC}/Header[1]/MessageTypeCode[1]")
    return kind


def _moment(element: Element, path: str) -> str:
    return checked(instant, text_of(element), path, "POL-E05")


def _registration(document: Parts) -> dict[str, Any]:
    at = f"{_DOC}/Registration[1]"
    parts = parts_of(needed(document, "Registration", _DOC), _IN)
    number = _said(parts, "FIRNumber", at)
    match = _FIR.fullmatch(number)
    if match is None:
        raise Untranslatable("POL-E03", f"{at}/FIRNumber[1]")
    serial, year = int(match[1]), int(match[2] if len(match[2]) == 4 else f"20{match[2]}")
    for name, value in (("FIRSerialNumber", serial), ("FIRYear", year)):
        if (own := text_of(only(parts, name, at))) is not None and own != str(value):
            raise Untranslatable("POL-E03", f"{at}/{name}[1]")
    return {
        "number": number, "serial": serial, "year": year, "station": _station(parts),
        "registered_under": _said(parts, "RegisteredUnderCode", at),
    }  # fmt: skip


def _station(registration: Parts) -> dict[str, Any]:
    unit = parts_of(needed(registration, "EnforcementUnit", f"{_DOC}/Registration[1]"), _IN)
    number = _said(unit, "EnforcementUnitID", _UNIT).partition(":")[2]
    if not number:
        raise Untranslatable("INVALID_VALUE", f"{_UNIT}/EnforcementUnitID[1]")
    name = needed(unit, "EnforcementUnitName", _UNIT)
    station: dict[str, Any] = {
        "name": text(text_of(name), f"{_UNIT}/EnforcementUnitName[1]"), "code": number,
        "district": _said(unit, "DistrictName", _UNIT), "province": _said(unit, "ProvinceCode", _UNIT),
    }  # fmt: skip
    if language := name.get("lang"):
        station["name_language"] = language
    if (beat := text_of(only(unit, "EnforcementUnitBeatID", _UNIT))) is not None:
        station["beat"] = text(beat, f"{_UNIT}/EnforcementUnitBeatID[1]")
    return station


def _incident(document: Parts) -> dict[str, Any]:
    parts = parts_of(needed(document, "Incident", _DOC), _IN)
    values: dict[str, Any] = {}
    if (date := only(parts, "ActivityDate", _INCIDENT)) is not None:
        path = f"{_INCIDENT}/ActivityDate[1]"
        values["occurred"] = {"precision": demanded(date.get("precision"), f"{path}/@precision")}
        for name in ("start", "end"):
            if name in date.attrib:
                values["occurred"][name] = checked(instant, date.get(name), f"{path}/@{name}", "POL-E05")
    reported = needed(parts, "ActivityReportedDateTime", _INCIDENT)
    values["reported_at"] = _moment(reported, f"{_INCIDENT}/ActivityReportedDateTime[1]")
    if (dispatched := only(parts, "DispatchDateTime", _INCIDENT)) is not None:
        values["dispatched_at"] = _moment(dispatched, f"{_INCIDENT}/DispatchDateTime[1]")
    for name, leaf in (("InformationModeCode", "information_mode"), ("StepsTakenText", "steps_taken")):
        if (said := text_of(only(parts, name, _INCIDENT))) is not None:
            values[leaf] = text(said, f"{_INCIDENT}/{name}[1]")
    if (place := only(parts, "ActivityLocation", _INCIDENT)) is not None:
        address = _said(parts_of(place, _IN), "AddressFullText", f"{_INCIDENT}/ActivityLocation[1]")
        values["place"] = {"address": address}
    if (words := text_of(only(document, "OffensesRawText", _DOC))) is not None:
        values["offences_text"] = text(words, f"{_DOC}/OffensesRawText[1]")
    return values


def _offence(element: Element, position: int) -> dict[str, Any]:
    at = f"{_DOC}/Offense[{position}]"
    act, section = demanded(element.get("act"), f"{at}/@act"), demanded(element.get("section"), f"{at}/@section")
    offence: dict[str, Any] = {"act": text(act, f"{at}/@act"), "section": text(section, f"{at}/@section")}
    if clause := element.get("clause"):
        offence["clause"] = text(clause, f"{at}/@clause")
    named = [text_of(child) for child in parts_of(element, _IN).get("CPCategoryCode", ())]
    offence["categories"] = named or list(categories(act, section, clause or ""))
    return offence


def _concern(offences: list[dict[str, Any]], protection: Parts, *, missing: bool) -> dict[str, Any]:
    """Return the concerns the alleged sections stand for, each once; an allegation is not a finding."""
    found = [code for offence in offences for code in offence["categories"] if code != "CICL"]
    named = (concern_of().get(code) for code in (["MISSING", *found] if missing else found))
    accused = _said(protection, "CaregiverIsAccusedIndicator", f"{_DOC}/ChildProtection[1]")
    if accused not in _FLAGS:
        raise Untranslatable("INVALID_VALUE", f"{_DOC}/ChildProtection[1]/CaregiverIsAccusedIndicator[1]")
    types = list(dict.fromkeys(concern for concern in named if concern is not None))
    return {"types": types, "verification": "SUSPECTED", "caregiver_is_accused": _FLAGS[accused]}


def _people(document: Parts) -> tuple[dict[str, Any], list[dict[str, Any]], bool]:
    """Return the child, the others, and whether the child is missing."""
    ties: dict[str | None, tuple[str | None, str | None, str]] = {
        tie.get("from"): (tie.get("code"), tie.get("to"), f"{_DOC}/Association[{n}]/@code")
        for n, tie in reversed(list(enumerate(document.get("Association", ()), 1)))
    }
    found = [(element, _person(element, n)) for n, element in enumerate(document.get("Person", ()), 1)]
    children = [n for n, (_, person) in enumerate(found) if {"VICTIM", "MISSING_CHILD"} & set(person["roles"])]
    if len(children) != 1:
        code = "SEVERAL_CHILDREN" if children else "POL-E02"
        raise Untranslatable(code, f"{_DOC}/Person[{children[1] + 1 if children else 1}]")
    element, child = found.pop(children[0])
    missing, known = "MISSING_CHILD" in child["roles"], element.get("id")
    child["roles"] = [coded(CHILD_ROLES, role, f"{_DOC}/Person[{children[0] + 1}]/RoleCode") for role in child["roles"]]
    if "address" in child:
        child["location"] = {"address": child.pop("address")}
    for other, person in found:
        person["roles"] = [coded(ROLES, role, f"{_DOC}/Person/RoleCode") for role in person["roles"]]
        relation, to, place = ties.get(other.get("id"), (None, None, ""))
        if to == known and relation is not None:
            if relation not in RELATIONS:
                raise Untranslatable("UNKNOWN_CODE", place)
            person["relation"] = relation
    return child, [person for _, person in found], missing


def _person(element: Element, position: int) -> dict[str, Any]:
    at = f"{_DOC}/Person[{position}]"
    parts = parts_of(element, _IN)
    person: dict[str, Any] = {"roles": [text_of(role) for role in parts.get("RoleCode", ())]}
    if (full := text_of(only(parts, "PersonFullName", at))) is not None:
        _name(person, text(full, f"{at}/PersonFullName[1]"))
    if (number := only(parts, "PersonNationalID", at)) is not None:
        path = f"{at}/PersonNationalID[1]"
        scheme = coded(NUMBERS, number.get("type"), f"{path}/@type")
        person["identifiers"] = (
            {"scheme": scheme, "value": checked(thirteen_digits, text_of(number), path, "POL-E06")},
        )
    if (born := only(parts, "PersonBirthDate", at)) is not None:
        person["birth_date"] = checked(full_date, text_of(born), f"{at}/PersonBirthDate[1]", "POL-E05")
    if (sex := only(parts, "PersonSexText", at)) is not None:
        person["sex"] = coded(SEXES, text_of(sex), f"{at}/PersonSexText[1]")
    for name, leaf in (("ResidenceAddress", "address"), ("TelephoneNumber", "phone")):
        if (said := text_of(only(parts, name, at))) is not None:
            person[leaf] = text(said, f"{at}/{name}[1]")
    return person


def _name(person: dict[str, Any], full: str) -> None:
    """Take a name field apart: both scripts, aliases, and parentage where it stands there too."""
    name = read_name(full)
    leaves = {"name_ur": name.arabic, "name": name.latin, "aliases": name.aliases or None}
    person |= {leaf: value for leaf, value in leaves.items() if value}
    if name.parent:
        person["parentage"] = {"kind": PARENTAGE[name.word or ""], "name": name.parent}


def _official(element: Element) -> dict[str, Any]:
    role = demanded(element.get("role"), f"{_DOC}/Official/@role")
    values = {leaf: element.get(leaf) for leaf in ("name", "rank", "belt", "phone")}
    return {"role": role, **{leaf: value for leaf, value in values.items() if value}}


def _status(document: Parts) -> dict[str, Any]:
    element = needed(document, "CaseStatus", _DOC)
    status: dict[str, Any] = {"code": demanded(element.get("code"), f"{_DOC}/CaseStatus[1]/@code")}
    if date := element.get("date"):
        status["date"] = checked(full_date, date, f"{_DOC}/CaseStatus[1]/@date", "POL-E05")
    if words := element.get("raw"):
        status["text"] = text(words, f"{_DOC}/CaseStatus[1]/@raw")
    return {"status": status}
