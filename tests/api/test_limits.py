"""A client that calls too often is told when to come back; nobody else is."""

import json
from pathlib import Path

import pytest

from gateway.api.limits import Rate, RateLimits, Throttled
from tests.gateway.house import House, referral, running
from tests.gateway.manifests import HEALTH, WELFARE


class Ticking:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def calls(limits: RateLimits, client: str, most: int = 100) -> int:
    """Return how many calls in a row are let through."""
    for made in range(most):
        try:
            limits.spend(client)
        except Throttled:
            return made
    return most


def test_a_burst_is_let_through_and_then_one_call_each_time_a_token_has_grown() -> None:
    time = Ticking()
    limits = RateLimits(Rate(2, 5), {}, time)

    assert calls(limits, "a") == 5
    time.now += 0.5
    assert calls(limits, "a") == 1
    time.now += 1_000
    assert calls(limits, "a") == 5


def test_each_client_has_a_bucket_and_maybe_a_limit_of_its_own() -> None:
    limits = RateLimits(Rate(1, 3), {"generous": Rate(1, 30)}, Ticking())

    assert [calls(limits, name) for name in ("a", "b", "generous")] == [3, 3, 30]


@pytest.mark.parametrize(("per_second", "wait"), [(0.1, "10"), (0.25, "4"), (50, "1")])
def test_it_says_in_whole_seconds_when_to_come_back(per_second: float, wait: str) -> None:
    limits = RateLimits(Rate(per_second, 1), {}, Ticking())
    limits.spend("a")

    with pytest.raises(Throttled) as refused:
        limits.spend("a")
    assert refused.value.challenge == {"Retry-After": wait}


def test_a_clock_that_stands_still_gives_no_token() -> None:
    limits = RateLimits(Rate(1_000, 2), {}, Ticking())

    assert calls(limits, "a") == 2
    assert calls(limits, "a") == 0


def limited(house: House, sender: str) -> list[int]:
    body = json.dumps(referral(HEALTH if sender != HEALTH else WELFARE)).encode()
    return [house.send(sender, body, "application/json").status_code for _ in range(4)]


def test_the_agencys_file_limits_its_client_and_nobody_elses(tmp_path: Path) -> None:
    with running(tmp_path / "house", clients={WELFARE: "rate = 0.01\nburst = 2"}) as house:
        assert limited(house, WELFARE) == [202, 202, 429, 429]
        assert limited(house, HEALTH) == [202, 202, 202, 202]
        refused = house.call(WELFARE, "GET", "/v1/referrals")

    assert refused.status_code == 429
    assert refused.json()["code"] == "RATE_LIMITED"
    assert 50 <= int(refused.headers["retry-after"]) <= 100
    assert refused.headers["content-type"] == "application/problem+json"
