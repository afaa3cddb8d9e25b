"""References inside Bundles: never ambiguous, of the right type, and inside where a document or message needs them.

A document holds what its Composition refers to, a message holds its focus (https://hl7.org/fhir/R4/documents.html,
https://hl7.org/fhir/R4/messaging.html); in other Bundles a reference may lead to what the receiver already has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mappings.engine.findings import Finding
from mappings.fhir_r4.datatypes import absolute
from mappings.fhir_r4.elements import Node
from mappings.fhir_r4.links import literal, wrong_target
from mappings.fhir_r4.walk import entries

_INSIDE = {
    "document": frozenset(
        {
            "Composition.subject", "Composition.encounter", "Composition.author", "Composition.attester.party",
            "Composition.custodian", "Composition.event.detail", "Composition.section.author",
            "Composition.section.focus", "Composition.section.entry",
        }
    ),
    "message": frozenset({"MessageHeader.focus"}),
}  # fmt: skip
"""Paths, from the first resource on, whose references lead inside."""


class Inside:
    """The entries of one Bundle, as references find them."""

    def __init__(self, bundle: dict[str, Any]) -> None:
        self.kind = str(bundle.get("type"))
        self.by_url: dict[str, list[dict[str, Any]]] = {}
        for _, entry in entries(bundle):
            resource, url = entry.get("resource"), entry.get("fullUrl")
            if isinstance(resource, dict) and isinstance(url, str):
                self.by_url.setdefault(url, []).append(resource)

    def matches(self, source: str, reference: str) -> list[dict[str, Any]]:
        """Return the resources a reference leads to (https://hl7.org/fhir/R4/bundle.html#references).

        Args:
            source: fullUrl of the entry that holds the reference; a relative one is resolved against it.
            reference: the reference as it stands.
        """
        plain, _, version = reference.partition("/_history/")
        if not absolute(plain):
            own = literal(source)
            plain = f"{own.base}{plain}" if own and own.base else plain
        found = self.by_url.get(plain.partition("#")[0], [])
        return [resource for resource in found if not version or _version(resource) == version]


class Source(NamedTuple):
    """The entry a resource stands in."""

    bundle: Inside
    position: int
    url: str


def check_resolution(nodes: list[Node]) -> Iterator[Finding]:
    """Yield references inside Bundles that lead to several entries, to a wrong type or out of where they must stay."""
    sources: dict[int, Source] = {}
    for node in nodes:
        if node.type.name == "Bundle":
            inside = Inside(node.value)
            for index, entry in entries(node.value):
                sources[id(entry.get("resource"))] = Source(inside, index, str(entry.get("fullUrl", "")))
    for node in nodes:
        source = sources.get(id(node.root)) if node.type.name == "Reference" else None
        text = node.value.get("reference") if source else None
        if source and isinstance(text, str) and not text.startswith("#"):
            yield from _reference(node, source, source.bundle.matches(source.url, text))


def _version(resource: dict[str, Any]) -> Any:
    meta = resource.get("meta")
    return meta.get("versionId") if isinstance(meta, dict) else None


def _reference(node: Node, source: Source, found: list[dict[str, Any]]) -> Iterator[Finding]:
    kind = source.bundle.kind
    if len(found) > 1 and kind != "history":
        yield Finding("FHIR_AMBIGUOUS_REFERENCE", f"{node.pointer}/reference")
    elif len(found) == 1:
        yield from wrong_target(node, str(found[0].get("resourceType", "")))
    elif source.position == 0 and _stem(node.path) in _INSIDE.get(kind, ()) and not found:
        yield Finding("FHIR_NOT_IN_BUNDLE", f"{node.pointer}/reference")


def _stem(path: str) -> str:
    """Return a path with sections inside sections folded: what holds for one holds for all."""
    head, _, tail = path.rpartition(".section.")
    return f"Composition.section.{tail}" if head else path
