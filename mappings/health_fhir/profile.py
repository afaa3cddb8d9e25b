"""Our profile of R4: what our documents demand beyond the standard (formats/health.md 9.1).

The demands stand as tables; a rule in Python is only what a table cannot say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding, Severity
from mappings.fhir_r4.walk import Place, coded, codings, entries, items, resources
from mappings.health_fhir import systems
from mappings.health_fhir.labels import check_labels
from mappings.health_fhir.terminology import check_codes
from mappings.identifiers import normalise

_UUID_URN = re.compile(r"^urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$")

REQUIRED: dict[str, dict[str, tuple[str, ...]]] = {
    "referral": {
        "Bundle": ("identifier", "timestamp", "entry"),
        "ServiceRequest": (
            "identifier", "category", "priority", "code", "authoredOn", "requester", "performer", "meta",
        ),
        "Task": (
            "identifier", "code", "focus", "for", "groupIdentifier", "authoredOn", "lastModified", "requester", "owner",
            "restriction",
        ),
        "Condition": ("verificationStatus",),
    },
    "status": {
        "Bundle": ("identifier", "timestamp", "entry"),
        "Task": ("lastModified", "focus"),
    },
    "record": {"Bundle": ("entry",), "Condition": ("verificationStatus",)},
    "outcome": {},
}  # fmt: skip
"""Elements each document demands of its resources beyond R4."""
COUNTS: dict[str, dict[str, tuple[int, int]]] = {
    "referral": {
        "ServiceRequest": (1, 1), "Task": (1, 1), "Patient": (1, 1), "Provenance": (1, 1), "Consent": (0, 1),
        "Organization": (2, 20), "PractitionerRole": (0, 1),
    },
    "status": {"MessageHeader": (1, 1), "Task": (1, 1), "Patient": (0, 0)},
    "record": {"Patient": (1, 1)},
    "outcome": {},
}  # fmt: skip
"""How many resources of a type a document holds."""
FIXED: dict[str, dict[str, frozenset[str]]] = {
    "referral": {
        "ServiceRequest.status": frozenset({"active", "draft"}),
        "ServiceRequest.intent": frozenset({"order"}),
        "Task.status": frozenset({"requested"}),
        "Task.intent": frozenset({"order"}),
        "Bundle.entry.request.method": frozenset({"POST"}),
    },
    "status": {"Task.intent": frozenset({"order"})},
    "record": {},
    "outcome": {},
}
"""Elements that may hold only some of R4's codes in a document."""
FORBIDDEN = ("doNotPerform", "insurance", "contained", "photo")
"""Elements that are refused wherever they stand in a resource of ours (design decision 6)."""


def check_profile(bundle: dict[str, Any], document: str, walk: list[Place]) -> list[Finding]:
    """Return where a document breaks the profile; its structure has been found sound."""
    return [
        *_required(bundle, document),
        *_counts(bundle, document),
        *_elements(walk, document),
        *check_labels(bundle, document),
        *check_codes(walk),
        *(_referral(bundle) if document == "referral" else ()),
        *(_status(bundle) if document == "status" else ()),
    ]


def _required(bundle: dict[str, Any], document: str) -> Iterator[Finding]:
    demands = REQUIRED[document]
    for name in demands.get("Bundle", ()):
        if name not in bundle:
            yield Finding("MISSING_REQUIRED", f"/{name}")
    for index, resource in resources(bundle):
        for name in demands.get(resource["resourceType"], ()):
            if name not in resource:
                yield Finding("MISSING_REQUIRED", f"/entry/{index}/resource/{name}")


def _counts(bundle: dict[str, Any], document: str) -> Iterator[Finding]:
    for kind, (least, most) in COUNTS[document].items():
        found = [index for index, resource in resources(bundle) if resource["resourceType"] == kind]
        if len(found) < least:
            yield Finding("FHIR_MISSING_RESOURCE", "/entry")
        elif len(found) > most:
            yield Finding("FHIR_SURPLUS_RESOURCE", f"/entry/{found[most]}")


def _elements(walk: list[Place], document: str) -> Iterator[Finding]:
    fixed = FIXED[document]
    for place in walk:
        if place.element in fixed and place.value not in fixed[place.element]:
            yield Finding("FHIR_PROFILE_VALUE", place.pointer)
        if not isinstance(place.value, dict):
            continue
        if "modifierExtension" in place.value:
            yield Finding("FHIR_MODIFIER_EXTENSION", f"{place.pointer}/modifierExtension")
        if "resourceType" in place.value:
            yield from (Finding("FHIR_NOT_ALLOWED", f"{place.pointer}/{k}") for k in FORBIDDEN if k in place.value)
        if document != "outcome" and place.element.endswith(".identifier"):
            yield from _number(place.value, place.pointer)


def _number(identifier: dict[str, Any], pointer: str) -> Iterator[Finding]:
    """Judge the shape of a number whose scheme we know."""
    scheme, value = systems.SCHEMES.get(str(identifier.get("system"))), identifier.get("value")
    if scheme is None:
        return
    try:
        normalise(scheme, value if isinstance(value, str) else "")
    except ValueError:
        yield Finding("INVALID_IDENTIFIER", f"{pointer}/value")


def _referral(bundle: dict[str, Any]) -> Iterator[Finding]:
    for index, entry in entries(bundle):
        if not _UUID_URN.match(str(entry.get("fullUrl", ""))):
            yield Finding("FHIR_FULL_URL", f"/entry/{index}/fullUrl")
        request, kind = entry.get("request", {}), entry.get("resource", {}).get("resourceType")
        if request.get("url") != kind:
            yield Finding("FHIR_REQUEST_URL", f"/entry/{index}/request/url")
    for index, resource in resources(bundle):
        at = f"/entry/{index}/resource"
        yield from _REFERRAL.get(resource["resourceType"], _nothing)(resource, at)


def _nothing(_resource: dict[str, Any], _at: str) -> Iterator[Finding]:
    return iter(())


def _service_request(resource: dict[str, Any], at: str) -> Iterator[Finding]:
    yield from _placer(resource, at, systems.REFERRAL)
    if not any(coded({"c": c}, "c", systems.CATEGORY) == "child-protection" for c in items(resource, "category")):
        yield Finding("FHIR_PROFILE_VALUE", f"{at}/category")
    if len(resource.get("performer", ())) > 1:
        yield Finding("REPEATED", f"{at}/performer/1")
    reasons = items(resource, "reasonCode")
    if not reasons:
        yield Finding("FHIR_NO_REASON", f"{at}/reasonCode", Severity.WARNING)
    elif not codings(reasons[0], systems.CONCERN):
        yield Finding("FHIR_NO_CONCERN", f"{at}/reasonCode/0/coding")


def _task(resource: dict[str, Any], at: str) -> Iterator[Finding]:
    yield from _placer(resource, at, systems.TASK)
    if coded(resource, "code", systems.TASK_CODE) != "fulfill":  # an abort is news, not a new referral
        yield Finding("FHIR_PROFILE_VALUE", f"{at}/code")
    if "end" not in resource.get("restriction", {}).get("period", {}):
        yield Finding("MISSING_REQUIRED", f"{at}/restriction/period/end")


def _placer(resource: dict[str, Any], at: str, system: str) -> Iterator[Finding]:
    """Demand the sender's own number of a resource exactly once."""
    own = [i for i in items(resource, "identifier") if i.get("system") == system and _is_placer(i)]
    if len(own) != 1:
        yield Finding("REPEATED" if own else "MISSING_REQUIRED", f"{at}/identifier")


def _is_placer(identifier: dict[str, Any]) -> bool:
    return coded(identifier, "type", systems.IDENTIFIER_TYPE) == "PLAC"


def _patient(resource: dict[str, Any], at: str) -> Iterator[Finding]:
    """Demand that the child is named, numbered, or said to be unknown; never silently nobody."""
    url = f"{systems.EXTENSIONS}/unknown-child"
    unknown = any(e.get("url") == url and e.get("valueBoolean") is True for e in items(resource, "extension"))
    if not (unknown or resource.get("identifier") or resource.get("name")):
        yield Finding("FHIR_NOBODY", at)


_REFERRAL = {"ServiceRequest": _service_request, "Task": _task, "Patient": _patient}


def _status(bundle: dict[str, Any]) -> Iterator[Finding]:
    for index, resource in resources(bundle):
        if resource["resourceType"] == "Task":
            named = bool(resource.get("statusReason", {}).get("text"))
            if resource["status"] in ("rejected", "cancelled", "failed", "on-hold") and not named:
                yield Finding("MISSING_REQUIRED", f"/entry/{index}/resource/statusReason/text")
