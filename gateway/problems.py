"""How errors are shown: RFC 9457 problem documents, OperationOutcome to FHIR callers (formats/health.md 9.5).

Only fixed sentences, codes and pointers; never a value, a stack, SQL or a path of this machine.
"""

from __future__ import annotations

from typing import Any

from gateway import errors
from gateway.errors import GatewayError

PROBLEM = "application/problem+json"
FHIR = "application/fhir+json"
TYPES = "https://gateway.example.pk/problems/"

STATUS: dict[type[object], int] = {
    errors.NotUnderstood: 422,
    errors.UnknownLanguage: 415,
    errors.NotAcceptable: 406,
    errors.KeyMissing: 400,
    errors.KeyReused: 409,
    errors.UnknownRecipient: 422,
    errors.SyntheticInProduction: 422,
    errors.NotFound: 404,
    errors.Gone: 410,
    errors.Withdrawn: 410,
    errors.KeysKeptElsewhere: 422,
    errors.NotRevocable: 422,
    errors.NotAllowed: 403,
    errors.NotThisRole: 403,
    errors.Forged: 403,
    errors.NotAuthenticated: 401,
    errors.NotLoggedIn: 401,
    errors.IllegalMove: 422,
    errors.PreconditionRequired: 428,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.TooOften: 429,
    errors.Busy: 503,
}
_MALFORMED = {"MALFORMED", "NOT_UTF8", "DOCTYPE", "DUPLICATE_KEY", "BAD_NUMBER", "BAD_TEXT", "POL-E01"}
_OVERSIZED = {"TOO_LARGE"}
_ISSUE = {
    400: "structure", 401: "login", 403: "forbidden", 404: "not-found", 405: "not-supported", 406: "not-supported",
    409: "conflict", 410: "deleted", 412: "conflict", 413: "too-long", 415: "not-supported", 422: "business-rule",
    428: "required", 429: "throttled", 503: "transient",
}  # fmt: skip


def status_of(error: GatewayError) -> int:
    """Return the HTTP status of an error, by its class or the next above it.

    What cannot be parsed is 400 and what is too large 413, whatever class it came in.
    """
    codes = {finding.code for finding in error.findings}
    if codes & _OVERSIZED:
        return 413
    if codes & _MALFORMED:
        return 400
    return next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)


def problem(error: GatewayError, request_id: str, status: int | None = None) -> dict[str, Any]:
    """Return a problem document (RFC 9457 section 3)."""
    body: dict[str, Any] = {
        "type": f"{TYPES}{error.code.lower().replace('_', '-')}",
        "title": error.title,
        "status": status or status_of(error),
        "code": error.code,
        "request_id": request_id,
    }
    if error.findings:
        body["errors"] = [{"pointer": f.path, "code": f.code, "message": f.message} for f in error.findings]
    return body


def plain(status: int, code: str, title: str, request_id: str) -> dict[str, Any]:
    """Return a problem document for what the HTTP layer itself refuses."""
    kind = f"{TYPES}{code.lower().replace('_', '-')}"
    return {"type": kind, "title": title, "status": status, "code": code, "request_id": request_id}


def outcome(body: dict[str, Any]) -> dict[str, Any]:
    """Return a problem document as a FHIR OperationOutcome; ``diagnostics`` holds the request id only."""
    entries = body.get("errors") or [{"pointer": "", "code": body["code"], "message": body["title"]}]
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": _ISSUE.get(body["status"], "exception"),
                "details": {
                    "coding": [{"system": "https://gateway.example.pk/fhir/sid/error", "code": f"GATEWAY_{e['code']}"}],
                    "text": e["message"],
                },
                "diagnostics": body["request_id"],
                **({"expression": [_fhirpath(e["pointer"])]} if e["pointer"] else {}),
            }
            for e in entries
        ],
    }


def _fhirpath(pointer: str) -> str:
    """Return a pointer into a Bundle as FHIRPath (``/entry/1`` becomes ``Bundle.entry[1]``); others as they are."""
    if not pointer.startswith("/entry"):
        return pointer
    path = "Bundle"
    for token in pointer.strip("/").split("/"):
        safe = "".join(c for c in token if c.isalnum() or c in "_-")
        path += f"[{safe}]" if safe.isdigit() else f".{safe}"
    return path
