"""The two body styles: the inner document alone, or as text inside a SOAP envelope (formats/nadra.md 2.1, 7.1)."""

from __future__ import annotations

from typing import NamedTuple

from lxml import etree

from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding
from mappings.engine.json_reader import Limits
from mappings.engine.xml_reader import local, parse_xml

ROOT = "CIVIL_REGISTRATION"
ENVELOPES = frozenset({"http://schemas.xmlsoap.org/soap/envelope/", "http://www.w3.org/2003/05/soap-envelope"})
"""Namespaces of SOAP 1.1 and 1.2."""


class Letter(NamedTuple):
    """A document as it was found."""

    element: etree._Element
    """CIVIL_REGISTRATION."""
    operation: str
    """The name of the envelope's operation; empty for a document that came alone."""
    warnings: list[Finding]


def read_document(data: bytes, limits: Limits) -> Letter:
    """Return the CIVIL_REGISTRATION element of a document in either style.

    Raises:
        Refusal: the outer document cannot be read; NADRA_910 when the one inside it cannot; UNKNOWN_DOCUMENT when
            there is none, as in a Fault.
    """
    outer, warnings = parse_xml(data, limits)
    if local(str(outer.tag)) == ROOT:
        return Letter(outer, "", warnings)
    if outer.tag not in {f"{{{namespace}}}Envelope" for namespace in ENVELOPES}:
        raise Refusal.of("UNKNOWN_DOCUMENT")
    holder = _holder(outer)
    inner = holder if local(str(holder.tag)) == ROOT else _text_document(holder, limits)
    if local(str(inner.tag)) != ROOT:
        raise Refusal.of("UNKNOWN_DOCUMENT", _path(holder))
    return Letter(inner, _operation(holder), warnings)


def _holder(envelope: etree._Element) -> etree._Element:
    """Return the element that is the inner document, or whose text is."""
    body = [child for child in envelope if local(str(child.tag)) == "Body"]
    operations: list[etree._Element] = list(body[0]) if len(body) == 1 else []
    for operation in operations:
        if local(str(operation.tag)) == ROOT:
            return operation
        # The operation itself may be called GetLastResult: only what stands in it can be the result.
        for element in operation:
            name = local(str(element.tag))
            if name in (ROOT, "xml_request_data") or name.endswith("Result"):
                return element
    raise Refusal.of("UNKNOWN_DOCUMENT")


def _operation(holder: etree._Element) -> str:
    """Return the name of the element right below the Body, unless that is the document itself."""
    body = next(e for e in (holder, *holder.iterancestors()) if local(str(e.tag)) == "Body")
    name = local(str(body[0].tag))
    return "" if name == ROOT else name


def _text_document(holder: etree._Element, limits: Limits) -> etree._Element:
    try:
        return parse_xml((holder.text or "").strip().encode("utf-8"), limits)[0]
    except Refusal as refusal:
        path = _path(holder)
        raise Refusal([Finding("NADRA_910", path), *(Finding(f.code, path) for f in refusal.findings)]) from None


def _path(element: etree._Element) -> str:
    """Return the place of an element inside the envelope, with local names; none of them ever repeats there."""
    names = [local(str(e.tag)) for e in (element, *element.iterancestors())]
    return "/" + "/".join(reversed(names))
