"""AUD: whether what happened can be told afterwards, in order, without telling about the child."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from conformance.checking import check
from conformance.checks.answers import status
from conformance.checks.letters import JSON, SENDER, accepted, calls, delivered, story
from conformance.findings import expect
from conformance.target import Target

STEPS = ("referral.accepted", "routed", "translated", "attempting", "attempted", "delivered")
"""What must happen to every delivered referral, in this order."""
_DIGEST = re.compile(r"[0-9a-f]{64}")


def _first(lines: list[dict[str, Any]], kind: str) -> dict[str, Any]:
    found = next((line for line in lines if line.get("type") == kind), None)
    expect(found, f"the story has no entry {kind}")
    return found or {}


@check("AUD-01")
def every_step(target: Target) -> None:
    """Every step of a delivered referral is told, in the order in which they must have happened."""
    sent = accepted(target, "police")
    delivered(target, sent, "police")
    lines = story(target, sent)
    numbers = [int(_first(lines, kind)["seq"]) for kind in STEPS]
    expect(numbers == sorted(numbers), f"the steps stand in a wrong order: {numbers}")
    seqs = [int(line["seq"]) for line in lines]
    expect(seqs == sorted(set(seqs)), "the entries are not numbered upwards")


@check("AUD-04")
def which_rules(target: Target) -> None:
    """A translation is told with the digests of the mapping, the agreement and the body that was sent."""
    sent = accepted(target, "police")
    delivered(target, sent, "police")
    lines = story(target, sent)
    fields = _first(lines, "translated").get("fields") or {}
    for name in ("mapping", "agreement", "body"):
        value = str(fields.get(name, ""))
        expect(_DIGEST.fullmatch(value), f"the entry of a translation names no {name} by its SHA-256")
    attempted = _first(lines, "attempting").get("fields") or {}
    expect(attempted.get("body") == fields.get("body"), "what was sent is not what was translated")


@check("AUD-05")
def no_child(target: Target) -> None:
    """No entry tells who the child is."""
    sent = accepted(target, "police", "health")
    delivered(target, sent, "police", "health")
    text = json.dumps(story(target, sent), ensure_ascii=False)
    for name, value in _personal(sent.document).items():
        expect(value not in text, f"the story tells the child's {name}")


def _personal(document: dict[str, Any]) -> dict[str, str]:
    child = document["child"]
    number = child["identifiers"][0]["value"]
    dashed = f"{number[:5]}-{number[5:12]}-{number[12]}"
    return {
        "name": child["name"],
        "name in Urdu": child["name_ur"],
        "date of birth": child["birth_date"],
        "number": number,
        "number with dashes": dashed,
        "mother": document["persons"][0]["name"],
    }


@check("AUD-06")
def readers_are_told_of(target: Target) -> None:
    """Who reads a story stands in it afterwards, and who may only read can write nothing."""
    sent = accepted(target, "police")
    delivered(target, sent, "police")
    before = len([line for line in story(target, sent) if line.get("type") == "read"])
    after = len([line for line in story(target, sent) if line.get("type") == "read"])
    expect(after > before, "reading a story leaves no entry")
    body = json.dumps({"reason": "SENT_IN_ERROR"}).encode()
    path = f"/v1/referrals/{sent.id}/withdrawal"
    answer = target.call(SENDER, "POST", path, "trace.read", content=body, headers={"Content-Type": JSON})
    status(answer, 403, of="a withdrawal with a token that may only read")


@check("AUD-07")
def intention_first(target: Target) -> None:
    """The intention to send is entered before the agency sees the call."""
    sent = accepted(target, "police")
    delivered(target, sent, "police")
    fields = _first(story(target, sent), "attempting")
    message = str((fields.get("fields") or {}).get("message", ""))
    seen = calls(target, "police", message)
    expect(seen, "the agency saw no call under the message id that the story names")
    meant = datetime.fromisoformat(str(fields["at"])).timestamp()
    expect(meant <= seen[0][0] + 0.002, "the agency saw the call before the intention was entered")
