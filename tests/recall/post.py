"""A postman: delivers what waits without any socket, and keeps what each agency was handed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from adapters.base import Delivered, Envelope, Outcome
from gateway import receipts
from gateway.app import Gateway
from gateway.delivery.worker import Worker, WorkerSettings
from tests.gateway.house import House
from tests.gateway.manifests import AGENCIES

PATIENCE = 9_000
"""Looks at the lanes, fifty a second: a loaded machine may take minutes for what takes a second alone."""
Judge = Callable[[Envelope], Outcome]
USUAL = WorkerSettings("a-test", poll=0.02)


def taken(envelope: Envelope) -> Outcome:
    """Answer as an agency that has it."""
    return Delivered(200, f"receipt-{envelope.message_id[:8]}")


@dataclass
class Door:
    """An agency's door that keeps what it was handed."""

    judge: Judge = taken
    before: Callable[[], None] | None = None
    got: list[Envelope] = field(default_factory=list)

    async def send(self, envelope: Envelope) -> Outcome:
        self.got.append(envelope)
        return self.judge(envelope)

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Post:
    """All doors of a gateway."""

    gateway: Gateway
    doors: dict[str, Door]

    @classmethod
    def of(cls, house: House) -> Post:
        return cls(house.gateway, {name: Door() for name in AGENCIES})

    def deliver(self, settings: WorkerSettings = USUAL) -> None:
        """Send until nothing is due."""
        asyncio.run(self._deliver(settings))

    def handed(self, agency: str, referral_id: str) -> list[Envelope]:
        """Return what an agency was handed of one referral, in order."""
        return [each for each in self.doors[agency].got if each.referral == referral_id]

    async def _deliver(self, settings: WorkerSettings) -> None:
        room = self.gateway.room
        worker = Worker(room, self.doors, settings, partial(receipts.read_answer, room), partial(receipts.take, room))
        task = asyncio.create_task(worker.run())
        for _ in range(PATIENCE):
            await asyncio.sleep(0.02)
            with self.gateway.room.store.readers.connection() as connection:
                rows = connection.exec_driver_sql(
                    "SELECT count(*) FROM lane WHERE pending > 0 AND held = 0 AND next_at <= ?",
                    (self.gateway.room.clock.now(),),
                ).scalar_one()
                leased = connection.exec_driver_sql(
                    "SELECT count(*) FROM lane WHERE lease_owner IS NOT NULL"
                ).scalar_one()
            if not rows and not leased:
                break
        worker.stop()
        await task
