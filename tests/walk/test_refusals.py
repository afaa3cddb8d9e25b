"""Every door refuses what is wrong: clearly, at its place, without repeating it, and without any harm to the rest."""

import json
import socket
import uuid
from collections.abc import Callable

import httpx
import pytest

from gateway.demo.callers import Agency
from gateway.demo.processes import Stage
from tests.walk import letters
from tests.walk.doors import at_door, door, problems, seen, stored, told_apart, wrong_with
from tests.walk.looking import delivery, rows, until
from tests.walk.spoiled import NAME, OPEN, PLANT, spoiled, valid, with_unknown

pytestmark = [pytest.mark.walk, pytest.mark.slow, pytest.mark.timeout(300)]

Call = Callable[[str], Agency]
LANGUAGES = (letters.JSON, letters.FHIR, letters.FIR_XML, letters.FIR_JSON, letters.CRMS, letters.SIS)


@pytest.fixture(scope="module")
def earlier(stage: Stage) -> dict[str, str]:
    """Send one good referral from welfare to the police; returns its references on both sides."""
    key = str(uuid.uuid4())
    answer = letters.post(Agency(stage, "welfare"), letters.canonical("police-pb-psrms"), letters.JSON, key)
    assert answer.status_code == 202, answer.text
    until(lambda: delivery(stage, key, "police-pb-psrms").get("state") == "DONE")
    theirs = "SELECT p.ref FROM party p JOIN referral r ON r.id = p.referral WHERE r.idem = ? AND p.role = 'RECIPIENT'"
    return {"key": key, "ours": answer.json()["id"], "theirs": rows(stage, theirs, key)[0][0]}


@pytest.mark.parametrize("reply", [False, True], ids=["referrals", "replies"])
@pytest.mark.parametrize("media_type", LANGUAGES, ids=[name.rpartition("/")[2] for name in LANGUAGES])
def test_a_spoiled_document_is_refused_clearly_and_leaves_nothing(
    stage: Stage, agency: Call, earlier: dict[str, str], media_type: str, reply: bool
) -> None:
    before = stored(stage), seen(stage, earlier)
    police, path = agency("police"), door(earlier, reply=reply)
    cases = spoiled(media_type, reply=reply)
    found = [
        line for case in cases for line in wrong_with(case, at_door(police, path, case.body, media_type), media_type)
    ]
    assert found == []
    assert len(cases) >= 15
    assert (stored(stage), seen(stage, earlier)) == before


@pytest.mark.parametrize("media_type", LANGUAGES, ids=[name.rpartition("/")[2] for name in LANGUAGES])
def test_the_documents_that_were_spoiled_are_good_ones(stage: Stage, agency: Call, media_type: str) -> None:
    """Without this, a refusal would prove nothing about what was spoiled."""
    answer = at_door(agency("police"), "/v1/referrals", valid(media_type, reply=False), media_type)
    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize("reply", [False, True], ids=["referrals", "replies"])
@pytest.mark.parametrize("media_type", LANGUAGES, ids=[name.rpartition("/")[2] for name in LANGUAGES])
def test_an_unknown_field_is_refused_or_told_of_never_dropped_in_silence(
    stage: Stage, agency: Call, media_type: str, reply: bool
) -> None:
    key = str(uuid.uuid4())
    sent = letters.post(agency("welfare"), letters.canonical("police-pb-psrms"), letters.JSON, key)
    assert sent.status_code == 202
    theirs = "SELECT p.ref FROM party p JOIN referral r ON r.id = p.referral WHERE r.idem = ? AND p.role = 'RECIPIENT'"
    path = door({"theirs": rows(stage, theirs, key)[0][0]}, reply=reply)
    for body in with_unknown(media_type, reply=reply):
        fresh = body.replace(b"0f9d1c1e", uuid.uuid4().hex[:8].encode()).replace(b"99010000", b"9901" + digits())
        answer = at_door(agency("police"), path, fresh, media_type)
        assert PLANT not in answer.text
        if (media_type, reply) in OPEN:
            assert answer.status_code == 202, answer.text
            told = [each for each in answer.json()["warnings"] if NAME in each["path"] or "include" in each["path"]]
            assert {each["code"] for each in told} & {"NOT_CARRIED", "UNKNOWN_FIELD"}
        else:
            assert answer.status_code == 422, answer.text
            assert any("UNKNOWN_FIELD" in each["code"] for each in problems(answer))


def digits() -> bytes:
    """Return four fresh digits."""
    return f"{uuid.uuid4().int % 10_000:04d}".encode()


@pytest.mark.parametrize("reply", [False, True], ids=["referrals", "replies"])
@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Type": "text/plain"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"Content-Type": f"application/{PLANT}"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"Content-Type": letters.JSON, "Content-Encoding": "gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
        ({"Content-Type": letters.JSON, "Content-Encoding": "br, gzip"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
def test_a_body_in_no_language_or_packed_is_refused_unread(
    stage: Stage, agency: Call, earlier: dict[str, str], headers: dict[str, str], status: int, code: str, reply: bool
) -> None:
    before = stored(stage)
    answer = agency("police").call(
        "POST", door(earlier, reply=reply), content=valid(letters.JSON, reply=reply), headers=headers
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert PLANT not in answer.text
    assert stored(stage) == before


@pytest.mark.parametrize("reply", [False, True], ids=["referrals", "replies"])
def test_a_body_that_says_it_is_too_long_is_refused_before_it_arrives(
    stage: Stage, agency: Call, earlier: dict[str, str], reply: bool
) -> None:
    host, _, port = stage.gateway.partition("://")[2].partition(":")
    lines = (
        f"POST {door(earlier, reply=reply)} HTTP/1.1",
        f"Host: {host}",
        f"Authorization: Bearer {agency('police').token()}",
        f"Content-Type: {letters.JSON}",
        "Content-Length: 99999999",
    )
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall("\r\n".join([*lines, "", "{"]).encode())
        assert line.recv(64).startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("key", ["two words", "k" * 129, "x\ty"])
def test_a_key_that_is_none_is_refused(stage: Stage, agency: Call, key: str) -> None:
    before = stored(stage)
    answer = letters.post(agency("welfare"), letters.canonical("police-pb-psrms"), letters.JSON, key)
    assert answer.status_code == 422
    assert problems(answer)[0]["pointer"].lower() == "idempotency-key"
    assert key not in answer.text
    assert stored(stage) == before


def test_a_referral_without_key_and_message_id_is_refused(stage: Stage, agency: Call) -> None:
    before = stored(stage)
    nameless = {name: value for name, value in letters.canonical("police-pb-psrms").items() if name != "message_id"}
    answer = letters.post(agency("welfare"), nameless, letters.JSON)
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY_REQUIRED")
    assert stored(stage) == before


def test_a_key_used_again_gets_the_same_answer_for_the_same_body_and_409_for_another(
    stage: Stage, agency: Call
) -> None:
    welfare, key = agency("welfare"), str(uuid.uuid4())
    first = letters.canonical("police-pb-psrms")
    accepted = letters.post(welfare, first, letters.JSON, key)
    before = stored(stage)
    again = letters.post(welfare, first, letters.JSON, key)
    other = letters.post(welfare, {**first, "priority": "LOW"}, letters.JSON, key)
    assert (accepted.status_code, again.status_code, other.status_code) == (202, 202, 409)
    assert again.json()["id"] == accepted.json()["id"]
    assert (accepted.json()["repeated"], again.json()["repeated"]) == (False, True)
    assert other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    after = stored(stage)
    assert {name: after[name] for name in ("referral", "document", "party", "delivery")} == {
        name: before[name] for name in ("referral", "document", "party", "delivery")
    }
    assert letters.post(agency("health"), letters.bundle(key), letters.FHIR, key).status_code == 202


def test_an_answer_under_a_used_message_id_with_another_body_is_409(stage: Stage, agency: Call) -> None:
    key, police = str(uuid.uuid4()), agency("police")
    letters.post(agency("welfare"), letters.canonical("police-pb-psrms"), letters.JSON, key)
    theirs = "SELECT p.ref FROM party p JOIN referral r ON r.id = p.referral WHERE r.idem = ? AND p.role = 'RECIPIENT'"
    path = door({"theirs": rows(stage, theirs, key)[0][0]}, reply=True)
    reply = json.loads(valid(letters.JSON, reply=True))
    other = {**reply, "kind": "ACCEPT", "state": "ACCEPTED"}
    answers = [at_door(police, path, json.dumps(each).encode(), letters.JSON) for each in (reply, reply, other)]
    assert [each.status_code for each in answers] == [202, 200, 409]


@pytest.mark.parametrize("reply", [False, True], ids=["referrals", "replies"])
def test_nobody_gets_in_without_a_token_of_the_right_scope(
    stage: Stage, agency: Call, earlier: dict[str, str], reply: bool
) -> None:
    before = stored(stage)
    url, body = f"{stage.gateway}{door(earlier, reply=reply)}", valid(letters.JSON, reply=reply)
    kind = {"Content-Type": letters.JSON}
    forged = agency("police").token()[:-4] + "AAAA"
    cases = {
        "none": (kind, 401, "realm"),
        "no token at all": ({**kind, "Authorization": "Bearer"}, 401, "invalid_token"),
        "garbage": ({**kind, "Authorization": f"Bearer {PLANT}"}, 401, "invalid_token"),
        "another scheme": ({**kind, "Authorization": "Basic cG9saWNlOng="}, 401, "invalid_token"),
        "a changed signature": ({**kind, "Authorization": f"Bearer {forged}"}, 401, "invalid_token"),
        "another scope": ({**kind, "Authorization": f"Bearer {narrow(agency('police'))}"}, 403, "insufficient_scope"),
    }
    with httpx.Client(trust_env=False) as client:
        for name, (headers, status, challenge) in cases.items():
            answer = client.post(url, content=body, headers=headers)
            assert (name, answer.status_code) == (name, status)
            assert challenge in answer.headers["www-authenticate"], name
            assert PLANT not in answer.text + str(answer.headers), name
    assert stored(stage) == before


def narrow(agency: Agency) -> str:
    """Return a token of an agency that may only read."""
    form = agency._login()
    form["data"]["scope"] = "referral.read"
    answer = agency._http.post(f"{agency._stage.gateway}/oauth/token", **form)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def test_an_agency_without_the_scope_gets_403_whatever_it_sends(stage: Stage, agency: Call) -> None:
    before = stored(stage)
    for body in (valid(letters.SIS, reply=False), b"{", b""):
        assert at_door(agency("school"), "/v1/referrals", body, letters.SIS).status_code == 403
    assert stored(stage) == before


@pytest.mark.parametrize("what", ["", "/story", "/replies"])
def test_another_agencys_referral_is_answered_exactly_as_one_that_does_not_exist(
    stage: Stage, agency: Call, earlier: dict[str, str], what: str
) -> None:
    inside = rows(stage, "SELECT id FROM referral WHERE idem = ?", earlier["key"])[0][0]
    health = agency("health")
    names = (earlier["ours"], earlier["theirs"], inside, "rb-00000000000000000000", str(uuid.uuid4()), PLANT)
    body = (
        {"content": valid(letters.JSON, reply=True), "headers": {"Content-Type": letters.JSON}} if "rep" in what else {}
    )
    answers = [health.call("POST" if body else "GET", f"/v1/referrals/{name}{what}", **body) for name in names]
    assert {answer.status_code for answer in answers} == {404}
    assert len({told_apart(answer) for answer in answers}) == 1
    assert not any(PLANT in answer.text for answer in answers)


def test_who_sends_is_said_by_the_token_never_by_the_document(stage: Stage, agency: Call) -> None:
    key = str(uuid.uuid4())
    claimed = {"agency": "nadra-crms", "kind": "CIVIL_REG", "name": "Civil registry (simulated)"}
    answer = letters.post(agency("welfare"), letters.canonical("health-lhr-dhq", sender=claimed), letters.JSON, key)
    assert answer.status_code == 202
    shown = agency("welfare").call("GET", f"/v1/referrals/{answer.json()['id']}").json()["referral"]["sender"]
    assert (shown["agency"], shown["kind"]) == ("welfare-pb-cpb", "SOCIAL_WELFARE")
    assert rows(stage, "SELECT sender FROM referral WHERE idem = ?", key) == [("welfare-pb-cpb",)]
    items = agency("nadra").call("GET", "/v1/referrals?limit=100").json()["items"]
    assert [each for each in items if each["role"] == "SENDER"] == []
    sent = until(lambda: [e for e in agency("health").effects() if e["message_id"] == wanted(stage, key)])
    assert "nadra-crms" not in sent[0]["body"]
    assert "welfare-pb-cpb" in sent[0]["body"]


def wanted(stage: Stage, key: str) -> str:
    """Return the message id under which the hospital gets a referral."""
    return str(delivery(stage, key, "health-lhr-dhq").get("message_id"))


def test_a_recipient_nobody_knows_is_refused_at_its_place(stage: Stage, agency: Call) -> None:
    before = stored(stage)
    answer = letters.post(agency("welfare"), letters.canonical(PLANT), letters.JSON, str(uuid.uuid4()))
    assert answer.status_code == 422
    assert [(each["code"], "recipients" in each["pointer"]) for each in problems(answer)] == [
        ("UNKNOWN_RECIPIENT", True)
    ]
    assert PLANT not in answer.text
    assert stored(stage) == before


def test_nothing_that_was_planted_is_in_the_logs_or_the_ledger(
    stage: Stage, agency: Call, earlier: dict[str, str]
) -> None:
    body = with_unknown(letters.FIR_XML, reply=False)[0]
    assert at_door(agency("police"), "/v1/referrals", body, letters.FIR_XML).status_code == 422
    refused = rows(stage, "SELECT fields FROM entry WHERE type = 'referral.refused'")
    assert refused
    ledger = json.dumps(rows(stage, "SELECT at, type, actor, referral, delivery, fields FROM entry"))
    log = (stage.folder / "gateway.log").read_text("utf-8")
    for text in (ledger, log):
        assert PLANT.lower() not in text.lower()
        assert NAME not in text
    assert "request.failed" not in log
