"""Security labels: who may see a resource, and for what (formats/health.md 4.1).

Exactly one confidentiality label a resource; the Bundle carries the highest one that stands in it (DS4P).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding
from mappings.fhir_r4.walk import items, resources
from mappings.health_fhir import systems

ORDER = ("U", "L", "M", "N", "R", "V")
"""v3-Confidentiality from unrestricted to very restricted."""
VICTIM = (
    (systems.CONFIDENTIALITY, "V"),
    (systems.ACT_CODE, "SDV"),
    (systems.ACT_CODE, "NOREUSE"),
    (systems.ACT_REASON, "THREAT"),
)
"""What tells of a victim of abuse: very restricted, not to be passed on, to protect the child only."""
RESTRICTED = ((systems.CONFIDENTIALITY, "R"), (systems.ACT_CODE, "SDV"))
CONSENT = ((systems.CONFIDENTIALITY, "R"),)
LABELS: dict[str, tuple[tuple[str, str], ...]] = {
    "ServiceRequest": VICTIM,
    "Patient": VICTIM,
    "RelatedPerson": VICTIM,
    "Observation": VICTIM,
    "Condition": VICTIM,
    "Task": RESTRICTED,
    "Consent": CONSENT,
}
"""Labels of what we write, by resource type; organisations and provenance carry none."""


def stamp(resource: dict[str, Any]) -> None:
    """Give a resource we write its labels."""
    labels = LABELS.get(resource["resourceType"])
    if labels:
        resource["meta"] = {"security": [{"system": system, "code": code} for system, code in labels]}


def high_water(bundle: dict[str, Any]) -> str:
    """Return the highest confidentiality that stands in a Bundle's resources, or an empty text."""
    found = [code for _, resource in resources(bundle) for code in confidentiality(resource) if code in ORDER]
    return max(found, key=ORDER.index, default="")


def confidentiality(resource: dict[str, Any]) -> list[str]:
    """Return the confidentiality codes of a resource."""
    labels = items(resource.get("meta"), "security")
    return [str(label.get("code")) for label in labels if label.get("system") == systems.CONFIDENTIALITY]


def check_labels(bundle: dict[str, Any], document: str) -> Iterator[Finding]:
    """Yield resources with several or unknown confidentiality labels, and a Bundle labelled below its contents."""
    for index, resource in resources(bundle):
        codes = confidentiality(resource)
        demanded = document == "referral" and resource["resourceType"] == "ServiceRequest"
        if len(codes) > 1 or (demanded and not codes) or any(code not in ORDER for code in codes):
            yield Finding("FHIR_CONFIDENTIALITY", f"/entry/{index}/resource/meta/security")
    highest = high_water(bundle)
    own = confidentiality(bundle)
    if highest and document != "outcome" and own != [highest]:
        yield Finding("FHIR_HIGH_WATER", "/meta/security")
