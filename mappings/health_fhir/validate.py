"""The validation pipeline (formats/health.md 9.6, steps 3 to 8); step 1, strict JSON, is the engine's.

Each step sees only what the step before found sound: a model is never asked about an unknown resource type, our
profile never about what R4 refuses. The models of fhir.resources and R4's general rules (:mod:`mappings.fhir_r4`)
judge independently of each other, and their findings come together.
"""

from __future__ import annotations

from typing import Any

from mappings.engine.findings import Finding, Severity
from mappings.fhir_r4.pipeline import check_typed, distinct
from mappings.fhir_r4.walk import places
from mappings.health_fhir.profile import check_profile
from mappings.health_fhir.references import check_references
from mappings.health_fhir.shape import check_shape
from mappings.health_fhir.structure import check_structure

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
    misshapen = check_structure(document)
    found = distinct([*misshapen, *check_typed(document)])
    if not misshapen and kind in _GRAPHED:
        sound = not any(finding.path.endswith("/reference") for finding in found)
        found = distinct([*found, *check_references(document, walk, sound=sound)])
    if any(finding.severity is Severity.ERROR for finding in found):
        return found
    return found + check_profile(document, kind, walk)
