"""A gateway's process without threads, sockets or a disk: the real committer, tray, worker and rooms, and death.

What the process holds in memory is made anew at each start; what is committed stays in a database of SQLite in memory.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool

from adapters.base import Adapter
from adapters.registry import load_manifests
from gateway import languages
from gateway.acceptance import Tray
from gateway.connected import directory
from gateway.delivery.operations import release_leases
from gateway.delivery.worker import Worker, WorkerSettings
from gateway.intake import Submission, prepare
from gateway.ledger.journal import Journal
from gateway.room import Room
from gateway.routing import Directory, RoutingTable
from gateway.settings import read_settings
from gateway.store.batches import Item
from gateway.store.committer import Committer
from gateway.store.opening import Store
from gateway.store.readers import Readers
from gateway.store.writers import SqliteWriter
from gateway.vault.vault import Vault
from gateway.vault.wrapping import create_key_file, wrapper_of
from tests.chaos.seeded_loop import SeededLoop
from tests.clocks import FixedClock
from tests.databases import template
from tests.gateway.house import furnish, referral
from tests.gateway.manifests import AGENCY_SCOPES, WELFARE

LEASE, POLL = 60.0, 100.0
TIME_SCALE = 0.002
"""Of all waits between attempts: the longest becomes three minutes."""


logging.getLogger("opentelemetry.context").setLevel(logging.CRITICAL)  # it complains of spans that end with a process


class Died(BaseException):
    """The process is gone; nothing of what it had in memory is left."""


class PlayedClock(FixedClock):
    """The wall clock of a played loop, which may be set forward and back; durations are the loop's own."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self.loop: SeededLoop | None = None
        self.ahead = 1_790_000_000.0

    def now(self) -> float:
        return self.monotonic() + self.ahead

    def monotonic(self) -> float:
        return self.loop.time() if self.loop else 0.0


class MortalWriter(SqliteWriter):
    """Asks fate inside a transaction, before COMMIT, and after it, when nobody has been told yet."""

    def __init__(self, engine: Engine, fate: Callable[[], None]) -> None:
        super().__init__(engine)
        self._fate = fate

    def keep(self) -> None:
        self._fate()
        super().keep()

    def commit(self) -> None:
        self._fate()
        super().commit()
        self._fate()


class SteppedCommitter(Committer):
    """The committer without its thread: somebody else says when it takes its turn."""

    def start(self) -> None:
        self._open = True

    def turn(self) -> None:
        """Commit what waits."""
        taken: list[Item[object]] = self._take()
        self._serve([item for item in taken if item.future.set_running_or_notify_cancel()])


@cache
def memory() -> tuple[sqlite3.Connection, Engine]:
    """Return the database, and its engine: the same for all histories, so that statements stay compiled."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    return connection, create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)


def emptied() -> Engine:
    """Return the engine on an empty database."""
    connection, engine = memory()
    data = bytearray(template())
    data[18:20] = b"\x01\x01"  # the file says WAL, which memory has not (https://sqlite.org/fileformat.html)
    connection.deserialize(bytes(data))
    return engine


@cache
def furniture() -> tuple[Directory, RoutingTable, Vault]:
    """Return what the configuration says; every agency is written to in the canonical language, the quickest."""
    with tempfile.TemporaryDirectory() as name:
        config = furnish(Path(name), 8400, scopes=AGENCY_SCOPES)
        for file in (config.parent / "agencies").glob("*.toml"):
            text = file.read_text("utf-8")
            for language in ("police_fir", "health_fhir", "school_sis"):
                text = text.replace(f'format = "{language}"', 'format = "raabta"')
            file.write_text(text, "utf-8")
        settings = read_settings(config)
        keys = config.parent / "vault.json"
        create_key_file(keys)
        return directory(load_manifests(config.parent / "agencies")), settings.routing, Vault(wrapper_of(None, keys))


@cache
def document(case: str, receivers: tuple[str, ...]) -> bytes:
    """Return a referral of a case to some agencies."""
    return json.dumps(referral(*receivers, case_ref=case)).encode()


class Process:
    """One life of the gateway: `alone` with its database and one worker, or else one of several, and two workers."""

    def __init__(
        self, engine: Engine, clock: PlayedClock, chance: random.Random, doors: Mapping[str, Adapter],
        fate: Callable[[], None], *, alone: bool = True, poll: float = POLL, time_scale: float = TIME_SCALE,
    ) -> None:  # fmt: skip
        self.loop = SeededLoop(chance, clock.monotonic())
        clock.loop = self.loop
        self.writer = MortalWriter(engine, fate)
        self.committer = SteppedCommitter(self.writer)
        with engine.connect() as connection:
            journal = Journal.open(connection, clock.now)
            if alone:
                release_leases(connection)
        self.committer.join(journal)
        self.committer.start()
        agencies, routes, vault = furniture()
        store = Store(self.committer, Readers(engine), engine, None)
        self.room = Room(vault, clock, agencies, routes, store, journal, production=False, time_scale=time_scale)
        self.tray = Tray(self.room, 1_000)
        self.workers = [self._worker(doors, poll) for _ in range(1 if alone else 2)]
        for worker in self.workers:
            self.loop.create_task(worker.run())

    def _worker(self, doors: Mapping[str, Adapter], poll: float) -> Worker:
        settings = WorkerSettings(self.room.clock.new_id(), poll=poll, lease=LEASE)
        return Worker(self.room, doors, settings, lambda *_: None, lambda *_: None)

    def step(self, chance: random.Random) -> None:
        """Let the committer take its turn, or something of the loop happen, or time pass."""
        commit = self.committer.waiting > 0
        if commit and (self.loop.idle or chance.random() < 0.3):
            self.committer.turn()
        elif not self.loop.idle:
            self.loop.step()
        else:
            self.loop.leap()

    async def accept(self, case: str, receivers: tuple[str, ...], key: str) -> str:
        """Take a referral of a case from the bureau, as the API does, and return its id once it is durable."""
        sender = self.room.directory.find(WELFARE)
        assert sender is not None
        submission = Submission(sender, document(case, receivers), languages.ours(), key)
        (told,) = await self.tray.file(prepare(self.room, submission))
        for worker in self.workers:
            worker.wake()
        return told.id

    def unforeseen(self) -> list[BaseException]:
        """Return what nobody caught."""
        return [each for each in self.loop.unforeseen if not isinstance(each, asyncio.CancelledError)]

    def end(self) -> None:
        """Be gone: what is not committed is lost, and nobody finishes what he was doing."""
        for task in asyncio.all_tasks(self.loop):
            task.get_coro().close()  # type: ignore[union-attr]
        self.writer.abandon()
        self.writer.close()
