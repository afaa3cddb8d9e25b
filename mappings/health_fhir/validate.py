"""The validation pipeline (formats/health.md 9.6, steps 3 to 8); step 1, strict JSON, is the engine's.

Each step sees only what the step before found sound: a model is never asked about an unknown resource type, a code
list never about a missing element. The findings of steps 5 to 8 come together.
"""

from __future__ import annotations

from typing import Any

from mappings.engine.findings import Finding, Severity
from mappings.health_fhir.bindings import check_bindings
from mappings.health_fhir.invariants import check_invariants
from mappings.health_fhir.profile import check_profile
from mappings.health_fhir.references import check_references
from mappings.health_fhir.shape import check_shape
from mappings.health_fhir.structure import check_structure
from mappings.health_fhir.walk import places

_GRAPHED = ("referral", "status", "record")


def validate(document: dict[str, Any], kind: str) -> list[Finding]:
    """Return every finding about a document of this format.

    Args:
        document: the JSON value as received.
        kind: ``referral``, ``status``, ``outcome`` or ``record``.
    """
    walk = places(document)
    if found := check_shape(document, walk):
        return found
    if found := check_structure(document):
        return found + check_bindings(walk)
    found = [*check_bindings(walk), *check_invariants(walk)]
    if kind in _GRAPHED:
        found += check_references(document, walk)
    if any(finding.severity is Severity.ERROR for finding in found):
        return found
    return found + check_profile(document, kind, walk)
