"""Once a day what is kept long enough is erased, and what may no longer be known is taken back; by a clock of ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from gateway import daily as work
from gateway.store.tables import notice
from tests.clocks import FixedClock
from tests.gateway.house import House, referral, running
from tests.gateway.manifests import AGENCIES, HEALTH, STRANGER, WELFARE, Profile
from tests.recall.post import Post

DAY = 86_400.0
DAYS = {"ended": 30, "rejected": 10, "withdrawn": 5}
LAPSING = "welfare-kp-cpc"
"""An agency whose agreement ends within the test."""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def house(tmp_path: Path, clock: FixedClock) -> Iterator[House]:
    with pytest.MonkeyPatch.context() as patch:
        profile = Profile("SOCIAL_WELFARE", "welfare", "raabta", "CASE_MANAGE", statute=False, until="2026-10-01")
        patch.setitem(AGENCIES, LAPSING, profile)
        with running(tmp_path / "gateway", clock) as lent:
            yield lent


def ended(house: House, *answers: str) -> str:
    """Send and deliver a referral that ends as a receiver says; returns its sender's name of it."""
    name = house.submit(WELFARE, referral(HEALTH))["id"]
    Post.of(house).deliver()
    ref = house.ref_of(HEALTH, WELFARE, name)
    for kind in answers:
        assert house.reply(HEALTH, ref, kind=kind, reason="NO_CAPACITY").status_code == 202
    Post.of(house).deliver()
    return name


def daily(house: House, days: dict[str, int] | None = None) -> bool:
    return work.daily(house.gateway.room, DAYS if days is None else days)


def erased(house: House, name: str) -> bool:
    house._tokens.clear()  # tokens live by the same clock
    status = house.view(WELFARE, name).status_code
    assert status in {200, 410}
    return status == 410


@pytest.mark.parametrize(
    ("answers", "days"), [(["ACCEPT", "COMPLETE"], 30), (["ACCEPT", "FAIL"], 30), (["REJECT"], 10)]
)
def test_each_kind_has_its_own_time_and_not_a_day_less(
    house: House, clock: FixedClock, answers: list[str], days: int
) -> None:
    name = ended(house, *answers)
    clock.advance((days - 1) * DAY)
    daily(house)
    assert not erased(house, name)
    clock.advance(1.01 * DAY)
    daily(house)

    assert erased(house, name)


def test_what_somebody_waits_for_is_kept(house: House, clock: FixedClock) -> None:
    unanswered, accepted = ended(house), ended(house, "ACCEPT")
    clock.advance(1_000 * DAY)
    daily(house)

    assert not erased(house, unanswered)
    assert not erased(house, accepted)


def test_a_withdrawn_one_is_kept_until_the_withdrawal_is_answered(house: House, clock: FixedClock) -> None:
    name = ended(house)
    house.call(WELFARE, "POST", f"/v1/referrals/{name}/withdrawal", json={})
    Post.of(house).deliver()
    clock.advance(6 * DAY)
    daily(house)
    assert not erased(house, name)
    clock.advance(DAY)
    house.write(lambda c: c.execute(update(notice).values(answered_at=clock.now(), answer="ACKNOWLEDGE")))
    daily(house)

    assert erased(house, name)


def test_nothing_is_erased_where_no_time_is_set(house: House, clock: FixedClock) -> None:
    name = ended(house, "REJECT")
    clock.advance(10_000 * DAY)
    daily(house, dict.fromkeys(DAYS, 0))

    assert not erased(house, name)


def test_the_work_of_a_day_is_done_once_on_it_whoever_asks(house: House, clock: FixedClock) -> None:
    first = [daily(house), daily(house)]
    clock.advance(DAY)

    assert first == [True, False]
    assert [daily(house), daily(house)] == [True, False]


def test_an_agreement_that_runs_out_takes_back_what_was_told_under_it(house: House, clock: FixedClock) -> None:
    post = Post.of(house)
    name = house.submit(WELFARE, referral(LAPSING, STRANGER))["id"]
    identity = house.id_of(WELFARE, name)
    post.deliver()
    clock.advance(9 * DAY)
    daily(house)
    post.deliver()
    assert [each.kind for each in post.handed(LAPSING, identity)] == ["referral"]
    clock.advance(3 * DAY)
    for _ in range(3):
        clock.advance(DAY)
        daily(house)
        post.deliver()

    assert [each.kind for each in post.handed(LAPSING, identity)] == ["referral", "reply"]
    assert [each.kind for each in post.handed(STRANGER, identity)] == ["referral"]


def test_a_consent_that_runs_out_takes_back_too(house: House, clock: FixedClock) -> None:
    post = Post.of(house)
    consent = {"basis": "CONSENT", "expires_on": "2026-09-25"}
    name = house.submit(WELFARE, referral(STRANGER, HEALTH, consent=consent))["id"]
    identity = house.id_of(WELFARE, name)
    post.deliver()
    clock.advance(6 * DAY)
    daily(house)
    post.deliver()

    assert [each.kind for each in post.handed(STRANGER, identity)] == ["referral", "reply"]
    assert [each.kind for each in post.handed(HEALTH, identity)] == ["referral"], "its agreement rests on a statute"
