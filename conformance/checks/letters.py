"""The referrals that checks send, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from conformance.checks.answers import as_json, status
from conformance.children import Child
from conformance.findings import expect
from conformance.peers import Effect
from conformance.target import Target

JSON = "application/json"
SENDER = "welfare"
"""The agency we speak for when it does not matter which."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A referral the target has accepted: its id there, the child it is about, and who receives it."""

    id: str
    child: Child
    document: dict[str, Any]
    key: str


def canonical(target: Target, child: Child, *recipients: str, **changes: Any) -> dict[str, Any]:
    """Write a canonical referral about a child, complete enough for every language; a change of None takes it out."""
    document = {
        "type": "referral",
        "message_id": target.fresh_id(),
        "case_ref": f"CONF-{child.tag}",
        "authored_at": "2026-03-20T09:15:00+05:00",
        "priority": "HIGH",
        "recipients": [{"agency": target.ids(name)} for name in recipients],
        "focal_point": {"agency": target.ids(SENDER), "role": "CHILD_PROTECTION_OFFICER", "phone": "1121"},
        "requested": {
            "enrolment": "KEEP_PLACE",
            "target": {"school_scheme": "pk-punjab-emis", "school_code": "39999002"},
        },
        "child": {
            "name": child.name,
            "name_ur": child.name_ur,
            "sex": "FEMALE",
            "birth_date": "2015-08-14",
            "identifiers": [{"scheme": "pk-bform", "value": child.bform}],
            "location": {"province": "PB"},
        },
        "persons": [
            {
                "relation": "MOTHER",
                "name": f"{child.tag} Walida",
                "identifiers": [{"scheme": "pk-cnic", "value": child.mother_cnic}],
                "alleged_perpetrator": "NO",
            }
        ],
        "concern": {"types": ["NEGLECT"], "verification": "SUSPECTED", "caregiver_is_accused": False},
        "consent": {"basis": "BEST_INTEREST", "giver": "CASE_WORKER", "expires_on": "2071-12-31"},
    }
    return {name: value for name, value in (document | changes).items() if value is not None}


def post(target: Target, document: dict[str, Any] | bytes, key: str, who: str = SENDER) -> httpx.Response:
    """Send a canonical document under an idempotency key."""
    body = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
    headers = {"Content-Type": JSON, "Idempotency-Key": key}
    return target.call(who, "POST", "/v1/referrals", "referral.write", content=body, headers=headers)


def accepted(
    target: Target, *recipients: str, child: Child | None = None, about: dict[str, Any] | None = None, **changes: Any
) -> Sent:
    """Send a referral that must be accepted; `about` replaces what it says of the child."""
    invented = child or target.children.new()
    document = canonical(target, invented, *recipients, **changes)
    if about is not None:
        document["child"] = about
    key = str(document["message_id"])
    answer = post(target, document, key)
    status(answer, 202, of="a complete referral")
    ref = as_json(answer).get("id")
    expect(isinstance(ref, str) and ref, "a complete referral: the answer has no id")
    return Sent(str(ref), invented, document, key)


def shown(target: Target, sent: Sent, who: str = SENDER) -> dict[str, Any]:
    """Look at a referral as its sender sees it."""
    answer = target.call(who, "GET", f"/v1/referrals/{sent.id}", "referral.read", headers={"Accept": JSON})
    status(answer, 200, of="looking at one's own referral")
    return as_json(answer)


def leg(target: Target, sent: Sent, name: str) -> dict[str, Any]:
    """Tell how the delivery to one agency stands; an empty object when the target does not name it."""
    wanted = target.ids(name)
    legs = shown(target, sent).get("deliveries", [])
    return next((one for one in legs if one.get("recipient") == wanted), {})


def effects(target: Target, sent: Sent, name: str) -> Sequence[Effect]:
    """List what an agency accepted about the child of a referral."""
    return [one for one in target.peers[name].effects() if sent.child.tag in one.body]


def delivered(target: Target, sent: Sent, *names: str) -> list[Effect]:
    """Wait until agencies have accepted a referral and the sender is told so; gives what each received first."""
    for name in names:
        target.until(lambda one=name: effects(target, sent, one), f"{name} receives the referral")  # type: ignore[misc]  # a default binds the loop's value
        target.until(
            lambda one=name: leg(target, sent, one).get("delivery") == "DONE",  # type: ignore[misc]  # as above
            f"the sender is told that {name} has it",
        )
    return [effects(target, sent, name)[0] for name in names]


def story(target: Target, sent: Sent, who: str = SENDER) -> list[dict[str, Any]]:
    """Read the story of a referral: its entries in the order of the ledger."""
    answer = target.call(who, "GET", f"/v1/referrals/{sent.id}/story", "trace.read")
    status(answer, 200, of="reading the story of one's own referral")
    lines = as_json(answer).get("lines")
    expect(isinstance(lines, list) and lines, "the story holds no lines")
    return list(lines) if isinstance(lines, list) else []


def calls(target: Target, name: str, message_id: str) -> list[tuple[float, str]]:
    """List when an agency was called with a message, and how it answered."""
    return [(one.at, one.outcome) for one in target.peers[name].knocks() if one.message_id == message_id.lower()]
