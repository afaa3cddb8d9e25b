"""References inside Bundles: never ambiguous, of the right type, and inside where a document or message needs them.

A document holds what its Composition refers to, a message holds its focus (https://hl7.org/fhir/R4/documents.html,
https://hl7.org/fhir/R4/messaging.html); in other Bundles a reference may lead to what the receiver already has.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding
from mappings.fhir_r4.elements import Node
from mappings.fhir_r4.links import matches, wrong_target
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


def check_resolution(nodes: list[Node]) -> Iterator[Finding]:
    """Yield references inside Bundles that lead to several entries, to a wrong type or out of where they must stay."""
    for bundle in [node for node in nodes if node.type.name == "Bundle"]:
        yield from _bundle(bundle, nodes)


def _bundle(bundle: Node, nodes: list[Node]) -> Iterator[Finding]:
    listed = list(entries(bundle.value))
    sources = {id(entry.get("resource")): (index, entry) for index, entry in listed}
    for node in nodes:
        if node.type.name == "Reference" and id(node.root) in sources:
            text = node.value.get("reference")
            if isinstance(text, str) and not text.startswith("#"):
                index, entry = sources[id(node.root)]
                yield from _reference(bundle, node, index, matches(bundle.value, str(entry.get("fullUrl", "")), text))


def _reference(bundle: Node, node: Node, index: int, found: list[dict[str, Any]]) -> Iterator[Finding]:
    kind = str(bundle.value.get("type"))
    if len(found) > 1 and kind != "history":
        yield Finding("FHIR_AMBIGUOUS_REFERENCE", f"{node.pointer}/reference")
    elif len(found) == 1:
        yield from wrong_target(node, str(found[0].get("resourceType", "")))
    elif index == 0 and _stem(node.path) in _INSIDE.get(kind, ()) and not found:
        yield Finding("FHIR_NOT_IN_BUNDLE", f"{node.pointer}/reference")


def _stem(path: str) -> str:
    """Return a path with sections inside sections folded: what holds for one holds for all."""
    head, _, tail = path.rpartition(".section.")
    return f"Composition.section.{tail}" if head else path
