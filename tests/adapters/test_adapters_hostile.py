"""Whatever an agency answers, a door judges it and never raises; nothing of its text becomes a code of ours."""

import hashlib
import json
import re
from contextlib import suppress
from datetime import datetime

from adapter_samples import MESSAGE_ID
from hypothesis import given
from hypothesis import strategies as st

from adapters.base import Delivered, Envelope, Outcome, Refused, Unavailable, Unknown
from adapters.hardened_xml import XmlError, parse
from adapters.health import answers as fhir
from adapters.health.bundles import Sent, outgoing
from adapters.nadra import codes, soap
from adapters.police import receipts as police
from adapters.school import receipts as school
from adapters.statuses import LONGEST_WAIT, retry_after
from adapters.transport import Answer
from adapters.welfare import adapter as welfare

CANARY = "Misali Azmaishi"
WORDS = (
    "status", "code", "data", "receipt", "ReceiptID", "RefMessageID", "ResultCode", "e_tag", "Issue", "request_id",
    "receipt_id", "state", "digest", "message_id", "resourceType", "type", "entry", "response", "location",
    "resource", "issue", "severity", "identifier", "system", "value", "total", "id",
)  # fmt: skip
VALUES = (
    MESSAGE_ID, CANARY, "ACCEPTED", "REJECTED", "RECEIVED", "Bundle", "transaction-response", "searchset", "message",
    "OperationOutcome", "MessageHeader", "Task", "201", "ok", "POL-E07", "duplicate", "information", "error", "CP-1",
)  # fmt: skip

leaves = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.sampled_from(VALUES) | st.text(max_size=8)
documents = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=6),
    max_leaves=25,
)


def _json(document: object) -> bytes:
    return json.dumps(document).encode("utf-8", "replace")


NAMES = ("Receipts", "Receipt", "RefMessageID", "ResultCode", "CIVIL_REGISTRATION", "RESPONSE_DATA", "CODE", "Body")
elements = st.recursive(
    st.sampled_from((CANARY, MESSAGE_ID, "100", "ACCEPTED", "&lt;x&gt;", "<!-- -->", "&#0;", "]]>", "<?x?>")),
    lambda inner: st.tuples(st.sampled_from(NAMES), st.lists(inner, max_size=3)).map(
        lambda pair: f"<{pair[0]} xmlns='urn:raabta:police-fir:1'>{''.join(pair[1])}</{pair[0]}>"
    ),
    max_leaves=12,
)
bodies = st.binary(max_size=64) | documents.map(_json) | elements.map(str.encode)
media_types = st.sampled_from(
    ("application/json", "application/fhir+json", "text/xml", "application/xml", "text/html", "", "a/b; c", "\x00")
)
made = st.builds(
    lambda status, media, wait, body, flaw: Answer(status, {"content-type": media, "retry-after": wait}, body, flaw),
    st.sampled_from((200, 201, 202, 204, 301, 400, 401, 403, 404, 409, 410, 422, 429, 500, 503, 0, 999)),
    media_types,
    st.text(max_size=40) | st.datetimes().map(datetime.ctime),
    bodies,
    st.sampled_from((None, None, None, "ANSWER_CUT")),
)
BODY = b"{}"
ENVELOPE = Envelope(
    MESSAGE_ID, "r", "ref", "a", "b", "TREAT", "referral", "f", "d", "0", "application/json", BODY,
    hashlib.sha256(BODY).hexdigest(), "c", 1,
)  # fmt: skip
SENT = Sent("transaction", 1, 0, (("s", "v"),))
MESSAGE = Sent("message", 1, None, ())


def harmless(outcome: Outcome) -> None:
    assert isinstance(outcome, Delivered | Refused | Unavailable | Unknown)
    if isinstance(outcome, Delivered):
        told = outcome.receipt_ref or "x"
        assert re.fullmatch(r"[A-Za-z0-9/_.:#-]{1,120}", told)
    else:
        assert re.fullmatch(r"[A-Z][A-Z0-9_-]{1,60}", outcome.code)
    assert CANARY not in repr(outcome)


@given(made)
def test_no_answer_makes_a_rest_door_raise(answer):
    harmless(police.judge(answer, MESSAGE_ID, 0.0))
    harmless(school.judge(answer, ENVELOPE, 0.0))
    harmless(welfare.judge(answer, MESSAGE_ID, 0.0))


@given(made)
def test_no_answer_makes_the_hospitals_door_raise(answer):
    harmless(fhir.judge(answer, SENT, 0.0))
    harmless(fhir.judge(answer, MESSAGE, 0.0))


@given(made, st.sampled_from(("legacy", "plain")))
def test_no_answer_makes_the_registrys_door_raise(answer, style):
    soap.fault_code(answer)
    inner = soap.unwrapped(style, "GetBirthRegistration", answer)
    if inner is not None:
        harmless(codes.judge(inner, answer.status, "9901000000000000001", 0.0))


@given(bodies)
def test_no_document_of_ours_makes_a_reader_raise_anything_but_its_refusal(body):
    outgoing(body)
    with suppress(XmlError):
        parse(body)


@given(st.text(max_size=60))
def test_no_retry_after_makes_a_wait_longer_than_a_day_or_shorter_than_none(text):
    wait = retry_after(Answer(503, {"retry-after": text}), 1_790_000_000.0)
    assert wait is None or 0.0 <= wait <= LONGEST_WAIT
