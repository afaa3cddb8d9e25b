"""PRIV: who learns what, and what nobody learns."""

from __future__ import annotations

import json
from urllib.parse import unquote

import httpx

from conformance.checking import check
from conformance.checks.answers import as_json, status
from conformance.checks.letters import (
    JSON,
    SENDER,
    accepted,
    canonical,
    delivered,
    effects,
    leg,
    post,
    story,
)
from conformance.findings import LacksError, expect
from conformance.target import Target

VARYING = frozenset({"date", "x-request-id", "x-correlation-id", "content-length", "traceparent", "server-timing"})
CANARIES = {
    "narrative": "CONF-STORY-WORD",
    "mother's number": "{mother}",
    "phone": "03990077123",
    "address": "CONF-STREET-WORD",
    "reporter": "CONF-REPORTER-WORD",
    "concern": "NEGLECT",
    "risk": "CONF-RISK",
}
ALLOWED = {
    "welfare": {"narrative", "mother's number", "phone", "concern"},
    "police": {"concern"},
    "health": {"mother's number", "concern", "phone"},
    "school": set[str](),
}
"""What the agreement of each agency of the sandbox may let through of the canaries; all else must never arrive."""


@check("PRIV-01")
def only_what_is_granted(target: Target) -> None:
    """Each agency receives what its agreement grants, and nothing else."""
    child = target.children.new()
    document = canonical(target, child, "police", "health", "school")
    document["concern"]["narrative"] = CANARIES["narrative"]
    document["persons"][0] |= {"phone": CANARIES["phone"], "address": CANARIES["address"], "contact_rule": "UNSAFE"}
    document["reporter"] = {"kind": "NEIGHBOUR", "name": CANARIES["reporter"]}
    answer = post(target, {k: v for k, v in document.items() if k != "reporter"}, str(document["message_id"]))
    status(answer, 202, of="a referral with something for everybody")
    words = {name: word.replace("{mother}", child.mother_cnic) for name, word in CANARIES.items()}
    for name in ("police", "health", "school"):
        found = target.until(lambda one=name: _bodies(target, child.tag, one), f"{name} receives the referral")  # type: ignore[misc]  # a default binds the loop's value
        text = found[0].replace("-", "") + found[0]
        leaked = [what for what, word in words.items() if word in text and what not in ALLOWED[name]]
        expect(not leaked, f"{name} learned what its agreement does not grant: {', '.join(leaked)}")
        expect(child.tag in text, f"{name} did not learn whom it shall help")


def _bodies(target: Target, tag: str, name: str) -> list[str]:
    return [one.body for one in target.peers[name].effects() if tag in one.body]


def _told_apart(answer: httpx.Response) -> tuple[int, str, str]:
    kept = sorted((n.lower(), v) for n, v in answer.headers.items() if n.lower() not in VARYING)
    body = {name: value for name, value in as_json(answer).items() if name not in {"request_id", "instance"}}
    return answer.status_code, json.dumps(kept), json.dumps(body, sort_keys=True)


@check("PRIV-02")
def another_agencys(target: Target) -> None:
    """Another agency's referral looks exactly like one that does not exist."""
    sent = accepted(target, "police")
    ours = f"/v1/referrals/{sent.id}"
    absent = f"/v1/referrals/{sent.id[:-4]}zzzz"
    for what, scope in (("", "referral.read"), ("/story", "trace.read")):
        answers = [target.call("health", "GET", f"{path}{what}", scope) for path in (ours, absent)]
        for answer in answers:
            status(answer, 404, of="a referral the caller is no party to")
        expect(len({_told_apart(one) for one in answers}) == 1, "another agency's referral differs from an absent one")


@check("PRIV-03", needs=("logs",))
def nothing_in_logs(target: Target) -> None:
    """No name, number or birth stands in a log or an address."""
    if target.means.logs is None:
        raise LacksError("logs")
    child = target.children.new()
    sent = accepted(target, "police", "health", child=child)
    delivered(target, sent, "police", "health")
    refused = canonical(target, child, "police", priority=child.tag)
    post(target, refused, str(refused["message_id"]))
    log = target.means.logs()
    for what, value in {"name": child.tag, "number": child.bform, "name in Urdu": child.name_ur}.items():
        expect(value not in log and value.lower() not in log, f"the child's {what} stands in a log")
    paths = [one.path for peer in target.peers.values() for one in peer.knocks()]
    seen = [path for path in paths if child.tag in path or child.bform in unquote(path)]
    expect(not seen, "an agency was called at an address that holds the child's name or number")


@check("PRIV-04")
def not_stored(target: Target) -> None:
    """What holds content forbids to be stored on the way."""
    sent = accepted(target, "police")
    for path, scope in (
        (f"/v1/referrals/{sent.id}", "referral.read"), ("/v1/referrals", "referral.read"),
        (f"/v1/referrals/{sent.id}/story", "trace.read"), ("/v1/referrals/conf-nothing", "referral.read"),
    ):  # fmt: skip
        answer = target.call(SENDER, "GET", path, scope)
        said = answer.headers.get("cache-control", "")
        expect("no-store" in said, f"GET {path.replace(sent.id, '{id}')} does not say Cache-Control: no-store")


@check("PRIV-05")
def only_ones_own(target: Target) -> None:
    """A list shows one's own referrals, and nobody can look for a number."""
    sent = accepted(target, "police")
    delivered(target, sent, "police")
    mine = _listed(target, SENDER)
    expect(sent.id in mine, "a sender's list does not hold what it sent")
    expect(sent.id not in _listed(target, "health"), "a list holds another agency's referral")
    words = json.dumps(as_json(target.call(SENDER, "GET", "/v1/referrals?limit=100", "referral.read")))
    expect(sent.child.tag not in words and sent.child.bform not in words, "a list tells whom referrals are about")
    number = sent.child.bform
    for name in ("cnic", "identifier", "q", "child.identifiers"):
        answer = target.call("health", "GET", "/v1/referrals", "referral.read", params={name: number})
        expect(sent.id not in answer.text, "a referral can be found by the child's number")


def _listed(target: Target, who: str) -> set[str]:
    found: set[str] = set()
    query = "/v1/referrals?limit=100"
    for _ in range(200):
        body = as_json(target.call(who, "GET", query, "referral.read"))
        found |= {str(one.get("id")) for one in body.get("items", [])}
        if not body.get("next"):
            break
        query = f"/v1/referrals?limit=100&cursor={body['next']}"
    return found


@check("PRIV-06", needs=("lapsed-agreement",))
def agreement_ended(target: Target) -> None:
    """After the end of an agreement nothing is sent, and the sender is told so."""
    child = target.children.new()
    document = canonical(target, child, "police")
    document["recipients"].append({"agency": target.means.lapsed})
    answer = post(target, document, str(document["message_id"]))
    status(answer, 202, 422, of="a referral to an agency without an agreement in force")
    if answer.status_code == 202:
        target.until(lambda: _bodies(target, child.tag, "police"), "the police receive the referral")
        ref = as_json(answer)["id"]
        back = as_json(target.call(SENDER, "GET", f"/v1/referrals/{ref}", "referral.read", headers={"Accept": JSON}))
        told = [one for one in back.get("deliveries", []) if one.get("recipient") == target.means.lapsed]
        held = not told or all(one.get("delivery") != "DONE" for one in told)
        said = json.dumps([back.get("state"), told, as_json(answer)])
        expect(held, "what an ended agreement does not cover counts as delivered")
        expect("HELD" in said or "AGREEMENT" in said, "the sender is not told that an agreement has ended")
    arrived = [name for name in ("school", "nadra") if _bodies(target, child.tag, name)]
    expect(not arrived, "a referral was delivered under an agreement that has ended")


@check("PRIV-07")
def not_each_others(target: Target) -> None:
    """One receiver never learns what another answered, nor that it was asked."""
    sent = accepted(target, "school", "health")
    delivered(target, sent, "school", "health")
    message = effects(target, sent, "school")[0].message_id
    expect(target.peers["school"].answer(message, "ACCEPT") in {200, 202}, "the school's answer was refused")
    target.until(lambda: leg(target, sent, "school").get("state") == "ACCEPTED", "the sender is told of the answer")
    mine = _known_as(target, sent.child.tag, "health")
    if mine:
        answers = [
            target.call("health", "GET", f"/v1/referrals/{mine}{what}", scope, headers={"Accept": JSON})
            for what, scope in (("", "referral.read"), ("/story", "trace.read"))
        ]
        for answer in answers:
            status(answer, 200, of="a receiver's own view")
            expect(target.ids("school") not in answer.text, "a receiver learns that another one was asked")
    told = [one.body for one in effects(target, sent, "health")]
    expect(not any(target.ids("school") in body for body in told), "a document names another receiver")


def _known_as(target: Target, tag: str, name: str) -> str:
    """Find the id under which a receiver knows a referral: the newest in its own list that shows the child."""
    body = as_json(target.call(name, "GET", "/v1/referrals?limit=100", "referral.read"))
    items = list(body.get("items", []))
    while body.get("next"):
        body = as_json(target.call(name, "GET", f"/v1/referrals?limit=100&cursor={body['next']}", "referral.read"))
        items += body.get("items", [])
    for one in reversed(items[-20:]):
        answer = target.call(name, "GET", f"/v1/referrals/{one['id']}", "referral.read", headers={"Accept": JSON})
        if tag in answer.text:
            return str(one["id"])
    return ""


@check("PRIV-08", needs=("operator",))
def erased(target: Target) -> None:
    """What was erased is gone, and the story still tells that it was there."""
    sent = accepted(target, "police")
    delivered(target, sent, "police")
    before = [line.get("seq") for line in story(target, sent)]
    body = json.dumps({"reason": "CONFORMANCE", "note": "A check."}).encode()
    path = f"/v1/referrals/{sent.id}/erasure"
    headers = {"Content-Type": JSON}
    answer = target.call("operator", "POST", path, "referral.erase", content=body, headers=headers)
    status(answer, 200, 202, of="an erasure by the operator")
    gone = target.call(SENDER, "GET", f"/v1/referrals/{sent.id}", "referral.read", headers={"Accept": JSON})
    status(gone, 410, of="a referral that was erased")
    expect(sent.child.tag not in gone.text, "what was erased is still shown")
    kept = [line.get("seq") for line in story(target, sent)]
    expect(set(before) <= set(kept), "the story lost entries when the referral was erased")
