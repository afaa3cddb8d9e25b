"""What must hold before fhir.resources may look: known resource types, no Python names, nothing empty.

fhir.resources raises a bare ``KeyError`` at an unknown resource type, takes its own Python attribute names for FHIR
(``for_fhir``, ``birthDate__ext``) and drops ``null`` and ``[]`` in silence (formats/health.md 6.1): those are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding
from mappings.health_fhir.walk import Place

RESOURCE_TYPES = frozenset(
    {
        "AuditEvent", "Bundle", "Communication", "Condition", "Consent", "DocumentReference", "Encounter", "Endpoint",
        "Flag", "HealthcareService", "Location", "MessageHeader", "Observation", "OperationOutcome", "Organization",
        "Patient", "Practitioner", "PractitionerRole", "Provenance", "RelatedPerson", "ServiceRequest", "Task",
    }
)  # fmt: skip
"""Resource types this format exchanges; all equal in R4 and R4B (formats/health.md, bottom line 2)."""
ENTRY_LIMIT = 200
_ID = re.compile(r"^[A-Za-z0-9\-.]{1,64}$")
_PYTHON_NAMES = frozenset({"resource_type", "fhir_comments"})


def check_shape(document: dict[str, Any], walk: list[Place]) -> list[Finding]:
    """Return what is wrong before any model is asked; with an error here the models must not be asked."""
    found = list(_too_many(document))
    for place in walk:
        found += _object(place) if isinstance(place.value, dict) else _value(place)
    return found


def _too_many(document: dict[str, Any]) -> Iterator[Finding]:
    entry = document.get("entry")
    if isinstance(entry, list) and len(entry) > ENTRY_LIMIT:
        yield Finding("TOO_MANY", "/entry")


def _object(place: Place) -> Iterator[Finding]:
    node = place.value
    if not node:
        yield Finding("FHIR_EMPTY", place.pointer)
    if any("__ext" in key or key.endswith("_fhir") or key in _PYTHON_NAMES for key in node):
        yield Finding("FHIR_FORBIDDEN_KEY", place.pointer)
    if _holds_resource(place.pointer):
        kind = node.get("resourceType")
        if not isinstance(kind, str):
            yield Finding("MISSING_REQUIRED", f"{place.pointer}/resourceType")
        elif kind not in RESOURCE_TYPES:
            yield Finding("FHIR_UNKNOWN_RESOURCE", f"{place.pointer}/resourceType")
    if "id" in node and not (isinstance(node["id"], str) and _fits_id(node)):
        yield Finding("FHIR_BAD_ID", f"{place.pointer}/id")


def _holds_resource(pointer: str) -> bool:
    head, _, last = pointer.rpartition("/")
    return pointer == "" or last in ("resource", "outcome") or head.endswith("/contained")


def _fits_id(node: dict[str, Any]) -> bool:
    """Tell whether an id fits: 64 characters at most for a resource, no white space for an element."""
    return bool(_ID.match(node["id"])) if "resourceType" in node else not re.search(r"\s", node["id"])


def _value(place: Place) -> Iterator[Finding]:
    if (place.value is None and not _placeholder(place)) or (isinstance(place.value, list | str) and not place.value):
        yield Finding("FHIR_EMPTY", place.pointer)


def _placeholder(place: Place) -> bool:
    """Tell whether a ``null`` keeps step between ``given`` and ``_given``; nowhere else may it stand."""
    parts = place.pointer.split("/")
    return len(parts) > 2 and parts[-1].isdigit() and not parts[-2].isdigit()
