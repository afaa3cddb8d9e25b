"""Which resource types this format exchanges, and how many entries a Bundle may have.

fhir.resources raises a bare ``KeyError`` at a resource type it does not know (formats/health.md 6.1): the types are
judged before it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding
from mappings.fhir_r4 import shape
from mappings.fhir_r4.walk import Place

RESOURCE_TYPES = frozenset(
    {
        "AuditEvent", "Bundle", "Communication", "Condition", "Consent", "DocumentReference", "Encounter", "Endpoint",
        "Flag", "HealthcareService", "Location", "MessageHeader", "Observation", "OperationOutcome", "Organization",
        "Patient", "Practitioner", "PractitionerRole", "Provenance", "RelatedPerson", "ServiceRequest", "Task",
    }
)  # fmt: skip
"""Resource types this format exchanges; all equal in R4 and R4B (formats/health.md, bottom line 2)."""
ENTRY_LIMIT = 200


def check_shape(document: dict[str, Any], walk: list[Place]) -> list[Finding]:
    """Return what is wrong before any model is asked; with an error here the models must not be asked."""
    found = [*_too_many(document), *shape.check_shape(walk)]
    for place in walk:
        if isinstance(place.value, dict) and _holds_resource(place.pointer):
            found += _type(place)
    return found


def _too_many(document: dict[str, Any]) -> Iterator[Finding]:
    entry = document.get("entry")
    if isinstance(entry, list) and len(entry) > ENTRY_LIMIT:
        yield Finding("TOO_MANY", "/entry")


def _type(place: Place) -> Iterator[Finding]:
    kind = place.value.get("resourceType")
    if not isinstance(kind, str):
        yield Finding("MISSING_REQUIRED", f"{place.pointer}/resourceType")
    elif kind not in RESOURCE_TYPES:
        yield Finding("FHIR_UNKNOWN_RESOURCE", f"{place.pointer}/resourceType")


def _holds_resource(pointer: str) -> bool:
    head, _, last = pointer.rpartition("/")
    return pointer == "" or last in ("resource", "outcome") or head.endswith("/contained")
