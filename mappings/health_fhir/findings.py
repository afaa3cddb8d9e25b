"""Observations and conditions: what the rules cannot say of them, in both directions.

Our language tells an instant from a day; R4's ``dateTime`` holds either. An observation of ours may have a text, a
measure and codes; R4 gives it one ``value[x]``. What R4 cannot hold is refused, never dropped.
"""

from __future__ import annotations

from typing import Any

from mappings.engine.errors import Refusal
from mappings.engine.trees import Node
from mappings.fhir_r4.walk import codings, items
from mappings.health_fhir import systems

_DATES = ("effectiveDateTime", "recordedDate")
_RESULTS = ("valueString", "valueQuantity", "valueCodeableConcept")
UNSPECIFIED = "unspecified"
"""What an observation is of, where its author gave neither a code nor a word; R4 demands a code."""
UNSPECIFIED_PART = "unspecified-part"
"""The same for one of its components, which must not have the code of the whole (obs-7)."""


def mark_finding(finding: Node) -> None:
    """Mark what the rules read of an Observation or Condition: foreign codes, the note, a date without a time."""
    join_notes(finding)
    for one in (finding, *items(finding, "component")):
        for concept in (one.get("code"), one.get("valueCodeableConcept")):
            for code in codings(concept):
                if code.get("system") not in (None, systems.FINDING):
                    code["$foreign"] = True
    for name in _DATES:
        if isinstance(finding.get(name), str) and "T" not in finding[name]:
            finding["onlyDate"] = {"$at": finding["$at"], name: finding.pop(name)}


def join_notes(resource: Node) -> None:
    """Make several notes of one resource one text of ours, in their order."""
    notes = items(resource, "note")
    if notes:
        notes[0]["$use"] = "main"
    if len(notes) > 1:
        notes[0]["text"] = "\n\n".join(str(note.get("text", "")) for note in notes)
        resource["note"] = notes[:1]


def complete_finding(finding: Node, kind: str, at: str) -> None:
    """Complete an Observation or Condition the rules wrote.

    Args:
        finding: the resource, without its type.
        kind: its type.
        at: JSON Pointer it will have.

    Raises:
        Refusal: CANNOT_HOLD, R4 has one place for what stands twice, a unit's code stands without its system, or a
            component has the code of the whole.
    """
    only = finding.get("onlyDate")
    if only is not None:
        only["$at"] = at
        for name in _DATES:
            if name in only and name in finding:
                raise Refusal.of("CANNOT_HOLD", f"{at}/{name}", "clinical.findings.observed_on")
            finding.update({name: only[name]} if name in only else {})
        del finding["onlyDate"]
    if kind == "Observation":
        for index, component in enumerate(items(finding, "component")):
            component.setdefault("code", _concept(UNSPECIFIED_PART))
            _one_result(component, f"{at}/component/{index}", "clinical.findings.components")
        finding.setdefault("code", _concept(UNSPECIFIED))
        if _one_result(finding, at, "clinical.findings"):
            _apart(finding, at)


def _concept(code: str) -> dict[str, Any]:
    return {"coding": [{"system": systems.FINDING, "code": code}]}


def _one_result(holder: Node, at: str, ours: str) -> bool:
    """Demand one result at most, and a system for the code of its unit; tells whether there is a result."""
    found = [name for name in _RESULTS if name in holder]
    if len(found) > 1:
        raise Refusal.of("CANNOT_HOLD", f"{at}/{found[1]}", f"{ours}.text")
    amount = holder.get("valueQuantity", {})
    if "code" in amount and "system" not in amount:
        raise Refusal.of("CANNOT_HOLD", f"{at}/valueQuantity/code", f"{ours}.measure.unit_code")
    return bool(found)


def _apart(finding: Node, at: str) -> None:
    """Refuse a component with a code of the whole beside a result of the whole (obs-7)."""
    own = codings(finding.get("code"))
    for index, component in enumerate(items(finding, "component")):
        if any(code in own for code in codings(component.get("code"))):
            raise Refusal.of("CANNOT_HOLD", f"{at}/component/{index}/code", "clinical.findings.components.codes")
