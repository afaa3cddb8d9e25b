"""A whole delivery in one thread: a seeded scheduler, a fake clock, peers in memory, and death at every step.

The store is real (SQLite in memory), and so are transactions, lanes, settling, breakers and the ledger; what is
played is time, chance, workers and peers. A worker is a generator: between any two steps another may run, or it may
die, or the whole process, in the middle of a transaction, before COMMIT or after COMMIT and before anybody was told.
"""

from __future__ import annotations

import random
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, select
from sqlalchemy.pool import StaticPool

from gateway.delivery import endpoints, lanes, operations
from gateway.delivery.breaker import BreakerPolicy
from gateway.delivery.lanes import Claimed
from gateway.delivery.settlement import Attempt, settle_dead, settle_delivered, settle_retry
from gateway.delivery.states import OutcomeClass
from gateway.ledger.events import Event, EventType
from gateway.ledger.journal import Journal
from gateway.ledger.verify import verify
from gateway.store.batches import Batches, Item
from gateway.store.tables import delivery
from gateway.store.writers import SqliteWriter
from tests.clocks import FixedClock
from tests.databases import template
from tests.delivery.rows import add_referral, message

LEASE = 60.0
DESTS, CASES = ("health", "police"), ("case-1", "case-2")
BREAKER = BreakerPolicy()


class Died(Exception):
    """The process is gone; nothing of what it had in memory is left."""


@dataclass
class Peer:
    """An agency that drops repeats; `effects` are what it did, in order, by case."""

    seen: set[str] = field(default_factory=set)
    effects: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def take(self, head: Claimed) -> None:
        if head.message_id not in self.seen:
            self.seen.add(head.message_id)
            self.effects[head.case_key].append(head.id)


@cache
def _memory() -> tuple[sqlite3.Connection, Engine]:
    memory = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    return memory, create_engine("sqlite://", creator=lambda: memory, poolclass=StaticPool)


def emptied() -> Engine:
    """Return the engine of a new world: the same one, so that statements stay compiled, on an empty database."""
    memory, engine = _memory()
    data = bytearray(template())
    data[18:20] = b"\x01\x01"  # the file says WAL, which memory has not (https://sqlite.org/fileformat.html)
    memory.deserialize(bytes(data))
    return engine


class World:
    """One history, decided by its seed alone."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.clock = FixedClock()
        self.engine = emptied()
        self.peers = {dest: Peer() for dest in DESTS}
        self.promised: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.decided: set[str] = set()
        self.workers: list[Iterator[None]] = []
        self.born = 0
        self.steps = 0
        self.deaths = 0
        self.boot()
        self.referral = self.commit(lambda c: add_referral(c, self.clock))

    def boot(self) -> None:
        """Start the process: everything in memory is new."""
        self.workers = []
        self.writer = SqliteWriter(self.engine)
        with self.engine.connect() as connection:
            self.journal = Journal.open(connection, self.clock.now)
        self.batches = Batches(self.writer, [self.journal])
        self.commit(operations.release_leases)

    def commit(self, work: Callable[[Connection], Any], *, mortal: bool = False) -> Any:
        """Run work as the committer does; a mortal one may die inside, before COMMIT, or after it."""
        fate = self.chance.choices(["live", "inside", "before", "after"], [40, 1, 1, 1])[0] if mortal else "live"
        done: Future[Any] = Future()

        def run(connection: Connection) -> Any:
            result = work(connection)
            if fate == "inside":
                raise Died
            return result

        resolve = self._transact(Item(run, done), dies=fate == "before")
        if fate == "after":
            raise Died
        for each in resolve:
            each()
        error = done.exception()
        if error is not None:
            raise error
        return done.result()

    def _transact(self, item: Item[Any], *, dies: bool) -> Sequence[Callable[[], None]]:
        commit = self.writer.commit
        if dies:

            def never() -> None:
                raise Died

            self.writer.commit = never  # type: ignore[method-assign]
        try:
            return self.batches.transact([item])
        finally:
            self.writer.commit = commit  # type: ignore[method-assign]

    def die(self) -> None:
        """Lose everything that was not committed, and start again."""
        self.deaths += 1
        self.writer.abandon()
        self.writer.close()
        self.boot()

    def enter(self, kind: EventType, head: Claimed) -> None:
        """Enter what happens to a delivery."""
        fields: dict[str, Any] = {"recipient": head.recipient, "message": head.message_id, "attempt": head.attempts + 1}
        if kind is EventType.ATTEMPTING:
            fields["body"] = "00" * 32
        self.journal.append(Event(kind, "gateway", head.referral, head.id, fields))

    def accept(self) -> None:
        """Send as a client does, and again under the same id until it is answered."""
        new = message(self.clock, self.referral, dest=self.chance.choice(DESTS), case=self.chance.choice(CASES))
        held = select(delivery.c.id).where(delivery.c.id == new.id)

        def store(connection: Connection) -> None:
            if connection.execute(held).first() is None:
                lanes.enqueue(connection, [new], self.clock.now())

        while True:
            try:
                self.commit(store, mortal=True)
            except Died:
                self.die()
            else:
                self.promised[new.recipient, new.case_key].append(new.id)
                return

    def worker(self) -> Iterator[None]:
        """One turn of a worker: lease, intend, send, settle; it may be left at any step."""
        self.born += 1
        name, dest = f"worker-{self.born}", self.chance.choice(DESTS)
        yield

        def claim(connection: Connection) -> list[Claimed]:
            now = self.clock.now()
            if endpoints.ask(connection, dest, BREAKER, now) is not None:
                return []
            return lanes.claim(connection, name, now, limit=1, dest=dest, lease=LEASE)

        for head in self.commit(claim, mortal=True):
            yield
            if not self.commit(lambda c, head=head: self.intend(c, head), mortal=True):
                continue
            fate = self.chance.choices(["ok", "fails", "refuses", "lost", "silence"], [12, 3, 1, 2, 1])[0]
            if fate in {"ok", "lost"}:
                self.peers[dest].take(head)
            yield
            if fate != "silence":
                self.commit(lambda c, head=head, fate=fate: self.settle(c, head, fate), mortal=True)

    def intend(self, connection: Connection, head: Claimed) -> bool:
        """Enter the intention, if the lane is still ours."""
        if not lanes.ours(connection, head):
            return False
        self.enter(EventType.ATTEMPTING, head)
        return True

    def settle(self, connection: Connection, head: Claimed, fate: str) -> None:
        """Store how it ended, as `settling` does."""
        now = self.clock.now()
        fault = fate in {"fails", "lost"}
        if fate == "ok":
            ours = settle_delivered(connection, head, Attempt(now, 1, OutcomeClass.DELIVERED), now)
        elif fate == "refuses":
            ours = settle_dead(connection, head, Attempt(now, 1, OutcomeClass.REFUSED), now)
        else:
            ours = settle_retry(connection, head, Attempt(now, 1, OutcomeClass.UNKNOWN), now + 5)
        if ours:
            key = ("endpoint", head.recipient)
            self.batches.later.append((key, lambda c: endpoints.learn(c, head.recipient, BREAKER, now, fault=fault)))

    def operate(self) -> None:
        """Replay or skip a dead message, as a person does."""
        with self.engine.connect() as connection:
            dead = select(delivery.c.id).where(delivery.c.state == "DEAD").order_by(delivery.c.n).limit(1)
            found = connection.execute(dead).scalar()
        if found is None:
            return
        if self.chance.random() < 0.7:
            self.commit(lambda c: operations.replay(c, found, self.clock.now()))
        else:
            self.commit(lambda c: operations.skip(c, found, "OPERATOR", self.clock.now()))
            self.decided.add(found)

    def step(self) -> None:
        """Let something happen."""
        self.steps += 1
        events = {"accept": 3, "start": 4, "go on": 9, "time": 3, "operate": 1, "die": 0.3, "jump": 0.3}
        match self.chance.choices(list(events), list(events.values()))[0]:
            case "accept":
                self.accept()
            case "start":
                self.workers.append(self.worker())
            case "go on" if self.workers:
                self.go_on(self.chance.choice(self.workers))
            case "time":
                self.clock.advance(self.chance.choice([1, 5, 30, LEASE, 700]))
            case "jump":
                self.clock.advance(self.chance.choice([-86_400, -3_600, 3_600]))
                self.commit(lambda c: operations.mend_clock(c, self.clock.now(), LEASE))
            case "operate":
                self.operate()
            case "die":
                self.die()

    def go_on(self, worker: Iterator[None]) -> None:
        """Let a worker take its next step."""
        try:
            next(worker)
        except StopIteration:
            self.workers.remove(worker)
        except Died:
            self.die()

    def drain(self) -> None:
        """Let the last troubles pass until nothing is open."""
        opened = select(delivery.c.id).where(delivery.c.state.in_(["OPEN", "DEAD"])).limit(1)
        for _ in range(5_000):
            with self.engine.connect() as connection:
                if connection.execute(opened).first() is None:
                    return
            self.clock.advance(700)
            self.operate()
            for worker in [self.worker() for _ in DESTS]:
                self.workers.append(worker)
                while worker in self.workers:
                    self.go_on(worker)
        raise AssertionError("it never came to rest")

    def judge(self) -> None:
        """Compare what was promised with what the peers did, and recompute the ledger."""
        for (dest, case), names in self.promised.items():
            done = self.peers[dest].effects[case]
            assert len(done) == len(set(done)), "an effect is doubled"
            assert set(names) - set(done) <= self.decided, "an accepted message is lost"
            assert set(done) <= set(names), "an effect nobody asked for"
            assert done == [name for name in names if name in set(done)], "a message was overtaken"
        with self.engine.connect() as connection:
            assert verify(connection, []).whole


def live(seed: int, steps: int) -> World:
    """Live through one history and judge it."""
    world = World(seed)
    for _ in range(steps):
        world.step()
    world.drain()
    world.judge()
    return world
