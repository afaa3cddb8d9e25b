"""Reads and writes police documents: referrals, status updates, receipts (police.md B1-B3, E5)."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from lxml import etree

from conformance.sandbox.documents import (
    MalformedError,
    default_namespace,
    first_null,
    read_json,
    read_xml,
    schema_paths,
)
from conformance.sandbox.schemas import JsonSchema
from conformance.sandbox.store import Effect

NS = "urn:raabta:police-fir:1"
XML = "application/vnd.raabta.fir+xml"
JSON = "application/vnd.raabta.fir+json"
XML_TYPES = frozenset({XML, "application/xml", "text/xml"})
JSON_TYPES = frozenset({JSON, "application/json"})
PAKISTAN = timezone(timedelta(hours=5))

HERE = Path(__file__).parent
FIR_XSD = etree.XMLSchema(etree.parse(str(HERE / "fir.xsd")))
REFERRAL_SCHEMA = JsonSchema(HERE / "referral.schema.json")
STATUS_SCHEMA = JsonSchema(HERE / "status_update.schema.json")


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: a POL code and a place, never a value."""

    code: str
    path: str


class InvalidError(Exception):
    """The document is refused; `issues` say where, in the police's codes."""

    def __init__(self, *issues: Issue) -> None:
        """Keep the findings; the first one decides the answer's code."""
        super().__init__()
        self.issues = issues


@dataclass(frozen=True, slots=True)
class Message:
    """What the intake needs of a document: its id and the referral it belongs to ("" if unnamed)."""

    message_id: str
    reference: str


def read_referral(body: bytes, *, xml: bool) -> Message:
    """Read a referral from the gateway; raises `InvalidError`."""
    if not xml:
        document = _json(body, REFERRAL_SCHEMA)
        return Message(str(document["message_id"]).lower(), str(document["referral_ref"]))
    root = _xml(body, "FIRDocument")
    if _text(root, "Header/MessageTypeCode") != "REFERRAL":
        raise InvalidError(Issue("POL-E02", "/FIRDocument/Header/MessageTypeCode"))
    return Message(_text(root, "Header/MessageID").lower(), _text(root, "Referral/ReferralRef"))


def read_status(body: bytes, *, xml: bool) -> Message:
    """Read a status update from the gateway; raises `InvalidError`."""
    if not xml:
        document = _json(body, STATUS_SCHEMA)
        return Message(str(document["message_id"]).lower(), str(document["referral_ref"]))
    root = _xml(body, "StatusUpdate")
    return Message(_text(root, "MessageID").lower(), _text(root, "ReferralRef"))


def message_id(body: bytes, *, xml: bool) -> str:
    """Find the message id of any police document, "" where it cannot be found."""
    try:
        if xml:
            root = read_xml(body)
            return _text(root, "Header/MessageID") or _text(root, "MessageID")
        document = read_json(body)
    except MalformedError:
        return ""
    return str(document.get("message_id", "")) if isinstance(document, dict) else ""


def receipt(message: str, n: int, received_at: str, *, tagged: bool) -> dict[str, object]:
    """Make the data of a receipt; a referral also gets the E-Tag of the complaint system."""
    moment = datetime.fromisoformat(received_at).astimezone(PAKISTAN)
    data: dict[str, object] = {
        "receipt": {
            "ReceiptID": f"rcp-{n:06d}",
            "RefMessageID": message,
            "ResultCode": "ACCEPTED",
            "ReceivedDateTime": moment.isoformat(timespec="seconds"),
        }
    }
    return {"e_tag": f"FT-{moment:%d/%m/%Y}-{n:04d}", **data} if tagged else data


def as_duplicate(data: dict[str, object]) -> dict[str, object]:
    """Mark a receipt as given before (police.md B3)."""
    first = data["receipt"]
    if not isinstance(first, dict):
        raise TypeError("a receipt is an object")
    return {**data, "receipt": {**first, "ResultCode": "DUPLICATE"}}


def receipts_xml(data: dict[str, object]) -> bytes:
    """Write a receipt as the XML of police.md E5, with the E-Tag where there is one."""
    first = data["receipt"]
    if not isinstance(first, dict):
        raise TypeError("a receipt is an object")
    root = etree.Element(f"{{{NS}}}Receipts", nsmap=default_namespace(NS))
    item = etree.SubElement(root, f"{{{NS}}}Receipt")
    for name, value in first.items():
        etree.SubElement(item, f"{{{NS}}}{name}").text = str(value)
    if "e_tag" in data:
        etree.SubElement(item, f"{{{NS}}}ETagID").text = str(data["e_tag"])
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def status_update(effect: Effect, reply: dict[str, str], *, xml: bool) -> bytes:
    """Write the officer's answer: `reply` holds message_id, referral_ref, state, at and maybe reason."""
    tag = str(json.loads(effect.receipt).get("e_tag", ""))
    if xml:
        return _status_xml(effect, reply, tag)
    document: dict[str, object] = {
        "message_id": reply["message_id"],
        "message_type": "STATUS_UPDATE",
        "ref_message_id": effect.message_id,
        "referral_ref": reply["referral_ref"],
        "state": reply["state"],
        "at": reply["at"],
    }
    if reply["reason"]:
        document["reason_code"] = reply["reason"]
    if tag:
        document["references"] = [{"scheme": "pk-etag", "value": tag}]
    return json.dumps(document, ensure_ascii=False).encode()


def _status_xml(effect: Effect, reply: dict[str, str], tag: str) -> bytes:
    root = etree.Element(f"{{{NS}}}StatusUpdate", nsmap=default_namespace(NS))
    values = {
        "MessageID": reply["message_id"],
        "RefMessageID": effect.message_id,
        "ReferralRef": reply["referral_ref"],
        "State": reply["state"],
        "ReasonCode": reply["reason"],
    }
    for name, value in values.items():
        if value:
            etree.SubElement(root, f"{{{NS}}}{name}").text = value
    if tag:
        etree.SubElement(root, f"{{{NS}}}Reference", scheme="pk-etag", value=tag)
    etree.SubElement(root, f"{{{NS}}}UpdatedDateTime").text = reply["at"]
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _json(body: bytes, schema: JsonSchema) -> dict[str, object]:
    try:
        document = read_json(body)
    except MalformedError:
        raise InvalidError(Issue("POL-E01", "")) from None
    null = first_null(document)
    if null is not None:
        raise InvalidError(Issue("POL-E02", null))
    findings = schema.findings(document)
    if findings or not isinstance(document, dict):
        raise InvalidError(*(Issue(_code(path), path) for path, _ in findings))
    return document


def _xml(body: bytes, name: str) -> etree._Element:
    try:
        root = read_xml(body)
    except MalformedError:
        raise InvalidError(Issue("POL-E01", "/")) from None
    paths = schema_paths(FIR_XSD, root)
    if paths:
        raise InvalidError(*(Issue(_code(path), path) for path in paths))
    if root.tag != f"{{{NS}}}{name}":
        raise InvalidError(Issue("POL-E02", "/"))
    return root


def _code(path: str) -> str:
    """Choose the code by the place: dates E05, national ids E06, FIR number E03, roles E13, else E02."""
    leaf = path.rsplit("/", 1)[-1].partition("[")[0]
    if leaf in {"at", "reply_by"} or "Date" in leaf:
        return "POL-E05"
    if leaf in {"person_cnic", "PersonNationalID"}:
        return "POL-E06"
    if leaf in {"FIRNumber", "FIRSerialNumber", "FIRYear"}:
        return "POL-E03"
    return "POL-E13" if leaf in {"RoleCode", "role"} else "POL-E02"


def _text(root: etree._Element, path: str) -> str:
    steps = "/".join(f"{{{NS}}}{step}" for step in path.split("/"))
    return (root.findtext(steps) or "").strip()
