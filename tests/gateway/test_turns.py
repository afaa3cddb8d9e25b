"""What is leased ahead waits for its turn at its receiver: some at once, others behind them, none past its lease."""

from pathlib import Path

from adapters.base import Envelope, Outcome
from gateway.clock import SystemClock
from gateway.delivery.worker import WorkerSettings
from gateway.ledger.events import EventType
from tests.gateway.house import referral
from tests.gateway.indoors import indoors
from tests.gateway.manifests import HEALTH, WELFARE
from tests.recall.post import Door, Post, taken

LEASE = 60.0


class MovedClock(SystemClock):
    """The machine's clock, moved on by a test."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        return super().now() + self.ahead

    def monotonic(self) -> float:
        return super().monotonic() + self.ahead


def test_who_waited_half_a_lease_behind_a_slow_receiver_is_given_back_untried(tmp_path: Path) -> None:
    clock = MovedClock()

    def slow(envelope: Envelope) -> Outcome:
        if not clock.ahead:
            clock.ahead = LEASE / 2 + 1
        return taken(envelope)

    with indoors(tmp_path / "gateway", clock) as house:
        post = Post.of(house)
        post.doors[HEALTH] = Door(judge=slow)
        names = [house.submit(WELFARE, referral(HEALTH, case_ref=f"CASE-{n}"))["id"] for n in range(3)]
        post.deliver(WorkerSettings("a-test", poll=0.02, per_destination=1, lease=LEASE))
        told = [[kind for kind, _ in house.entries(house.id_of(WELFARE, name))] for name in names]

    assert len(post.doors[HEALTH].got) == 3
    assert [each.attempt for each in post.doors[HEALTH].got] == [1, 1, 1]
    assert sorted(kinds.count(EventType.DEFERRED.value) for kinds in told) == [0, 1, 1]
    assert all(kinds.count(EventType.ATTEMPTED.value) == 1 for kinds in told)
