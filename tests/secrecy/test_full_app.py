"""Draws through the whole application: nothing withheld leaves by any way, nothing granted is missing.

Referrals whose every text is a canary each go to five agencies, one of each kind, under agreements and
purposes drawn for each; then something changes. Five referrals go through the application at a time, and whatever
else it has said or kept, its files included, is searched at once: there no canary may stand at all, granted or not.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gateway.policy import Agreement
from gateway.store.tables import delivery
from mappings.referral import Referral
from tests.gateway.house import STRANGER, WELFARE
from tests.laws.secrecy import marked
from tests.policy.cases import KINDS
from tests.policy.test_secrecy_of_changes import agreements, changed, facts, told
from tests.secrecy.village import EACH, Village, canaries, names, village

REFERRALS = int(os.environ.get("RAABTA_SECRECY_REFERRALS", "100"))
"""Each to five agencies: five hundred draws; two thousand more stay inside the policy (tests/policy)."""
CHANGES = ("withdrawn", "offence", "revoked", "narrowed", "none")
OFFENCE = {"act": "PPC", "section": "377-B", "change": "ADDED"}
ROUTED_FOR = {"FORENSIC_EXAM": "TREAT", "TREAT": "FORENSIC_EXAM"}
"""A hospital that is only named is asked to treat; an agreement for anything else lets nothing through."""


@dataclass
class Draw:
    """What one agency may know of a case."""

    agency: str
    kind: str
    agreement: Agreement

    @property
    def plain(self) -> bool:
        """The agency is told in the canonical language, which holds everything."""
        return self.agency != names(self.kind)[-1]


@dataclass
class Case:
    """One referral, who gets it, and what changes then."""

    value: Referral
    planted: dict[str, str]
    change: str
    draws: list[Draw]
    name: str = ""
    identity: str = ""
    known: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    before: dict[str, int] = field(default_factory=dict)
    """How many messages each agency had before the change; who is not in it was told nothing, for it was held."""

    def granted(self, draw: Draw, change: str = "none") -> set[str]:
        """Return the canaries an agency may know, before or after a change; worked out once."""
        if (draw.agency, change) not in self.known:
            self.known[draw.agency, change] = self._granted(draw, change)
        return self.known[draw.agency, change]

    def _granted(self, draw: Draw, change: str) -> set[str]:
        if change == "withdrawn":
            return set()
        value, agreement = changed(self.value, draw.agreement, change)
        projection = told(value, agreement, draw.kind)
        if projection is None:
            return set()
        withheld = {self.planted[each.path] for each in projection.withheld if each.path in self.planted}
        return set(self.planted.values()) - withheld


def drawn(most: int = REFERRALS) -> list[Case]:
    """Return all cases; hypothesis makes them, the same ones each time."""
    found: list[Case] = []

    @settings(
        max_examples=most, deadline=None, derandomize=True, database=None, phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.data())
    def draw(data: st.DataObject) -> None:
        number = len(found)
        value, planted = marked(data.draw(facts()), f"K{number:04d}n")
        draws = [Draw(names(kind)[number % EACH], kind, data.draw(agreements(kind))) for kind in KINDS]
        for each in draws:
            if each.kind == "HEALTH":
                each.agreement = replace(each.agreement, purpose=ROUTED_FOR[each.agreement.purpose])
        found.append(Case(value, planted, data.draw(st.sampled_from(CHANGES)), draws))

    draw()
    return found


def handed(at: Village, case: Case, agency: str) -> list[str]:
    """Return the messages an agency was handed about a case so far."""
    return [str(each) + each.body.decode() for each in at.post.handed(agency, case.identity)]


def begin(at: Village, case: Case) -> None:
    """Send a case to its agencies under their agreements."""
    for draw in case.draws:
        at.agree(draw.agency, draw.agreement)
    case.name = at.submit(case.value, [draw.agency for draw in case.draws])
    case.identity = at.house.id_of(WELFARE, case.name)


def judge_first(at: Village, case: Case, counts: Counter[str]) -> None:
    """Hold what each agency was told to what it may know: no more, and no less."""
    with at.house.reading() as connection:
        routed = set(
            connection.execute(select(delivery.c.recipient).where(delivery.c.referral == case.identity)).scalars()
        )
    for draw in case.draws:
        granted, messages = case.granted(draw), handed(at, case, draw.agency)
        knows = canaries("".join(messages))
        assert knows <= granted, (draw, knows - granted)
        assert draw.agency in routed or not messages
        if draw.agency in routed:
            assert not draw.plain or knows == granted, (draw, "missing", granted - knows)
            case.before[draw.agency] = len(messages)
        counts["told" if knows else "held" if draw.agency not in routed else "told nothing"] += 1
        counts["withheld"] += bool(set(case.planted.values()) - granted)


def alter(at: Village, case: Case) -> None:
    """Let the change happen, by the sender's own call or by agreements that are others from now on."""
    path = f"/v1/referrals/{case.name}"
    if case.change == "withdrawn":
        answer = at.call(WELFARE, "POST", f"{path}/withdrawal", json={})
    elif case.change == "revoked":
        answer = at.call(WELFARE, "POST", f"{path}/consent/revocation", json={})
    elif case.change == "offence":
        reply = {"type": "reply", "message_id": f"m-{case.name}", "kind": "INFORM", "changes": {"offences": [OFFENCE]}}
        headers = {"Content-Type": "application/json"}
        answer = at.call(WELFARE, "POST", f"{path}/replies", content=json.dumps(reply).encode(), headers=headers)
    else:
        for draw in case.draws:
            at.agree(draw.agency, changed(case.value, draw.agreement, case.change)[1])
        return
    assert answer.status_code in (202, 422), answer.text
    at.said.append(answer.text)
    if answer.status_code == 422:
        case.change = "none"


def judge_afterwards(at: Village, case: Case, counts: Counter[str]) -> None:
    """Hold what was sent since, and what each agency sees when it looks, to what it may know now."""
    counts[case.change] += 1
    for number, draw in enumerate(case.draws):
        if draw.agency not in case.before:
            continue
        before, after = case.granted(draw), case.granted(draw, case.change)
        ref = at.house.ref_of(draw.agency, WELFARE, case.name)
        view = at.call(draw.agency, "GET", f"/v1/referrals/{ref}", headers={"Accept": "application/json"})
        knows, later = canaries(view.text), handed(at, case, draw.agency)[case.before[draw.agency] :]
        assert knows <= after, (case.change, draw, knows - after)
        assert canaries("".join(later)) <= after, "what is sent later holds no more than is left"
        assert case.change != "withdrawn" or view.status_code in (404, 410), (draw, view.text)
        assert view.status_code in (200, 404, 410), view.text
        assert not draw.plain or view.status_code != 200 or knows == after, (case.change, draw, after - knows)
        counts[f"{case.change}: less"] += after < before
        counts[f"{case.change}: told"] += bool(later)
        if number == hash(case.name) % len(case.draws):
            at.said.append(at.call(draw.agency, "GET", f"/v1/referrals/{ref}/story").text)
            at.said.append(at.call(STRANGER, "GET", f"/v1/referrals/{ref}").text)


def searched(at: Village) -> None:
    """Search everything else; what has been searched and cannot change is forgotten."""
    found = {place: canaries(text) for place, text in at.everywhere_else().items()}
    assert {place: hits for place, hits in found.items() if hits} == {}
    at.said.clear()
    at.log.seek(0)
    at.log.truncate()


def test_no_withheld_byte_leaves_the_application_and_nothing_granted_is_missing(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    cases = drawn()
    with village(tmp_path / "gateway") as at:
        for start in range(0, len(cases), EACH):
            some = cases[start : start + EACH]
            for case in some:
                begin(at, case)
            at.deliver()
            for case in some:
                judge_first(at, case, counts)
                alter(at, case)
            at.deliver()
            for case in some:
                judge_afterwards(at, case, counts)
            at.refused()
            if start % 50 == 0 or start + EACH >= len(cases):
                searched(at)

    assert counts["told"] + counts["held"] + counts["told nothing"] == REFERRALS * len(KINDS)
    assert counts["told"] > REFERRALS
    assert counts["withheld"] > REFERRALS
    for change in ("withdrawn", "offence", "revoked", "narrowed"):
        assert counts[f"{change}: less"], change
    assert all(counts[f"{change}: told"] for change in ("withdrawn", "offence", "revoked"))


def test_the_search_would_find_what_it_looks_for(tmp_path: Path) -> None:
    """A canary in the clear part of the database is found: an idempotency key stands there."""
    with village(tmp_path / "gateway") as at:
        (case,) = drawn(1)
        begin(at, case)
        searched(at)
        headers = {"Content-Type": "application/json", "Idempotency-Key": "K9999n9999"}
        body = {"type": "referral", "recipients": [{"agency": case.draws[0].agency}], "child": {"name": "Farzi"}}
        answer = at.call(WELFARE, "POST", "/v1/referrals", content=json.dumps(body).encode(), headers=headers)
        assert answer.status_code == 202
        with pytest.raises(AssertionError, match="K9999n9999"):
            searched(at)
