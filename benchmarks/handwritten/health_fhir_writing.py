"""A child's record as a FHIR R4 collection Bundle by hand: writing, with addresses derived from the message id."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

from benchmarks.handwritten.health_fhir import EXT, SEXES
from benchmarks.handwritten.refusing import Untranslatable, coded, demanded, turned
from mappings.clinical import Finding
from mappings.concern import Party
from mappings.dates import in_karachi
from mappings.engine.json_reader import write_json
from mappings.health_fhir import systems
from mappings.health_fhir.converters import ROLE_CODES, message_uuid
from mappings.identifiers import THIRTEEN_DIGITS, Scheme, dashed
from mappings.people import Child, Identifier, Person, PersonIdentifier, Place
from mappings.referral import Record
from mappings.vocabulary.clinical import FindingKind

_SEX_WRITTEN = turned(SEXES)
_VICTIM = [
    {"system": systems.CONFIDENTIALITY, "code": "V"}, {"system": systems.ACT_CODE, "code": "SDV"},
    {"system": systems.ACT_CODE, "code": "NOREUSE"}, {"system": systems.ACT_REASON, "code": "THREAT"},
]  # fmt: skip
_META = {"security": _VICTIM}


def write(record: Record) -> bytes:
    """Return a record as a Bundle."""
    message = message_uuid(demanded(record.message_id, "message_id"))
    space = UUID(message)
    child = _address(space, "patient")
    patient = _patient(record.child)
    if record.sender is not None:
        patient["managingOrganization"] = {"reference": _address(space, "sender")}
    patient["meta"] = _META
    entries = [{"fullUrl": child, "resource": patient}]
    for index, person in enumerate(record.persons):
        resource = _person(person)
        resource |= {"patient": {"reference": child}, "meta": _META}
        entries.append({"fullUrl": _address(space, f"related-person-{index}"), "resource": resource})
    findings = record.clinical.findings if record.clinical is not None else ()
    for index, finding in enumerate(f for f in findings if f.kind is FindingKind.OBSERVATION):
        resource = _observation(finding)
        resource |= {"subject": {"reference": child}, "meta": _META}
        entries.append({"fullUrl": _address(space, f"observation-{index}"), "resource": resource})
    if record.sender is not None:
        entries.append({"fullUrl": _address(space, "sender"), "resource": _agency(record.sender)})
    bundle: dict[str, Any] = {
        "resourceType": "Bundle", "meta": {"security": _VICTIM[:1]}, "identifier": {"value": message},
        "type": "collection",
    }  # fmt: skip
    if record.authored_at is not None:
        bundle["timestamp"] = in_karachi(record.authored_at)
    bundle["entry"] = entries
    return write_json(bundle)


def _address(space: UUID, part: str) -> str:
    return f"urn:uuid:{uuid5(space, part)}"


def _kebab(word: str) -> str:
    return word.lower().replace("_", "-")


def _extension(name: str, word: str) -> dict[str, str]:
    return {"url": f"{EXT}/{name}", "valueCode": _kebab(word)}


def _patient(child: Child) -> dict[str, Any]:
    patient = _human("Patient", child)
    extensions = []
    if child.whereabouts is not None:
        extensions.append(_extension("whereabouts", child.whereabouts))
    if child.care_arrangement is not None:
        extensions.append(_extension("care-arrangement", child.care_arrangement))
    if extensions:
        patient["extension"] = extensions
    if child.location is not None:
        patient["address"] = [_place(child.location)]
    return patient


def _human(kind: str, person: Child | Person) -> dict[str, Any]:
    resource: dict[str, Any] = {"resourceType": kind}
    if names := _names(person):
        resource["name"] = names
    if person.identifiers:
        resource["identifier"] = [_number(number) for number in person.identifiers]
    if person.sex is not None:
        resource["gender"] = coded(_SEX_WRITTEN, person.sex, "child.sex")
    if person.birth_date is not None:
        resource["birthDate"] = person.birth_date
    if person.phone is not None:
        resource["telecom"] = [{"value": person.phone, "system": "phone"}]
    return resource


def _names(person: Child | Person) -> list[dict[str, Any]]:
    names: list[dict[str, Any]] = []
    if person.name is not None or person.given_name is not None or person.family_name is not None:
        latin: dict[str, Any] = {"text": person.name, "use": "official"} if person.name else {"use": "official"}
        if person.given_name is not None:
            latin["given"] = [person.given_name]
        if person.family_name is not None:
            latin["family"] = person.family_name
        names.append(latin)
    if person.name_ur is not None:
        language = [{"url": systems.LANGUAGE, "valueCode": "ur"}]
        names.append({"text": person.name_ur, "use": "official", "extension": language})
    names += [{"text": alias, "use": "nickname"} for alias in person.aliases]
    return names


def _number(number: Identifier | PersonIdentifier) -> dict[str, Any]:
    scheme: Scheme = number.scheme
    value = dashed(number.value) if scheme in THIRTEEN_DIGITS else number.value
    identifier: dict[str, Any] = {"system": systems.SYSTEMS[scheme], "value": value}
    if isinstance(number, Identifier) and number.status is not None:
        identifier["extension"] = [_extension("identifier-status", number.status)]
    kind = systems.IDENTIFIER_TYPES.get(scheme)
    if kind is not None:
        identifier["use"] = "official"
        identifier["type"] = {"coding": [{"system": systems.IDENTIFIER_TYPE, "code": kind}]}
    return identifier


def _place(place: Place) -> dict[str, Any]:
    named = (("district", place.district_name), ("state", place.province_name), ("city", place.tehsil))
    address: dict[str, Any] = {key: value for key, value in named if value is not None}
    if place.address is not None:
        address["line"] = [place.address]
    extensions = []
    if place.district is not None:
        extensions.append({"url": f"{EXT}/district-code", "valueCode": place.district})
    if place.province is not None:
        extensions.append(_extension("province", place.province))
    if extensions:
        address["extension"] = extensions
    return {**address, "use": "home"}


def _person(person: Person) -> dict[str, Any]:
    resource = _human("RelatedPerson", person)
    if person.relation is not None:
        codes = [{"system": systems.RELATION, "code": _kebab(person.relation)}]
        words = ROLE_CODES.get(person.relation)
        if words:
            codes.append({"system": systems.ROLE_CODE, "code": words[0]})
        resource["relationship"] = [{"coding": codes}]
    extensions = []
    if person.contact_rule is not None:
        extensions.append(_extension("contact-rule", person.contact_rule))
    if person.alleged_perpetrator is not None:
        extensions.append(_extension("alleged-perpetrator", person.alleged_perpetrator))
    if extensions:
        resource["extension"] = extensions
    return resource


def _observation(finding: Finding) -> dict[str, Any]:
    status = demanded(finding.status, "clinical.findings.status")
    concept: dict[str, Any] = {}
    if finding.label is not None:
        concept["text"] = finding.label
    codes = [
        {key: value for key, value in (("system", c.system), ("code", c.code), ("display", c.display)) if value}
        for c in finding.codes
    ]
    if codes:
        concept["coding"] = codes
    unspecified = {"coding": [{"system": systems.FINDING, "code": "unspecified"}]}
    resource = {"resourceType": "Observation", "status": _kebab(status), "code": concept or unspecified}
    if finding.observed_at is not None and finding.observed_on is not None:
        raise Untranslatable("CANNOT_HOLD", "clinical.findings.observed_on")
    if finding.observed_at is not None:
        resource["effectiveDateTime"] = in_karachi(finding.observed_at)
    elif finding.observed_on is not None:
        resource["effectiveDateTime"] = finding.observed_on
    if finding.text is not None:
        resource["valueString"] = finding.text
    return resource


def _agency(sender: Party) -> dict[str, Any]:
    resource: dict[str, Any] = {"resourceType": "Organization"}
    if sender.agency is not None:
        resource["identifier"] = [{"system": systems.AGENCY, "value": sender.agency}]
    if sender.name is not None:
        resource["name"] = sender.name
    if sender.agency is None and sender.name is None:
        raise Untranslatable("MISSING_REQUIRED", "sender.agency")
    if sender.kind is not None:
        resource["type"] = [{"coding": [{"system": f"{systems.CODES}/agency-kind", "code": _kebab(sender.kind)}]}]
    return resource
