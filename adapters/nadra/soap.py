"""The two body styles (formats/nadra.md 7.1): SOAP 1.1 around a string, and the inner document alone."""

from typing import Literal

from lxml import etree

from adapters.hardened_xml import XmlError, parse
from adapters.nadra.inner import InnerAnswer, read_answer
from adapters.transport import Answer

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NAMESPACE = "urn:raabta:nadra-crms:1"
BodyStyle = Literal["legacy", "plain"]

_TYPES = frozenset({"text/xml", "application/xml", "application/soap+xml"})


def headers(style: BodyStyle, operation: str) -> dict[str, str]:
    """Return the headers that name the style and the operation."""
    media_type = "text/xml" if style == "legacy" else "application/xml"
    return {
        "Content-Type": f"{media_type}; charset=utf-8",
        "Accept": media_type,
        "SOAPAction": f'"{NAMESPACE}/{operation}"',
    }


def wrapped(style: BodyStyle, operation: str, franchise: str, inner: str) -> bytes:
    """Return the body of a request, UTF-8."""
    if style == "plain":
        return b'<?xml version="1.0" encoding="UTF-8"?>\n' + inner.encode()
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP, "c": NAMESPACE})
    call = etree.SubElement(etree.SubElement(envelope, f"{{{SOAP}}}Body"), f"{{{NAMESPACE}}}{operation}")
    etree.SubElement(call, f"{{{NAMESPACE}}}franchizeID").text = franchise
    etree.SubElement(call, f"{{{NAMESPACE}}}xml_request_data").text = inner
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def unwrapped(style: BodyStyle, operation: str, answer: Answer) -> InnerAnswer | None:
    """Return the inner answer; None for anything that is not what this operation answers."""
    if answer.flaw is not None or answer.media_type not in _TYPES:
        return None
    if style == "plain":
        return read_answer(answer.body)
    try:
        root = parse(answer.body)
    except XmlError:
        return None
    path = f"{{{SOAP}}}Body/{{{NAMESPACE}}}{operation}Response/{{{NAMESPACE}}}{operation}Result"
    text = root.findtext(path)
    return read_answer(text.strip()) if text else None


def fault_code(answer: Answer) -> str | None:
    """Return the local part of a SOAP Fault's code, `Client` or `Server`; None without a Fault."""
    if answer.flaw is not None or answer.media_type not in _TYPES:
        return None
    try:
        root = parse(answer.body)
    except XmlError:
        return None
    code = root.findtext(f"{{{SOAP}}}Body/{{{SOAP}}}Fault/faultcode")
    return code.strip().rpartition(":")[2] if code else None
