"""A day without an agency, an agency that never answers, poison among the healthy: the others notice nothing.

Time is played: latencies are seconds of the played clock, so that nothing depends on the machine.
``RAABTA_CHAOS_CROWD`` says how many referrals wait (`make chaos`: 20,000).
"""

import logging
import os
import time

import pytest

from tests.chaos import report
from tests.chaos.crowd import Crowd
from tests.gateway.manifests import HEALTH, POLICE, WELFARE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(36_000)]

log = logging.getLogger(__name__)
CROWD = int(os.environ.get("RAABTA_CHAOS_CROWD", "80"))
DAY, POLL = 86_400.0, 300.0
RUSH = 8.0
"""Deliveries a second to the agency that came back; the others get theirs in that time too."""


def usual_p99(count: int) -> float:
    """Return what the healthy agency's senders see when nobody is in trouble."""
    crowd = Crowd((HEALTH,), poll=POLL)
    sending = crowd.loop.create_task(crowd.send(HEALTH, count, count / RUSH))
    crowd.live(lambda: sending.done() and not crowd.waiting(HEALTH))
    return crowd.p99(HEALTH)


@pytest.mark.parametrize("trouble", ["refuses", "hangs"])
def test_after_a_day_without_an_agency_all_arrives_in_order_and_the_others_never_noticed(trouble: str) -> None:
    began = time.monotonic()
    crowd = Crowd((POLICE, HEALTH), poll=POLL)
    crowd.peers[POLICE].trouble = lambda now: trouble if now < DAY else ""
    sendings = [
        crowd.loop.create_task(crowd.send(POLICE, CROWD, DAY * 0.99, cases=CROWD // 4)),
        crowd.loop.create_task(crowd.send(HEALTH, CROWD // 4, DAY * 0.99)),
        crowd.loop.create_task(crowd.send(HEALTH, CROWD // 2, CROWD / 2 / RUSH, begin=DAY)),
    ]
    crowd.live(lambda: crowd.loop.time() >= DAY)
    assert crowd.waiting(POLICE) == CROWD
    crowd.live(lambda: all(each.done() for each in sendings) and not crowd.waiting(POLICE) + crowd.waiting(HEALTH))

    for name in (POLICE, HEALTH):
        crowd.judge(name)
    usual, then = usual_p99(CROWD // 2), crowd.p99(HEALTH)
    log.warning("p99 %.3f s, without trouble %.3f s; all arrived after %.0f s", then, usual, crowd.loop.time() - DAY)
    assert then <= usual * 1.1
    report.note(f"a day without an agency that {trouble}", 1, CROWD + CROWD // 4 + CROWD // 2, time.monotonic() - began)


def test_poison_stops_its_own_case_and_nothing_else() -> None:
    began, count = time.monotonic(), max(100, CROWD // 2)
    crowd = Crowd((POLICE, WELFARE), poll=POLL)
    sending = crowd.loop.create_task(crowd.send(POLICE, count, count / RUSH, poison=min(100, count // 3)))
    crowd.live(lambda: sending.done() and not crowd.waiting(POLICE))

    crowd.judge(POLICE)
    assert len(crowd.poisoned) >= count // 100
    with crowd.process.room.store.readers.connection() as connection:
        dead = connection.exec_driver_sql("SELECT referral FROM delivery WHERE state = 'DEAD'").scalars().all()
    assert set(dead) == crowd.poisoned
    report.note("poison among the healthy", len(crowd.poisoned), count, time.monotonic() - began)
