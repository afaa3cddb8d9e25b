"""What a FHIR server answers at once: stored, stored before, or refused (formats/health.md 9.5)."""

from __future__ import annotations

from typing import Any

from mappings.engine.trees import Node, copied
from mappings.fhir_r4.walk import entries, items, resources

_STORED = ("duplicate", "informational")
"""Issue types that mean the document is with the receiver: 409 duplicate says "already delivered, stop"."""


def regroup_outcome(document: dict[str, Any]) -> Node:
    """Return the parts of an answer: its Bundle, what was stored where, and the issue that decides."""
    document = copied(document)
    if document["resourceType"] == "OperationOutcome":
        issues = items(document, "issue")
        decisive = next((i for i in issues if i.get("severity") in ("fatal", "error")), issues[0])
        at = f"/issue/{issues.index(decisive)}"
        stored = decisive.get("code") in _STORED
        decisive["$at"] = at
        return {"Bundle": {"$at": "", **document}, "issue": decisive, "answer": _answer(at, stored=stored)}
    header = next((r for _, r in resources(document) if r["resourceType"] == "MessageHeader"), None)
    if header is not None:
        return _of_message(document, header)
    refused = [index for index, entry in entries(document) if not _succeeded(entry)]
    places = [
        {"$at": f"/entry/{index}/response", "scheme": "fhir-task", "location": entry["response"]["location"]}
        for index, entry in entries(document)
        if str(entry.get("response", {}).get("location", "")).startswith("Task/")
    ]
    at = f"/entry/{refused[0]}/response" if refused else "/type"
    return {
        "Bundle": {"$at": "", **document},
        "stored": places,
        "answer": _answer(at, stored=bool(document.get("entry")) and not refused),
    }


def _of_message(document: dict[str, Any], header: dict[str, Any]) -> Node:
    """Return the parts of a message that answers a message: its header says how it went."""
    index = next(i for i, r in resources(document) if r is header)
    response = header.get("response", {})
    at = f"/entry/{index}/resource/response"
    answered = {"$at": at, "identifier": response["identifier"]} if "identifier" in response else {}
    return {
        "Bundle": {"$at": "", **document},
        "answered": answered,
        "answer": _answer(at, stored=response.get("code") == "ok"),
    }


def _succeeded(entry: dict[str, Any]) -> bool:
    return str(entry.get("response", {}).get("status", "")).startswith("2")


def _answer(at: str, *, stored: bool) -> Node:
    """Return what an answer amounts to: stored is delivered, anything else is news whose code says why."""
    return {"$at": at, "kind": "RECEIVE", "state": "DELIVERED"} if stored else {"$at": at, "kind": "INFORM"}
