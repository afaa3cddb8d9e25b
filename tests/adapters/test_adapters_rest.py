"""The doors that speak plain REST: police, school, welfare."""

import base64
import hashlib
import json

import pytest
from adapter_peer import DROP, HANG, HTML, Peer, Step, answer
from adapter_samples import MESSAGE_ID

from adapters.base import Delivered, Refused, Unavailable, Unknown

pytestmark = pytest.mark.anyio
BODY = b'{"message_id":"x"}'
OTHER_ID = "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0002"


def police_receipt(result: str = "ACCEPTED", message_id: str = MESSAGE_ID, status: int = 202, **more: object) -> Step:
    receipt = {"ReceiptID": "rcp-000001", "RefMessageID": message_id, "ResultCode": result, **more}
    data = {"e_tag": "FT-21/11/2026-0001", "receipt": receipt}
    return answer(status, {"status": True, "code": "OK", "message": "received", "data": data})


def school_receipt(message_id: str = MESSAGE_ID, status: int = 202, **more: object) -> Step:
    return answer(status, {"request_id": message_id, "receipt_id": "rcp-000001", "state": "RECEIVED", **more})


def welfare_receipt(message_id: str = MESSAGE_ID, status: int = 202, **more: object) -> Step:
    return answer(status, {"receipt_id": "CP-000001", "message_id": message_id, "state": "RECEIVED", **more})


RECEIPTS = {"police": police_receipt, "school": school_receipt, "welfare": welfare_receipt}
REFS = {"police": "FT-21/11/2026-0001", "school": "rcp-000001", "welfare": "CP-000001"}
PATHS = {
    "police": ("/police/v1/referrals", f"/police/v1/messages/{MESSAGE_ID}/receipt"),
    "school": ("/sis/v1/reenrolment-requests", f"/sis/v1/reenrolment-requests/{MESSAGE_ID}"),
    "welfare": ("/cpcmrs/v1/referrals", f"/cpcmrs/v1/messages/{MESSAGE_ID}"),
}
QUICK = "[limits]\ntotal_seconds = 5\n"
each_door = pytest.mark.parametrize("adapter", ["police", "school", "welfare"])


async def sent(make, envelope, adapter: str, *steps: Step, body: bytes = BODY, **changes: object):
    async with Peer(*steps, rest=answer(404, {})) as peer:
        outcome = await make(adapter, peer, top=QUICK).send(envelope(body, **changes))
    return outcome, peer.requests


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


@pytest.mark.parametrize(
    ("result", "duplicate"),
    [("ACCEPTED", False), ("ACCEPTED_WITH_WARNINGS", False), ("HELD_FOR_REVIEW", False), ("DUPLICATE", True)],
)
async def test_police_results_that_mean_they_have_it(make, envelope, result, duplicate):
    outcome, _ = await sent(make, envelope, "police", police_receipt(result, status=200))
    assert isinstance(outcome, Delivered)
    assert outcome.duplicate is duplicate


async def test_a_police_receipt_may_write_our_id_in_capitals(make, envelope):
    outcome, _ = await sent(make, envelope, "police", police_receipt(message_id=MESSAGE_ID.upper()))
    assert isinstance(outcome, Delivered)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (police_receipt("REJECTED", Issue=[{"code": "POL-E07", "severity": "E"}]), Refused(202, "POL-E07")),
        (police_receipt("REJECTED"), Refused(202, "REJECTED")),
        (answer(422, {"status": False, "code": "POL-E02"}), Refused(422, "POL-E02")),
        (answer(409, {"status": False, "code": "POL-E09"}), Refused(409, "POL-E09")),
        (answer(403, {"status": False, "code": "POL-E07"}), Refused(403, "POL-E07")),
        (answer(403, {"status": False, "code": "POL-E08"}), Refused(403, "POL-E08")),
        (answer(403, {"status": False, "code": "POL-E14"}), Unavailable(403, "CREDENTIALS", pause=True)),
        (answer(502, {"status": False, "code": "POL-E16"}), Unavailable(502, "POL-E16", transport_fault=True)),
        (answer(200, {"status": False, "code": "POL-E16"}), Unavailable(200, "POL-E16", transport_fault=True)),
        (answer(200, {"status": False, "code": "POL-E14"}), Unavailable(200, "CREDENTIALS", pause=True)),
        (answer(200, {"status": False, "code": "POL-E05"}), Refused(200, "POL-E05")),
        (answer(200, b'\xef\xbb\xbf{"status":false,"code":"POL-E05"}'), Refused(200, "POL-E05")),
    ],
)
async def test_police_refusals(make, envelope, step, outcome):
    assert (await sent(make, envelope, "police", step))[0] == outcome


@pytest.mark.parametrize("code", ["Misali Azmaishi", "", None, 5, "POL-X01"])
async def test_a_police_refusal_without_a_code_of_theirs_is_no_answer(make, envelope, code):
    step = answer(200, {"status": False, "code": code})
    assert (await sent(make, envelope, "police", step, step))[0] == Unknown("PEER_PROTOCOL", 200)


def receipts_xml(
    result: str = "ACCEPTED",
    message_id: str = MESSAGE_ID,
    issue: str = "",
    media: str = "application/vnd.raabta.fir+xml",
) -> Step:
    document = (
        '<?xml version="1.0" encoding="UTF-8"?><Receipts xmlns="urn:raabta:police-fir:1">'
        f"<Receipt><ReceiptID>rcp-0009</ReceiptID><RefMessageID>{OTHER_ID}</RefMessageID><ResultCode>REJECTED</ResultCode></Receipt>"
        f"<Receipt><ReceiptID>rcp-0001</ReceiptID><RefMessageID>{message_id}</RefMessageID>"
        f"<ResultCode>{result}</ResultCode>{issue}<ETagID>FT-21/11/2026-0007</ETagID></Receipt></Receipts>"
    )  # fmt: skip
    return answer(202, document.encode(), media)


XML = {"body": b"<FIRDocument/>", "media_type": "application/vnd.raabta.fir+xml"}


@pytest.mark.parametrize("media", ["application/vnd.raabta.fir+xml", "text/xml; charset=utf-8", "application/xml"])
async def test_an_xml_receipt_delivers_an_xml_document(make, envelope, media):
    outcome, [request] = await sent(make, envelope, "police", receipts_xml(media=media), **XML)
    assert isinstance(outcome, Delivered)
    assert outcome.receipt_ref == "FT-21/11/2026-0007"
    assert request.headers["content-type"] == "application/vnd.raabta.fir+xml"


async def test_an_xml_rejection_names_its_code(make, envelope):
    step = receipts_xml("REJECTED", issue='<Issue code="POL-E07" severity="E"/>')
    assert (await sent(make, envelope, "police", step, **XML))[0] == Refused(202, "POL-E07")


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE Receipts [<!ENTITY x "ACCEPTED">]><Receipts xmlns="urn:raabta:police-fir:1"/>',
        b"<Receipts", b"", b"\xff\xfe<", b"<Receipts/>", '<Receipts/>'.encode("utf-16"),
    ],
)  # fmt: skip
async def test_hostile_or_broken_xml_is_no_receipt(make, envelope, document):
    step = answer(200, document, "application/xml")
    assert (await sent(make, envelope, "police", step, step, **XML))[0] == Unknown("PEER_PROTOCOL", 200)


# ------------------------------------------------------------------ school


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
