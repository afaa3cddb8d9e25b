"""The schools' door: its receipts, and requests in any state."""

import base64
import hashlib

import pytest
from adapter_peer import DROP, answer
from adapter_receipts import (
    BODY,
    school_receipt,
    sent,
)

from adapters.base import Delivered, Refused, Unavailable, Unknown

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "digest",
    [
        f"sha-256={hashlib.sha256(BODY).hexdigest()}",
        f"sha-256={base64.b64encode(hashlib.sha256(BODY).digest()).decode()}",
    ],
)
async def test_a_school_receipt_confirms_the_very_bytes(make, envelope, digest):
    outcome, _ = await sent(make, envelope, "school", school_receipt(digest=digest))
    assert isinstance(outcome, Delivered)


async def test_a_school_receipt_for_other_bytes_is_no_receipt(make, envelope):
    wrong = school_receipt(digest=f"sha-256={hashlib.sha256(b'other').hexdigest()}")
    assert (await sent(make, envelope, "school", wrong, wrong))[0] == Unknown("PEER_PROTOCOL", 202)


@pytest.mark.parametrize("state", ["LOST", None, [], {}, 5])
async def test_a_receipt_without_a_known_state_is_no_receipt(make, envelope, state):
    wrong = school_receipt(state=state)
    assert (await sent(make, envelope, "school", wrong, wrong))[0] == Unknown("PEER_PROTOCOL", 202)


@pytest.mark.parametrize("state", ["UNDER_REVIEW", "ACCEPTED", "REJECTED", "ATTENDING"])
async def test_a_request_in_any_state_has_arrived(make, envelope, state):
    outcome, _ = await sent(make, envelope, "school", DROP, school_receipt(status=200, state=state))
    assert isinstance(outcome, Delivered)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (
            answer(409, {"code": "IDEMPOTENCY_CONFLICT"}, "application/problem+json"),
            Refused(409, "IDEMPOTENCY_CONFLICT"),
        ),
        (answer(422, {"code": "VALIDATION"}, "application/problem+json"), Refused(422, "VALIDATION")),
        (answer(429, {"code": "THROTTLED"}, Retry_After="3"), Unavailable(429, "THROTTLED", 3.0)),
    ],
)
async def test_school_refusals(make, envelope, step, outcome):
    assert (await sent(make, envelope, "school", step))[0] == outcome
