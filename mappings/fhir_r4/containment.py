"""Contained resources: they have ids of their own, do not nest, and something leads to them (dom-2 to dom-5).

https://hl7.org/fhir/R4/references.html#contained
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding
from mappings.fhir_r4.elements import Node


def contained(root: Any) -> dict[str, dict[str, Any]]:
    """Return the resources a resource contains, by their ids."""
    listed = root.get("contained") if isinstance(root, dict) else None
    inside = [one for one in (listed if isinstance(listed, list) else ()) if isinstance(one, dict)]
    return {one["id"]: one for one in inside if isinstance(one.get("id"), str)}


def check_containment(node: Node) -> Iterator[Finding]:
    """Yield what is wrong with the resources a resource contains."""
    if node.type.kind != "resource" or "contained" not in node.value:
        return
    if node.root is not node.value:
        yield Finding("FHIR_DOM_2", f"{node.pointer}/contained")
        return
    listed = node.value["contained"]
    texts = set(_texts(node.value))
    seen: set[str] = set()
    for index, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict):
            yield from _one(one, f"{node.pointer}/contained/{index}", texts, seen)


def _one(one: dict[str, Any], pointer: str, texts: set[str], seen: set[str]) -> Iterator[Finding]:
    identity, meta = one.get("id"), one.get("meta")
    if not isinstance(identity, str):
        yield Finding("MISSING_REQUIRED", f"{pointer}/id")
        return
    if identity in seen:
        yield Finding("FHIR_CONTAINED_TWICE", f"{pointer}/id")
    seen.add(identity)
    if f"#{identity}" not in texts and "#" not in set(_texts(one)):
        yield Finding("FHIR_DOM_3", pointer)
    for name, code in (("versionId", "FHIR_DOM_4"), ("lastUpdated", "FHIR_DOM_4"), ("security", "FHIR_DOM_5")):
        if isinstance(meta, dict) and name in meta:
            yield Finding(code, f"{pointer}/meta/{name}")


def _texts(value: Any) -> Iterator[str]:
    """Yield every text that could lead to something contained; a canonical may name a version behind it."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str) and value.startswith("#"):
        yield value.partition("|")[0]
