"""A child's record as a FHIR R4 collection Bundle by hand (formats/health.md 9.1, 11.2): reading."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum
from typing import Any
from uuid import UUID

from benchmarks.handwritten.refusing import Untranslatable, built, checked, coded, demanded, text
from mappings.dates import instant, partial_date
from mappings.engine.json_reader import read_json
from mappings.health_fhir import systems
from mappings.health_fhir.converters import ROLE_CODES
from mappings.identifiers import normalise
from mappings.referral import Record
from mappings.vocabulary import (
    AgencyKind,
    CareArrangement,
    ContactRule,
    IdentifierStatus,
    Province,
    Relation,
    TriState,
    Whereabouts,
)
from mappings.vocabulary.clinical import FindingStatus

SEXES = {"female": "FEMALE", "male": "MALE", "other": "X", "unknown": "UNKNOWN"}
EXT = systems.EXTENSIONS
_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]")
_ARABIC_LANGUAGES = frozenset({"ur", "sd", "ps", "pa", "bal", "skr", "ks", "brh", "fa", "prs", "ar"})
_OTHER_USES = frozenset({"nickname", "anonymous", "old", "maiden", "temp"})
_ROLE_CODES = {code: relation.value for relation, codes in ROLE_CODES.items() for code in codes}
_ROWS = ("RelatedPerson", "Observation")


def _kebab(words: type[StrEnum]) -> dict[str, str]:
    return {word.value.lower().replace("_", "-"): word.value for word in words}


_KINDS, _STATUSES, _RELATIONS = _kebab(AgencyKind), _kebab(FindingStatus), _kebab(Relation)
_NUMBER_STATES, _PROVINCES = _kebab(IdentifierStatus), _kebab(Province)
_CHILD_EXTENSIONS = {
    f"{EXT}/whereabouts": ("whereabouts", _kebab(Whereabouts)),
    f"{EXT}/care-arrangement": ("care_arrangement", _kebab(CareArrangement)),
}
_PERSON_EXTENSIONS = {
    f"{EXT}/contact-rule": ("contact_rule", _kebab(ContactRule)),
    f"{EXT}/alleged-perpetrator": ("alleged_perpetrator", _kebab(TriState)),
}


def read(data: bytes) -> Record:
    """Return the record that a collection Bundle about one child is."""
    bundle, _ = read_json(data)
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle" or bundle.get("type") != "collection":
        raise Untranslatable("UNKNOWN_DOCUMENT", "/resourceType")
    graph, rows = _resources(bundle)
    if len(rows["Patient"]) != 1:
        raise Untranslatable("FHIR_MISSING_RESOURCE" if not rows["Patient"] else "FHIR_SURPLUS_RESOURCE", "/entry")
    at, patient = rows["Patient"][0]
    values: dict[str, Any] = {
        "message_id": _message(bundle), "child": _child(patient, at),
        "persons": [_person(resource, place) for place, resource in rows["RelatedPerson"]],
    }  # fmt: skip
    if "timestamp" in bundle:
        values["authored_at"] = checked(instant, bundle["timestamp"], "/timestamp", "INVALID_DATE")
    if "managingOrganization" in patient:
        values["sender"] = _agency(patient["managingOrganization"], graph, f"{at}/managingOrganization")
    if rows["Observation"]:
        values["clinical"] = {"findings": [_finding(resource, place) for place, resource in rows["Observation"]]}
    return built(Record, values)


_Rows = dict[str, list[tuple[str, dict[str, Any]]]]


def _resources(bundle: dict[str, Any]) -> tuple[dict[str, tuple[str, dict[str, Any]]], _Rows]:
    """Return the resources by address, and by type with their places."""
    graph: dict[str, tuple[str, dict[str, Any]]] = {}
    rows: _Rows = {"Patient": [], "RelatedPerson": [], "Observation": [], "Organization": []}
    for index, entry in enumerate(_items(bundle, "entry", "")):
        at = f"/entry/{index}/resource"
        resource = entry.get("resource")
        if not isinstance(resource, dict) or resource.get("resourceType") not in rows:
            raise Untranslatable("FHIR_UNKNOWN_RESOURCE", at)
        rows[resource["resourceType"]].append((at, resource))
        if isinstance(url := entry.get("fullUrl"), str):
            graph[url] = (at, resource)
    return graph, rows


def _items(node: dict[str, Any], key: str, at: str) -> list[dict[str, Any]]:
    items = node.get(key, [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise Untranslatable("WRONG_TYPE", f"{at}/{key}")
    return items


def _message(bundle: dict[str, Any]) -> str:
    identifier = bundle.get("identifier")
    value = demanded(identifier.get("value") if isinstance(identifier, dict) else None, "/identifier/value")
    checked(lambda number: str(UUID(number)), value, "/identifier/value", "INVALID_IDENTIFIER")
    return str(value)


def _agency(reference: Any, graph: dict[str, tuple[str, dict[str, Any]]], path: str) -> dict[str, Any]:
    url = reference.get("reference") if isinstance(reference, dict) else None
    if url not in graph or graph[url][1]["resourceType"] != "Organization":
        raise Untranslatable("FHIR_DANGLING_REFERENCE", f"{path}/reference")
    at, organization = graph[url]
    agency: dict[str, Any] = {}
    for index, identifier in enumerate(_items(organization, "identifier", at)):
        if identifier.get("system") == systems.AGENCY:
            agency["agency"] = text(identifier.get("value"), f"{at}/identifier/{index}/value")
    if "name" in organization:
        agency["name"] = text(organization["name"], f"{at}/name")
    for index, concept in enumerate(_items(organization, "type", at)):
        if (code := _code_of(concept, f"{systems.CODES}/agency-kind", f"{at}/type/{index}")) is not None:
            agency["kind"] = coded(_KINDS, code, f"{at}/type/{index}/coding")
    return agency


def _code_of(concept: Any, system: str, path: str) -> str | None:
    """Return the code a concept has in one system."""
    if not isinstance(concept, dict):
        raise Untranslatable("WRONG_TYPE", path)
    found = (coding.get("code") for coding in _items(concept, "coding", path) if coding.get("system") == system)
    return next(found, None)


def _child(patient: dict[str, Any], at: str) -> dict[str, Any]:
    child = _human(patient, at)
    _add_extensions(child, patient, _CHILD_EXTENSIONS, at)
    for index, address in enumerate(_items(patient, "address", at)):
        if address.get("use") not in ("old", "billing", "work"):
            child["location"] = _place(address, f"{at}/address/{index}")
            break
    return child


def _human(resource: dict[str, Any], at: str) -> dict[str, Any]:
    """Return what a Patient and a RelatedPerson say alike."""
    values = _names(resource, at)
    if "gender" in resource:
        values["sex"] = coded(SEXES, resource["gender"], f"{at}/gender")
    if "birthDate" in resource:
        values["birth_date"] = checked(partial_date, resource["birthDate"], f"{at}/birthDate", "INVALID_DATE")
    phones = (t for t in _items(resource, "telecom", at) if t.get("system") == "phone")
    if (phone := next(phones, None)) is not None:
        values["phone"] = text(phone.get("value"), f"{at}/telecom/value")
    numbers = [
        _number(identifier, f"{at}/identifier/{index}")
        for index, identifier in enumerate(_items(resource, "identifier", at))
        if identifier.get("system") in systems.SCHEMES
    ]
    if numbers:
        values["identifiers"] = numbers
    return values


def _number(identifier: dict[str, Any], at: str) -> dict[str, Any]:
    scheme = systems.SCHEMES[identifier["system"]]
    value = checked(lambda said: normalise(scheme, said), identifier.get("value"), f"{at}/value", "INVALID_IDENTIFIER")
    number: dict[str, Any] = {"scheme": scheme, "value": value}
    _add_extensions(number, identifier, {f"{EXT}/identifier-status": ("status", _NUMBER_STATES)}, at)
    return number


def _names(resource: dict[str, Any], at: str) -> dict[str, Any]:
    """Return the Latin name, the Urdu name and the aliases: declared by language, or shown by script."""
    values: dict[str, Any] = {}
    for index, name in enumerate(_items(resource, "name", at)):
        said = text(demanded(name.get("text"), f"{at}/name/{index}/text"), f"{at}/name/{index}/text")
        tags = (e.get("valueCode") for e in _items(name, "extension", at) if e.get("url") == systems.LANGUAGE)
        tag = str(next(tags, "")).partition("-")[0].lower()
        urdu = tag in _ARABIC_LANGUAGES if tag else _ARABIC.search(said) is not None
        leaf = "name_ur" if urdu else "name"
        if name.get("use") in _OTHER_USES or leaf in values:
            values.setdefault("aliases", []).append(said)
            continue
        values[leaf] = said
        if leaf == "name":
            values |= _parts(name, f"{at}/name/{index}")
    return values


def _parts(name: dict[str, Any], at: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    given = name.get("given", [])
    if not isinstance(given, list):
        raise Untranslatable("WRONG_TYPE", f"{at}/given")
    if given:
        parts["given_name"] = " ".join(text(part, f"{at}/given") for part in given)
    if "family" in name:
        parts["family_name"] = text(name["family"], f"{at}/family")
    return parts


def _place(address: dict[str, Any], at: str) -> dict[str, Any]:
    place: dict[str, Any] = {}
    for key, leaf in (("district", "district_name"), ("state", "province_name"), ("city", "tehsil")):
        if key in address:
            place[leaf] = text(address[key], f"{at}/{key}")
    if "line" in address:
        lines: Iterable[Any] = address["line"] if isinstance(address["line"], list) else [None]
        place["address"] = ", ".join(text(line, f"{at}/line") for line in lines)
    for index, extension in enumerate(_items(address, "extension", at)):
        path = f"{at}/extension/{index}/valueCode"
        if extension.get("url") == f"{EXT}/district-code":
            place["district"] = text(extension.get("valueCode"), path)
        elif extension.get("url") == f"{EXT}/province":
            place["province"] = coded(_PROVINCES, extension.get("valueCode"), path)
    return place


def _add_extensions(
    values: dict[str, Any], node: dict[str, Any], known: dict[str, tuple[str, dict[str, str]]], at: str
) -> None:
    for index, extension in enumerate(_items(node, "extension", at)):
        if (found := known.get(str(extension.get("url")))) is not None:
            leaf, table = found
            values[leaf] = coded(table, extension.get("valueCode"), f"{at}/extension/{index}/valueCode")


def _person(resource: dict[str, Any], at: str) -> dict[str, Any]:
    person = _human(resource, at)
    _add_extensions(person, resource, _PERSON_EXTENSIONS, at)
    for index, concept in enumerate(_items(resource, "relationship", at)):
        path = f"{at}/relationship/{index}"
        if (own := _code_of(concept, systems.RELATION, path)) is not None:
            person["relation"] = coded(_RELATIONS, own, f"{path}/coding")
            break
        if (theirs := _code_of(concept, systems.ROLE_CODE, path)) is not None:
            person["relation"] = coded(_ROLE_CODES, theirs, f"{path}/coding")
    return person


def _finding(resource: dict[str, Any], at: str) -> dict[str, Any]:
    status = coded(_STATUSES, demanded(resource.get("status"), f"{at}/status"), f"{at}/status")
    finding: dict[str, Any] = {"kind": "OBSERVATION", "status": status}
    concept = demanded(resource.get("code"), f"{at}/code")
    if not isinstance(concept, dict):
        raise Untranslatable("WRONG_TYPE", f"{at}/code")
    if "text" in concept:
        finding["label"] = text(concept["text"], f"{at}/code/text")
    finding["codes"] = [
        _coding(code, f"{at}/code/coding/{index}")
        for index, code in enumerate(_items(concept, "coding", f"{at}/code"))
        if code.get("system") not in (None, systems.FINDING)
    ]
    if (when := resource.get("effectiveDateTime")) is not None:
        path = f"{at}/effectiveDateTime"
        if isinstance(when, str) and "T" not in when:
            finding["observed_on"] = checked(partial_date, when, path, "INVALID_DATE")
        else:
            finding["observed_at"] = checked(instant, when, path, "INVALID_DATE")
    if "valueString" in resource:
        finding["text"] = text(resource["valueString"], f"{at}/valueString")
    return finding


def _coding(code: dict[str, Any], at: str) -> dict[str, Any]:
    values = {key: text(demanded(code.get(key), f"{at}/{key}"), f"{at}/{key}") for key in ("system", "code")}
    return {**values, "display": text(code["display"], f"{at}/display")} if "display" in code else values
