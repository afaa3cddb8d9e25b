"""Receipts and refusals of the police, in the JSON envelope or in XML (formats/police.md B2, B3, E5)."""

import re
from dataclasses import dataclass

from lxml import etree

from adapters.base import CREDENTIALS, PEER_PROTOCOL, Delivered, Outcome, Refused, Unavailable, Unknown
from adapters.hardened_xml import XmlError, parse
from adapters.peers import JSON_TYPES, code, items, json_body, json_object, member, reference, same_id
from adapters.statuses import judge_status
from adapters.transport import Answer

JSON = "application/vnd.raabta.fir+json"
XML = "application/vnd.raabta.fir+xml"
NAMESPACE = "urn:raabta:police-fir:1"

_JSON_TYPES = JSON_TYPES | {JSON}
_XML_TYPES = frozenset({XML, "application/xml", "text/xml"})
_CODE = re.compile(r"POL-[EW]\d{2}")
_TAKEN = frozenset({"ACCEPTED", "ACCEPTED_WITH_WARNINGS", "DUPLICATE", "HELD_FOR_REVIEW"})
_ABOUT_THE_DOCUMENT = frozenset({"POL-E07", "POL-E08"})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says: its result, our message's id, the police's own reference, a refusal's code."""

    result: str
    message_id: object
    reference: str | None
    code: str | None


def judge(answer: Answer, message_id: str, now: float) -> Outcome:
    """Judge the answer to a document or to a question for its receipt."""
    if not 200 <= answer.status < 300:
        refused = _code_of(answer)
        if answer.status == 403 and refused in _ABOUT_THE_DOCUMENT:
            # Not our login: the police will not take this much, or so little authority, about this child.
            return Refused(answer.status, refused)
        return judge_status(answer, now, refused)
    if answer.media_type in _XML_TYPES and answer.flaw is None:
        receipt = _xml_receipt(answer, message_id)
    else:
        envelope = json_object(answer, _JSON_TYPES)
        if envelope is not None and envelope.get("status") is False:
            return _legacy_refusal(answer)
        receipt = _json_receipt(envelope)
    return _judged(receipt, answer, message_id)


def _judged(receipt: Receipt | None, answer: Answer, message_id: str) -> Outcome:
    if receipt is None or not same_id(receipt.message_id, message_id):
        return Unknown(answer.flaw or PEER_PROTOCOL, answer.status)
    if receipt.result == "REJECTED":
        return Refused(answer.status, receipt.code or "REJECTED")
    if receipt.result not in _TAKEN:
        return Unknown(PEER_PROTOCOL, answer.status)
    duplicate = receipt.result == "DUPLICATE"
    return Delivered(answer.status, receipt.reference, answer.body, answer.media_type, duplicate)


def _legacy_refusal(answer: Answer) -> Outcome:
    """Judge `{"status": false}` with HTTP 200, as the older emulator answers (formats/police.md B2)."""
    refused = _code_of(answer)
    if refused == "POL-E16":
        return Unavailable(answer.status, refused, transport_fault=True)
    if refused == "POL-E14":
        return Unavailable(answer.status, CREDENTIALS, pause=True)
    return Refused(answer.status, refused) if refused else Unknown(PEER_PROTOCOL, answer.status)


def _code_of(answer: Answer) -> str | None:
    return code(member(json_body(answer), "code"), _CODE)


def _json_receipt(envelope: dict[str, object] | None) -> Receipt | None:
    result = member(envelope, "data", "receipt", "ResultCode")
    if not isinstance(result, str):
        return None
    found = member(envelope, "data", "receipt")
    issues = items(member(found, "Issue"))
    named = member(envelope, "data", "e_tag") or member(found, "ReceiptID")
    first = code(issues[0].get("code"), _CODE) if issues else None
    return Receipt(result, member(found, "RefMessageID"), reference(named), first)


def _xml_receipt(answer: Answer, message_id: str) -> Receipt | None:
    try:
        root = parse(answer.body)
    except XmlError:
        return None
    for found in root.iter(f"{{{NAMESPACE}}}Receipt"):
        if same_id(_text(found, "RefMessageID"), message_id):
            issue = found.find(f"{{{NAMESPACE}}}Issue")
            first = None if issue is None else code(issue.get("code"), _CODE)
            named = reference(_text(found, "ETagID") or _text(found, "ReceiptID"))
            return Receipt(_text(found, "ResultCode") or "", message_id, named, first)
    return None


def _text(element: etree._Element, name: str) -> str | None:
    text = element.findtext(f"{{{NAMESPACE}}}{name}")
    return text.strip() if text else None
