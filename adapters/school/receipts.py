"""Receipts and refusals of a school information system (formats/school.md 4.4, 4.6)."""

import base64
import json
import re

from adapters.base import NOT_RECEIVED, PEER_PROTOCOL, Delivered, Envelope, Outcome, Unavailable, Unknown
from adapters.peers import JSON_TYPES, code, json_body, json_object, member, reference, same_id
from adapters.statuses import judge_status
from adapters.transport import Answer

MEDIA_TYPE = "application/vnd.raabta.sis+json"

WITHDRAWN = "WITHDRAWN_BY_SENDER"

_TYPES = JSON_TYPES | {MEDIA_TYPE}
_CODE = re.compile(r"[A-Z][A-Z_]{2,39}")
_STATES = frozenset(
    {"RECEIVED", "UNDER_REVIEW", "ACCEPTED", "WAITLISTED", "REDIRECTED", "REJECTED"}
    | {"ENROLLED", "ATTENDING", "NO_SHOW", WITHDRAWN, "EXPIRED"}
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


def withdrawn_request(body: bytes) -> str | None:
    """Return the id of the request a document of ours withdraws, or none: it says something else."""
    document = json.loads(body)
    request = document.get("request_id")
    return str(request).lower() if request and document.get("state") == WITHDRAWN else None


def judge_withdrawal(answer: Answer, request: str, now: float) -> Outcome:
    """Judge the answer to a withdrawal, or to a question for the state of the request it withdraws.

    A school that answers with another state of the request has not withdrawn it: when it was asked, the withdrawal
    has not arrived; when it was told, it says that it will decide later, and its decision is waited for.
    """
    if not 200 <= answer.status < 300:
        return judge_status(answer, now, code(member(json_body(answer), "code"), _CODE))
    told = json_object(answer, _TYPES)
    if told is None or str(told.get("state")) not in _STATES or not same_id(told.get("request_id"), request):
        return Unknown(answer.flaw or PEER_PROTOCOL, answer.status)
    if answer.status == 200 and told["state"] != WITHDRAWN:
        return Unavailable(answer.status, NOT_RECEIVED)
    return Delivered(answer.status, reference(told.get("receipt_id")) or request, answer.body, answer.media_type)


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
