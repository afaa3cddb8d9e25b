"""Police JSON by hand: a PSRMS report about one child (formats/police.md B2, E2)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from benchmarks.handwritten.refusing import Untranslatable, built, checked, coded, demanded, flag, text, turned
from mappings.dates import KARACHI
from mappings.engine.converters import Unfit
from mappings.engine.json_reader import Limits, read_json, write_json
from mappings.identifiers import Scheme, dashed, thirteen_digits
from mappings.incident import CaseStatus, Incident, Occurrence, Station
from mappings.people import Child, Parentage, Person
from mappings.police.ages import print_age, read_age
from mappings.police.clock import print_moment, read_moment
from mappings.police.grammar import print_sections, read_sections
from mappings.police.names import print_name, read_name
from mappings.police.offences import concern_of
from mappings.police.series import as_uuid
from mappings.police_psrms.facts import stage_of
from mappings.referral import Referral
from mappings.text import fold_digits, match_key
from mappings.vocabulary import PersonRole

_LIMITS = Limits(octets=2_097_152)
_REPORTS = frozenset({"FIR", "NC_REPORT", "MISSING_CHILD", "FINAL_REPORT", "CANCELLATION"})
_URGENCIES = {"IMMEDIATE": "EMERGENCY", "24H": "HIGH", "72H": "MEDIUM", "ROUTINE": "LOW"}
_URGENCY_WRITTEN = turned(_URGENCIES)
_CHILD_ROLES = {"VICTIM": "VICTIM", "MISSING_CHILD": "MISSING", "WITNESS": "WITNESS"}
_CHILD_ROLE_WRITTEN = turned(_CHILD_ROLES)
_SEX_WORDS = {"MALE": ("مرد", "لڑکا"), "FEMALE": ("عورت", "لڑکی"), "X": ("خواجہ سرا", "TRANSGENDER"), "UNKNOWN": ()}
_SEXES = {match_key(word): sex for sex, words in _SEX_WORDS.items() for word in (*words, sex)}
_SEX_WRITTEN = {sex: (words or (sex,))[0] for sex, words in _SEX_WORDS.items()}
_KIN_WORDS = {
    "SO": ("ولد", "s/o"), "DO": ("بنت", "دختر", "d/o"), "WO": ("زوجہ", "w/o"), "UNKNOWN": ("ولدیت",),
}  # fmt: skip
_KIN = {match_key(word): kind for kind, words in _KIN_WORDS.items() for word in words}
_KIN_WRITTEN = {kind: words[0] for kind, words in _KIN_WORDS.items()}
_NUMBER = re.compile(r"[0-9]{1,5}")


def read(data: bytes) -> Referral:
    """Return the referral that a report about one child is."""
    report, _ = read_json(data, _LIMITS)
    if not isinstance(report, dict) or report.get("message_type", "FIR") not in _REPORTS:
        raise Untranslatable("POL-E01", "/message_type")
    protection = report.get("child_protection")
    if not isinstance(protection, dict):
        raise Untranslatable("POL-E02", "/child_protection")
    role, child = _child(report)
    child["whereabouts"] = _said(protection, "whereabouts", "/child_protection")
    offences = _offences(report)
    alleged = [code for offence in offences for code in offence["categories"] if code != "CICL"]
    named = (concern_of().get(code) for code in (["MISSING", *alleged] if role == "MISSING" else alleged))
    accused = demanded(protection.get("caregiver_is_accused"), "/child_protection/caregiver_is_accused")
    urgency = _said(protection, "urgency", "/child_protection")
    return built(Referral, {
        "message_id": _said(report, "message_id"), "sender": {"kind": "POLICE", "system": _said(report, "sender")},
        "priority": coded(_URGENCIES, urgency, "/child_protection/urgency"), "child": child,
        "persons": _complainants(report),
        "concern": {
            "types": list(dict.fromkeys(concern for concern in named if concern is not None)),
            "verification": "SUSPECTED",
            "caregiver_is_accused": flag(accused, "/child_protection/caregiver_is_accused"),
        },
        "incident": {**_incident(report), "offences": offences},
    })  # fmt: skip


def _said(node: dict[str, Any], key: str, at: str = "") -> str:
    return text(demanded(node.get(key), f"{at}/{key}"), f"{at}/{key}")


def _fits(form: Callable[[Any], Any], value: Any, path: str) -> Any:
    """Return what one of the police's own forms says."""
    try:
        return form(value)
    except Unfit as unfit:
        raise Untranslatable(unfit.code, path) from None


def _incident(report: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {
        "document": report.get("message_type", "FIR"), **_numbered(report), "status": _status(report),
        "station": {
            "code": fold_digits(_said(report, "ps_id")).strip(), "name": _said(report, "fir_ps"),
            "district": _said(report, "fir_district"), "province": _said(report, "province"),
        },
        "reported_at": _fits(read_moment, report.get("fir_report_date"), "/fir_report_date"),
        "reported_text": _said(report, "fir_report_date"), "offences_text": _said(report, "secName"),
    }  # fmt: skip
    if "fir_offence_date" in report:
        start = _fits(read_moment, report["fir_offence_date"], "/fir_offence_date")
        values["occurred"] = {"start": start, "precision": "EXACT"}
        if print_moment(start) != report["fir_offence_date"]:
            values["occurred"]["text"] = report["fir_offence_date"]
    if "offence_place" in report:
        values["place"] = {"address": text(report["offence_place"], "/offence_place")}
    for key, leaf in (("tier", "tier"), ("narrative", "narrative"), ("fir_offence", "property_text")):
        if key in report:
            values[leaf] = text(report[key], f"/{key}")
    return values


def _numbered(report: dict[str, Any]) -> dict[str, Any]:
    """Return number, serial, year and legal route: a report with a number is registered under section 154."""
    serial, year = fold_digits(_said(report, "fir_no")), fold_digits(_said(report, "fir_year"))
    if _NUMBER.fullmatch(serial) is None:
        raise Untranslatable("POL-E03", "/fir_no")
    if len(year) not in (2, 4) or not year.isdigit():
        raise Untranslatable("POL-E03", "/fir_year")
    full = int(year if len(year) == 4 else f"20{year}")
    number = f"{report['fir_no']}/{report['fir_year']}"
    return {"number": number, "serial": int(serial), "year": full, "registered_under": "CRPC_154"}


def _status(report: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if "fir_status" in report:
        values["text"] = _said(report, "fir_status")
    code = report.get("status_code") or stage_of(values.get("text"))
    return {**values, "code": text(code, "/status_code")} if code else values


def _offences(report: dict[str, Any]) -> list[dict[str, Any]]:
    found = []
    for section in read_sections(_said(report, "secName")).sections:
        offence: dict[str, Any] = {"act": section.act, "section": section.section, "categories": section.categories}
        if section.clause:
            offence["clause"] = section.clause
        if section.attempted:
            offence["attempted"] = True
        found.append(offence)
    return found


def _child(report: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the role and the leaves of the one child."""
    victims = demanded(report.get("mutasra_ashkhas"), "/mutasra_ashkhas")
    if not isinstance(victims, list) or len(victims) != 1:
        raise Untranslatable("SEVERAL_CHILDREN", "/mutasra_ashkhas")
    child = _person(victims[0], "/mutasra_ashkhas/0", None)
    role = coded(_CHILD_ROLES, victims[0].get("role", "VICTIM"), "/mutasra_ashkhas/0/role")
    for identifier in child.get("identifiers", ()):
        identifier["scheme"] = "pk-bform"
    return role, {**child, "roles": (role,)}


def _complainants(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [_person(report["mustaghis"], "/mustaghis", PersonRole.COMPLAINANT)] if "mustaghis" in report else []


def _person(node: Any, at: str, role: PersonRole | None) -> dict[str, Any]:
    if not isinstance(node, dict):
        raise Untranslatable("WRONG_TYPE", at)
    person: dict[str, Any] = {"roles": (role,)} if role is not None else {}
    if "person_name" in node:
        name = read_name(text(node["person_name"], f"{at}/person_name"))
        leaves = {"name_ur": name.arabic, "name": name.latin, "aliases": name.aliases}
        person |= {leaf: value for leaf, value in leaves.items() if value}
    if "person_father" in node:
        person["parentage"] = {"name": text(node["person_father"], f"{at}/person_father")}
        if "relation" in node:
            word = match_key(text(node["relation"], f"{at}/relation"))
            person["parentage"]["kind"] = coded(_KIN, word, f"{at}/relation")
    if "person_cnic" in node:
        digits = checked(thirteen_digits, node["person_cnic"], f"{at}/person_cnic", "POL-E06")
        person["identifiers"] = ({"scheme": "pk-cnic", "value": digits},)
    if "sus_gender" in node:
        word = match_key(text(node["sus_gender"], f"{at}/sus_gender"))
        person["sex"] = coded(_SEXES, word, f"{at}/sus_gender")
    if "age" in node:
        person["age"] = _fits(read_age, node["age"], f"{at}/age")
    return person


def write(referral: Referral) -> bytes:
    """Return a referral as the PSRMS report it came from."""
    incident: Incident = demanded(referral.incident, "incident")
    report: dict[str, Any] = {
        "message_id": as_uuid(demanded(referral.message_id, "message_id")),
        "message_type": demanded(incident.document, "incident.document").value,
    }
    if incident.tier is not None:
        report["tier"] = incident.tier.value
    report["sender"] = demanded(demanded(referral.sender, "sender").system, "sender.system")
    _write_station(report, demanded(incident.station, "incident.station"))
    if incident.occurred is not None:
        report["fir_offence_date"] = _occurred(incident.occurred)
    report["fir_report_date"] = _moment(demanded(incident.reported_at, "incident.reported_at"))
    if incident.place is not None and incident.place.address is not None:
        report["offence_place"] = incident.place.address
    sections = incident.offences_text or _sections(incident)
    report |= {"secName": sections} if sections else {}
    if incident.property_text is not None:
        report["fir_offence"] = incident.property_text
    if incident.narrative is not None:
        report["narrative"] = incident.narrative
    report["mutasra_ashkhas"] = [_written_child(referral.child)]
    complainant = next((p for p in referral.persons if PersonRole.COMPLAINANT in p.roles), None)
    if complainant is not None:
        report["mustaghis"] = _named(_written(complainant, Scheme.CNIC), complainant)
    report["child_protection"] = _protection(referral)
    _write_number(report, incident)
    return write_json(report)


def _write_station(report: dict[str, Any], station: Station) -> None:
    report["ps_id"] = demanded(station.code, "incident.station.code")
    report["fir_district"] = demanded(station.district, "incident.station.district")
    report["fir_ps"] = demanded(station.name, "incident.station.name")
    report["province"] = demanded(station.province, "incident.station.province").value


def _moment(value: str) -> str:
    moment = datetime.fromisoformat(value).astimezone(KARACHI)
    return moment.strftime("%d-%m-%Y %H:%M:%S" if moment.second else "%d-%m-%Y %I:%M %p")


def _occurred(occurred: Occurrence) -> str:
    return occurred.text or _moment(demanded(occurred.start, "incident.occurred.start"))


def _sections(incident: Incident) -> str:
    try:
        return print_sections([(o.act or "", o.section or "", o.clause or "") for o in incident.offences])
    except KeyError:
        raise Untranslatable("CANNOT_HOLD", "incident.offences") from None


def _written_child(child: Child) -> dict[str, Any]:
    if len(child.roles) != 1:
        raise Untranslatable("CANNOT_HOLD", "child.roles")
    role = coded(_CHILD_ROLE_WRITTEN, child.roles[0], "child.roles")
    return _named({"role": role, **_written(child, Scheme.BFORM)}, child)


def _written(person: Child | Person, scheme: Scheme) -> dict[str, Any]:
    node: dict[str, Any] = {}
    if person.parentage is not None:
        _write_parentage(node, person.parentage)
    number = next((i.value for i in person.identifiers if i.scheme is scheme), None)
    if number is not None:
        node["person_cnic"] = dashed(number)
    if person.sex is not None:
        node["sus_gender"] = coded(_SEX_WRITTEN, person.sex, "child.sex")
    if person.age is not None:
        printed = person.age.text or print_age(person.age.model_dump(mode="json", exclude_defaults=True))
        node["age"] = demanded(printed, "child.age")
    return node


def _write_parentage(node: dict[str, Any], parentage: Parentage) -> None:
    if parentage.name is not None:
        node["person_father"] = parentage.name
    if parentage.kind is not None:
        node["relation"] = coded(_KIN_WRITTEN, parentage.kind, "child.parentage.kind")


def _named(node: dict[str, Any], person: Child | Person) -> dict[str, Any]:
    if person.name_ur is not None or person.name is not None:
        node["person_name"] = print_name(person.name_ur, person.name, list(person.aliases))
    return node


def _protection(referral: Referral) -> dict[str, Any]:
    concern = demanded(referral.concern, "concern")
    return {
        "urgency": coded(_URGENCY_WRITTEN, demanded(referral.priority, "priority"), "priority"),
        "caregiver_is_accused": demanded(concern.caregiver_is_accused, "concern.caregiver_is_accused"),
        "whereabouts": demanded(referral.child.whereabouts, "child.whereabouts").value,
    }


def _write_number(report: dict[str, Any], incident: Incident) -> None:
    serial, _, year = demanded(incident.number, "incident.number").partition("/")
    report["fir_no"], report["fir_year"] = serial, year
    status = incident.status or CaseStatus()
    if status.text is not None:
        report["fir_status"] = status.text
    if status.code is not None and stage_of(status.text) != status.code:
        report["status_code"] = status.code.value
