"""Knock at a door, judge how it refuses, and count what it left behind."""

import json
import uuid
from typing import Any

import httpx

from gateway.demo.callers import Agency
from gateway.demo.processes import Stage
from tests.walk import letters
from tests.walk.looking import rows, until
from tests.walk.spoiled import PLANT, Case

TABLES = ("referral", "document", "party", "lane", "delivery", "attempt", "case_key", "inbound")
LONGEST_ANSWER = 65_536
"""Octets; a refusal of a small or a huge document is itself small."""
VARYING = {"date", "x-request-id", "x-correlation-id"}


def stored(stage: Stage) -> dict[str, int]:
    """Count what is stored, table by table, once nothing is under way; the ledger, which must grow, is left out."""
    moving = "SELECT count(*) FROM delivery d JOIN lane l ON l.id = d.lane WHERE d.state = 'OPEN' AND l.held = 0"
    until(lambda: rows(stage, moving) == [(0,)], 60)
    return {table: rows(stage, f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}  # noqa: S608 - constant names


def seen(stage: Stage, earlier: dict[str, str]) -> tuple[str, Any]:
    """Return how the earlier referral stands, as its sender sees it."""
    answer = Agency(stage, "welfare").call("GET", f"/v1/referrals/{earlier['ours']}")
    assert answer.status_code == 200
    return answer.headers["etag"], answer.json()


def at_door(agency: Agency, path: str, body: bytes, media_type: str) -> httpx.Response:
    """Offer a document at a door under a key of its own."""
    headers = {"Content-Type": media_type, "Idempotency-Key": str(uuid.uuid4())}
    return agency.call("POST", path, content=body, headers=headers)


def door(earlier: dict[str, str], *, reply: bool) -> str:
    """Return the address of a door."""
    return f"/v1/referrals/{earlier['theirs']}/replies" if reply else "/v1/referrals"


def problems(answer: httpx.Response) -> list[dict[str, Any]]:
    """Return what a refusal says is wrong, whichever shape it has."""
    body = answer.json()
    if body.get("resourceType") == "OperationOutcome":
        return [
            {"code": each["details"]["coding"][0]["code"], "pointer": each.get("expression", [""])[0]}
            for each in body["issue"]
        ]
    assert {"type", "title", "status", "code", "request_id"} <= set(body)
    assert body["status"] == answer.status_code
    return list(body.get("errors", [body]))


def wrong_with(case: Case, answer: httpx.Response, media_type: str) -> list[str]:
    """Return what is wrong with a refusal."""
    found = []
    shape = "application/fhir+json" if media_type == letters.FHIR else "application/problem+json"
    if answer.status_code not in case.statuses:
        return [f"{case.name}: {answer.status_code} {answer.text[:200]}"]
    if answer.headers["content-type"] != shape:
        found.append(f"{case.name}: answered as {answer.headers['content-type']}")
    if PLANT.lower() in (answer.text + str(answer.headers)).lower():
        found.append(f"{case.name}: repeats what was planted")
    if len(answer.content) > LONGEST_ANSWER:
        found.append(f"{case.name}: answers with {len(answer.content)} octets")
    said = problems(answer)
    if not all(each["code"] for each in said) or (case.placed and not any(each.get("pointer") for each in said)):
        found.append(f"{case.name}: says no code or no place: {said}")
    return found


def told_apart(answer: httpx.Response) -> str:
    """Return everything by which a stranger could tell two answers apart."""
    body = {name: value for name, value in answer.json().items() if name != "request_id"}
    headers = {name: value for name, value in answer.headers.items() if name not in VARYING}
    return json.dumps([answer.status_code, body, headers], sort_keys=True)
