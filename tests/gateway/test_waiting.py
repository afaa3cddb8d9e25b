"""Whoever a referral was really accepted for is followed up: sent to, held for, or asked instead of another."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from gateway import followup
from gateway.deadlines import HOUR
from tests.clocks import FixedClock
from tests.gateway.house import House, referral
from tests.gateway.manifests import HEALTH, SCHOOL, WELFARE
from tests.gateway.test_redirection import WHY, dead, operate

ALL = Counter(
    f"{clock}_{stage}"
    for clock in ("ACKNOWLEDGE", "DECIDE")
    for stage in ("WARNING", "BREACH", "ESCALATED", "COMMITTEE")
)


def alerts(house: House, real: str, hours: float) -> dict[str, Counter[str]]:
    """Return what is told of a referral so many hours from now, by receiver."""
    room = house.gateway.room
    later = FixedClock(room.clock.now() + hours * HOUR)
    told = [alert for alert in followup.tell(replace(room, clock=later)) if alert.referral == real]
    return {name: Counter(a.code for a in told if a.recipient == name) for name in {a.recipient for a in told}}


@pytest.mark.parametrize(("priority", "hours"), [("EMERGENCY", 1), ("HIGH", 1), ("MEDIUM", 24), ("LOW", 72)])
def test_every_receiver_is_followed_up_from_the_first_stage_on(house: House, priority: str, hours: int) -> None:
    real = house.id_of(WELFARE, house.submit(WELFARE, referral(HEALTH, SCHOOL, priority=priority))["id"])

    early = alerts(house, real, hours * 0.74)
    first = alerts(house, real, hours * 0.76)
    rest = alerts(house, real, 1_000)

    undelivered = Counter({"EMERGENCY_UNDELIVERED": 1} if priority == "EMERGENCY" else {})
    assert early == ({HEALTH: undelivered, SCHOOL: undelivered} if undelivered else {})
    assert first == {name: Counter({"ACKNOWLEDGE_WARNING": 1}) for name in (HEALTH, SCHOOL)}
    assert rest == {name: ALL - Counter({"ACKNOWLEDGE_WARNING": 1}) for name in (HEALTH, SCHOOL)}
    assert alerts(house, real, 2_000) == {}


def test_a_receiver_for_whom_it_is_held_is_followed_up(house: House) -> None:
    real = house.id_of(WELFARE, house.submit(WELFARE, referral("welfare-sd-cpa", consent={"giver": "CHILD"}))["id"])

    assert alerts(house, real, 1_000) == {"welfare-sd-cpa": ALL}


def test_who_is_asked_instead_of_another_is_followed_up(house: House) -> None:
    real, ids = dead(house, HEALTH)
    assert operate(house, ids[HEALTH], "redirection", to=SCHOOL, **WHY).status_code == 200

    assert alerts(house, real, 1_000)[SCHOOL] == ALL
