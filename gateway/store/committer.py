"""One thread, one writing connection, many items of work a commit.

A durable commit costs a flush of the disk; a flush for each request would set the pace of the whole gateway.
So the committer drains what is waiting (up to `Limits.batch` items), runs every item in one transaction with
a savepoint around each, commits once, and only then tells the callers. While callers come in crowds it rests a moment
between batches (`Limits.gather`): one statement then writes what would have taken many, and the threads that bring work
are not interrupted for each of them. Who comes alone is served at once. What it promises:

* a future that gives a result: that item is durable;
* a future that gives the item's own exception: nothing of that item was stored, its neighbours are unharmed;
* a future that gives `StoreUnavailable`: the batch was not stored, or (PostgreSQL, server lost at the very end and not
  back within seconds) nobody knows; a later item may succeed, because the committer lives on and tries again;
* anything else unexpected stops the committer for good and calls `on_failure`: better no service than a
  ledger whose memory and disk disagree.

On PostgreSQL other committers write beside this one. There a whole batch may run again, because the server was lost
or ended it in favour of another: work must give the same result when it is run twice. What an item says it touches
(`cases`) is locked before the batch begins, in one order everywhere, and what takes locks it has not announced runs
last (`last`) and never waits, so that committers do not lock each other out.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sqlalchemy.exc import DBAPIError

from gateway.store.batches import Batches, Cases, Item, Participant, T, Work
from gateway.store.errors import StoreBusy, StoreUnavailable
from gateway.store.writers import Again, Writer


@dataclass(frozen=True)
class Limits:
    """How much may wait, and how much goes into one commit (items)."""

    queue: int = 2_000
    batch: int = 200
    runs: int = 8
    """How often a batch may run before its callers are told that the store is unavailable."""
    gather: float = 0.03
    """After a batch that held several things the committer rests as long as it worked, but no longer than this
    (seconds), so that the next batch holds several things too."""


class Committer:
    """Owns the writing connection; see the module for what it promises.

    `on_failure` is called once, from the committing thread, when it has stopped for good; a service ends its
    process there, so that a supervisor starts it afresh.
    """

    def __init__(
        self,
        writer: Writer,
        participants: Sequence[Participant] = (),
        on_failure: Callable[[BaseException], None] = lambda _: None,
        limits: Limits | None = None,
    ) -> None:
        self._writer = writer
        self._batches = Batches(writer, participants)
        self._on_failure = on_failure
        self._limits = limits or Limits()
        self._waiting: deque[Item[Any]] = deque()
        self._changed = threading.Condition()
        self._open = False
        self._thread = threading.Thread(target=self._live, name="committer", daemon=True)

    def join(self, participant: Participant) -> None:
        """Add a participant; only before `start`."""
        self._batches.participants.append(participant)

    def start(self) -> None:
        """Begin to accept work."""
        self._open = True
        self._thread.start()

    def stop(self, drain: bool = True) -> None:
        """Refuse new work, finish (or, without `drain`, refuse) what waits, and end the thread."""
        with self._changed:
            self._open = False
            refused = [] if drain else list(self._waiting)
            if not drain:
                self._waiting.clear()
            self._changed.notify_all()
        _fail(refused, StoreUnavailable())
        if self._thread.is_alive():
            self._thread.join()

    def submit(self, work: Work[T], *, cases: Cases = tuple, last: bool = False) -> "Future[T]":
        """Queue work for the next commit.

        The future's result is what `work` returned, available once it is durable. Work may run in any later
        batch, and more than once; it must use only the connection it is given, and must not commit or roll back.
        `cases` gives, when the batch begins, the pseudonyms of the cases whose rows it changes; work that takes locks
        of other cases runs `last`, and passes over what is locked.
        Raises `StoreBusy` when the queue is full, `StoreUnavailable` when the committer has stopped.
        """
        return self._enqueue(Item(work, Future(), cases, last))

    def later(self, key: tuple[str, ...], work: Work[object]) -> None:
        """Do this too in the transaction of the work item that calls, after all items, in the order of the keys.

        For rows that many cases share, such as a destination's breaker; it is forgotten if the item fails.
        """
        self._batches.later.append((key, work))

    def run(self, work: Work[T]) -> T:
        """Submit work and wait; raises what the future holds."""
        return self.submit(work).result()

    def maintain(self, work: Work[T]) -> "Future[T]":
        """Queue work that must run outside any transaction, such as a truncation of the write-ahead log."""
        return self._enqueue(Item(work, Future(), alone=True))

    @property
    def waiting(self) -> int:
        """How many items wait for a commit."""
        return len(self._waiting)

    @property
    def alive(self) -> bool:
        """Whether work is accepted."""
        return self._open

    def _enqueue(self, item: Item[T]) -> "Future[T]":
        with self._changed:
            if not self._open:
                raise StoreUnavailable
            if len(self._waiting) >= self._limits.queue:
                raise StoreBusy
            self._waiting.append(item)
            self._changed.notify()
        return item.future

    def _take(self) -> list[Item[Any]]:
        """Wait for a batch; an item that must be alone is a batch of one. Empty: time to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._open)
            batch: list[Item[Any]] = []
            while self._waiting and len(batch) < self._limits.batch:
                if batch and (batch[0].alone or self._waiting[0].alone):
                    break
                batch.append(self._waiting.popleft())
            return batch

    def _live(self) -> None:
        batch: list[Item[Any]] = []
        try:
            while taken := self._take():
                batch = [item for item in taken if item.future.set_running_or_notify_cancel()]
                began = time.monotonic()
                self._serve(batch)
                batch = []
                if self._batches.crowded and self._open:
                    time.sleep(min(time.monotonic() - began, self._limits.gather))
        except BaseException as error:  # noqa: BLE001 - a thread's boundary: stop for good
            self._fail_stop(batch, error)
        finally:
            self._writer.close()

    def _fail_stop(self, batch: list[Item[Any]], error: BaseException) -> None:
        with self._changed:
            self._open = False
            queued = list(self._waiting)
            self._waiting.clear()
        _fail([*batch, *queued], StoreUnavailable())
        self._on_failure(error)

    def _serve(self, batch: list[Item[Any]]) -> None:
        if batch and batch[0].alone:
            self._run_alone(batch[0])
        elif batch:
            self._commit(sorted(batch, key=lambda item: item.last))

    def _commit(self, batch: list[Item[Any]]) -> None:
        """Run a batch until its outcome is known, and resolve its futures."""
        for _ in range(self._limits.runs):
            try:
                settle = self._batches.transact(batch)
            except Again:
                continue
            except StoreUnavailable:
                break
            for resolve in settle:
                resolve()
            return
        _fail(batch, StoreUnavailable())

    def _run_alone(self, item: Item[Any]) -> None:
        try:
            connection = self._writer.connection()
            result = item.work(connection)
            connection.commit()
        except Exception as error:  # noqa: BLE001 - the item's own failure belongs to its caller
            lost = isinstance(error, DBAPIError) and isinstance(self._writer.meaning(error), StoreUnavailable | Again)
            item.future.set_exception(StoreUnavailable() if lost else error)
            self._writer.abandon()
        else:
            item.future.set_result(result)


def _fail(items: Sequence[Item[Any]], error: Exception) -> None:
    for item in items:
        if not item.future.done():
            item.future.set_exception(error)
