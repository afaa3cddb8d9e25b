"""Small resources to spoil, and what the general rules say about them."""

from __future__ import annotations

import json
from typing import Any

from mappings.fhir_r4.mapping import r4_mapping

Json = dict[str, Any]
URL = "http://hl7.org/fhir/StructureDefinition"
UNKNOWN = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}


def said(resource: Any) -> list[tuple[str, str]]:
    """Return (code, path) of every error about a resource."""
    return said_of(json.dumps(resource, ensure_ascii=False).encode())


def said_of(data: bytes) -> list[tuple[str, str]]:
    """Return (code, path) of every error about a document."""
    return [(f.code, f.path) for f in r4_mapping().validate(data) if f.severity.value == "error"]


def patient(**fields: Any) -> Json:
    return {"resourceType": "Patient", "id": "misali", **fields}


def observation(**fields: Any) -> Json:
    return {"resourceType": "Observation", "status": "final", "code": {"text": "Invented"}, **fields}


def narrative(inner: str, root: str = '<div xmlns="http://www.w3.org/1999/xhtml">') -> Json:
    return patient(text={"status": "generated", "div": f"{root}{inner}</div>"})


def entry(kind: str, identity: str, **fields: Any) -> Json:
    resource = {"resourceType": kind, "id": identity, **fields}
    return {"fullUrl": f"https://his.example.pk/fhir/{kind}/{identity}", "resource": resource}


def bundle(kind: str, *entries: Json, **fields: Any) -> Json:
    return {"resourceType": "Bundle", "type": kind, **fields, "entry": list(entries)}


def document(*entries: Json, **composition: Any) -> Json:
    """Return a document Bundle: a Composition about a child by a doctor, and further entries."""
    first = entry(
        "Composition",
        "c",
        status="final",
        type={"text": "Invented"},
        subject={"reference": "Patient/misali"},
        date="2026-03-02",
        author=[{"reference": "Practitioner/namuna"}],
        title="Invented",
        **composition,
    )
    known = (entry("Patient", "misali"), entry("Practitioner", "namuna"))
    number = {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:0f9b2a10-0000-4000-8000-000000000001"}
    return bundle("document", first, *known, *entries, identifier=number, timestamp="2026-03-02T11:24:05+05:00")
