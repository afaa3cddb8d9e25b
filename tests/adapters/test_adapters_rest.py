"""The doors that speak plain REST: police, school, welfare."""

import json

import pytest
from adapter_peer import DROP, HANG, HTML, Peer, Step, answer
from adapter_receipts import BODY, OTHER_ID, PATHS, QUICK, RECEIPTS, REFS, each_door, police_receipt, sent
from adapter_samples import MESSAGE_ID

from adapters.base import Delivered, Refused, Unavailable, Unknown

pytestmark = pytest.mark.anyio


@each_door
async def test_a_receipt_delivers_and_each_call_names_the_message(make, envelope, adapter):
    outcome, [request] = await sent(make, envelope, adapter, RECEIPTS[adapter]())
    assert isinstance(outcome, Delivered)
    assert (outcome.status, outcome.receipt_ref, outcome.duplicate) == (202, REFS[adapter], False)
    assert json.loads(outcome.answer)
    assert outcome.answer_media_type == "application/json"
    assert (request.method, request.path, request.body) == ("POST", PATHS[adapter][0], BODY)
    assert request.headers["content-type"] == "application/json"
    assert request.headers["idempotency-key"] == MESSAGE_ID
    assert request.headers["x-correlation-id"] == "019a0000-0000-7000-8000-0000000000aa"
    assert request.headers["x-request-id"] != MESSAGE_ID


@each_door
@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (answer(503, {}, Retry_After="5"), Unavailable(503, "UPSTREAM_DOWN", 5.0, transport_fault=True)),
        (answer(429, {}, Retry_After="2"), Unavailable(429, "BUSY", 2.0)),
        (answer(500, b"<html>", "text/html"), Unavailable(500, "UPSTREAM_DOWN", transport_fault=True)),
        (answer(302, {}, Location="/login"), Unavailable(302, "REDIRECTED", transport_fault=True)),
        (answer(410, {}), Unavailable(410, "GONE", pause=True)),
        (answer(400, b"<html>", "text/html"), Refused(400, "HTTP_400")),
        (answer(404, {}), Refused(404, "HTTP_404")),
        (answer(409, {}), Refused(409, "HTTP_409")),
        (answer(413, {"code": "Misali Azmaishi"}), Refused(413, "HTTP_413")),
        (answer(415, {"code": ["x"]}), Refused(415, "HTTP_415")),
    ],
)
async def test_a_status_decides_where_there_is_no_receipt(make, envelope, adapter, step, outcome):
    found, requests = await sent(make, envelope, adapter, step)
    assert found == outcome
    assert len(requests) == 1


@each_door
@pytest.mark.parametrize("doubt", [DROP, HANG, HTML, answer(200, b"thank you", "text/plain"), answer(202), answer(204)])
async def test_a_doubt_is_settled_by_asking_once(make, envelope, adapter, doubt):
    outcome, [_, question] = await sent(make, envelope, adapter, doubt, RECEIPTS[adapter](status=200))
    assert isinstance(outcome, Delivered)
    assert outcome.receipt_ref == REFS[adapter]
    assert (question.method, question.path, question.body) == ("GET", PATHS[adapter][1], b"")


@each_door
@pytest.mark.parametrize(
    ("doubt", "outcome"),
    [
        (DROP, Unavailable(None, "NOT_RECEIVED", transport_fault=True)),
        (HTML, Unavailable(200, "NOT_RECEIVED")),
    ],
)
async def test_an_agency_that_does_not_have_it_is_sent_it_again_later(make, envelope, adapter, doubt, outcome):
    found, requests = await sent(make, envelope, adapter, doubt, answer(404, {}))
    assert found == outcome
    assert len(requests) == 2


@each_door
@pytest.mark.parametrize("silence", [DROP, HANG, HTML, answer(503, {}), answer(401, {}), answer(200, {})])
async def test_a_doubt_that_the_agency_does_not_clear_remains(make, envelope, adapter, silence):
    steps = [DROP, silence, silence]
    outcome, _ = await sent(make, envelope, adapter, *steps)
    assert outcome == Unknown("DISCONNECTED", transport_fault=True)


@each_door
@pytest.mark.parametrize(
    "broken",
    [
        {"message_id": OTHER_ID},
        {"message_id": ""},
    ],
)
async def test_a_receipt_for_another_message_is_no_receipt(make, envelope, adapter, broken):
    wrong = RECEIPTS[adapter](**broken)
    outcome, requests = await sent(make, envelope, adapter, wrong, wrong)
    assert outcome == Unknown("PEER_PROTOCOL", 202)
    assert len(requests) == 2


@each_door
async def test_a_receipt_in_the_wrong_media_type_is_no_receipt(make, envelope, adapter):
    fine = RECEIPTS[adapter]()
    step = Step(fine.status, fine.body, {"Content-Type": "text/html"})
    outcome, _ = await sent(make, envelope, adapter, step, step)
    assert outcome == Unknown("PEER_PROTOCOL", 202)


@each_door
@pytest.mark.parametrize(
    ("step", "code"),
    [(answer(200, b"x" * (1024 * 1024 + 1)), "ANSWER_TOO_LARGE"), (Step(200, b"{", {}, cut=True), "ANSWER_CUT")],
)
async def test_a_receipt_that_cannot_be_read_whole_leaves_a_doubt(make, envelope, adapter, step, code):
    outcome, _ = await sent(make, envelope, adapter, step, HTML)
    assert outcome == Unknown(code, 200)


@each_door
async def test_a_receipt_whose_reference_could_harm_a_log_delivers_without_it_or_stays_in_doubt(
    make, envelope, adapter
):
    fine = RECEIPTS[adapter]()
    evil = Step(fine.status, fine.body.replace(REFS[adapter].encode(), b"x\\r\\nFORGED"), fine.headers)
    outcome, _ = await sent(make, envelope, adapter, evil, evil)
    assert "FORGED" not in str(getattr(outcome, "receipt_ref", ""))


@each_door
async def test_nothing_listens_and_nothing_is_asked(make, envelope, adapter):
    async with Peer() as gone:
        pass
    outcome = await make(adapter, gone, top=QUICK).send(envelope(BODY))
    assert isinstance(outcome, Unavailable)
    assert (outcome.code, outcome.transport_fault) == ("TOKEN_CONNECT", True)


@each_door
async def test_an_attempt_has_one_time_budget(make, envelope, adapter):
    async with Peer(rest=HANG) as peer:
        door = make(adapter, peer, top="[limits]\ntotal_seconds = 0.3\nattempt_seconds = 0.3\n")
        outcome = await door.send(envelope(BODY))
    assert outcome == Unknown("TIMEOUT", transport_fault=True)
    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    ("adapter", "path"), [("police", "/police/v1/status-updates"), ("welfare", "/cpcmrs/v1/replies")]
)
async def test_replies_go_where_replies_belong(make, envelope, adapter, path):
    outcome, [request] = await sent(make, envelope, adapter, RECEIPTS[adapter](), kind="reply")
    assert isinstance(outcome, Delivered)
    assert request.path == path


async def test_the_paths_of_a_manifest_win(make, envelope):
    async with Peer(police_receipt()) as peer:
        door = make("police", peer, options='[options]\nreferrals = "/api/v2/in"\n')
        assert isinstance(await door.send(envelope(BODY)), Delivered)
    assert peer.requests[0].path == "/api/v2/in"


# ------------------------------------------------------------------ police
