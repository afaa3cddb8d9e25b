"""The welfare simulator: canonical referrals and replies, checked leniently but strictly as JSON."""

from uuid import uuid4

import pytest

from tests.sandbox.caller import Caller
from tests.sandbox.conftest import Start
from tests.sandbox.documents import Call


@pytest.fixture
def welfare(start: Start) -> Caller:
    return start("welfare")


def test_a_referral_gets_a_receipt_that_can_be_asked_for(welfare: Caller) -> None:
    call = welfare.valid()
    answer = welfare.send(call)
    assert answer.status_code == 202
    assert set(answer.json()) == {"receipt_id", "message_id", "received_at", "state"}
    assert answer.json()["state"] == "RECEIVED"
    message_id = call.headers["Idempotency-Key"]
    assert welfare.get(f"/cpcmrs/v1/messages/{message_id}").json() == answer.json()
    assert welfare.get(f"/cpcmrs/v1/messages/{uuid4()}").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'{"child": {}}',
        b'{"message_id": "CANARY", "child": {}}',
        b'{"message_id": "0f9d1c1e-2222-4a11-8a11-000000000002"}',
        b'{"message_id": "0f9d1c1e-2222-4a11-8a11-000000000002", "child": "CANARY"}',
        b'{"message_id": "0f9d1c1e-2222-4a11-8a11-000000000002", "child": {"name": null}}',
    ],
)
def test_a_referral_without_its_bones_is_refused(welfare: Caller, body: bytes) -> None:
    answer = welfare.send(Call("POST", "/cpcmrs/v1/referrals", body, {"Content-Type": "application/json"}))
    assert (answer.status_code, answer.json()["code"]) == (422, "VALIDATION")
    assert "CANARY" not in answer.text


@pytest.mark.parametrize("body", [b'{"a": 1, "a": 2}', b"{", b'{"a": NaN}', b"[" * 70 + b"]" * 70])
def test_what_is_not_strict_json_is_malformed(welfare: Caller, body: bytes) -> None:
    answer = welfare.send(Call("POST", "/cpcmrs/v1/referrals", body, {"Content-Type": "application/json"}))
    assert (answer.status_code, answer.json()["code"]) == (400, "MALFORMED")


def test_replies_are_received_and_shown_by_their_operation(welfare: Caller) -> None:
    call = Call("POST", "/cpcmrs/v1/replies", b"{}", {"Content-Type": "application/json"})
    reply = call.with_json(type="reply", message_id=str(uuid4()), kind="ACCEPT", state="ACCEPTED")
    assert welfare.send(reply).status_code == 202
    assert welfare.send(reply.with_json(kind="accept")).status_code == 422
    assert [one["operation"] for one in welfare.received()["effects"]] == ["reply"]
