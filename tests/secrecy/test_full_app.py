"""Two thousand draws through the whole application: nothing withheld leaves by any way, nothing granted is missing.

Referrals whose every text is a canary each go to five agencies, one of each kind, under agreements and
purposes drawn for each; then something changes. Twenty referrals go through the application at a time, and whatever
else it has said or kept, its spans and its files included, is searched at once: there no canary may stand at all,
granted or not.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from gateway.spans import span
from gateway.store.tables import delivery
from mappings.engine.mapping import canonical
from tests.gateway.manifests import STRANGER, WELFARE
from tests.policy.cases import KINDS
from tests.secrecy.cases import Case, Draw, rounds
from tests.secrecy.village import Request, Village, canaries, canaries_anywhere, posted, village

REFERRALS = int(os.environ.get("RAABTA_SECRECY_REFERRALS", "400"))
"""Each to five agencies: two thousand draws."""
SEARCHES = 4
"""How often everything is searched that may hold nothing: what is deleted from the database meanwhile leaves traces."""
OFFENCE = {"act": "PPC", "section": "377-B", "change": "ADDED"}


def handed(at: Village, case: Case, agency: str) -> list[str]:
    """Return the messages an agency was handed about a case so far."""
    return [str(each) + each.body.decode() for each in at.post.handed(agency, case.identity)]


def begin(at: Village, cases: list[Case]) -> None:
    """Send cases to their agencies under their agreements; a register takes some children for others it knows."""
    for case in cases:
        for draw in case.draws:
            at.agree(draw.agency, draw.agreement)
    names = at.submit((canonical(case.value), [draw.agency for draw in case.draws]) for case in cases)
    for case, name in zip(cases, names, strict=True):
        case.name, case.identity = name, at.house.id_of(WELFARE, name)
        if case.change == "wrong child":
            at.records[case.identity] = case.record.model_dump_json(exclude_none=True).encode()
    at.deliver(case.identity for case in cases if case.change == "wrong child")


def judge_first(at: Village, case: Case, counts: Counter[str]) -> None:
    """Hold what each agency was told to what it may know: no more, and no less."""
    with at.house.reading() as connection:
        routed = set(
            connection.execute(select(delivery.c.recipient).where(delivery.c.referral == case.identity)).scalars()
        )
    for draw in case.draws:
        granted, messages = case.granted(draw), handed(at, case, draw.agency)
        knows = canaries("".join(messages))
        assert knows <= granted, (case.change, draw, knows - granted)
        assert draw.agency in routed or not messages
        if draw.agency in routed:
            assert not draw.plain or knows == granted, (case.change, draw, "missing", granted - knows)
            case.before[draw.agency] = len(messages)
        counts["told" if knows else "held" if draw.agency not in routed else "told nothing"] += 1
        counts["withheld"] += len(case.granted(draw)) < len(canaries(case.value.model_dump_json()))


def alter(at: Village, cases: list[Case]) -> None:
    """Let the changes happen: by the sender's own calls, and by agreements that are others from now on."""
    telling = [case for case in cases if case.change != "none"]
    for case, answer in zip(telling, at.call(call_of(case) for case in telling), strict=True):
        assert answer.status_code in (202, 422), answer.text
        at.said.append(answer.text)
        if answer.status_code == 422:
            case.change = "none"
    for case in cases:
        for draw in case.draws:
            at.agree(draw.agency, draw.later)


def call_of(case: Case) -> Request:
    """Return the call by which the sender makes a case's change known."""
    path = f"/v1/referrals/{case.name}"
    if case.change == "offence":
        reply = {"type": "reply", "message_id": f"m-{case.name}", "kind": "INFORM", "changes": {"offences": [OFFENCE]}}
        return posted(f"{path}/replies", reply)
    if case.change == "wrong child":
        return (WELFARE, "POST", f"{path}/identity/rejection", {})
    return posted(f"{path}/{'withdrawal' if case.change == 'withdrawn' else 'consent/revocation'}", {})


def judge_afterwards(at: Village, cases: list[Case], counts: Counter[str]) -> None:
    """Hold what was sent since, and what each agency sees when it looks, to what it may know now."""
    looks = [(case, draw) for case in cases for draw in case.draws if draw.agency in case.before]
    refs = [at.house.ref_of(draw.agency, WELFARE, case.name) for case, draw in looks]
    accept: dict[str, Any] = {"headers": {"Accept": "application/json"}}
    views = at.call(
        (draw.agency, "GET", f"/v1/referrals/{ref}", dict(accept)) for (_, draw), ref in zip(looks, refs, strict=True)
    )
    for (case, draw), view in zip(looks, views, strict=True):
        judge_view(at, case, draw, (view.status_code, view.text), counts)
    for case in cases:
        counts[case.change] += 1
        counts["narrowed"] += case.narrows
    aside = [(looks[n][1].agency, f"/v1/referrals/{refs[n]}/story") for n in range(0, len(looks), 20)]
    aside += [(STRANGER, f"/v1/referrals/{refs[n]}") for n in range(0, len(looks), 20)]
    at.said.extend(answer.text for answer in at.call((who, "GET", path, {}) for who, path in aside))


def judge_view(at: Village, case: Case, draw: Draw, view: tuple[int, str], counts: Counter[str]) -> None:
    """Hold what one agency was sent since, and sees now, to what it may know now."""
    status, text = view
    before, after = case.granted(draw), case.granted(draw, after=True)
    knows, later = canaries(text), handed(at, case, draw.agency)[case.before[draw.agency] :]
    assert knows <= after, (case.change, draw, knows - after)
    # A copy that was corrected before the agreement was narrowed holds what was granted then.
    allowed = case.granted(draw, after=True, agreement=draw.agreement)
    assert canaries("".join(later)) <= allowed, "what is sent later holds no more than is left"
    assert case.change != "withdrawn" or status in (404, 410), (draw, text)
    assert status in (200, 404, 410), text
    assert not draw.plain or status != 200 or knows == after, (case.change, draw, after - knows)
    counts[f"{case.change}: less"] += after < before
    counts[f"{case.change}: told"] += bool(later)
    counts["narrowed: less"] += case.narrows and after < before


def searched(at: Village) -> None:
    """Search everything else; what has been searched and cannot change is forgotten."""
    found = {place: canaries_anywhere(octets) for place, octets in at.everywhere_else().items()}
    assert {place: hits for place, hits in found.items() if hits} == {}
    at.forget()


@pytest.mark.timeout(1200)
def test_no_withheld_byte_leaves_the_application_and_nothing_granted_is_missing(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    drawn = rounds(REFERRALS)
    with village(tmp_path / "gateway") as at:
        for number, cases in enumerate(drawn):
            begin(at, cases)
            for case in cases:
                judge_first(at, case, counts)
            alter(at, cases)
            at.deliver()
            judge_afterwards(at, cases, counts)
            at.refused()
            if number % -(-len(drawn) // SEARCHES) == 0 or number == len(drawn) - 1:
                assert {each.name for each in at.spans.get_finished_spans()} > {"raabta.accept", "raabta.project"}
                searched(at)

    assert counts["told"] + counts["held"] + counts["told nothing"] >= REFERRALS * len(KINDS)
    assert len({each for cases in drawn for case in cases for each in case.distinct()}) >= REFERRALS * len(KINDS) * 0.9
    assert counts["told"] > 2 * REFERRALS
    assert counts["withheld"] > 2 * REFERRALS
    for change in ("withdrawn", "offence", "revoked", "narrowed", "wrong child"):
        assert counts[f"{change}: less"], change
    assert all(counts[f"{change}: told"] for change in ("withdrawn", "offence", "revoked", "wrong child"))


Plant = Callable[[Village], object]


def in_the_database(at: Village) -> None:
    """Let a canary stand in the clear part of the database: an idempotency key stands there."""
    body = {"type": "referral", "recipients": [{"agency": "police-0"}], "child": {"name": "Farzi"}}
    who, method, path, options = posted("/v1/referrals", body)
    options["headers"]["Idempotency-Key"] = "K9999n9999"
    (answer,) = at.call([(who, method, path, options)])
    assert answer.status_code == 202


def in_a_span(_: Village) -> None:
    """Let a span say a telephone number."""
    with span("accept", agency="03998887001"):
        pass


@pytest.mark.parametrize(("plant", "place"), [(in_the_database, "sqlite"), (in_a_span, "spans")])
def test_the_search_would_find_what_it_looks_for(tmp_path: Path, plant: Plant, place: str) -> None:
    with village(tmp_path / "gateway") as at:
        searched(at)
        plant(at)
        with pytest.raises(AssertionError, match=place):
            searched(at)
