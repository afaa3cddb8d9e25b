"""What FastAPI cannot know of an operation's bodies and answers: languages, shapes of errors, media types."""

from __future__ import annotations

from typing import Any

from gateway.api.exampled import pointed
from gateway.languages import REPORT
from gateway.problems import FHIR, PROBLEM
from mappings.engine.mapping import Mapping
from mappings.library import library
from mappings.referral import Referral
from mappings.reply import Reply

_BODIES = {"submitReferral": "read", "replyToReferral": "read", "translate": "read"}
_FORMS: dict[str, dict[str, Any]] = {
    "token": {"grant_type": {"const": "client_credentials"}, "scope": {"type": "string"}},
    "introspect": {"token": {"type": "string"}},
    "revoke": {"token": {"type": "string"}},
}
_ANSWERS = {"getReferral": "write", "translate": "write"}
_HOLDS = {"submitReferral": Referral, "replyToReferral": Reply, "getReferral": Referral}
"""What must be said in the body of a call."""
_MEDIA: dict[str, tuple[str, ...]] = {
    "metrics": ("text/plain",),
    "wsdl": ("text/xml",),
    "smartConfiguration": ("application/json",),
    "jwks": ("application/json", "application/jwk-set+json"),
}
"""Media types of answers that are no plain JSON."""

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON Pointer or XPath; empty: the whole document"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
OAUTH_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "An error of the token endpoint (RFC 6749 section 5.2)",
    "required": ["error"],
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
}
OUTCOME_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "What FHIR callers get instead of a problem document (FHIR R4 OperationOutcome)",
    "required": ["resourceType", "issue"],
    "properties": {"resourceType": {"const": "OperationOutcome"}, "issue": {"type": "array", "minItems": 1}},
}
SCHEMAS = {"Problem": PROBLEM_SCHEMA, "OAuthError": OAUTH_SCHEMA, "OperationOutcome": OUTCOME_SCHEMA}
"""Shapes of errors, by their names in the components."""


def content(operation: str, direction: str) -> dict[str, Any]:
    """Return the media types of a body: every language, with what it can hold there said in words."""
    found: dict[str, Any] = {}
    for mapping in library().values():
        if mapping.format == "raabta":
            schema = {"$ref": "#/components/schemas/Canonical"}
            found["application/json"] = {"schema": schema, **pointed("raabta", operation)}
        elif direction in mapping.directions:
            found |= {name: _body(mapping, name, operation) for name in mapping.media_types}
    return found


def _body(mapping: Mapping, media_type: str, operation: str) -> dict[str, Any]:
    """Return one media type of a body, with an example where text can show one."""
    shown = {} if media_type == "application/zip" else pointed(mapping.format, operation)
    return {"schema": _described(mapping, media_type, operation), **shown}


def _described(mapping: Mapping, media_type: str, operation: str) -> dict[str, str]:
    said = f"A document of {mapping.format}"
    if (model := _HOLDS.get(operation)) and not any(document.model is model for document in mapping.documents):
        said += f"; none holds a {model.__name__.lower()}, so it is always refused"
    if media_type == "application/zip":
        return {"type": "string", "format": "binary", "description": f"{said}: CSV files, at most 16 MiB unpacked"}
    return {"type": "string" if mapping.codec.xml else "object", "description": said}


def complete(path: str, operation: dict[str, Any]) -> None:
    """Complete one operation in place."""
    name, answers = operation.get("operationId", ""), operation.get("responses", {})
    if name in _BODIES:
        operation["requestBody"] = {"required": True, "content": content(name, _BODIES[name])}
    if name in _FORMS:
        members = _FORMS[name]
        form = {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": members}}}
        operation["requestBody"] = {"required": True, "content": form}
    if name in _ANSWERS:
        answers["200"]["content"] = content(name, _ANSWERS[name])
    if name == "getReferral":
        answers["200"]["content"]["application/json"] = {"schema": {"type": "object"}}
        answers["304"] = {"description": "It stands as the caller's If-None-Match says"}
    if name == "translate":
        answers["200"]["content"][REPORT] = {"schema": {"type": "object"}}
    _media_types(path, name, answers)
    _errors(path, name, answers)


def _media_types(path: str, name: str, answers: dict[str, Any]) -> None:
    """Name the media types of good answers."""
    kinds = _MEDIA.get(name) or ((FHIR,) if path.startswith("/fhir/") else ())
    for status, answer in answers.items():
        if kinds and status.startswith("2"):
            answer["content"] = {
                kind: {"schema": {"type": "string" if kind[:4] == "text" else "object"}} for kind in kinds
            }


def _errors(path: str, name: str, answers: dict[str, Any]) -> None:
    """Name the shapes of errors: problem documents, OperationOutcomes to FHIR callers, OAuth's own at its endpoints."""
    for status, answer in answers.items():
        if not status.startswith("4") and status != "503":
            continue
        told = answer.setdefault("content", {})
        told.pop("application/json", None)
        answer.setdefault("description", "Refused")
        if status == "422" and answer["description"] == "Validation Error":
            answer["description"] = "Refused"
        told[PROBLEM] = {"schema": {"$ref": "#/components/schemas/Problem"}}
        if path.startswith("/oauth/") and name in _FORMS:
            told["application/json"] = {"schema": {"$ref": "#/components/schemas/OAuthError"}}
        else:
            told[FHIR] = {"schema": {"$ref": "#/components/schemas/OperationOutcome"}}
