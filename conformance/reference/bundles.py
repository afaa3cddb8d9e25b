"""A canonical referral as a FHIR R4 transaction (health.md section 9), as far as the checks go."""

from __future__ import annotations

import uuid
from typing import Any

from conformance.reference import codes
from conformance.reference.trees import Tree

SID = "https://gateway.example.pk/fhir/sid"
PLACER = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]}
KINDS = ("ServiceRequest", "Task", "Patient")


def write_bundle(document: Tree, flaws: frozenset[str]) -> Tree:
    """Write the Bundle."""
    seed = uuid.UUID(document["message_id"])
    urls = {kind: f"urn:uuid:{uuid.uuid5(seed, kind)}" for kind in KINDS}
    if "dangling-references" in flaws:
        urls = {**urls, "Patient": "urn:uuid:00000000-0000-4000-8000-000000000000"}
    priority = codes.written(codes.FHIR_PRIORITY, document.get("priority", "HIGH"), flaws)
    resources = [_request(document, urls, priority), _task(document, urls, priority), _patient(document, flaws)]
    resources += [_related(one, urls["Patient"], document, flaws) for one in document.get("persons", [])]
    entries = []
    for n, resource in enumerate(resources):
        kind = resource["resourceType"]
        full = f"urn:uuid:{uuid.uuid5(seed, kind if kind in KINDS else str(n))}"
        entries.append({"fullUrl": full, "resource": resource, "request": {"method": "POST", "url": kind}})
    bundle: Tree = {
        "resourceType": "Bundle", "type": "transaction", "entry": entries,
        "identifier": {"system": f"{SID}/message", "value": document["message_id"]},
    }  # fmt: skip
    if "invalid-documents" in flaws:
        bundle["confInvented"] = 1
    return bundle


def _request(document: Tree, urls: dict[str, str], priority: str) -> Tree:
    return {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "priority": priority,
        "identifier": [{"system": f"{SID}/referral", "value": document.get("ref", "conf-ref"), "type": PLACER}],
        "subject": {"reference": urls["Patient"]},
    }  # fmt: skip


def _task(document: Tree, urls: dict[str, str], priority: str) -> Tree:
    task: Tree = {
        "resourceType": "Task", "status": "requested", "intent": "order", "priority": priority,
        "focus": {"reference": urls["ServiceRequest"]}, "for": {"reference": urls["Patient"]},
    }  # fmt: skip
    if case := document.get("case_ref"):
        task["groupIdentifier"] = {"system": f"{SID}/case", "value": case}
    return task


def _patient(document: Tree, flaws: frozenset[str]) -> Tree:
    child = document["child"]
    names: list[Any] = [{"text": child[name]} for name in ("name", "name_ur") if child.get(name)]
    patient: Tree = {"resourceType": "Patient", "name": names}
    if child.get("sex"):
        patient["gender"] = codes.written(codes.SEX["health_fhir"], child["sex"], flaws)
    if child.get("birth_date"):
        patient["birthDate"] = child["birth_date"]
    if child.get("identifiers"):
        patient["identifier"] = [_number(child["identifiers"][0]["value"], "bform")]
    if "leaks-narrative" in flaws and document.get("concern", {}).get("narrative"):
        patient["contact"] = [{"name": {"text": document["concern"]["narrative"]}}]
    return patient


def _related(person: Tree, patient: str, document: Tree, flaws: frozenset[str]) -> Tree:
    code = {"FATHER": "FTH", "MOTHER": "MTH"}.get(str(person.get("relation")), "NOK")
    found: Tree = {
        "resourceType": "RelatedPerson", "patient": {"reference": patient},
        "relationship": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": code}]}],
        "name": [{"text": person.get("name", "unknown")}],
    }  # fmt: skip
    if person.get("identifiers"):
        found["identifier"] = [_number(person["identifiers"][0]["value"], "cnic")]
    if "leaks-unsafe-contacts" in flaws and person.get("address"):
        found["address"] = [{"text": person["address"]}]
    return found


def _number(value: str, kind: str) -> Tree:
    plain = value.replace("-", "")
    return {"system": f"{SID}/nadra-{kind}", "value": f"{plain[:5]}-{plain[5:12]}-{plain[12]}"}
