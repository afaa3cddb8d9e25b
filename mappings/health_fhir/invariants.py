"""R4 invariants worth enforcing that no model enforces (formats/health.md 2.1, 9.6 step 7); one function each.

Every rule is a function of one place; a new rule is one more function in :data:`RULES` under its element path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

from mappings.engine.findings import Finding, Severity
from mappings.health_fhir.walk import Place, coded, entries

Rule: TypeAlias = Callable[[Place], Iterator[Finding]]

_REQUESTED = ("transaction", "batch", "history")
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def _inv_1(place: Place) -> Iterator[Finding]:
    """Check Task inv-1: last modified not before authored."""
    authored, modified = _moment(place.value.get("authoredOn")), _moment(place.value.get("lastModified"))
    if authored and modified and modified < authored:
        yield Finding("FHIR_INV_1", f"{place.pointer}/lastModified")


def _moment(value: Any) -> datetime | None:
    """Return an instant; a partial date says nothing that could be compared."""
    if not isinstance(value, str) or len(value) < 20:
        return None
    try:
        return datetime.fromisoformat(value[:19] + value[19:].lstrip(".0123456789").replace("Z", "+00:00"))
    except ValueError:
        return None


def _prr_1(place: Place) -> Iterator[Finding]:
    """Check ServiceRequest prr-1: order detail only with a code."""
    if "orderDetail" in place.value and "code" not in place.value:
        yield Finding("FHIR_PRR_1", f"{place.pointer}/orderDetail")


def _bundle(place: Place) -> Iterator[Finding]:
    """Check Bundle bdl-3, bdl-7, bdl-8 and bdl-12: requests, addresses, the message's head."""
    kind = place.value.get("type")
    seen: set[str] = set()
    for index, entry in entries(place.value):
        here = f"{place.pointer}/entry/{index}"
        if (kind in _REQUESTED) != ("request" in entry):
            yield Finding("FHIR_BDL_3", f"{here}/request")
        url = entry.get("fullUrl")
        if not isinstance(url, str):
            continue
        version = entry.get("resource", {}).get("meta", {}).get("versionId", "")
        if f"{url} {version}" in seen and kind != "history":
            yield Finding("FHIR_BDL_7", f"{here}/fullUrl")
        seen.add(f"{url} {version}")
        if "/_history/" in url:
            yield Finding("FHIR_BDL_8", f"{here}/fullUrl")
    if kind == "message" and _first_type(place.value) != "MessageHeader":
        yield Finding("FHIR_BDL_12", f"{place.pointer}/entry")


def _first_type(bundle: dict[str, Any]) -> Any:
    first = next(entries(bundle), (0, {}))[1].get("resource")
    return first.get("resourceType") if isinstance(first, dict) else None


def _obs_6(place: Place) -> Iterator[Finding]:
    """Check Observation obs-6: a reason for absence only where no value stands."""
    if "dataAbsentReason" in place.value and any(key.startswith("value") for key in place.value):
        yield Finding("FHIR_OBS_6", f"{place.pointer}/dataAbsentReason")


def _condition(place: Place) -> Iterator[Finding]:
    """Check Condition con-5 and con-3: clinical status never on an error, always on a problem list item."""
    verification = coded(place.value, "verificationStatus", _VERIFICATION)
    if verification == "entered-in-error" and "clinicalStatus" in place.value:
        yield Finding("FHIR_CON_5", f"{place.pointer}/clinicalStatus")
    listed = any(
        coding.get("code") == "problem-list-item"
        for concept in place.value.get("category", ())
        if isinstance(concept, dict)
        for coding in concept.get("coding", ())
        if isinstance(coding, dict)
    )
    if listed and verification != "entered-in-error" and "clinicalStatus" not in place.value:
        yield Finding("FHIR_CON_3", f"{place.pointer}/clinicalStatus", Severity.WARNING)


def _ppc_1(place: Place) -> Iterator[Finding]:
    """Check Consent ppc-1: a policy or a policy rule; its sister ppc-2 never fires as published."""
    if not {"policy", "policyRule"} & set(place.value):
        yield Finding("FHIR_PPC_1", f"{place.pointer}/policy")


def _ext_1(place: Place) -> Iterator[Finding]:
    """Check Extension ext-1: either extensions or one value, and not neither."""
    for index, extension in enumerate(place.value if isinstance(place.value, list) else ()):
        if not isinstance(extension, dict):
            continue
        value = any(key.lstrip("_").startswith("value") for key in extension)
        if value == ("extension" in extension):
            yield Finding("FHIR_EXT_1", f"{place.pointer}/{index}")


def _identified(place: Place) -> Iterator[Finding]:
    """Demand that a reference says something."""
    if not {"reference", "identifier", "display", "extension"} & set(place.value):
        yield Finding("FHIR_EMPTY", place.pointer)


RULES: dict[str, tuple[Rule, ...]] = {
    "Task": (_inv_1,),
    "ServiceRequest": (_prr_1,),
    "Bundle": (_bundle,),
    "Observation": (_obs_6,),
    "Condition": (_condition,),
    "Consent": (_ppc_1,),
    "ServiceRequest.subject": (_identified,),
    "Observation.subject": (_identified,),
    "Task.focus": (_identified,),
    "Task.for": (_identified,),
}
"""Rules by the element they look at."""
SUFFIX_RULES: dict[str, tuple[Rule, ...]] = {".extension": (_ext_1,), ".modifierExtension": (_ext_1,)}
"""Rules that hold wherever an element of this name stands."""


def check_invariants(walk: list[Place]) -> list[Finding]:
    """Return every broken invariant."""
    return [f for place in walk for rule in _rules_for(place) for f in rule(place)]


def _rules_for(place: Place) -> tuple[Rule, ...]:
    own = RULES.get(place.element, ()) if isinstance(place.value, dict) else ()
    if isinstance(place.value, list):
        return tuple(r for suffix, rules in SUFFIX_RULES.items() if place.element.endswith(suffix) for r in rules)
    return own
