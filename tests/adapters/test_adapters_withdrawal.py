"""A request is withdrawn at a school information system: the door, against a scripted peer."""

import json

import pytest
from adapter_peer import DROP, Peer, Step, answer
from adapter_samples import MESSAGE_ID

from adapters.base import Delivered, Refused, Unavailable, Unknown

pytestmark = pytest.mark.anyio
REQUEST = "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0009"
STATE = f"/sis/v1/reenrolment-requests/{REQUEST}"


def said(state: str = "WITHDRAWN_BY_SENDER", request: str = REQUEST) -> bytes:
    return json.dumps({"request_id": request, "state": state, "decided_at": "2026-03-20T04:15:01Z"}).encode()


def told(state: str, status: int = 200, request: str = REQUEST) -> Step:
    return answer(status, said(state, request))


async def withdrawn(make, envelope, *steps: Step, body: bytes = said()):
    async with Peer(*steps, rest=answer(404, {})) as peer:
        door = make("school", peer, top="[limits]\ntotal_seconds = 30\nattempt_seconds = 30\n")
        outcome = await door.send(envelope(body, kind="reply", document="decision"))
    return outcome, [(each.method, each.path) for each in peer.requests], peer.requests


async def test_a_withdrawal_goes_to_the_request_it_withdraws(make, envelope):
    outcome, calls, [request] = await withdrawn(make, envelope, told("WITHDRAWN_BY_SENDER"))
    assert isinstance(outcome, Delivered)
    assert json.loads(outcome.answer)["state"] == "WITHDRAWN_BY_SENDER"
    assert calls == [("POST", f"{STATE}/withdrawal")]
    assert (request.body, request.headers["idempotency-key"]) == (said(), MESSAGE_ID)


async def test_a_school_that_will_decide_later_has_it(make, envelope):
    outcome, *_ = await withdrawn(make, envelope, told("UNDER_REVIEW", 202))
    assert isinstance(outcome, Delivered)


async def test_in_doubt_the_state_of_the_request_tells(make, envelope):
    outcome, calls, _ = await withdrawn(make, envelope, DROP, told("WITHDRAWN_BY_SENDER"))
    assert isinstance(outcome, Delivered)
    assert calls == [("POST", f"{STATE}/withdrawal"), ("GET", STATE)]


@pytest.mark.parametrize("state", ["RECEIVED", "ACCEPTED", "ENROLLED"])
async def test_a_request_that_still_stands_was_not_withdrawn(make, envelope, state):
    outcome, *_ = await withdrawn(make, envelope, DROP, told(state))
    assert isinstance(outcome, Unavailable)
    assert outcome.code == "NOT_RECEIVED"


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (answer(404, {}), Refused(404, "HTTP_404")),
        (answer(409, {"code": "IDEMPOTENCY_CONFLICT"}), Refused(409, "IDEMPOTENCY_CONFLICT")),
        (answer(503, {}), Unavailable(503, "UPSTREAM_DOWN", transport_fault=True)),
    ],
)
async def test_a_refusal_is_one(make, envelope, step, outcome):
    assert (await withdrawn(make, envelope, step))[0] == outcome


@pytest.mark.parametrize("step", [told("WITHDRAWN_BY_SENDER", request=MESSAGE_ID), told("NOPE"), answer(200, b"<p>")])
async def test_an_answer_about_something_else_leaves_it_in_doubt(make, envelope, step):
    outcome, *_ = await withdrawn(make, envelope, step, step)
    assert isinstance(outcome, Unknown)


@pytest.mark.parametrize("body", [b"{}", said("ACCEPTED")])
async def test_a_school_takes_no_other_reply_and_is_not_bothered(make, envelope, body):
    outcome, calls, _ = await withdrawn(make, envelope, body=body)
    assert outcome == Refused(None, "REPLIES_NOT_TAKEN")
    assert calls == []
