"""The two body styles of the civil registry (nadra.md 7.1): legacy SOAP with XML in a string, and plain.

The legacy answer is as odd as the real one: the inner document says utf-16 though its bytes are UTF-8,
and its lines end in `&#xD;`.
"""

from dataclasses import dataclass

from lxml import etree

from conformance.sandbox.agency import Answer
from conformance.sandbox.documents import MalformedError, default_namespace, read_xml

NS = "urn:raabta:nadra-crms:1"
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_TYPES = frozenset({"text/xml"})
OPERATIONS = (
    "GetBirthRegistration",
    "SearchBirthRegistration",
    "VerifyChildRegistration",
    "SubmitBirthNotification",
    "GetLastResult",
)


class SoapFaultError(Exception):
    """The call is broken before any business: `reason` is a fixed sentence, `side` Client or Server."""

    def __init__(self, reason: str, side: str = "Client") -> None:
        """Say what is wrong, without a value of the request."""
        super().__init__(reason)
        self.side = side


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the operation, the inner document's bytes, and the style to answer in."""

    operation: str
    inner: bytes
    legacy: bool


def read_call(body: bytes, content_type: str, action: str) -> Call:
    """Unwrap a call; raises `SoapFaultError`. `action` is the SOAPAction header, quotes allowed."""
    named = action.strip().strip('"').removeprefix(f"{NS}/")
    if content_type not in SOAP_TYPES:
        return Call(_known(named), body, legacy=False)
    try:
        envelope = read_xml(body)
    except MalformedError as error:
        raise SoapFaultError(str(error)) from None
    contents = envelope.findall("{*}Body/*")
    if len(contents) != 1:
        raise SoapFaultError("the SOAP body must hold one operation")
    operation = _known(etree.QName(contents[0]).localname)
    if etree.QName(contents[0]).namespace != NS or named not in {"", operation}:
        raise SoapFaultError("the operation and the SOAPAction header disagree")
    data = contents[0].find("{*}xml_request_data")
    if data is None or len(data) or contents[0].find("{*}franchizeID") is None:
        raise SoapFaultError("franchizeID and xml_request_data are needed, the latter as text")
    return Call(operation, (data.text or "").encode(), legacy=True)


def answer(call: Call, result: str) -> Answer:
    """Wrap an inner answer in the style of the call; always HTTP 200, the outcome is in CODE."""
    if not call.legacy:
        return Answer(200, result.encode(), "application/xml; charset=utf-8")
    inner = '<?xml version="1.0" encoding="utf-16"?>\n' + result
    envelope = etree.Element(f"{{{SOAP_11}}}Envelope", nsmap={"s": SOAP_11})
    body = etree.SubElement(envelope, f"{{{SOAP_11}}}Body")
    response = etree.SubElement(body, f"{{{NS}}}{call.operation}Response", nsmap=default_namespace(NS))
    etree.SubElement(response, f"{{{NS}}}{call.operation}Result").text = inner.replace("\n", "\r\n")
    # lxml writes a carriage return as &#13;; the registry writes the same character as &#xD;.
    wire = etree.tostring(envelope, xml_declaration=True, encoding="utf-8").replace(b"&#13;", b"&#xD;")
    return Answer(200, wire, "text/xml; charset=utf-8")


def fault(code: str, reason: str, status: int = 500, side: str = "Client") -> Answer:
    """Write a SOAP 1.1 Fault; its detail holds a code and a reference, never personal data."""
    envelope = etree.Element(f"{{{SOAP_11}}}Envelope", nsmap={"soap": SOAP_11})
    body = etree.SubElement(envelope, f"{{{SOAP_11}}}Body")
    element = etree.SubElement(body, f"{{{SOAP_11}}}Fault")
    etree.SubElement(element, "faultcode").text = f"soap:{side}"
    etree.SubElement(element, "faultstring").text = reason
    detail = etree.SubElement(element, "detail")
    error = etree.SubElement(detail, f"{{{NS}}}Error", nsmap={"raabta": NS})
    error.set("code", code)
    wire = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    return Answer(status, wire, "text/xml; charset=utf-8")


def _known(operation: str) -> str:
    if operation not in OPERATIONS:
        raise SoapFaultError("unknown operation")
    return operation
