"""ERR: what an error tells, and what it must not tell."""

from __future__ import annotations

import json

import httpx

from conformance.checking import check
from conformance.checks.answers import INSIDES, PROBLEM, as_json, clean, media_type, status
from conformance.checks.letters import JSON, SENDER, canonical, post
from conformance.findings import expect
from conformance.target import Target

READ = "/v1/referrals"


def posted(target: Target, body: bytes, content_type: str = JSON) -> httpx.Response:
    """Send bytes as a referral."""
    headers = {"Content-Type": content_type, "Idempotency-Key": target.fresh_id()}
    return target.call(SENDER, "POST", READ, "referral.write", content=body, headers=headers)


@check("ERR-01")
def problem_documents(target: Target) -> None:
    """An error is a problem document with a type, a code and the caller's own request id."""
    mark = target.fresh_id()
    headers = {"X-Request-Id": mark, "Content-Type": JSON, "Idempotency-Key": target.fresh_id()}
    missing = target.call(SENDER, "GET", f"{READ}/conf-nothing", "referral.read", headers={"X-Request-Id": mark})
    wrong = target.call(SENDER, "POST", READ, "referral.write", content=b'{"child": {"sex": "GIRL"}}', headers=headers)
    for answer in (missing, wrong):
        of = f"an error with {answer.status_code}"
        expect(media_type(answer) == PROBLEM, f"{of} is {media_type(answer) or 'of no type'}, not {PROBLEM}")
        body = as_json(answer)
        lacking = {"type", "title", "status", "code", "request_id"} - body.keys()
        expect(not lacking, f"{of} lacks {', '.join(sorted(lacking))}")
        expect(body["status"] == answer.status_code, f"{of} says another status inside")
        expect(str(body["type"]).startswith(("http", "urn", "about:")), f"{of}: type is no URI")
        expect(body["request_id"] == mark, f"{of} does not give the caller's request id back")
        expect(answer.headers.get("x-request-id") == mark, f"{of}: X-Request-Id is not mirrored")


@check("ERR-02")
def right_statuses(target: Target) -> None:
    """What cannot be parsed is 400, what is in no known language 415, what is not offered 405 or 404."""
    status(posted(target, b'{"type": '), 400, of="broken JSON")
    status(posted(target, b"\xff\xfe\xfd"), 400, of="bytes that are no text")
    status(posted(target, b"{}", "text/plain"), 415, of="a media type nobody speaks")
    status(posted(target, b"<a/>", "application/x-conf"), 415, of="a media type nobody has heard of")
    answer = target.call(SENDER, "DELETE", READ, "referral.read")
    status(answer, 405, of="a method that is not offered")
    answer = target.call(SENDER, "GET", "/v1/conf-nothing", "referral.read")
    status(answer, 404, of="an address that is not offered")


@check("ERR-03", last=True)
def nothing_inside(target: Target) -> None:
    """In the whole run no answer is a 5xx, and none shows the inside of the target."""
    garbage = (b"\x00" * 64, b'{"type": {"type": []}}', b"[[]]", b'"\\ud800"', b'{"child": 1e999}', b"null", b"")
    for body in garbage:
        clean(posted(target, body), "garbage")
    for query in ("limit=-1", "limit=999999999999999999999", "cursor=%00", "state=%27;", "updated_since=x"):
        clean(target.call(SENDER, "GET", f"{READ}?{query}", "referral.read"), "a strange query")
    here = [one for one in target.transcript.exchanges if one.url.startswith(target.url)]
    # A SOAP 1.1 Fault must be a 500 (SOAP 1.1 section 6.2).
    broken = [one for one in here if one.status >= 500 and "xml" not in one.answer_headers.get("content-type", "")]
    expect(not broken, f"{len(broken)} answers were 5xx" + (f", the first to {broken[0].method}" if broken else ""))
    open_ = [one for one in here if INSIDES.search(one.answer)]
    expect(not open_, f"{len(open_)} answers show the inside of the system")


@check("ERR-04")
def nothing_repeated(target: Target) -> None:
    """No error repeats a value of the document it refuses."""
    child = target.children.new()
    for change in (
        {"priority": child.tag},
        {"conf": child.tag},
        {"child": {"name": child.name, "birth_date": child.tag}},
    ):
        document = canonical(target, child, "police") | change
        answer = post(target, document, str(document["message_id"]))
        status(answer, 400, 422, of="a document with a wrong value")
        for value in (child.tag, child.bform, child.name_ur):
            expect(value not in answer.text, "an error repeats a value of the document it refuses")
    broken = json.dumps(canonical(target, child, "police")).encode()[:-3]
    expect(child.tag not in posted(target, broken).text, "an error repeats a piece of a broken document")
    xml = f"<FIRDocument><PersonFullName>{child.tag}</PersonFullName>".encode()
    expect(child.tag not in posted(target, xml, "application/vnd.raabta.fir+xml").text, "an error repeats broken XML")
