"""One walk over FHIR JSON: every node with its JSON Pointer and its element path (``Task.restriction.period``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_PLAIN = re.compile(r"^_?[A-Za-z][A-Za-z0-9]{0,63}$")


class Place(NamedTuple):
    """A value inside a resource."""

    pointer: str
    """JSON Pointer from the document's root."""
    element: str
    """Names from the resource type on, without positions."""
    value: Any


def places(document: Any) -> list[Place]:
    """Return a document and everything below it; a resource inside a resource begins a new element path."""
    found: list[Place] = []
    _walk(document, "", "", found)
    return found


def _walk(value: Any, pointer: str, element: str, found: list[Place]) -> None:
    if isinstance(value, dict):
        kind = value.get("resourceType")
        element = kind if isinstance(kind, str) else element
        found.append(Place(pointer, element, value))
        for key, item in value.items():
            _walk(item, f"{pointer}/{token(key)}", f"{element}.{key}", found)
        return
    found.append(Place(pointer, element, value))
    if isinstance(value, list):
        for index, item in enumerate(value):
            _walk(item, f"{pointer}/{index}", element, found)


def token(key: str) -> str:
    """Return a key as a pointer token; a key that is no FHIR name is the sender's text and is not repeated."""
    return key if _PLAIN.match(key) else "?"


def fhirpath(pointer: str, root: str = "Bundle") -> str:
    """Return a JSON Pointer as the FHIRPath an OperationOutcome names: ``Bundle.entry[0].resource.status``.

    Only letters, digits, dots and brackets ever stand in it (formats/health.md 9.5, "charset-filtered").
    """
    path = root
    for part in pointer.split("/")[1:]:
        if part.isdigit():
            path += f"[{part}]"
        elif _PLAIN.match(part):
            path += f".{part.lstrip('_')}"
    return path


def entries(bundle: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the entries of a Bundle that are objects, with their positions."""
    listed = bundle.get("entry")
    for index, entry in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(entry, dict):
            yield index, entry


def resources(bundle: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the resources of a Bundle's entries, with the positions of the entries."""
    for index, entry in entries(bundle):
        resource = entry.get("resource")
        if isinstance(resource, dict):
            yield index, resource


def items(node: Any, key: str) -> list[dict[str, Any]]:
    """Return the objects of a list-valued element, or none."""
    value = node.get(key) if isinstance(node, dict) else None
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def codings(concept: Any, system: str = "") -> list[dict[str, Any]]:
    """Return the codings of a CodeableConcept, or those of one system."""
    found = items(concept, "coding")
    return [coding for coding in found if coding.get("system") == system] if system else found


def coded(node: Any, key: str, system: str) -> str:
    """Return the first code a CodeableConcept has in one system, or an empty text."""
    found = codings(node.get(key) if isinstance(node, dict) else None, system)
    code = found[0].get("code") if found else None
    return code if isinstance(code, str) else ""
