"""Judging a FHIR server's answers by codes alone; its texts never leave this room (formats/health.md 9.5)."""

import re

from adapters.base import NOT_RECEIVED, PEER_PROTOCOL, Delivered, Outcome, Refused, Unavailable, Unknown
from adapters.health.bundles import Sent, identifiers
from adapters.peers import JSON_TYPES, code, items, json_body, json_object, member, reference
from adapters.statuses import judge_status
from adapters.transport import Answer

MEDIA_TYPE = "application/fhir+json"

_TYPES = JSON_TYPES | {MEDIA_TYPE}
_ISSUE = re.compile(r"[a-z]{3,20}(-[a-z]{2,20}){0,2}")
_HARMLESS = frozenset({"information", "warning", "success"})


def judge(answer: Answer, sent: Sent, now: float) -> Outcome:
    """Judge the answer to a transaction, to a message, or to a search for the Task."""
    if not 200 <= answer.status < 300:
        return _refusal(answer, now)
    resource = json_object(answer, _TYPES)
    doubt = Unknown(answer.flaw or PEER_PROTOCOL, answer.status)
    if resource is None:
        return doubt
    kind = resource.get("type") if resource.get("resourceType") == "Bundle" else None
    if kind == "searchset":
        return _found(answer, resource, sent)
    if sent.type == "transaction":
        return _transacted(answer, resource, sent) if kind == "transaction-response" else doubt
    if kind == "message":
        return _answered(answer, resource)
    return _informed(answer, resource)


def _refusal(answer: Answer, now: float) -> Outcome:
    issues = _issues(json_body(answer))
    if answer.status == 409 and "duplicate" in issues:
        return Delivered(answer.status, None, None, None, duplicate=True)
    if answer.status == 409 and answer.flaw is not None:
        # Without the body, "already have it" and "id used for another document" cannot be told apart.
        return Unknown(answer.flaw, answer.status)
    named = f"FHIR_{issues[0].upper().replace('-', '_')}" if issues else None
    return judge_status(answer, now, named)


def _issues(outcome: dict[str, object] | None) -> list[str]:
    if member(outcome, "resourceType") != "OperationOutcome":
        return []
    codes = (code(issue.get("code"), _ISSUE) for issue in items(member(outcome, "issue")))
    return [one for one in codes if one is not None]


def _transacted(answer: Answer, bundle: dict[str, object], sent: Sent) -> Outcome:
    """Judge a transaction, all or nothing: one entry for each of ours, each of them 2xx (FHIR http.html)."""
    entries = items(bundle.get("entry"))
    responses = [member(entry, "response") for entry in entries]
    fine = all(str(member(one, "status") or "").startswith("2") for one in responses)
    if len(entries) != sent.entries or not fine:
        return Unknown(PEER_PROTOCOL, answer.status)
    location = member(responses[sent.task_at or 0], "location") if responses else None
    return Delivered(answer.status, _local(location), answer.body, MEDIA_TYPE)


def _local(location: object) -> str | None:
    """Return `Task/12/_history/1` of a location, whether it is relative or absolute."""
    found = re.search(r"[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}(/_history/[A-Za-z0-9.-]{1,64})?$", str(location))
    return reference(found[0]) if found else None


def _answered(answer: Answer, bundle: dict[str, object]) -> Outcome:
    """Judge by `MessageHeader.response.code` (FHIR messaging.html)."""
    entries = items(bundle.get("entry"))
    header = member(entries[0], "resource") if entries else None
    match member(header, "response", "code"):
        case "ok":
            named = reference(member(header, "id"))
            return Delivered(answer.status, named, answer.body, MEDIA_TYPE)
        case "transient-error":
            return Unavailable(answer.status, "FHIR_TRANSIENT_ERROR")
        case "fatal-error":
            return Refused(answer.status, "FHIR_FATAL_ERROR")
        case _:
            return Unknown(PEER_PROTOCOL, answer.status)


def _informed(answer: Answer, outcome: dict[str, object]) -> Outcome:
    """Judge an OperationOutcome given for a message: fine if it holds nothing but information."""
    severities = {str(issue.get("severity")) for issue in items(outcome.get("issue"))}
    if outcome.get("resourceType") != "OperationOutcome" or not severities:
        return Unknown(PEER_PROTOCOL, answer.status)
    if severities <= _HARMLESS:
        return Delivered(answer.status, reference(outcome.get("id")), answer.body, MEDIA_TYPE)
    issues = _issues(outcome)
    return Refused(answer.status, f"FHIR_{issues[0].upper().replace('-', '_')}" if issues else "FHIR_ERROR")


def _found(answer: Answer, bundle: dict[str, object], sent: Sent) -> Outcome:
    """Judge a search: the Task came with the whole transaction or not at all, so finding it settles the rest."""
    entries = items(bundle.get("entry"))
    tasks = [one for one in (member(entry, "resource") for entry in entries) if _is_ours(one, sent)]
    if tasks:
        return Delivered(answer.status, _local(f"Task/{member(tasks[0], 'id')}"))
    if not entries and bundle.get("total", 0) == 0:
        return Unavailable(answer.status, NOT_RECEIVED)
    return Unknown(PEER_PROTOCOL, answer.status)


def _is_ours(resource: object, sent: Sent) -> bool:
    return member(resource, "resourceType") == "Task" and sent.task[0] in identifiers(resource)
