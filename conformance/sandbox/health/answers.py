"""Writes what a hospital's server says: outcomes, transaction responses, search sets, status messages."""

import json
import uuid

from conformance.sandbox.agency import Answer, CannotAnswerError, Decision
from conformance.sandbox.health import bundles
from conformance.sandbox.health.bundles import Json, Problem
from conformance.sandbox.store import Effect

FHIR = "application/fhir+json; fhirVersion=4.0"
TASK = {
    "ACKNOWLEDGE": ("received", "acknowledged"),
    "ACCEPT": ("accepted", "accepted"),
    "REJECT": ("rejected", "declined"),
    "ASK": ("received", "awaiting-information"),
    "PROGRESS": ("in-progress", "in-service"),
    "COMPLETE": ("completed", "completed"),
    "FAIL": ("failed", "not-completed"),
}
"""Officer's decisions as Task.status and businessStatus (health.md 9.2)."""
SENTENCES = {
    "structure": "the document does not have the form of the resource",
    "required": "an element that must stand is missing",
    "value": "an element has a value that cannot be",
    "invariant": "a rule of the resource is broken",
    "business-rule": "a rule of this server is broken",
    "not-found": "nothing was found there",
    "too-costly": "the document holds too much",
    "duplicate": "this message was received before",
    "conflict": "this message id was used for another document",
    "login": "a valid token is needed",
    "not-supported": "this media type or operation is not supported",
    "informational": "the message was received",
}


def fhir(status: int, resource: Json) -> Answer:
    """Write a resource as an answer."""
    return Answer(status, json.dumps(resource, ensure_ascii=False).encode(), FHIR)


def outcome(status: int, *problems: Problem, severity: str = "error") -> Answer:
    """Write an OperationOutcome (health.md 9.5): codes, fixed sentences and paths, no values."""
    issues: list[Json] = []
    for problem in problems:
        text = SENTENCES.get(problem.code, "the request could not be served")
        issue: Json = {"severity": severity, "code": problem.code, "details": {"text": text}}
        if problem.expression:
            issue["expression"] = [problem.expression]
        issues.append(issue)
    return fhir(status, {"resourceType": "OperationOutcome", "issue": issues})


def transaction_response(bundle: Json) -> Json:
    """Answer a transaction entry by entry; the ids are those of the entries' own addresses."""
    done = [
        {"response": {"status": "201 Created", "location": location, "etag": 'W/"1"'}}
        for location in (_location(entry) for entry in bundles.entries(bundle))
    ]
    return {"resourceType": "Bundle", "type": "transaction-response", "entry": done}


def message_response(bundle: Json, n: int, at: str) -> Json:
    """Answer a message with a message whose header names it (messaging, response code ok)."""
    header: Json = {
        "resourceType": "MessageHeader",
        "eventCoding": {
            "system": f"{bundles.base_url(bundle)}/CodeSystem/message-event",
            "code": "referral-status",
        },
        "source": {"endpoint": "https://his.example.pk/fhir", "software": "sandbox"},
        "response": {"identifier": bundles.message_id(bundle), "code": "ok"},
    }
    answer_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{bundles.message_id(bundle)}/{n}"))
    return _message(bundles.base_url(bundle), answer_id, at, [header])


def task_searchset(tasks: list[tuple[str, Json]]) -> Json:
    """Write a search result; each task comes with its id."""
    found = [{"resource": {**task, "id": task_id}, "search": {"mode": "match"}} for task_id, task in tasks]
    answer: Json = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    return answer | {"entry": found} if found else answer


def capability() -> Json:
    """Say what this server can do."""
    operations = [
        {
            "name": "process-message",
            "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
        }
    ]
    task = {
        "type": "Task",
        "interaction": [{"code": "search-type"}],
        "searchParam": [{"name": "identifier", "type": "token"}],
    }
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-01-01",
        "kind": "instance",
        "implementation": {"description": "simulated hospital"},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "interaction": [{"code": "transaction"}],
                "resource": [task],
                "operation": operations,
            }
        ],
    }


def status_message(effect: Effect, decision: Decision, reference: str) -> Json:
    """Write the officer's answer: a message Bundle around the Task (health.md 11.2)."""
    if decision.kind not in TASK:
        raise CannotAnswerError("a hospital cannot give this answer")
    received: Json = json.loads(effect.body.decode("utf-8-sig"))
    base = bundles.base_url(received)
    task = _answered_task(received, decision, reference, base, effect.n)
    sender, owner = _organisations(received)
    header: Json = {
        "resourceType": "MessageHeader",
        "eventCoding": {"system": f"{base}/CodeSystem/message-event", "code": "referral-status"},
        "destination": [{"endpoint": base, "receiver": {"reference": _urn(decision, "requester")}}],
        "sender": {"reference": _urn(decision, "owner")},
        "source": {"endpoint": "https://his.example.pk/fhir", "software": "sandbox", "version": "1"},
        "reason": {"coding": [{"system": f"{base}/CodeSystem/message-reason", "code": "update"}]},
        "response": {"identifier": effect.message_id, "code": "ok"},
        "focus": [{"reference": _urn(decision, "task")}],
    }
    task |= {
        "requester": {"reference": _urn(decision, "requester")},
        "owner": {"reference": _urn(decision, "owner")},
    }
    parts = [(_urn(decision, "header"), header), (_urn(decision, "task"), task)]
    parts += [(_urn(decision, "requester"), sender), (_urn(decision, "owner"), owner)]
    bundle = _message(base, decision.message_id, decision.at, [])
    bundle["entry"] = [{"fullUrl": address, "resource": resource} for address, resource in parts]
    return bundle


def _answered_task(received: Json, decision: Decision, reference: str, base: str, n: int) -> Json:
    original = bundles.resources(received, "Task")[0]
    status, business = TASK[decision.kind]
    filler: Json = {
        "type": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "FILL"}]},
        "system": f"{base}/sid/task",
        "value": f"HIS-{n:05d}",
    }
    kept = ("groupIdentifier", "code", "authoredOn", "intent", "meta")
    task: Json = {"resourceType": "Task", **{name: original[name] for name in kept if name in original}}
    task |= {
        "identifier": [*bundles.identifiers(original), filler],
        "status": status,
        "businessStatus": {"coding": [{"system": f"{base}/CodeSystem/referral-state", "code": business}]},
        "focus": {"identifier": {"system": f"{base}/sid/referral", "value": reference}},
        "lastModified": decision.at,
    }
    if status in {"rejected", "failed"}:
        task["statusReason"] = _reason(decision.reason or "OTHER", base)
    if status == "completed":
        task["output"] = [{"type": {"text": "outcome"}, "valueString": "service given"}]
    return task


def _reason(code: str, base: str) -> Json:
    words = code.lower().replace("_", "-")
    return {
        "coding": [{"system": f"{base}/CodeSystem/decline-reason", "code": words}],
        "text": words.replace("-", " "),
    }


def _organisations(received: Json) -> tuple[Json, Json]:
    """Give the requester's and the owner's Organization of the received Task, or bare ones."""
    task = bundles.resources(received, "Task")[0]
    by_address = {str(entry.get("fullUrl")): entry.get("resource") for entry in bundles.entries(received)}
    found: list[Json] = []
    for role in ("requester", "owner"):
        party = task.get(role)
        target = by_address.get(str(party.get("reference"))) if isinstance(party, dict) else None
        known = isinstance(target, dict) and target.get("resourceType") == "Organization"
        found.append(target if known and isinstance(target, dict) else {"resourceType": "Organization", "name": role})
    return found[0], found[1]


def _urn(decision: Decision, part: str) -> str:
    return f"urn:uuid:{uuid.uuid5(uuid.UUID(decision.message_id), part)}"


def _message(base: str, identifier: str, at: str, resources: list[Json]) -> Json:
    entries = [
        {"fullUrl": f"urn:uuid:{uuid.uuid5(uuid.UUID(identifier), str(index))}", "resource": resource}
        for index, resource in enumerate(resources)
    ]
    return {
        "resourceType": "Bundle",
        "identifier": {"system": f"{base}/sid/message", "value": identifier},
        "type": "message",
        "timestamp": at,
        "entry": entries,
    }


def _location(entry: Json) -> str:
    resource = entry.get("resource")
    kind = resource.get("resourceType", "") if isinstance(resource, dict) else ""
    return f"{kind}/{str(entry.get('fullUrl', '')).removeprefix('urn:uuid:')}/_history/1"
