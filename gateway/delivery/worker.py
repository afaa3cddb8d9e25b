"""The worker: lease lanes that are due, send their heads, settle what came of it.

Every change of a delivery's state and its ledger entry are stored in one transaction. The intention is stored before
the act: a lone ``attempting`` says that we died while sending, and the message is sent again under the same id.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Connection

from adapters.base import Adapter, Delivered, Outcome
from gateway.delivery import endpoints, measures
from gateway.delivery.breaker import BreakerPolicy
from gateway.delivery.lanes import Claimed, claim, due_destinations
from gateway.delivery.making import Made, Ready, intend, make, not_sent
from gateway.delivery.outgoing import CannotSend
from gateway.delivery.settlement import defer
from gateway.delivery.settling import Ended, Settlement, Take, bury_unsent, give_back, settle
from gateway.room import Room
from gateway.spans import span
from gateway.store.errors import StoreError
from gateway.store.tray import Tray

T = TypeVar("T")
log = logging.getLogger(__name__)

UNFORESEEN_PAUSE = 30.0
"""Seconds until a lane is tried again after something nobody foresaw."""

Hear = Callable[[Claimed, Delivered], Any]
"""Reads what the receiver answered at once, outside any transaction, for the settlement's `take`; None: nothing."""


BREATH = 0.005
"""Seconds between being woken and looking at the lanes: what happens meanwhile is claimed together."""

IN_HAND = 4
"""Heads leased for each that may be sent at once: while some are sent, others are made ready, entered and settled, many
together. What has waited half its lease for its turn is given back untried, so that its attempt always fits into it."""


@dataclass(frozen=True)
class WorkerSettings:
    """How much is sent at once, in all and to one destination, and how often the lanes are looked at (seconds)."""

    name: str
    concurrency: int = 32
    per_destination: int = 8
    poll: float = 1.0
    lease: float = 60.0


class Worker:
    """One worker of this process."""

    def __init__(
        self, room: Room, adapters: Mapping[str, Adapter], settings: WorkerSettings, hear: Hear, take: Take
    ) -> None:
        self._room = room
        self._adapters = adapters
        self._settings = settings
        self._hear = hear
        settlement = Settlement(room, take)
        self._settlements: Tray[Ended, None] = Tray(
            room.store.committer,
            lambda connection, ended: settle(settlement, connection, ended),
            lambda each: (each.claimed.case_key,),
            IN_HAND * settings.concurrency,
        )
        self._breaker = BreakerPolicy().scaled(room.time_scale)
        self._wake = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._busy: dict[str, int] = {}
        self._places = asyncio.Semaphore(settings.concurrency)
        self._places_at: dict[str, asyncio.Semaphore] = {}
        self._stopping = False

    def wake(self) -> None:
        """Look at the lanes now: something was just enqueued."""
        self._wake.set()

    async def run(self) -> None:
        """Work until :meth:`stop`; then finish what is under way."""
        while not self._stopping:
            try:
                await self._lease()
            except StoreError:
                log.warning("delivery.store_unavailable")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._settings.poll)
            await asyncio.sleep(BREATH)
            self._wake.clear()
        if self._running:
            await asyncio.gather(*self._running, return_exceptions=True)

    def stop(self) -> None:
        """Take nothing new."""
        self._stopping = True
        self._wake.set()

    async def _lease(self) -> None:
        """Lease what is due, fairly among destinations, and start a task for each head."""
        room = self._room
        with room.store.readers.connection() as connection:
            destinations = due_destinations(connection, room.clock.now())
        for dest in destinations:
            free = self._free(dest)
            if free:
                self._start(await self._commit(partial(self._claim, dest=dest, limit=free), last=True))

    def _free(self, dest: str) -> int:
        """Return how many more may be leased of a destination; none until half of its places are free at once."""
        busy, places = self._busy.get(dest, 0), IN_HAND * self._settings.per_destination
        free = min(IN_HAND * self._settings.concurrency - self._under_way, places - busy)
        return free if free > 0 and (not busy or 2 * free >= places) else 0

    def _claim(self, connection: Connection, *, dest: str, limit: int) -> list[Claimed]:
        """Lease lanes of one destination, as many as its breaker lets through."""
        now = self._room.clock.now()
        wait = endpoints.ask(connection, dest, self._breaker, now)
        if wait is not None:
            return []
        half_open = endpoints.load(connection, dest).phase.value == "HALF_OPEN"
        allowed = endpoints.allowance(connection, dest, 1 if half_open else limit, now)
        if allowed < 1:
            return []
        heads = claim(connection, self._settings.name, now, limit=allowed, dest=dest, lease=self._settings.lease)
        endpoints.spend(connection, dest, len(heads), now)
        return heads

    def _start(self, heads: list[Claimed]) -> None:
        if not heads:
            return
        for head in heads:
            self._under_way += 1
            self._busy[head.recipient] = self._busy.get(head.recipient, 0) + 1
        task = asyncio.create_task(self._together(heads))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def _ended(self, head: Claimed) -> None:
        self._under_way -= 1
        self._busy[head.recipient] -= 1
        self._wake.set()

    async def _together(self, heads: list[Claimed]) -> None:
        """Compose heads and enter the intentions together; then send each for itself."""
        made: list[Made] = []
        leased = self._room.clock.monotonic()
        try:
            made = await asyncio.to_thread(make, self._room, heads)
            ready = [one for one in made if isinstance(one, Ready)]
            intended = await self._commit(lambda c: intend(self._room, c, ready), heads) if ready else set()
            made = [one if head.id in intended else not_sent(one) for head, one in zip(heads, made, strict=True)]
        except Exception as error:  # noqa: BLE001 - each head's own delivery tells it
            made = [error] * len(heads)
        await asyncio.gather(*(self._guarded(head, one, leased) for head, one in zip(heads, made, strict=True)))

    async def _guarded(self, head: Claimed, made: Made, leased: float) -> None:
        """Deliver; what nobody foresaw is logged by its kind, and the lane is given back for a later attempt."""
        try:
            await self._deliver(head, made, leased)
        except StoreError:
            log.warning("delivery.store_unavailable")
        except Exception as error:
            log.exception("delivery.failed", extra={"delivery": head.id, "kind": type(error).__name__})
            later = self._room.clock.now() + UNFORESEEN_PAUSE
            with contextlib.suppress(StoreError):
                await self._commit(lambda c: defer(c, head, later), [head])
        finally:
            self._ended(head)

    async def _deliver(self, head: Claimed, made: Made, leased: float) -> None:
        """Send what was composed and settle what came of it; bury what cannot be made, give back what waited long."""
        if isinstance(made, CannotSend):
            await self._commit(lambda c: bury_unsent(self._room, c, head, made), [head])
            return
        if isinstance(made, Exception):
            raise made
        if made is None:
            return
        async with self._place_at(head.recipient), self._places:
            began, ticked = self._room.clock.now(), self._room.clock.monotonic()
            if ticked - leased > self._settings.lease / 2:
                await self._commit(lambda c: give_back(self._room, c, head), [head])
                return
            outcome = await self._send(head, made)
            ms = round((self._room.clock.monotonic() - ticked) * 1000)
        measures.attempted(head, outcome, self._room.clock.now())
        with span("answer", recipient=head.recipient, delivery=head.id):
            heard = self._hear(head, outcome) if isinstance(outcome, Delivered) else None
        await self._settle(Ended(head, made.composed.envelope.body_digest, outcome, began, ms, heard))

    def _place_at(self, dest: str) -> asyncio.Semaphore:
        return self._places_at.setdefault(dest, asyncio.Semaphore(self._settings.per_destination))

    async def _send(self, head: Claimed, made: Ready) -> Outcome:
        with span("deliver", recipient=head.recipient, delivery=head.id, attempt=head.attempts + 1) as current:
            outcome: Outcome = await self._adapters[head.recipient].send(made.composed.envelope)
            current.set_attribute("raabta.outcome", type(outcome).__name__.upper())
        return outcome

    async def _settle(self, ended: Ended) -> None:
        """Store what came of it; while the store cannot write, keep trying until the lease runs out."""
        for pause in (0.2, 1.0, 3.0, 10.0, 20.0):
            try:
                await self._settlements.put(ended)
            except StoreError:
                await asyncio.sleep(pause)
            else:
                return
        log.error("delivery.unsettled", extra={"delivery": ended.claimed.id})

    async def _commit(self, work: Callable[[Connection], T], heads: Sequence[Claimed] = (), *, last: bool = False) -> T:
        """Let the committer do something, about the cases of heads if there are any."""

        def cases() -> list[str]:
            return [head.case_key for head in heads]

        return await asyncio.wrap_future(self._room.store.committer.submit(work, cases=cases, last=last))
