"""The general rules in one go: any resource, by R4 alone (formats/health.md 9.6, steps 3 to 7).

Form first; then structure along the definitions; then every rule on what is shaped as its type demands.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from importlib import resources
from typing import Any, TypeAlias

from mappings.engine.findings import Finding, register
from mappings.fhir_r4.bundles import check_bundle
from mappings.fhir_r4.codes import CODED, check_codes
from mappings.fhir_r4.constraints import check_constraints, sentences
from mappings.fhir_r4.containment import check_containment
from mappings.fhir_r4.datatypes import RULES as DATATYPE_RULES
from mappings.fhir_r4.datatypes import check_datatype
from mappings.fhir_r4.definitions import definitions
from mappings.fhir_r4.elements import Node, shape_of
from mappings.fhir_r4.extensions import check_extensions
from mappings.fhir_r4.invariants import RULES as INVARIANTS
from mappings.fhir_r4.invariants import check_invariants
from mappings.fhir_r4.links import check_references
from mappings.fhir_r4.narrative import check_links, check_narrative
from mappings.fhir_r4.resolving import check_resolution
from mappings.fhir_r4.shape import check_shape
from mappings.fhir_r4.walk import places

Rule: TypeAlias = Callable[[Node], Iterator[Finding]]
"""What looks at one node; what looks at several gets them all in :func:`check_typed`."""


@cache
def rules_for(kind: str) -> tuple[Rule, ...]:
    """Return the rules that may have something to say about values of a type."""
    found = definitions().type(kind)
    resource = found.kind == "resource"
    chosen: tuple[tuple[bool, Rule], ...] = (
        (kind in CODED, check_codes),
        (kind in DATATYPE_RULES, check_datatype),
        ("extension" in found.elements and found.kind != "primitive-type", check_extensions),
        (kind in INVARIANTS, check_invariants),
        (kind == "Bundle", check_bundle),
        (resource, check_containment),
        (kind == "xhtml", check_narrative),
        (True, check_constraints),
    )
    return tuple(rule for applies, rule in chosen if applies)


def check_resource(document: Any) -> list[Finding]:
    """Return every finding about a JSON value that should be an R4 resource."""
    return distinct([*check_shape(places(document)), *check_typed(document)])


def check_typed(document: Any) -> list[Finding]:
    """Return every finding about structure and content of a resource whose form was judged before."""
    shape = shape_of(document)
    found = [*shape.findings, *_judged(shape.nodes)]
    for check in (check_references, check_resolution, check_links):
        found += check(shape.nodes)
    return found


def _judged(nodes: list[Node]) -> Iterator[Finding]:
    for node in nodes:
        for rule in rules_for(node.type.name):
            yield from rule(node)


def distinct(findings: list[Finding]) -> list[Finding]:
    """Return findings without repetition: what is empty or no id is not said again as a wrong type or value."""
    said = {f.path for f in findings if f.code in ("FHIR_EMPTY", "FHIR_BAD_ID")}
    kept = [f for f in findings if f.path not in said or f.code in ("FHIR_EMPTY", "FHIR_BAD_ID")]
    return list(dict.fromkeys(kept))


def _sentences() -> dict[str, list[str]]:
    """Return the sentences of this format: its own file, then HL7's for every constraint without one there."""
    text = resources.files("mappings.fhir_r4").joinpath("findings.toml").read_text("utf-8")
    return {**sentences(), **tomllib.loads(text)}


register(_sentences())
