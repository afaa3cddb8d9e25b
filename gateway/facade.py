"""FHIR's own manners around the same referrals: single resources, search pages, patches (formats/health.md 9.3).

Pure: a referral's Bundle goes in, as `mappings.health_fhir` writes it, and what a FHIR client expects to see comes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.errors import NotUnderstood
from mappings.engine.findings import Finding
from mappings.health_fhir import systems
from mappings.health_fhir.states import FINER, KIND_OF_STATE, REASONS, STATES, TASK_STATUS, UNAMBIGUOUS, label

SERVED = ("Task", "ServiceRequest", "Patient")
"""Resources that can be read one by one; the others are read in the referral's Bundle."""

_CODES = {state: code for code, state in STATES.items()}
_PATCHED = ("status", "businessStatus", "statusReason")
"""Members of a Task a receiver may change (formats/health.md 9.3)."""
_MOST_OPERATIONS = 20

Node = dict[str, Any]


def resource(bundle: Node, kind: str, name: str, version: int, state: str, updated: str) -> Node | None:
    """Return one resource of a referral's Bundle as FHIR serves it alone, or none if the Bundle has none.

    `name` is what the caller knows the referral by: the id of its Task, request and patient. References to what is not
    served alone become logical ones, so that none leads nowhere.
    """
    entries = bundle.get("entry", [])
    found = next((e["resource"] for e in entries if e["resource"]["resourceType"] == kind), None)
    if found is None:
        return None
    targets = {entry["fullUrl"]: entry["resource"] for entry in entries if "fullUrl" in entry}
    told: Node = _linked(found, targets, name)
    told["id"] = name
    told["meta"] = {**told.get("meta", {}), "versionId": str(version), "lastUpdated": updated}
    if kind == "Task":
        _stand(told, state)
    return told


def _linked(value: Any, targets: Mapping[str, Node], name: str) -> Any:
    if isinstance(value, list):
        return [_linked(each, targets, name) for each in value]
    if not isinstance(value, dict):
        return value
    target = targets.get(value.get("reference", ""))
    if target is not None:
        return _reference(target, name)
    return {key: _linked(each, targets, name) for key, each in value.items()}


def _reference(target: Node, name: str) -> Node:
    kind = target["resourceType"]
    if kind in SERVED:
        return {"reference": f"{kind}/{name}"}
    logical: Node = {"type": kind}
    numbered = target.get("identifier")
    if kind == "Organization" and numbered:
        logical["identifier"] = numbered[0]
    logical["display"] = target.get("name") if kind == "Organization" and target.get("name") else kind
    return logical


def _stand(task: Node, state: str) -> None:
    """Say how the referral stands now, for the Bundle says how it stood when it was sent."""
    code = _CODES.get(state)
    if code is None:
        return
    task["status"] = TASK_STATUS[code][0]
    task["businessStatus"] = {"coding": [{"system": systems.STATE, "code": code}]}
    if task["status"] in ("rejected", "cancelled", "failed", "on-hold"):
        task.setdefault("statusReason", {"text": label(code)})


def states_of(status: str) -> frozenset[str]:
    """Return the states a Task.status stands for; empty for a word that is none."""
    return frozenset(state for code, state in STATES.items() if TASK_STATUS[code][0] == status)


def page(base: str, tasks: Iterable[Node], this: str, following: str | None, *, left_out: int) -> Node:
    """Return a search page; of what had to be left out it says how many, and not which (R4 3.1.1.5.1)."""
    entries: list[Node] = [
        {"fullUrl": f"{base}/Task/{t['id']}", "resource": t, "search": {"mode": "match"}} for t in tasks
    ]
    if left_out:
        text = f"{left_out} of these cannot be shown: erased, taken back, or not to be said in FHIR."
        issue = {"severity": "warning", "code": "incomplete", "details": {"text": text}}
        entries.append(
            {"resource": {"resourceType": "OperationOutcome", "issue": [issue]}, "search": {"mode": "outcome"}}
        )
    links = [{"relation": "self", "url": this}] + ([{"relation": "next", "url": following}] if following else [])
    found: Node = {"resourceType": "Bundle", "type": "searchset", "link": links}
    return {**found, "entry": entries} if entries else found


def transaction_response(
    kinds: Iterable[str], name: str, at: str, *, again: bool, outcome: Node | None, served: Mapping[str, Node]
) -> Node:
    """Return the answer to a transaction, an entry for each entry that came, in its order; with what is `served`."""
    entries = []
    for kind in kinds:
        response: Node = {"status": "200 OK" if again else "201 Created"}
        if kind in SERVED:
            response |= {"location": f"{kind}/{name}/_history/1", "etag": 'W/"1"', "lastModified": at}
        if kind == "Task" and outcome is not None:
            response["outcome"] = outcome
        entries.append({**({"resource": served[kind]} if kind in served else {}), "response": response})
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}


def information(findings: Iterable[Finding], text: str) -> Node:
    """Return an OperationOutcome that says all went well, and what a sender should know all the same."""
    issues = [
        {"severity": "warning", "code": "informational", "details": {"text": each.message}} for each in findings
    ] or [{"severity": "information", "code": "informational", "details": {"text": text}}]
    return {"resourceType": "OperationOutcome", "issue": issues}


def answer(task: Node, name: str, message_id: str) -> Node:
    """Return the canonical reply a changed Task amounts to.

    Raises:
        NotUnderstood: its status and business status say nothing, or contradict each other.
    """
    status = str(task.get("status"))
    named = _code(task, "businessStatus", systems.STATE)
    code = named or UNAMBIGUOUS.get(status, "")
    coarse = FINER.get(code, code)
    if coarse not in STATES or (named and status not in TASK_STATUS.get(code, TASK_STATUS[coarse])):
        raise NotUnderstood(findings=[Finding("FHIR_STATE_CONTRADICTION", "/status")])
    reply: Node = {"type": "reply", "message_id": message_id, "ref": name, "state": STATES[coarse]}
    if coarse in KIND_OF_STATE:
        reply["kind"] = KIND_OF_STATE[coarse]
    if code in FINER:
        reply["outcome"] = {"business_status": code}
    reason = _code(task, "statusReason", systems.DECLINE)
    if reason in REASONS:
        reply["reason"] = REASONS[reason]
    text = task.get("statusReason", {}).get("text")
    if isinstance(text, str) and text not in (label(code), label(reason)):
        reply["reason_text"] = text
    return reply


def cancels(task: Node) -> bool:
    """Tell whether a Task, as its sender changed it, takes the referral back (formats/health.md 9.2)."""
    return task.get("status") == "cancelled" and _code(task, "businessStatus", systems.STATE) in ("", "revoked")


def aborted(task: Node) -> str:
    """Return the name of the referral a Task with code abort asks to stop (formats/health.md 2.2, 9.3).

    Raises:
        NotUnderstood: it is no such Task, or does not say what it stops.
    """
    if task.get("resourceType") != "Task" or _code(task, "code", systems.TASK_CODE) != "abort":
        raise NotUnderstood(findings=[Finding("INVALID_VALUE", "/code")])
    if task.get("status") not in ("requested", "draft", "ready") or task.get("intent") != "order":
        raise NotUnderstood(findings=[Finding("INVALID_VALUE", "/status")])
    focus = task.get("focus")
    named = str(focus.get("reference", "")) if isinstance(focus, dict) else ""
    kind, _, name = named.partition("/_history/")[0].rpartition("/")
    if kind.rpartition("/")[2] not in ("Task", "ServiceRequest") or not name:
        raise NotUnderstood(findings=[Finding("INVALID_VALUE", "/focus")])
    return name


def _code(task: Node, member: str, system: str) -> str:
    concept = task.get(member)
    listed = concept.get("coding", []) if isinstance(concept, dict) else []
    found = [c.get("code") for c in listed if isinstance(c, dict) and c.get("system") == system]
    return found[0] if found and isinstance(found[0], str) else ""


def patched(task: Node, operations: object) -> Node:
    """Return a Task with a JSON Patch (RFC 6902) applied: whole members, and only those a receiver may change.

    Raises:
        NotUnderstood: not such a patch; nothing of it was applied.
    """
    if not isinstance(operations, list) or not 0 < len(operations) <= _MOST_OPERATIONS:
        raise NotUnderstood(findings=[Finding("INVALID_VALUE", "")])
    changed = {name: each for name, each in task.items() if name != "statusReason"}
    if not any(isinstance(o, dict) and o.get("path") == "/businessStatus" for o in operations):
        # The old business status would contradict the new status.
        changed.pop("businessStatus", None)
    for index, operation in enumerate(operations):
        path = operation.get("path") if isinstance(operation, dict) else None
        word = operation.get("op") if isinstance(operation, dict) else None
        if word not in ("add", "replace", "test") or path not in [f"/{name}" for name in _PATCHED]:
            raise NotUnderstood(findings=[Finding("INVALID_VALUE", f"/{index}")])
        member = str(path)[1:]
        if word == "test" and task.get(member) != operation.get("value"):
            raise NotUnderstood(findings=[Finding("INVALID_VALUE", f"/{index}/value")])
        if word != "test":
            changed[member] = operation.get("value")
    return changed


def capabilities(base: str, at: str, version: str) -> Node:
    """Return the CapabilityStatement."""
    kinds = {
        "Task": ["read", "search-type", "patch", "update", "create"],
        "ServiceRequest": ["read"],
        "Patient": ["read"],
        "AuditEvent": ["search-type"],
    }
    resources: list[Node] = [
        {"type": kind, "versioning": "versioned", "interaction": [{"code": code} for code in codes]}
        for kind, codes in kinds.items()
    ]
    resources[0]["searchParam"] = [
        {"name": "owner", "type": "reference"}, {"name": "status", "type": "token"},
        {"name": "_lastUpdated", "type": "date"}, {"name": "_count", "type": "number"},
    ]  # fmt: skip
    resources[-1]["searchParam"] = [{"name": "patient", "type": "reference"}]
    service = [{"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR"}]
    rest: Node = {
        "mode": "server",
        "security": {"cors": False, "service": [{"coding": service}]},
        "resource": resources,
        "interaction": [{"code": "transaction"}],
        "operation": [
            {
                "name": "process-message",
                "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
            }
        ],
    }
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": at,
        "kind": "instance",
        "software": {"name": "Raabta", "version": version},
        "implementation": {"description": "Referrals of child protection between agencies", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [rest],
    }
