"""The OpenAPI document, made from the code: FastAPI's, completed by the languages and the problem schema."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gateway.api.scopes import SCOPES
from mappings.canonical import schema
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


def _content(operation: str, direction: str) -> dict[str, Any]:
    """Return the media types of a body: every language, with what it can hold there said in words."""
    content: dict[str, Any] = {}
    for mapping in library().values():
        if mapping.format == "raabta":
            content["application/json"] = {"schema": {"$ref": "#/components/schemas/Canonical"}}
        elif direction in mapping.directions:
            content |= {name: {"schema": _described(mapping, name, operation)} for name in mapping.media_types}
    return content


def _described(mapping: Mapping, media_type: str, operation: str) -> dict[str, str]:
    said = f"A document of {mapping.format}"
    if (model := _HOLDS.get(operation)) and not any(document.model is model for document in mapping.documents):
        said += f"; none holds a {model.__name__.lower()}, so it is always refused"
    if media_type == "application/zip":
        return {"type": "string", "format": "binary", "description": f"{said}: CSV files, at most 16 MiB unpacked"}
    return {"type": "string" if mapping.codec.xml else "object", "description": said}


def document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of an application."""
    spec = get_openapi(
        title="Raabta",
        version=app.version,
        summary="One referral API, in which each child-protection agency speaks its own language.",
        routes=app.routes,
    )
    components = spec.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    schemas["Canonical"] = {"oneOf": [_lifted(part, schemas) for part in schema().values()]}
    components["securitySchemes"] = {
        "oauth": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": dict(SCOPES)}},
        }
    }
    for path in spec["paths"].values():
        for operation in path.values():
            _complete(operation)
    return spec


def _lifted(part: Any, schemas: dict[str, Any]) -> dict[str, str]:
    """Move the definitions of one canonical document into the components and return a reference to it."""
    text = _renamed(part)
    schemas.update(text.pop("$defs", {}))
    schemas[part["title"]] = text
    return {"$ref": f"#/components/schemas/{part['title']}"}


def _renamed(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: item.replace("#/$defs/", "#/components/schemas/") if key == "$ref" else _renamed(item)
            for key, item in value.items()
        }
    return [_renamed(item) for item in value] if isinstance(value, list) else value


def _complete(operation: dict[str, Any]) -> None:
    name = operation.get("operationId", "")
    if name in _BODIES:
        operation["requestBody"] = {"required": True, "content": _content(name, _BODIES[name])}
    if name in _FORMS:
        members = _FORMS[name]
        content = {"application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": members}}}
        operation["requestBody"] = {"required": True, "content": content}
    if name in _ANSWERS:
        operation["responses"]["200"]["content"] = _content(name, _ANSWERS[name])
    if "422" in operation.get("responses", {}):
        operation["responses"]["422"].get("content", {}).pop("application/json", None)
