"""Thousands of referrals in played time, through the real intake, committer and worker, to peers in memory."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from adapters.base import Delivered, Envelope, Outcome, Refused, Unavailable, Unknown
from tests.chaos.mortal import PlayedClock, Process, emptied

ANSWER = (0.05, 0.4)
"""Seconds a peer takes to answer, from and to."""
BLACK_HOLE = 20.0
"""Seconds an attempt takes at a peer that never answers."""


@dataclass
class Peer:
    """An agency, and when it did what; `trouble` says what is wrong with it at an instant."""

    crowd: Crowd
    trouble: Callable[[float], str] = lambda _: ""
    effects: dict[str, list[tuple[str, float]]] = field(default_factory=lambda: defaultdict(list))
    """By case: referral and instant."""

    async def send(self, envelope: Envelope) -> Outcome:
        """Take a message after a while, unless there is trouble."""
        trouble = self.trouble(self.crowd.loop.time())
        if trouble == "hangs":
            await asyncio.sleep(BLACK_HOLE)
            return Unknown("TIMEOUT", transport_fault=True)
        await asyncio.sleep(self.crowd.chance.uniform(*ANSWER))
        if trouble == "refuses":
            return Unavailable(None, "CONNECT", transport_fault=True)
        if envelope.referral in self.crowd.poisoned:
            return Refused(422, "HTTP_422")
        self.effects[envelope.correlation].append((envelope.referral, self.crowd.loop.time()))
        return Delivered(200, f"receipt-{envelope.message_id[:8]}")

    async def close(self) -> None:
        """Nothing is open."""


class Crowd:
    """Senders of many referrals, one gateway, some peers."""

    def __init__(self, peers: tuple[str, ...], *, poll: float) -> None:
        random.seed(0)  # what the schedule of retries draws from
        self.chance = random.Random(0)  # noqa: S311 - repeatable, not secret
        self.peers = {name: Peer(self) for name in peers}
        self.accepted: dict[str, list[tuple[str, float]]] = {name: [] for name in peers}
        """By receiver: referral and instant, in the order of acceptance."""
        self.poisoned: set[str] = set()
        self.process = Process(emptied(), PlayedClock(), self.chance, self.peers, lambda: None, poll=poll, time_scale=1)
        self.loop = self.process.loop

    async def send(
        self, to: str, count: int, seconds: float, *, begin: float = 0.0, cases: int = 0, poison: int = 0
    ) -> None:
        """Send so many referrals to one agency, evenly over some time; one of `poison` is refused for good.

        Without `cases` each is a case of its own.
        """
        await asyncio.sleep(begin)
        for number in range(count):
            case, key = f"case-{to}-{begin}-{number % (cases or count)}", f"{to}-{begin}-{number}"
            referral = await self.process.accept(case, (to,), key)
            self.accepted[to].append((referral, self.loop.time()))
            if poison and number % poison == poison // 2:
                self.poisoned.add(referral)
            await asyncio.sleep(seconds / count)

    def live(self, until: Callable[[], bool]) -> None:
        """Let things happen until something is so."""
        while not until():
            for _ in range(50):
                self.process.step(self.chance)
        assert self.process.unforeseen() == []

    def waiting(self, to: str) -> int:
        """Return how many deliveries to an agency are open."""
        with self.process.room.store.readers.connection() as connection:
            statement = "SELECT count(*) FROM delivery WHERE recipient = ? AND state = 'OPEN'"
            return int(connection.exec_driver_sql(statement, (to,)).scalar_one())

    def p99(self, to: str) -> float:
        """Return the seconds from acceptance to effect that all but a hundredth stayed within; nothing may be open."""
        done = {ref: at for case in self.peers[to].effects.values() for ref, at in case}
        waits = sorted(done[ref] - at for ref, at in self.accepted[to] if ref not in self.poisoned)
        return waits[len(waits) * 99 // 100]

    def judge(self, to: str) -> None:
        """Compare what an agency did with what was accepted for it: each once, and in order within a case."""
        place = {ref: number for number, (ref, _) in enumerate(self.accepted[to])}
        done = [[place[ref] for ref, _ in case] for case in self.peers[to].effects.values()]
        assert sorted(number for case in done for number in case) == sorted(
            place[ref] for ref in place if ref not in self.poisoned
        )
        assert all(case == sorted(case) for case in done)
