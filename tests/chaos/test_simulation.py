"""Hundreds of histories with death at every step; each can be lived through again by its seed.

``RAABTA_CHAOS_STEPS`` makes the run longer; ``RAABTA_CHAOS_SEED`` repeats one history.
"""

import os
import time

import pytest

from tests.chaos import report
from tests.chaos.simulation import live

pytestmark = [pytest.mark.slow, pytest.mark.timeout(36_000)]

#: Steps of one history, before it comes to rest.
LENGTH = 8
#: 500 histories: about 25 seconds of one processor.
STEPS = int(os.environ.get("RAABTA_CHAOS_STEPS", "4000"))
SEED = os.environ.get("RAABTA_CHAOS_SEED")


def test_whatever_dies_and_whenever_nothing_is_lost_doubled_or_overtaken():
    began, steps, deaths, accepted = time.monotonic(), 0, 0, 0
    seeds = [int(SEED)] if SEED else range(STEPS // LENGTH)
    for seed in seeds:
        try:
            world = live(seed, LENGTH)
        except BaseException as error:
            error.add_note(f"RAABTA_CHAOS_SEED={seed}")
            raise
        steps, deaths = steps + world.steps, deaths + world.deaths
        accepted += sum(len(names) for names in world.promised.values())

    assert SEED or deaths > len(seeds) // 4, "too little died for a proof"
    report.note("simulated histories", len(seeds), accepted, time.monotonic() - began)


def test_a_history_is_the_same_each_time():
    first, second = live(7, 200), live(7, 200)

    assert first.promised == second.promised
    assert [peer.effects for peer in first.peers.values()] == [peer.effects for peer in second.peers.values()]
