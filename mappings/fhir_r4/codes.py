"""Codes that R4 demands from a finite list, and codes of the code systems R4 itself publishes.

Lists come from HL7's value sets, never from the metadata of fhir.resources, whose list for Task.status ends after
four codes with ``+`` (formats/health.md, bottom line 4). What needs a terminology server is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding
from mappings.fhir_r4.definitions import Element, definitions
from mappings.fhir_r4.elements import Node

_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")
_MEDIA_TYPE = re.compile(r"[^\s/;]+/[^\s/;]+(\s*;.*)?")
CODED = frozenset({"code", "Coding", "CodeableConcept"})
"""Datatypes that hold codes."""
_CURRENCY = re.compile(r"[A-Z]{3}")
_SYNTAX = {"language": _LANGUAGE, "contentType": _MEDIA_TYPE, "currency": _CURRENCY}
"""Codes whose list is a grammar, or lies elsewhere and has one: BCP 47, BCP 13, ISO 4217."""


def check_codes(node: Node) -> Iterator[Finding]:
    """Yield a code that its element or its system does not know."""
    element = node.element
    if element is None:
        return
    if node.type.name == "code":
        syntax = _SYNTAX.get(element.name)
        if element.words and node.value not in element.words:
            yield Finding("UNKNOWN_CODE", node.pointer)
        elif syntax and not syntax.fullmatch(node.value):
            yield Finding("INVALID_VALUE", node.pointer)
    elif node.type.name == "Coding":
        yield from _published(node)
        if element.codes and "code" in node.value and not _among(node.value, element):
            yield Finding("UNKNOWN_CODE", node.pointer)
    elif node.type.name == "CodeableConcept" and element.codes:
        yield from _concept(node, element)


def _published(node: Node) -> Iterator[Finding]:
    """Judge a coding by its system; another version of FHIR may have other codes."""
    codes, code = definitions().systems.get(str(node.value.get("system"))), node.value.get("code")
    if codes and "version" not in node.value and isinstance(code, str) and code not in codes:
        yield Finding("UNKNOWN_CODE", f"{node.pointer}/code")


def _concept(node: Node, element: Element) -> Iterator[Finding]:
    """Demand one coding of the list of a concept that says anything."""
    listed = node.value.get("coding", [])
    codings = listed if isinstance(listed, list) else []
    says = "coding" in node.value or "text" in node.value
    if says and not any(isinstance(coding, dict) and _among(coding, element) for coding in codings):
        yield Finding("UNKNOWN_CODE", node.pointer)


def _among(coding: dict[str, Any], element: Element) -> bool:
    code = coding.get("code")
    return isinstance(code, str) and code in element.codes.get(str(coding.get("system")), ())
