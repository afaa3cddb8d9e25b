"""What R4 says about datatypes in words that no constraint repeats (https://hl7.org/fhir/R4/datatypes.html)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from mappings.engine.findings import Finding
from mappings.fhir_r4.elements import Node
from mappings.fhir_r4.primitives import octets

Rule: TypeAlias = Callable[[Node], Iterator[Finding]]

ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+")
"""A URI with a scheme."""
URIS = "urn:ietf:rfc:3986"
"""The identifier system whose values are URIs themselves."""
UCUM = "http://unitsofmeasure.org"
"""The system of units of measure."""
_VALUE_SET = re.compile(r"https?://(hl7\.org/fhir|terminology\.hl7\.org)/ValueSet/")


def absolute(value: object) -> bool:
    """Tell whether a value is an absolute URI."""
    return isinstance(value, str) and bool(ABSOLUTE.fullmatch(value))


def _system(node: Node) -> Iterator[Finding]:
    """Demand an absolute system."""
    if isinstance(node.value.get("system"), str) and not absolute(node.value["system"]):
        yield Finding("FHIR_NOT_ABSOLUTE", f"{node.pointer}/system")


def _identifier(node: Node) -> Iterator[Finding]:
    """Demand a full URI as the value of an identifier whose system says that it is one."""
    yield from _system(node)
    if node.value.get("system") == URIS and "value" in node.value and not absolute(node.value["value"]):
        yield Finding("FHIR_NOT_ABSOLUTE", f"{node.pointer}/value")


def _coding(node: Node) -> Iterator[Finding]:
    """Refuse a value set in the place of a code system."""
    yield from _system(node)
    if _VALUE_SET.match(str(node.value.get("system"))):
        yield Finding("FHIR_VALUE_SET_AS_SYSTEM", f"{node.pointer}/system")


def _attachment(node: Node) -> Iterator[Finding]:
    """Compare the stated size with the data, and demand a hash of SHA-1's length."""
    data = octets(node.value.get("data"))
    size = node.value.get("size")
    if data is not None and isinstance(size, int) and size != len(data):
        yield Finding("FHIR_ATTACHMENT_SIZE", f"{node.pointer}/size")


def _quantity(node: Node) -> Iterator[Finding]:
    """Refuse white space in a unit of UCUM, whose grammar knows none."""
    code = node.value.get("code")
    if node.value.get("system") == UCUM and isinstance(code, str) and re.search(r"\s", code):
        yield Finding("UNKNOWN_CODE", f"{node.pointer}/code")


def _canonical(node: Node) -> Iterator[Finding]:
    """Demand an absolute canonical, or one that leads to what is contained."""
    if not node.value.startswith("#") and not absolute(node.value):
        yield Finding("FHIR_NOT_ABSOLUTE", node.pointer)


RULES: dict[str, Rule] = {
    "Attachment": _attachment,
    "Coding": _coding,
    "Identifier": _identifier,
    "canonical": _canonical,
    **dict.fromkeys(("Age", "Count", "Distance", "Duration", "Quantity"), _quantity),
}
"""One rule for a datatype."""


def check_datatype(node: Node) -> Iterator[Finding]:
    """Yield what a value breaks of its datatype's rules."""
    rule = RULES.get(node.type.name)
    return rule(node) if rule else iter(())
