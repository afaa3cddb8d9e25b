"""Literal references: what they say by themselves, and what they lead to inside one document.

https://hl7.org/fhir/R4/references.html and, for the rules of resolving inside a Bundle,
https://hl7.org/fhir/R4/bundle.html#references
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from mappings.engine.findings import Finding
from mappings.fhir_r4.containment import contained
from mappings.fhir_r4.datatypes import absolute
from mappings.fhir_r4.definitions import definitions
from mappings.fhir_r4.elements import Node
from mappings.fhir_r4.walk import entries

_LITERAL = re.compile(
    r"(?P<base>https?://\S*/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(/_history/(?P<version>[A-Za-z0-9\-.]{1,64}))?"
)


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


def matches(bundle: dict[str, Any], source: str, reference: str) -> list[dict[str, Any]]:
    """Return the resources of a Bundle that a reference leads to.

    Args:
        bundle: the Bundle.
        source: fullUrl of the entry that holds the reference; a relative one is resolved against it.
        reference: the reference as it stands.
    """
    plain, _, version = reference.partition("/_history/")
    if not absolute(plain):
        own = literal(source)
        plain = f"{own.base}{plain}" if own and own.base else plain
    found = []
    for _, entry in entries(bundle):
        resource = entry.get("resource")
        if entry.get("fullUrl") == plain.partition("#")[0] and isinstance(resource, dict):
            meta = resource.get("meta")
            if not version or (isinstance(meta, dict) and meta.get("versionId") == version):
                found.append(resource)
    return found


def check_reference(node: Node) -> Iterator[Finding]:
    """Yield what is wrong with a reference as it stands: local ones lead somewhere, types are those allowed."""
    text = node.value.get("reference")
    pointer = f"{node.pointer}/reference"
    if not isinstance(text, str):
        yield from wrong_target(node, "")
    elif not text.startswith("#"):
        parts = literal(text)
        yield from wrong_target(node, parts.type if parts else "")
    elif (kind := _local(node, text[1:])) is None:
        yield Finding("FHIR_DANGLING_REFERENCE", pointer)
    else:
        yield from wrong_target(node, kind)


def _local(node: Node, identity: str) -> str | None:
    """Return the type of what a local reference leads to; ``#`` alone is the container itself."""
    if not identity:
        return str(node.root.get("resourceType")) if node.root is not node.resource else None
    found = contained(node.root).get(identity)
    return None if found is None else str(found.get("resourceType"))


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
