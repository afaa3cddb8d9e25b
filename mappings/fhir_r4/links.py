"""References: what they say by themselves, and what local ones lead to (https://hl7.org/fhir/R4/references.html)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from mappings.engine.findings import Finding
from mappings.fhir_r4.containment import contained
from mappings.fhir_r4.definitions import definitions
from mappings.fhir_r4.elements import Node

_LITERAL = re.compile(
    r"(?P<base>https?://\S*/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(/_history/(?P<version>[A-Za-z0-9\-.]{1,64}))?"
)

_RELATIVE = re.compile(r"[A-Z][A-Za-z]*/[^/]*(/_history/[^/]*)?\Z")


class Literal(NamedTuple):
    """A reference taken apart: ``[base]/Type/id/_history/version``."""

    base: str
    type: str
    id: str
    version: str


def literal(text: str) -> Literal | None:
    """Return the parts of a RESTful reference or address, or ``None`` if it is none of a type R4 has."""
    match = _LITERAL.fullmatch(text)
    if match is None or match["type"] not in definitions().resource_types:
        return None
    return Literal(match["base"] or "", match["type"], match["id"], match["version"] or "")


def check_references(nodes: list[Node]) -> Iterator[Finding]:
    """Yield references that are wrong as they stand: local ones lead to what is contained, types are those allowed."""
    inside: dict[int, dict[str, dict[str, Any]]] = {}
    for node in nodes:
        if node.type.name != "Reference":
            continue
        text = node.value.get("reference")
        if not isinstance(text, str):
            yield from wrong_target(node, "")
        elif not text.startswith("#"):
            if _illegible(text):
                yield Finding("INVALID_VALUE", f"{node.pointer}/reference")
            parts = literal(text)
            yield from wrong_target(node, parts.type if parts else "")
        else:
            root = id(node.root)
            if root not in inside:
                inside[root] = contained(node.root)
            yield from _local(node, text[1:], inside[root])


def _illegible(text: str) -> bool:
    """Tell whether a reference is no URL at all, or looks RESTful and names no type of R4's or no possible id."""
    if "?" in text:
        return False
    return bool(re.search(r"\s", text)) or (_RELATIVE.match(text) is not None and literal(text) is None)


def _local(node: Node, identity: str, inside: dict[str, dict[str, Any]]) -> Iterator[Finding]:
    """Judge a local reference; ``#`` alone is the container itself, and only what is contained may say it."""
    target = inside.get(identity) if identity else node.root if node.root is not node.resource else None
    if target is None:
        yield Finding("FHIR_DANGLING_REFERENCE", f"{node.pointer}/reference")
    else:
        yield from wrong_target(node, str(target.get("resourceType")))


def wrong_target(node: Node, kind: str) -> Iterator[Finding]:
    """Yield a reference to a type that may not stand here, or that says another type than it leads to.

    Args:
        node: the reference.
        kind: resource type of what it leads to; empty if that is not known.
    """
    allowed = node.element.targets if node.element else frozenset()
    said = str(node.value.get("type", "")).removeprefix("http://hl7.org/fhir/StructureDefinition/")
    if kind and allowed and kind not in allowed:
        yield Finding("FHIR_WRONG_TARGET", f"{node.pointer}/reference")
    elif said in definitions().resource_types and ((kind and said != kind) or (allowed and said not in allowed)):
        yield Finding("FHIR_WRONG_TARGET", f"{node.pointer}/type")
