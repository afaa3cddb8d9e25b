"""R4 invariants judged in Python, at a finer place than the element HL7 wrote them on (formats/health.md 2.1, 9.6).

Every rule is a function of one resource; a new rule is one more function in :data:`RULES` under its type.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeAlias

from mappings.engine.findings import Finding, Severity
from mappings.fhir_r4.elements import Node
from mappings.fhir_r4.walk import coded, items

Rule: TypeAlias = Callable[[dict[str, Any], str], Iterator[Finding]]

_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"


def check_invariants(node: Node) -> Iterator[Finding]:
    """Yield every invariant a resource breaks."""
    rule = RULES.get(node.type.name)
    return rule(node.value, node.pointer) if rule else iter(())


def _inv_1(task: dict[str, Any], at: str) -> Iterator[Finding]:
    """Check Task inv-1: last modified not before authored."""
    authored, modified = _moment(task.get("authoredOn")), _moment(task.get("lastModified"))
    if authored and modified and modified < authored:
        yield Finding("FHIR_INV_1", f"{at}/lastModified")


def _moment(value: Any) -> datetime | None:
    """Return an instant; a partial date, or one without its zone, says nothing that could be compared."""
    if not isinstance(value, str) or len(value) < 20:
        return None
    try:
        moment = datetime.fromisoformat(value[:19] + value[19:].lstrip(".0123456789").replace("Z", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _prr_1(request: dict[str, Any], at: str) -> Iterator[Finding]:
    """Check ServiceRequest prr-1: order detail only with a code."""
    if "orderDetail" in request and "code" not in request:
        yield Finding("FHIR_PRR_1", f"{at}/orderDetail")


def _obs_6(observation: dict[str, Any], at: str) -> Iterator[Finding]:
    """Check Observation obs-6: a reason for absence only where no value stands."""
    if "dataAbsentReason" in observation and any(key.startswith("value") for key in observation):
        yield Finding("FHIR_OBS_6", f"{at}/dataAbsentReason")


def _condition(condition: dict[str, Any], at: str) -> Iterator[Finding]:
    """Check Condition con-5 and con-3: clinical status never on an error, always on a problem list item."""
    verification = coded(condition, "verificationStatus", _VERIFICATION)
    if verification == "entered-in-error" and "clinicalStatus" in condition:
        yield Finding("FHIR_CON_5", f"{at}/clinicalStatus")
    listed = any(
        coding.get("code") == "problem-list-item"
        for concept in items(condition, "category")
        for coding in items(concept, "coding")
    )
    if listed and verification != "entered-in-error" and "clinicalStatus" not in condition:
        yield Finding("FHIR_CON_3", f"{at}/clinicalStatus", Severity.WARNING)


def _ppc_1(consent: dict[str, Any], at: str) -> Iterator[Finding]:
    """Check Consent ppc-1: a policy or a policy rule; its sister ppc-2 never fires as published."""
    if not {"policy", "policyRule"} & set(consent):
        yield Finding("FHIR_PPC_1", f"{at}/policy")


def _identified(reference: dict[str, Any], at: str) -> Iterator[Finding]:
    """Demand that a reference says something."""
    if not {"reference", "identifier", "display", "extension"} & set(reference):
        yield Finding("FHIR_EMPTY", at)


RULES: dict[str, Rule] = {
    "Task": _inv_1,
    "ServiceRequest": _prr_1,
    "Observation": _obs_6,
    "Condition": _condition,
    "Consent": _ppc_1,
    "Reference": _identified,
}
"""One rule for a type."""
