"""One thread, one writing connection, many items of work a commit.

A durable commit costs a flush of the disk; a flush for each request would set the pace of the whole gateway.
So the committer drains what is waiting (up to `Limits.batch` items), runs every item in one transaction with
a savepoint around each, commits once, and only then tells the callers. What it promises:

* a future that gives a result: that item is on disk (SQLite, synchronous=FULL);
* a future that gives the item's own exception: nothing of that item was stored, its neighbours are unharmed;
* a future that gives `StoreUnavailable`: nothing of the whole batch was stored; a later item may succeed,
  because the committer lives on and tries again when the disk or the lock is free;
* anything else unexpected stops the committer for good and calls `on_failure`: better no service than a
  ledger whose memory and disk disagree.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from gateway.store.engine import begin, in_transaction, is_damage, is_unavailable
from gateway.store.errors import StoreBusy, StoreUnavailable

T = TypeVar("T")
Work = Callable[[Connection], T]


@dataclass(frozen=True)
class Limits:
    """How much may wait, and how much goes into one commit (items)."""

    queue: int = 2_000
    batch: int = 200


class Participant(Protocol):
    """Somebody whose memory must follow the transaction, such as the ledger's tree."""

    def batch_began(self) -> None:
        """Remember the present state: `batch_undone` returns to it."""
        ...

    def item_began(self) -> None:
        """Remember the present state: `item_undone` returns to it."""
        ...

    def item_undone(self) -> None:
        """Return to the state at the last `item_began`: its savepoint was rolled back."""
        ...

    def batch_closing(self, connection: Connection) -> None:
        """Write whatever was kept back, as the last words before COMMIT."""
        ...

    def batch_done(self) -> None:
        """Keep the present state: the transaction is committed."""
        ...

    def batch_undone(self) -> None:
        """Return to the state at the last `batch_began`: the transaction was rolled back."""
        ...


@dataclass(frozen=True)
class _Item(Generic[T]):
    work: Work[T]
    future: "Future[T]"
    alone: bool = False


class _BatchLost(Exception):
    """The database ended the transaction under us, or cannot go on with it."""


class Committer:
    """Owns the writing connection of `engine`; see the module for what it promises.

    `on_failure` is called once, from the committing thread, when it has stopped for good; a service ends its
    process there, so that a supervisor starts it afresh.
    """

    def __init__(
        self,
        engine: Engine,
        participants: Sequence[Participant] = (),
        on_failure: Callable[[BaseException], None] = lambda _: None,
        limits: Limits | None = None,
    ) -> None:
        self._engine = engine
        self._participants = list(participants)
        self._on_failure = on_failure
        self._limits = limits or Limits()
        self._waiting: deque[_Item[Any]] = deque()
        self._changed = threading.Condition()
        self._open = False
        self._thread = threading.Thread(target=self._live, name="committer", daemon=True)

    def join(self, participant: Participant) -> None:
        """Add a participant; only before `start`."""
        self._participants.append(participant)

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

    def submit(self, work: Work[T]) -> "Future[T]":
        """Queue work for the next commit.

        The future's result is what `work` returned, available once it is durable. Work may run in any later
        batch, must use only the connection it is given, and must not commit or roll back.
        Raises `StoreBusy` when the queue is full, `StoreUnavailable` when the committer has stopped.
        """
        return self._enqueue(_Item(work, Future()))

    def run(self, work: Work[T]) -> T:
        """Submit work and wait; raises what the future holds."""
        return self.submit(work).result()

    def maintain(self, work: Work[T]) -> "Future[T]":
        """Queue work that must run outside any transaction, such as a truncation of the write-ahead log."""
        return self._enqueue(_Item(work, Future(), alone=True))

    @property
    def waiting(self) -> int:
        """How many items wait for a commit."""
        return len(self._waiting)

    @property
    def alive(self) -> bool:
        """Whether work is accepted."""
        return self._open

    def _enqueue(self, item: _Item[T]) -> "Future[T]":
        with self._changed:
            if not self._open:
                raise StoreUnavailable
            if len(self._waiting) >= self._limits.queue:
                raise StoreBusy
            self._waiting.append(item)
            self._changed.notify()
        return item.future

    def _take(self) -> list[_Item[Any]]:
        """Wait for a batch; an item that must be alone is a batch of one. Empty: time to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._open)
            batch: list[_Item[Any]] = []
            while self._waiting and len(batch) < self._limits.batch:
                if batch and (batch[0].alone or self._waiting[0].alone):
                    break
                batch.append(self._waiting.popleft())
            return batch

    def _live(self) -> None:
        batch: list[_Item[Any]] = []
        try:
            with self._engine.connect() as connection:
                while taken := self._take():
                    batch = [item for item in taken if item.future.set_running_or_notify_cancel()]
                    self._serve(connection, batch)
                    batch = []
        except BaseException as error:  # noqa: BLE001 - a thread's boundary: stop for good
            self._fail_stop(batch, error)

    def _fail_stop(self, batch: list[_Item[Any]], error: BaseException) -> None:
        with self._changed:
            self._open = False
            queued = list(self._waiting)
            self._waiting.clear()
        _fail([*batch, *queued], StoreUnavailable())
        self._on_failure(error)

    def _serve(self, connection: Connection, batch: list[_Item[Any]]) -> None:
        if batch and batch[0].alone:
            self._run_alone(connection, batch[0])
        elif batch:
            self._commit(connection, batch)

    def _commit(self, connection: Connection, batch: list[_Item[Any]]) -> None:
        """Run a batch in one transaction and resolve its futures once the outcome is durable."""
        for participant in self._participants:
            participant.batch_began()
        try:
            begin(connection)
            settle = [self._run(connection, item) for item in batch]
            for participant in self._participants:
                participant.batch_closing(connection)
            connection.exec_driver_sql("COMMIT")
        except (DBAPIError, _BatchLost) as error:
            self._abandon(connection)
            if isinstance(error, DBAPIError) and not is_unavailable(error):
                raise
            _fail(batch, StoreUnavailable())
            return
        finally:
            connection.commit()  # ends SQLAlchemy's own bookkeeping; the database commits by the text above
        for participant in self._participants:
            participant.batch_done()
        for resolve in settle:
            resolve()

    def _abandon(self, connection: Connection) -> None:
        if in_transaction(connection):
            connection.exec_driver_sql("ROLLBACK")
        for participant in self._participants:
            participant.batch_undone()

    def _run(self, connection: Connection, item: _Item[Any]) -> Callable[[], None]:
        """Run one item inside a savepoint; return what tells its caller, to be called after the commit."""
        connection.exec_driver_sql("SAVEPOINT item")
        for participant in self._participants:
            participant.item_began()
        try:
            result = item.work(connection)
        except Exception as error:  # noqa: BLE001 - the item's own failure belongs to its caller
            self._undo(connection, error)
            failure = error
            return lambda: item.future.set_exception(failure)
        connection.exec_driver_sql("RELEASE SAVEPOINT item")
        return lambda: item.future.set_result(result)

    def _undo(self, connection: Connection, error: Exception) -> None:
        """Take back one item; raises if the fault is the database's and not the item's."""
        if isinstance(error, DBAPIError) and is_damage(error):
            raise error
        lost = isinstance(error, DBAPIError) and is_unavailable(error)
        if lost or not in_transaction(connection):
            raise _BatchLost from error
        connection.exec_driver_sql("ROLLBACK TO SAVEPOINT item")
        connection.exec_driver_sql("RELEASE SAVEPOINT item")
        for participant in self._participants:
            participant.item_undone()

    def _run_alone(self, connection: Connection, item: _Item[Any]) -> None:
        try:
            result = item.work(connection)
        except Exception as error:  # noqa: BLE001 - the item's own failure belongs to its caller
            lost = isinstance(error, DBAPIError) and is_unavailable(error)
            item.future.set_exception(StoreUnavailable() if lost else error)
        else:
            item.future.set_result(result)
        finally:
            connection.commit()


def _fail(items: Sequence[_Item[Any]], error: Exception) -> None:
    for item in items:
        if not item.future.done():
            item.future.set_exception(error)
