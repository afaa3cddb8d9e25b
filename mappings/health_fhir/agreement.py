"""Where a request and its task say the same thing twice, they must agree (formats/health.md 9.1, 9.2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding
from mappings.fhir_r4.walk import resources
from mappings.health_fhir.references import addresses
from mappings.health_fhir.regroup import organisation
from mappings.health_fhir.task_state import contradicts, state_code


def check_agreement(bundle: dict[str, Any], document: str) -> list[Finding]:
    """Return contradictions between the resources of a Bundle that is sound in itself."""
    found = {resource["resourceType"]: (index, resource) for index, resource in reversed(list(resources(bundle)))}
    known = dict(resources(bundle))
    graph = {text: known[index] for text, index in addresses(bundle).items() if index in known}
    if document == "referral":
        return [*_same_thing(found), *_parties(found, graph)]
    if document == "status":
        return list(_state(*found["Task"]))
    return []


def _state(index: int, task: dict[str, Any]) -> Iterator[Finding]:
    """Demand one state: two statuses that agree, or a Task status that leaves no doubt."""
    at = f"/entry/{index}/resource/businessStatus"
    if contradicts(task):
        yield Finding("FHIR_STATE_CONTRADICTION", at)
    elif not state_code(task)[0]:
        yield Finding("MISSING_REQUIRED", at)


def _same_thing(found: dict[str, tuple[int, dict[str, Any]]]) -> Iterator[Finding]:
    """Compare what the request and the task both hold."""
    (_, request), (index, task) = found["ServiceRequest"], found["Task"]
    at = f"/entry/{index}/resource"
    if task.get("priority", request["priority"]) != request["priority"]:
        yield Finding("FHIR_PROFILE_VALUE", f"{at}/priority")
    if task["for"].get("reference") != request["subject"].get("reference"):
        yield Finding("FHIR_WRONG_TARGET", f"{at}/for/reference")
    if task["owner"].get("reference") != request["performer"][0].get("reference"):
        yield Finding("FHIR_PARTIES_DIFFER", f"{at}/owner/reference")


def _parties(found: dict[str, tuple[int, dict[str, Any]]], graph: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    """Demand that sender and receiver are agencies, directly or through a role, and the task is of this request."""
    (first, request), (second, task) = found["ServiceRequest"], found["Task"]
    sender = organisation(request, "requester", graph)
    if sender is None:
        yield Finding("FHIR_WRONG_TARGET", f"/entry/{first}/resource/requester/reference")
    elif organisation(task, "requester", graph) is not sender:
        yield Finding("FHIR_PARTIES_DIFFER", f"/entry/{second}/resource/requester/reference")
    if organisation(task, "owner", graph) is None:
        yield Finding("FHIR_WRONG_TARGET", f"/entry/{second}/resource/owner/reference")
    if graph.get(str(task["focus"].get("reference"))) is not request:
        yield Finding("FHIR_WRONG_TARGET", f"/entry/{second}/resource/focus/reference")
