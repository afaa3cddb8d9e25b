"""The scenario of the demonstration: what is sent, what goes wrong, and how it must end.

Each step tells what it does and what it saw; what was expected and not seen makes the demonstration fail. Effects are
counted at the simulators, never in our own tables.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any

from rich.console import Console

from gateway.demo.callers import Agency
from gateway.demo.processes import Stage
from gateway.demo.telling import Account

PATIENCE = 120.0
"""Seconds a delivery may take, with retries."""
PAUSE = 0.7
"""Seconds between looks; each look is an entry in the ledger."""


class Play:
    """One performance: the agencies, the account, and what was expected."""

    def __init__(self, stage: Stage, account: Account) -> None:
        self.account = account
        self.agencies = {name: Agency(stage, name) for name in stage.agencies}

    def wait(self, what: str, seen: Callable[[], bool]) -> bool:
        """Wait until something is seen; an expectation that fails is told and remembered."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if seen():
                return self.account.expected(what, met=True)
            time.sleep(PAUSE)
        return self.account.expected(what, met=False)

    def submitted(self, name: str, sample: dict[str, Any]) -> dict[str, Any]:
        """Let an agency send one of its samples to the gateway; returns the gateway's answer."""
        answer: dict[str, Any] = self.agencies[name].control("POST", "submit", sample)
        return answer

    def deliveries(self, name: str, referral: str) -> dict[str, dict[str, Any]]:
        """Return how every receiver of a referral stands, as its sender sees it."""
        body = self.agencies[name].call("GET", f"/v1/referrals/{referral}").json()
        return {each["recipient"]: each for each in body.get("deliveries", [])}

    def all_delivered(self, name: str, referral: str, receivers: set[str]) -> bool:
        """Tell whether every receiver has its copy."""
        told = self.deliveries(name, referral)
        return receivers <= set(told) and all(told[r].get("delivery") == "DONE" for r in receivers)


def play(stage: Stage, console: Console) -> bool:
    """Perform the scenario; returns whether everything ended as it says."""
    account = Account(console)
    show = Play(stage, account)
    fir = _fir_reaches_three(show)
    _hospital_tells_two(show)
    _register_completes(show)
    _school_answers(show, fir)
    _refusals(show)
    account.story(show.agencies["police"], fir)
    return account.verdict()


def _fir_reaches_three(show: Play) -> str:
    show.account.step(
        "A police station registers a FIR about a nine-year-old. The hospital's server fails at first:",
        "503, then it takes the referral and drops the line, then it recovers.",
    )
    show.agencies["health"].control("POST", "faults", {"script": ["503", "drop", "ok"]})
    answer = show.submitted("police", {"sample": "fir-9-year-old.xml", "fresh": True})
    show.account.expected("the gateway accepts the FIR (202)", met=answer["status"] == 202)
    if answer["status"] != 202:
        show.account.note(str(answer["body"])[:600])
        return ""
    ref = str(json.loads(answer["body"])["id"])
    receivers = {"health-lhr-dhq", "school-pb-sis", "welfare-pb-cpb"}
    show.wait("hospital, school and bureau have received it", lambda: show.all_delivered("police", ref, receivers))
    for name in ("health", "school", "welfare"):
        show.account.expected(f"exactly one effect at the {name} simulator", met=_sent(show, name) == 1)
    seen = show.agencies["school"].effects()
    secret = seen and any(word in seen[-1]["body"] for word in ("328-A", "FIR", "CRUELTY", "ABUSE", "PB-PSRMS"))
    show.account.expected("the school's copy tells nothing of FIR, offence or concern", met=bool(seen) and not secret)
    return ref


def _sent(show: Play, name: str) -> int:
    return len([e for e in show.agencies[name].effects() if "lookup" not in str(e.get("operation", "")).lower()])


def _hospital_tells_two(show: Play) -> None:
    show.account.step(
        "The hospital suspects abuse of another child and refers her in FHIR to the bureau;",
        "the gateway tells the police too.",
    )
    answer = show.submitted("health", {"sample": "referral-to-welfare.json", "fresh": True})
    show.account.expected("the gateway accepts the Bundle (202)", met=answer["status"] == 202)
    if answer["status"] != 202:
        show.account.note(str(answer["body"])[:600])
        return
    ref = str(json.loads(answer["body"])["id"])
    receivers = {"welfare-pb-cpb", "police-pb-psrms"}
    show.wait("bureau and police have received it", lambda: show.all_delivered("health", ref, receivers))
    show.account.expected("exactly one effect at the police simulator", met=_sent(show, "police") == 1)


def _register_completes(show: Play) -> None:
    show.account.step(
        "The bureau knows only a birth certificate's number;",
        "the civil registry completes the child's identity.",
    )
    welfare = show.agencies["welfare"]
    answer = welfare.send(json.dumps(certificate_only()).encode(), "application/json")
    show.account.expected("the gateway accepts the canonical referral (202)", met=answer.status_code == 202)
    if answer.status_code != 202:
        show.account.note(answer.text[:600])
        return
    ref = answer.json()["id"]

    def known() -> bool:
        child = welfare.call("GET", f"/v1/referrals/{ref}").json().get("referral", {}).get("child", {})
        return child.get("birth_date") == "2016-03-07" and child.get("name_ur") is not None

    show.wait("the referral now holds the registered birth date and the name in Urdu", known)


def certificate_only() -> dict[str, Any]:
    """Return a canonical referral of a child of whom only a certificate number is known (invented)."""
    return {
        "type": "referral",
        "message_id": str(uuid.uuid4()),
        "priority": "HIGH",
        "child": {
            "name": "Zarmina Azmaishi",
            "identifiers": [{"scheme": "pk-crms", "value": "B999901-16-00017"}],
            "location": {"province": "PB"},
        },
        "concern": {"types": ["NEGLECT"], "primary": "NEGLECT", "verification": "SUSPECTED"},
        "consent": {"basis": "BEST_INTEREST", "giver": "CASE_WORKER"},
        "requested": {"service": "CIVIL_REGISTRATION", "action": "LOOK_UP"},
    }


def _school_answers(show: Play, fir: str) -> None:
    show.account.step("The school accepts and keeps the child's place; its answer travels back to the police.")
    effects = show.agencies["school"].effects()
    if not effects or not fir:
        show.account.expected("the school has something to answer", met=False)
        return
    asked = {"message_id": effects[-1]["message_id"], "decision": "ACCEPT"}
    answer = show.agencies["school"].control("POST", "answer", asked)
    show.account.expected("the gateway takes the school's decision", met=answer["status"] in {200, 202})
    if answer["status"] not in {200, 202}:
        show.account.note(str(answer)[:600])

    def told() -> bool:
        return any("ACCEPTED" in each["body"] for each in show.agencies["police"].effects())

    show.wait("the police have received it as a status update in their own language", told)
    states = show.deliveries("police", fir)
    accepted = states.get("school-pb-sis", {}).get("state") == "ACCEPTED"
    show.account.expected("the referral stands as ACCEPTED at the school", met=accepted)


def _refusals(show: Play) -> None:
    show.account.step("Two documents are refused, with the reason and the place, and nothing of their content.")
    for sample, status in (("broken-doctype.xml", 400), ("broken-impossible-date.xml", 422)):
        answer = show.submitted("police", {"sample": sample})
        show.account.expected(f"{sample} is refused with {status}", met=answer["status"] == status)
        show.account.problem(answer["body"])
