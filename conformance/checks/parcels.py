"""The documents a gateway sends to each kind of agency, and how that kind says yes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape

import httpx

from conformance.children import Child
from conformance.findings import UnusableError
from conformance.profiles.catalogue import profiles
from conformance.reference.writing import write
from conformance.target import Target
from conformance.vectors.cases import HERE
from conformance.vectors.marks import NO_CODE

FORMATS = {"nadra": "nadra_crms", "police": "police_fir", "health": "health_fhir", "school": "school_sis",
           "welfare": "raabta"}  # fmt: skip
EDITS = {
    "nadra": {"missing": (r"<GENDER>\w+</GENDER>", ""), "code": (r"<GENDER>\w+<", f"<GENDER>{NO_CODE}<")},
    "police": {
        "missing": (r"<MessageTypeCode>\w+</MessageTypeCode>", ""),
        "code": (r"<UrgencyCode>\w+<", f"<UrgencyCode>{NO_CODE}<"),
    },
    "health": {"missing": (r'"status": "active", ', ""), "code": (r'"gender": "\w+"', f'"gender": "{NO_CODE}"')},
    "school": {
        "missing": (r'"request_type": "\w+", ', ""),
        "code": (r'"request_type": "\w+"', f'"request_type": "{NO_CODE}"'),
    },
    "welfare": {
        "missing": (r'"message_id": "[^"]+", ', ""),
        "code": (r'"message_id": "[^"]+"', f'"message_id": "{NO_CODE}"'),
    },
}
"""How a valid document of each kind is broken: what is taken out of it, and where a code nobody knows is put."""
_YES = {
    "nadra": re.compile(r"CODE(?:>|&gt;)100(?:<|&lt;)"), "police": re.compile(r"ACCEPTED|DUPLICATE"),
    "health": re.compile(r"transaction-response"), "school": re.compile(r"receipt_id"),
    "welfare": re.compile(r"receipt_id"),
}  # fmt: skip
_RECEIPT = re.compile(r"(?:ReceiptID>|receipt_id\": ?\"|NOTIFICATION_NUMBER(?:>|&gt;)|ETagID>)([^<&\"]+)")
_SOAP = (
    '<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<SubmitBirthNotification xmlns="urn:raabta:nadra-crms:1"><franchizeID>9901</franchizeID><xml_request_data>{}'
    "</xml_request_data></SubmitBirthNotification></s:Body></s:Envelope>"
)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One document, ready to be sent; `inner` is the document itself, without an envelope."""

    profile: str
    message_id: str
    inner: str
    media_type: str

    @property
    def body(self) -> bytes:
        """The bytes that go out."""
        text = _SOAP.format(escape(self.inner)) if self.profile == "nadra" else self.inner
        return text.encode()

    @property
    def headers(self) -> dict[str, str]:
        """The headers that go with them."""
        found = {"Content-Type": self.media_type}
        if self.profile == "nadra":
            return found | {"SOAPAction": '"urn:raabta:nadra-crms:1/SubmitBirthNotification"'}
        return found | {"Idempotency-Key": self.message_id}

    def edited(self, pattern: str, new: str) -> Parcel:
        """Give it with one piece replaced; raises `UnusableError` where there is no such piece."""
        inner, made = re.subn(pattern, lambda _: new, self.inner, count=1)
        if not made:
            raise UnusableError("a document of this suite has changed: an edit does not fit")
        return replace(self, inner=inner)


def parcel(target: Target, child: Child, name: str = "") -> Parcel:
    """Write a valid document about a child for the kind of agency the target is."""
    kind = target.profile
    source = "birth.json" if kind == "nadra" else "smallest.json"
    document = json.loads((HERE / "canonical" / source).read_text(encoding="utf-8"))
    document |= {"message_id": target.fresh_id(), "ref": f"conf-{child.tag}"}
    document["child"]["name"] = name or child.name
    inner = write(FORMATS[kind], document, frozenset()).decode()
    if kind == "nadra":
        inner = _identified(inner, target)
    return Parcel(kind, document["message_id"], inner, profiles()[kind].media_type)


def _identified(inner: str, target: Target) -> str:
    """Put the user of a civil registry's requests in."""
    user = (
        f"<USER_VERIFICATION><USERNAME>{escape(target.user[0])}</USERNAME><PASSWORD>{escape(target.user[1])}</PASSWORD>"
    )
    return inner.replace("<REQUEST_DATA>", f"{user}</USER_VERIFICATION><REQUEST_DATA>", 1)


def posted(target: Target, sent: Parcel, **headers: str) -> httpx.Response:
    """Send a document as the gateway."""
    path = profiles()[target.profile].path
    return target.call("gateway", "POST", path, content=sent.body, headers={**sent.headers, **headers})


def said_yes(target: Target, answer: httpx.Response) -> bool:
    """Tell whether an answer accepts a document, in the words of its kind."""
    return answer.status_code in {200, 202} and _YES[target.profile].search(answer.text) is not None


def receipt(answer: httpx.Response) -> str:
    """Give the number of the receipt in an answer, "" where its kind has none."""
    found = _RECEIPT.search(answer.text)
    return found[1] if found else ""
