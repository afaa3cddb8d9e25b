"""DEL: what happens to a referral between the target and an agency that misbehaves."""

from __future__ import annotations

import json

from conformance.checking import check
from conformance.checks.answers import as_json, status
from conformance.checks.letters import (
    JSON,
    Sent,
    accepted,
    calls,
    delivered,
    effects,
    leg,
    story,
)
from conformance.findings import LacksError, UnusableError, expect
from conformance.target import Target

FAILED = "fault:"


def received(target: Target, sent: Sent, name: str) -> str:
    """Wait until an agency has accepted a referral; gives the message id it came under."""
    found = target.until(lambda: effects(target, sent, name), f"{name} receives the referral")
    return found[0].message_id


def once(target: Target, sent: Sent, name: str) -> None:
    """Demand that an agency has accepted a referral exactly once."""
    found = len(effects(target, sent, name))
    expect(found == 1, f"{name} accepted one referral {found} times")


@check("DEL-01")
def straight(target: Target) -> None:
    """An agency that takes a referral is called once for it."""
    sent = accepted(target, "police")
    delivered(target, sent, "police")
    message = received(target, sent, "police")
    second = accepted(target, "police")
    delivered(target, second, "police")
    made = calls(target, "police", message)
    expect(len(made) == 1, f"a delivered message was sent {len(made)} times")


@check("DEL-02")
def unavailable(target: Target) -> None:
    """An agency that answers 503 twice is asked a third time, later each time, under the same message id."""
    target.peers["health"].plan("503", "503")
    sent = accepted(target, "health")
    message = received(target, sent, "health")
    made = calls(target, "health", message)
    outcomes = [outcome for _, outcome in made]
    expect(
        len(made) == 3 and [one.startswith(FAILED) for one in outcomes] == [True, True, False],
        f"after two 503 there must be three calls under one message id, there were {outcomes}",
    )
    first, second = made[1][0] - made[0][0], made[2][0] - made[1][0]
    expect(second > first, f"the waits must grow: {first:.2f} s, then {second:.2f} s")
    once(target, sent, "health")


@check("DEL-03")
def asked_to_wait(target: Target) -> None:
    """Retry-After is obeyed, in seconds and as a date."""
    for word in ("429:2", "503:2", "later:3"):
        target.peers["health"].plan(word)
        sent = accepted(target, "health")
        message = received(target, sent, "health")
        made = calls(target, "health", message)
        expect(len(made) == 2, f"after {word} there must be two calls, there were {len(made)}")
        waited = made[1][0] - made[0][0]
        expect(waited >= 1.9, f"asked to wait two seconds ({word}), the target came back after {waited:.2f}")


@check("DEL-04")
def lost_answer(target: Target) -> None:
    """An agency that stores a message and hangs up gets it again under the same id, and acts on it once."""
    target.peers["health"].plan("drop")
    sent = accepted(target, "health")
    target.until(lambda: leg(target, sent, "health").get("delivery") == "DONE", "the delivery is settled")
    once(target, sent, "health")
    knocks = target.peers["health"].knocks()
    dropped = max(n for n, one in enumerate(knocks) if one.outcome == "fault:drop")
    expect(len(knocks) > dropped + 1, "a lost answer counts as a success: the agency was not asked again")


@check("DEL-05")
def refused_for_good(target: Target) -> None:
    """A 400 is not tried again: a dead letter, seen by sender and operator."""
    target.peers["health"].plan("400")
    sent = accepted(target, "health")
    target.until(lambda: leg(target, sent, "health").get("delivery") == "DEAD", "the sender is told it was refused")
    tried = [one for one in target.peers["health"].knocks() if one.outcome == "fault:400"]
    later = accepted(target, "health")
    received(target, later, "health")
    expect(not effects(target, sent, "health"), "what was refused for good was sent again")
    again = [one for one in target.peers["health"].knocks() if one.message_id == tried[-1].message_id]
    expect(len(again) == 1, f"a message refused with 400 was sent {len(again)} times")
    if target.means.operator is not None:
        dead = target.call(
            "operator", "GET", "/v1/deliveries", "delivery.read", params={"state": "DEAD", "limit": "100"}
        )
        status(dead, 200, of="the operator's list of dead letters")
        ids = {one.get("id") for one in as_json(dead).get("items", [])}
        expect(leg(target, sent, "health").get("id") in ids, "the operator's list does not hold the dead letter")


@check("DEL-06")
def one_dead_agency(target: Target) -> None:
    """An agency that is down delays no other."""
    target.peers["health"].down(is_down=True)
    try:
        several = [accepted(target, "health", "police") for _ in range(3)]
        for sent in several:
            received(target, sent, "police")
    finally:
        target.peers["health"].down(is_down=False)
    for sent in several:
        received(target, sent, "health")


@check("DEL-07")
def in_order(target: Target) -> None:
    """What belongs to one case reaches an agency in the order in which it was sent."""
    child = target.children.new()
    target.peers["health"].plan("503")
    first = accepted(target, "health", child=child)
    second = accepted(target, "health", child=child, priority="EMERGENCY")
    target.until(lambda: len(effects(target, second, "health")) == 2, "both referrals of one case arrive")
    bodies = [one.body for one in effects(target, second, "health")]
    codes = [("stat" if '"stat"' in body else "asap") for body in bodies]
    expect(codes == ["asap", "stat"], "a later message of a case overtook an earlier one")
    expect(first.id != second.id, "two referrals of one case have one id")


@check("DEL-08", needs=("restart",))
def killed(target: Target) -> None:
    """Ended without warning while sending, the target delivers afterwards, once, and tells of both attempts."""
    if target.means.kill is None:
        raise LacksError("restart")
    target.peers["health"].plan("503", "slow:3")
    sent = accepted(target, "health")
    target.until(lambda: len(target.peers["health"].knocks()) > 0 and _tried(target, sent), "a first attempt is made")
    target.means.kill()
    target.until(lambda: _answers(target), "the target answers again")
    received(target, sent, "health")
    once(target, sent, "health")
    attempts = [line for line in story(target, sent) if line.get("type") == "attempting"]
    expect(len(attempts) >= 2, "the story tells of fewer attempts than were made")


def _tried(target: Target, sent: Sent) -> bool:
    return any(line.get("type") in {"attempting", "attempted"} for line in story(target, sent))


def _answers(target: Target) -> bool:
    try:
        return target.send("GET", "/readyz").status_code == 200
    except UnusableError:
        return False


@check("DEL-09")
def elsewhere(target: Target) -> None:
    """A redirection to another host is not followed: nothing is sent there."""
    before = target.peers["health"].trapped()
    target.peers["health"].plan("redirect")
    sent = accepted(target, "health")
    target.until(lambda: leg(target, sent, "health").get("attempts", 0) >= 1, "a first attempt is made")
    target.until(
        lambda: effects(target, sent, "health") or leg(target, sent, "health").get("delivery") == "DEAD",
        "the delivery goes on or is given up",
    )
    expect(target.peers["health"].trapped() == before, "a redirection to another host was followed")


@check("DEL-10")
def bounded(target: Target) -> None:
    """Waits grow, are not the same for everybody, and are told to the sender while they last."""
    firsts = []
    for _ in range(3):
        target.peers["health"].plan("503")
        sent = accepted(target, "health")
        made = calls(target, "health", received(target, sent, "health"))
        expect(len(made) == 2, f"after one 503 there must be two calls, there were {len(made)}")
        firsts.append(round(made[1][0] - made[0][0], 4))
    expect(len(set(firsts)) > 1, "three waits were equal to the tenth of a millisecond: they have no jitter")
    planned = [line for line in story(target, sent) if line.get("type") == "retry.scheduled"]
    expect(planned, "the story does not tell that another attempt was planned")


@check("DEL-11")
def repeated_answer(target: Target) -> None:
    """An answer that comes twice counts once."""
    sent = accepted(target, "school")
    message = received(target, sent, "school")
    target.until(lambda: leg(target, sent, "school").get("delivery") == "DONE", "the delivery is settled")
    first = target.peers["school"].answer(message, "ACCEPT")
    expect(first in {200, 202}, f"the school's answer was refused with {first}")
    target.until(lambda: leg(target, sent, "school").get("state") == "ACCEPTED", "the sender is told of the answer")
    moves = _moves(target, sent)
    again = target.peers["school"].repeat()
    expect(again in {200, 202}, f"the same answer again was refused with {again}")
    expect(_moves(target, sent) == moves, "an answer that came twice changed the referral twice")
    expect(leg(target, sent, "school").get("state") == "ACCEPTED", "an answer that came twice changed the state")


def _moves(target: Target, sent: Sent) -> int:
    return len([line for line in story(target, sent) if line.get("type") in {"state.changed", "reply.received"}])


@check("DEL-12", needs=("operator",))
def sent_again(target: Target) -> None:
    """An operator who sends a dead letter again uses its message id, and that is an entry."""
    target.peers["health"].plan("400")
    sent = accepted(target, "health")
    target.until(lambda: leg(target, sent, "health").get("delivery") == "DEAD", "the delivery is dead")
    dead = [one for one in target.peers["health"].knocks() if one.outcome == "fault:400"][-1].message_id
    path = f"/v1/deliveries/{leg(target, sent, 'health').get('id')}/redelivery"
    body = json.dumps({"reason": "CONFORMANCE", "note": "The agency has mended it."}).encode()
    headers = {"Content-Type": JSON}
    answer = target.call("operator", "POST", path, "delivery.operate", content=body, headers=headers)
    status(answer, 200, 202, of="redelivery by the operator")
    message = received(target, sent, "health")
    expect(message == dead, "a message that was sent again has another id")
    kinds = [line.get("type") for line in story(target, sent)]
    expect("replayed" in kinds, "the story does not tell that an operator sent it again")
