"""Receipts and refusals of a school information system (formats/school.md 4.4, 4.6)."""

import base64
import re

from adapters.base import PEER_PROTOCOL, Delivered, Envelope, Outcome, Unknown
from adapters.peers import JSON_TYPES, code, json_body, json_object, member, reference, same_id
from adapters.statuses import judge_status
from adapters.transport import Answer

MEDIA_TYPE = "application/vnd.raabta.sis+json"

_TYPES = JSON_TYPES | {MEDIA_TYPE}
_CODE = re.compile(r"[A-Z][A-Z_]{2,39}")
_STATES = frozenset(
    {"RECEIVED", "UNDER_REVIEW", "ACCEPTED", "WAITLISTED", "REDIRECTED", "REJECTED"}
    | {"ENROLLED", "ATTENDING", "NO_SHOW", "WITHDRAWN_BY_SENDER", "EXPIRED"}
)


def judge(answer: Answer, envelope: Envelope, now: float) -> Outcome:
    """Judge the answer to a request or to a question for its state."""
    if not 200 <= answer.status < 300:
        return judge_status(answer, now, code(member(json_body(answer), "code"), _CODE))
    receipt = json_object(answer, _TYPES)
    if receipt is None or not _ours(receipt, envelope):
        return Unknown(answer.flaw or PEER_PROTOCOL, answer.status)
    named = reference(receipt.get("receipt_id")) or envelope.message_id
    return Delivered(answer.status, named, answer.body, answer.media_type)


def _ours(receipt: dict[str, object], envelope: Envelope) -> bool:
    """Tell whether it is a receipt for this message, and for these bytes where it names a digest."""
    if str(receipt.get("state")) not in _STATES or not same_id(receipt.get("request_id"), envelope.message_id):
        return False
    digest = receipt.get("digest")
    return digest is None or digest in _digests(envelope.body_digest)


def _digests(body_digest: str) -> tuple[str, str]:
    """Return the two ways `sha-256=` is written: hex, and the base64 of RFC 3230."""
    encoded = base64.b64encode(bytes.fromhex(body_digest)).decode()
    return f"sha-256={body_digest}", f"sha-256={encoded}"
