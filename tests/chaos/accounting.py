"""What was promised, compared with what the simulators hold: each effect once, each answer once, order kept."""

import json
from collections import Counter, defaultdict
from typing import Any

from typer.testing import CliRunner

from gateway.cli import program
from gateway.demo.callers import Agency
from gateway.demo.processes import Stage
from gateway.intake import message_id
from tests.chaos.town import Town
from tests.walk.load import Sent
from tests.walk.looking import AGENCY_IDS


def effects(stage: Stage) -> dict[str, list[dict[str, Any]]]:
    """Return the referrals every simulator accepted, in the order in which it did."""
    return {
        name: [each for each in Agency(stage, name).effects() if each["operation"] != "reply"]
        for name in stage.agencies
    }


def account(town: Town, accepted: list[Sent]) -> str:
    """Say in numbers what happened."""
    stage = town.stage
    outcomes = Counter(
        each["outcome"]
        for name in stage.agencies
        for each in Agency(stage, name).control("GET", "requests")["requests"]
    )
    retried = sum(sent.tries > 1 for sent in accepted)
    done = {name: len(each) for name, each in effects(stage).items()}
    states = dict(town.rows("SELECT state, count(*) FROM delivery GROUP BY state"))
    return f"{len(accepted)} accepted ({retried} after a retry), {done}, {states}, {dict(outcomes)}"


def assert_each_arrived_once(town: Town, accepted: list[Sent]) -> None:
    """Compare what was promised with what the simulators hold."""
    stage = town.stage
    ids = {(sender, key): name for name, sender, key in town.rows("SELECT id, sender, idem FROM referral")}
    assert len(accepted) >= 18, "too little was accepted for a proof"
    assert set(ids) == {(sent.sender, sent.key) for sent in accepted}, "lost, or stored without an answer"
    for name, held in effects(stage).items():
        routed = [sent for sent in accepted if name in sent.receivers]
        marks = Counter(mark for each in held if (mark := mark_of(each, routed)))
        assert marks == Counter(sent.mark for sent in routed), f"{name}: an effect is missing or doubled"
        assert len(held) == len(routed), f"{name}: an effect nobody asked for"
        if name != "nadra":  # the register's own transaction numbers have nineteen digits
            wanted = {message_id(ids[sent.sender, sent.key], AGENCY_IDS[name]): sent.mark for sent in routed}
            assert {each["message_id"]: mark_of(each, routed) for each in held} == wanted


def assert_each_was_answered_once(stage: Stage, accepted: list[Sent]) -> None:
    """Compare the register's answers, given at once, with what the bureau that asked was told."""
    replies = [each for each in Agency(stage, "welfare").effects() if each["operation"] == "reply"]
    told = Counter(json.loads(each["body"])["in_reply_to"] for each in replies)
    assert told == Counter(sent.key for sent in accepted if "nadra" in sent.receivers)


def mark_of(effect: dict[str, Any], routed: list[Sent]) -> str:
    """Return by its mark which referral an effect came from; empty for none."""
    body = effect["body"].lower()
    return next((sent.mark for sent in routed if sent.mark in body), "")


def assert_order_was_kept(stage: Stage, accepted: list[Sent]) -> None:
    """Within a case, each receiver got the referrals in the order in which they were accepted."""
    longest = 0
    for name, held in effects(stage).items():
        places = {mark_of(each, accepted): each["n"] for each in held}
        cases: dict[tuple[str, str], list[int]] = defaultdict(list)
        for sent in accepted:
            if name in sent.receivers and sent.sender != AGENCY_IDS["police"]:  # a FIR is a case of its own
                cases[sent.sender, sent.case].append(places[sent.mark])
        assert [case for case, order in cases.items() if order != sorted(order)] == [], f"{name}: overtaken"
        longest = max(longest, *(len(order) for order in cases.values()), 0)
    assert longest >= 2, "no case had two referrals, so the order was not tried"


def assert_the_ledger_is_whole(stage: Stage) -> None:
    """Ask the command, as an auditor would."""
    ended = CliRunner().invoke(program(), ["ledger", "verify", "--config", str(stage.config)])
    assert ended.exit_code == 0, ended.output
    assert "the ledger is whole" in ended.output
