"""Processes and servers die at random moments under load: nothing accepted is lost, nothing is done twice, order holds.

Effects are counted at the simulators; the gateway's database is only asked which id it gave to what it accepted.
``RAABTA_CHAOS_SEED`` repeats a run's choices, ``RAABTA_CHAOS_KILLS`` and ``RAABTA_CHAOS_RESTARTS`` make it longer.
"""

import logging
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests import postgres
from tests.chaos import report
from tests.chaos.accounting import (
    account,
    assert_each_arrived_once,
    assert_each_was_answered_once,
    assert_order_was_kept,
    assert_the_ledger_is_whole,
)
from tests.chaos.town import LEASE, Town, town
from tests.chaos.trouble import calm, make_trouble, sending, stop
from tests.walk.load import Client
from tests.walk.looking import until
from tests.walk.staging import simulators

pytestmark = [pytest.mark.walk, pytest.mark.slow, pytest.mark.timeout(36_000)]

log = logging.getLogger(__name__)
KILLS = int(os.environ.get("RAABTA_CHAOS_KILLS", "20"))
RESTARTS = int(os.environ.get("RAABTA_CHAOS_RESTARTS", "5"))
SEED = int(os.environ.get("RAABTA_CHAOS_SEED") or random.SystemRandom().getrandbits(32))
SENDERS = ("police", "police", "welfare", "welfare", "health", "health")
PACE = (0.2, 1.0)
FRESH = 20
"""Of so many starts one is the command itself, from an interpreter that knows nothing; it takes seconds."""
SEVERAL = ("serve", "serve", "work", "work")


@pytest.mark.parametrize("store", ["sqlite", "postgres"])
def test_kills_under_load_lose_nothing_and_double_nothing(store: str, tmp_path: Path) -> None:
    with _place(store, tmp_path) as (place, shape), town(tmp_path / "town", place, shape) as made:
        live_through(made, f"kill -9, {store}", KILLS, _kill_one)


def test_restarts_of_the_server_under_load_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    with postgres.dedicated() as (place, restart), town(tmp_path / "town", place, SEVERAL) as made:
        live_through(made, "PostgreSQL restarted at once", RESTARTS, lambda _, chance: _restart(restart, chance))


def test_workers_stopped_past_their_lease_are_fenced_off(tmp_path: Path) -> None:
    with postgres.fresh() as place, town(tmp_path / "town", place, SEVERAL) as made:
        live_through(made, "SIGSTOP past the lease", max(1, KILLS // 20), _stop_and_go)


@contextmanager
def _place(store: str, folder: Path) -> Iterator[tuple[Path | postgres.Address, tuple[str, ...]]]:
    if store == "sqlite":
        yield folder, ("serve",)
    else:
        with postgres.fresh() as address:
            yield address, SEVERAL


def _kill_one(made: Town, chance: random.Random) -> None:
    """Kill a process, mostly at work, sometimes while it is starting, and start another in its place."""
    number = chance.randrange(len(made.nodes))
    if len(made.nodes) == 1 and chance.random() < 0.8:
        made.ready()
    time.sleep(chance.uniform(0.05, 0.8))
    assert made.nodes[number].alive(), "a process ended by itself"
    made.nodes[number].kill()
    made.killed += 1
    shares_its_port = made.shape.count("serve") > 1 and made.shape[number] == "serve"
    made.start(number, fresh=made.killed % FRESH == FRESH // 2 and not shares_its_port)


def _restart(restart: Callable[[], None], chance: random.Random) -> None:
    time.sleep(chance.uniform(0.5, 2.0))
    restart()


def _stop_and_go(made: Town, chance: random.Random) -> None:
    """Stop a gateway and a worker until others have taken over what they held, then let them wake up."""
    time.sleep(chance.uniform(0.5, 1.5))
    stopped = [made.nodes[1], made.nodes[chance.choice([2, 3])]]
    for each in stopped:
        each.pause()
    time.sleep(LEASE + chance.uniform(0.5, 2.0))
    for each in stopped:
        each.resume()


def live_through(made: Town, what: str, times: int, harm: Callable[[Town, random.Random], None]) -> None:
    """Send under load while harm is done again and again, then compare promise and effect."""
    log.warning("RAABTA_CHAOS_SEED=%d", SEED)
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    stage = made.stage
    clients = [Client(stage, sender, n, SEED, PACE) for n, sender in enumerate(SENDERS)]
    with simulators(stage):
        began = time.monotonic()
        with sending(clients):
            done = 0
            while done < times and not report.time_is_up(began):
                done += 1
                make_trouble(stage, chance)
                harm(made, chance)
            until(lambda: sum(len(client.accepted) for client in clients) >= 3 * len(SENDERS))
            calm(stage)
            stop(clients)
            drained = until(lambda: made.unsettled() == 0, 1_200)
            ended = time.monotonic()
        accepted = [sent for client in clients for sent in client.accepted]
        log.warning("%s: %s in %.0f s", what, account(made, accepted), ended - began)
        assert [line for client in clients for line in client.refused] == []
        assert drained, f"{made.unsettled()} deliveries are still open"
        assert_each_arrived_once(made, accepted)
        assert_each_was_answered_once(stage, accepted)
        assert_order_was_kept(stage, accepted)
    assert_the_ledger_is_whole(stage)
    report.note(what, done, len(accepted), ended - began)
