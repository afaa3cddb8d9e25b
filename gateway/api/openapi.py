"""The OpenAPI document, made from the code: FastAPI's, completed by the languages and the problem schema."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from gateway.api.described import SCHEMAS, complete
from gateway.api.exampled import examples
from gateway.api.scopes import SCOPES
from mappings.canonical import schema


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
    schemas.update(SCHEMAS)
    components["examples"] = examples()
    schemas["Canonical"] = {"oneOf": [_lifted(part, schemas) for part in schema().values()]}
    components["securitySchemes"] = {
        "oauth": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": dict(SCOPES)}},
        }
    }
    for path, operations in spec["paths"].items():
        for operation in operations.values():
            complete(path, operation)
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
