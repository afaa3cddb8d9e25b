"""The civil register's dialect around a document: SOAP 1.1 and 1.2, its answers, Faults (formats/nadra.md 7.1)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from lxml import etree

from gateway.errors import GatewayError, IllegalMove, KeyReused, NotFound, NotUnderstood
from mappings.engine.errors import Refusal
from mappings.engine.json_reader import Limits
from mappings.engine.xml_reader import local, parse_xml
from mappings.referral import Record
from mappings.reply import Reply

NAMESPACE = "urn:raabta:nadra-crms:1"
V11 = "http://schemas.xmlsoap.org/soap/envelope/"
V12 = "http://www.w3.org/2003/05/soap-envelope"
OPERATIONS = (
    "GetBirthRegistration", "SearchBirthRegistration", "VerifyChildRegistration", "SubmitBirthNotification",
    "GetLastResult",
)  # fmt: skip
QUESTIONS = frozenset({"lookup", "search", "verification"})
"""Documents of the language that are answered with what the register holds."""
LAST_RESULT = "last_result"
MEDIA_TYPES = {"text/xml": V11, "application/soap+xml": V12, "application/xml": ""}
"""Media type to SOAP's namespace; the document alone has none."""
_DECLARED = '<?xml version="1.0" encoding="utf-16"?>\r\n'
"""What the register's services write before an inner document that is UTF-8 (formats/nadra.md 2.1)."""
_UNREADABLE = {"MALFORMED", "DOCTYPE", "NOT_UTF8", "BAD_TEXT", "TOO_DEEP", "TOO_MANY", "TOO_LARGE", "UNKNOWN_DOCUMENT"}
MESSAGES = {
    "100": "successful",
    "108": "service down",
    "300": "the register has not answered yet; ask for the last result",
    "151": "no request found for this transaction",
    "175": "transaction id already exists",
    "904": "purpose or authority missing",
    "910": "document invalid",
}


@dataclass(frozen=True)
class Call:
    """How a document came: SOAP's namespace (empty: alone), the operation, whether as text, its transaction."""

    soap: str
    operation: str
    as_text: bool
    transaction: str


class NotACall(NotUnderstood):
    """The envelope cannot be read, or names no operation of this service."""

    code = "SOAP_CLIENT"


def read_call(body: bytes, soap: str, limits: Limits) -> Call:
    """Return how a document came; what it says is read by its mapping.

    Raises:
        NotACall: not well-formed, a document type, too large, another SOAP, or an unknown operation.
    """
    try:
        root, _ = parse_xml(body, limits)
    except Refusal as refusal:
        raise NotACall(findings=refusal.findings) from None
    if not soap:
        return Call("", "", as_text=False, transaction=_transaction(root))
    body_element = root.find(f"{{{soap}}}Body") if root.tag == f"{{{soap}}}Envelope" else None
    held = list(body_element) if body_element is not None else []
    if len(held) != 1 or (local(str(held[0].tag)) not in (*OPERATIONS, "CIVIL_REGISTRATION")):
        raise NotACall
    operation = local(str(held[0].tag))
    texts = [each for each in held[0] if local(str(each.tag)) == "xml_request_data"]
    inner = _inner(texts[0], limits) if texts else root
    return Call(soap, "" if operation == "CIVIL_REGISTRATION" else operation, bool(texts), _transaction(inner))


def media_type(spoken: str) -> str:
    """Return the media type of a Fault for a caller: its own if it speaks SOAP, else that of SOAP 1.1."""
    essence = spoken.partition(";")[0].strip().lower()
    return essence if MEDIA_TYPES.get(essence) else "text/xml"


def refused(spoken: str, code: str, title: str, request_id: str, *, ours: bool) -> bytes:
    """Return a Fault for what is refused before a document is read, in the SOAP the caller's media type names."""
    return fault(MEDIA_TYPES[media_type(spoken)], code, title, request_id, ours=ours)


def _inner(element: etree._Element, limits: Limits) -> etree._Element | None:
    try:
        return parse_xml((element.text or "").strip().encode(), limits)[0]
    except Refusal:
        # The mapping says what is wrong inside; here only the transaction is lost.
        return None


def _transaction(root: etree._Element | None) -> str:
    """Return the 19 digits a request goes by; zeros where there are none that can be read."""
    found = [] if root is None else [e.text or "" for e in root.iter() if local(str(e.tag)) == "TRANSACTION_ID"]
    text = found[0].strip() if len(found) == 1 else ""
    return text if len(text) == 19 and text.isascii() and text.isdigit() else "0" * 19


def code_of(error: GatewayError) -> str:
    """Return the register's CODE for a refusal (formats/nadra.md 7.4, 7.5)."""
    named = [f.code.removeprefix("NADRA_") for f in error.findings if f.code.startswith("NADRA_")]
    if named:
        return named[0]
    if isinstance(error, KeyReused):
        return "175"
    if isinstance(error, NotFound):
        return "151"
    return "910" if isinstance(error, NotUnderstood | IllegalMove) else "904"


def receipt(call: Call, code: str, name: str | None) -> dict[str, Any]:
    """Return the canonical answer to a call; one that was taken names the referral, and a number for paper forms."""
    said: dict[str, Any] = {
        "type": "reply",
        "in_reply_to": call.transaction,
        "outcome": {"code": code},
        "reason_text": MESSAGES.get(code, MESSAGES["910"]),
    }
    if name is None:
        return said
    digits = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % 10**8
    return {**said, "ref": name, "references": [{"scheme": "pk-notification", "value": f"BN-{digits:08d}"}]}


def result(call: Call, found: Record | Reply, name: str) -> Record | Reply:
    """Return a register's answer as the answer to a call: under its transaction, naming the caller's referral."""
    if isinstance(found, Record):
        return found.model_copy(update={"message_id": call.transaction})
    text = MESSAGES.get(str(found.outcome.code) if found.outcome else "")
    return found.model_copy(update={"in_reply_to": call.transaction, "ref": name, "reason_text": text})


def is_fault(error: GatewayError) -> bool:
    """Tell whether a refusal is about the envelope: a Fault, and no business answer."""
    if any(finding.code.startswith("NADRA_") for finding in error.findings):
        return False
    return isinstance(error, NotACall) or any(finding.code in _UNREADABLE for finding in error.findings)


def answered(call: Call, document: bytes) -> bytes:
    """Return an answer in the style of its question."""
    if not call.soap:
        return document
    inner, _ = parse_xml(document)
    envelope = etree.Element(f"{{{call.soap}}}Envelope", nsmap={"s": call.soap})
    body = etree.SubElement(envelope, f"{{{call.soap}}}Body")
    if not call.operation:
        body.append(inner)
        return _bytes(envelope)
    response = etree.SubElement(body, f"{{{NAMESPACE}}}{call.operation}Response", nsmap={"c": NAMESPACE})
    if call.as_text:
        result = etree.SubElement(response, f"{{{NAMESPACE}}}{call.operation}Result")
        result.text = _DECLARED + etree.tostring(inner, encoding="unicode")
    else:
        response.append(inner)
    return _bytes(envelope)


def fault(soap: str, code: str, title: str, request_id: str, *, ours: bool) -> bytes:
    """Return a Fault: ``ours`` says that the fault is the gateway's; the detail holds a code and the request's id."""
    namespace = soap or V11
    envelope = etree.Element(f"{{{namespace}}}Envelope", nsmap={"soap": namespace})
    told = etree.SubElement(etree.SubElement(envelope, f"{{{namespace}}}Body"), f"{{{namespace}}}Fault")
    if namespace == V12:
        value = etree.SubElement(etree.SubElement(told, f"{{{V12}}}Code"), f"{{{V12}}}Value")
        value.text = "soap:Receiver" if ours else "soap:Sender"
        reason = etree.SubElement(etree.SubElement(told, f"{{{V12}}}Reason"), f"{{{V12}}}Text")
        reason.set("{http://www.w3.org/XML/1998/namespace}lang", "en")
        reason.text = title
        detail = etree.SubElement(told, f"{{{V12}}}Detail")
    else:
        etree.SubElement(told, "faultcode").text = "soap:Server" if ours else "soap:Client"
        etree.SubElement(told, "faultstring").text = title
        detail = etree.SubElement(told, "detail")
    etree.SubElement(detail, f"{{{NAMESPACE}}}Error", nsmap={"raabta": NAMESPACE}, code=code, reference=request_id)
    return _bytes(envelope)


def _bytes(element: etree._Element) -> bytes:
    written: bytes = etree.tostring(element, xml_declaration=True, encoding="UTF-8")
    return written


def wsdl(address: str) -> bytes:
    """Return the WSDL 1.1 description: every operation takes and gives a string, as the register's services do."""
    w, s = "http://schemas.xmlsoap.org/wsdl/", "http://schemas.xmlsoap.org/wsdl/soap/"
    x = "http://www.w3.org/2001/XMLSchema"
    root = etree.Element(
        f"{{{w}}}definitions", nsmap={"wsdl": w, "x": x, "soap": s, "t": NAMESPACE}, name="NadraCrms",
        targetNamespace=NAMESPACE,
    )  # fmt: skip
    schema = etree.SubElement(etree.SubElement(root, f"{{{w}}}types"), f"{{{x}}}schema", targetNamespace=NAMESPACE)
    schema.set("elementFormDefault", "qualified")
    for operation in OPERATIONS:
        _element(schema, x, operation, ("franchizeID", "xml_request_data"))
        _element(schema, x, f"{operation}Response", (f"{operation}Result",))
    for operation in OPERATIONS:
        for name in (operation, f"{operation}Response"):
            message = etree.SubElement(root, f"{{{w}}}message", name=name)
            etree.SubElement(message, f"{{{w}}}part", name="parameters", element=f"t:{name}")
    port = etree.SubElement(root, f"{{{w}}}portType", name="NadraCrmsPort")
    binding = etree.SubElement(root, f"{{{w}}}binding", name="NadraCrmsBinding", type="t:NadraCrmsPort")
    etree.SubElement(binding, f"{{{s}}}binding", transport="http://schemas.xmlsoap.org/soap/http", style="document")
    for operation in OPERATIONS:
        offered = etree.SubElement(port, f"{{{w}}}operation", name=operation)
        etree.SubElement(offered, f"{{{w}}}input", message=f"t:{operation}")
        etree.SubElement(offered, f"{{{w}}}output", message=f"t:{operation}Response")
        bound = etree.SubElement(binding, f"{{{w}}}operation", name=operation)
        etree.SubElement(bound, f"{{{s}}}operation", soapAction=f"{NAMESPACE}/{operation}")
        for way in ("input", "output"):
            etree.SubElement(etree.SubElement(bound, f"{{{w}}}{way}"), f"{{{s}}}body", use="literal")
    service = etree.SubElement(root, f"{{{w}}}service", name="NadraCrms")
    place = etree.SubElement(service, f"{{{w}}}port", name="NadraCrmsPort", binding="t:NadraCrmsBinding")
    etree.SubElement(place, f"{{{s}}}address", location=address)
    return _bytes(root)


def _element(schema: etree._Element, x: str, name: str, members: tuple[str, ...]) -> None:
    element = etree.SubElement(schema, f"{{{x}}}element", name=name)
    sequence = etree.SubElement(etree.SubElement(element, f"{{{x}}}complexType"), f"{{{x}}}sequence")
    for member in members:
        etree.SubElement(sequence, f"{{{x}}}element", name=member, type="x:string", minOccurs="0", nillable="true")
