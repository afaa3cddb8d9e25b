"""Thousands of histories with death at every await; each can be lived through again by its seed.

``RAABTA_CHAOS_STEPS`` makes the run longer; ``RAABTA_CHAOS_SEED`` repeats one history.
"""

import os
import time
from collections.abc import Iterator

import pytest

from tests.chaos import report
from tests.chaos.simulation import World, live

pytestmark = [pytest.mark.slow, pytest.mark.timeout(36_000)]

HISTORIES = 2_000
STEPS = int(os.environ.get("RAABTA_CHAOS_STEPS", "0"))
SEED = os.environ.get("RAABTA_CHAOS_SEED")
LESSON = 11
"""The seed of a history that is lived through once for each of its steps, and dies there."""


def histories() -> Iterator[tuple[int, int | None]]:
    """Yield seeds, and where a history dies; without end, for a long run."""
    if SEED:
        yield int(SEED), None
        return
    length = live(LESSON, 0).steps
    yield from ((LESSON, step) for step in range(1, length + 1))
    yield from ((seed, None) for seed in range(STEPS or HISTORIES - length))


def test_whatever_dies_and_whenever_nothing_is_lost_doubled_or_overtaken() -> None:
    began, lived, steps, deaths, accepted = time.monotonic(), 0, 0, 0, 0
    for seed, dies_at in histories():
        world = repeatable(seed, dies_at)
        lived, steps, deaths = lived + 1, steps + world.steps, deaths + world.deaths
        accepted += sum(len(sender.accepted) for sender in world.senders)
        if STEPS and (steps >= STEPS or report.time_is_up(began)):
            break

    cut_short = report.time_is_up(began)
    assert SEED or cut_short or (steps >= STEPS and lived >= (0 if STEPS else HISTORIES)), "too little was lived"
    assert SEED or deaths > lived // 2, "too little died for a proof"
    report.note(f"simulated histories, {steps:,} steps, {deaths:,} deaths", lived, accepted, time.monotonic() - began)


def repeatable(seed: int, dies_at: int | None) -> World:
    """Live through a history; a failure says how to see it again."""
    try:
        return live(seed, dies_at)
    except BaseException as error:
        error.add_note(f"live({seed}, {dies_at})")
        raise


def test_a_history_is_the_same_each_time() -> None:
    first, second = live(7), live(7)

    assert (first.steps, first.deaths) == (second.steps, second.deaths)
    assert [len(peer.effects) for peer in first.peers.values()] == [len(peer.effects) for peer in second.peers.values()]
