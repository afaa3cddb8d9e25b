"""A batch of work in one transaction: each item behind a savepoint, then what concerns them all, then COMMIT."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gateway.store.errors import StoreUnavailable
from gateway.store.writers import Writer

T = TypeVar("T")
Work = Callable[[Connection], T]
Cases = Callable[[], Sequence[str]]
"""Names the cases whose rows an item changes; asked when its batch begins."""


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
class Item(Generic[T]):
    """A piece of work and whom to tell; see `Committer.submit` and `Committer.maintain`."""

    work: Work[T]
    future: Future[T]
    cases: Cases = tuple
    last: bool = False
    alone: bool = False


class _BatchLost(Exception):
    """The database ended the transaction under us, or cannot go on with it."""


class Batches:
    """Runs batches through a writer; `participants` follow each transaction, `later` is what items put off."""

    def __init__(self, writer: Writer, participants: Sequence[Participant]) -> None:
        self._writer = writer
        self.participants = list(participants)
        self.later: list[tuple[tuple[str, ...], Work[object]]] = []
        self.crowded = False
        """The last batch held several items, or one about several cases."""

    def transact(self, batch: list[Item[Any]]) -> list[Callable[[], None]]:
        """Run a batch in one transaction; return what tells its callers, once it is durable.

        Raises `Again`, `StoreUnavailable`: nothing was stored.
        """
        self.later.clear()
        for participant in self.participants:
            participant.batch_began()
        try:
            cases = [case for item in batch for case in item.cases()]
            self.crowded = max(len(batch), len(cases)) > 1
            connection = self._writer.begin(cases)
            settle = [self._run(connection, item, more=item is not batch[-1]) for item in batch if not item.last]
            for _, work in sorted(self.later, key=lambda each: each[0]):
                work(connection)
            if self.later and batch[-1].last:
                self._writer.keep()
            settle += [self._run(connection, item, more=item is not batch[-1]) for item in batch if item.last]
            for participant in self.participants:
                participant.batch_closing(connection)
        except DBAPIError as error:
            raise self._undone(error) from None
        except _BatchLost as lost:
            cause = lost.__cause__
            raise (self._undone(cause) if isinstance(cause, DBAPIError) else self._unstored()) from None
        try:
            self._writer.commit()
        except DBAPIError as error:
            if not self._writer.landed(error):
                raise self._undone(error) from None
        for participant in self.participants:
            participant.batch_done()
        return settle

    def _undone(self, error: DBAPIError) -> Exception:
        """Take the transaction back; return what is to be raised."""
        unstored = self._unstored()
        meaning = self._writer.meaning(error)
        return unstored if isinstance(meaning, StoreUnavailable) else meaning

    def _unstored(self) -> StoreUnavailable:
        self._writer.abandon()
        for participant in self.participants:
            participant.batch_undone()
        return StoreUnavailable()

    def _run(self, connection: Connection, item: Item[Any], *, more: bool, again: bool = False) -> Callable[[], None]:
        """Run one item behind the savepoint; return what tells its caller, to be called after the commit."""
        later = len(self.later)
        for participant in self.participants:
            participant.item_began()
        try:
            result = item.work(connection)
        except Exception as error:  # noqa: BLE001 - the item's own failure belongs to its caller
            del self.later[later:]
            self._undo(error)
            if self._writer.collided(error) and not again:
                return self._run(connection, item, more=more, again=True)
            failure = error
            return lambda: item.future.set_exception(failure)
        if more:
            self._writer.keep()
        return lambda: item.future.set_result(result)

    def _undo(self, error: Exception) -> None:
        """Take back one item; raises if the fault is the database's and not the item's."""
        if not self._writer.is_own(error):
            raise _BatchLost from error
        self._writer.undo()
        for participant in self.participants:
            participant.item_undone()
