"""A tray: what waits for the committer is taken together, at its next turn, by one work item.

The item asks the database once for all of them and writes each table once. Each thing is still stored whole or not at
all, and for itself: if anything goes wrong with what was taken together, each is tried again in an item of its own.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import Connection

from gateway.store.committer import Committer
from gateway.store.errors import StoreBusy, StoreError

T = TypeVar("T")
R = TypeVar("R")

MOST = 200
"""Things that one work item takes."""

StoreAll = Callable[[Connection, Sequence[T]], Sequence[R | Exception]]
"""Stores things, in order; a result for each: what whoever brought it is told, or is raised to them."""


@dataclass
class _Waiting(Generic[T, R]):
    thing: T
    answer: asyncio.Future[R]
    loop: asyncio.AbstractEventLoop

    def resolve(self, result: R | Exception) -> None:
        """Tell the caller, on its own loop, unless it has gone."""
        if self.answer.done():
            return
        if isinstance(result, Exception):
            self.answer.set_exception(result)
        else:
            self.answer.set_result(result)


@dataclass
class _Trayful(Generic[T, R]):
    """What one work item of the committer has taken."""

    taken: list[_Waiting[T, R]] = field(default_factory=list)


class Tray(Generic[T, R]):
    """Things on their way to the committer; `limit` of them may wait.

    `store` stores them, `cases` names the cases whose rows one of them changes (see `Committer.submit`).
    """

    def __init__(
        self, committer: Committer, store: StoreAll[T, R], cases: Callable[[T], Sequence[str]], limit: int
    ) -> None:
        self._committer = committer
        self._store = store
        self._cases = cases
        self._limit = limit
        self._guard = threading.Lock()
        self._waiting: deque[_Waiting[T, R]] = deque()
        self._asked = False

    async def put(self, thing: T) -> R:
        """Store something and return what `store` says of it, once it is durable.

        Raises:
            StoreBusy, StoreUnavailable: nothing was stored.
            Exception: whatever `store` says of it instead.
        """
        loop = asyncio.get_running_loop()
        waiting: _Waiting[T, R] = _Waiting(thing, loop.create_future(), loop)
        with self._guard:
            if len(self._waiting) >= self._limit:
                raise StoreBusy
            self._waiting.append(waiting)
            ask, self._asked = not self._asked, True
        if ask:
            self._ask()
        return await waiting.answer

    @property
    def waiting(self) -> int:
        """How many things wait for the committer."""
        return len(self._waiting)

    def _ask(self) -> None:
        trayful: _Trayful[T, R] = _Trayful()
        try:
            work = self._committer.submit(
                lambda connection: self._store(connection, [each.thing for each in trayful.taken]),
                cases=lambda: self._take(trayful),
            )
        except StoreError as error:
            self._take(trayful)
            _tell((each, error) for each in trayful.taken)
            return
        work.add_done_callback(lambda done: self._done(trayful, done))

    def _take(self, trayful: _Trayful[T, R]) -> list[str]:
        """Take what waits, when the committer's turn comes, and return the cases it is about."""
        with self._guard:
            self._asked = False
            while self._waiting and len(trayful.taken) < MOST:
                trayful.taken.append(self._waiting.popleft())
            more = bool(self._waiting)
            self._asked = more
        if more:
            self._ask()
        return [case for each in trayful.taken for case in self._cases(each.thing)]

    def _done(self, trayful: _Trayful[T, R], work: Future[Sequence[R | Exception]]) -> None:
        """Tell every caller; on the committing thread, after the commit."""
        error = work.exception()
        if error is None:
            _tell(zip(trayful.taken, work.result(), strict=True))
        elif isinstance(error, StoreError) or len(trayful.taken) < 2:
            _tell((each, cast(Exception, error)) for each in trayful.taken)
        else:
            for each in trayful.taken:
                self._alone(each)

    def _alone(self, waiting: _Waiting[T, R]) -> None:
        """Store one thing in a work item of its own, because of whatever went wrong with its neighbours."""
        try:
            work = self._committer.submit(
                lambda c: self._store(c, [waiting.thing]), cases=lambda: self._cases(waiting.thing)
            )
        except StoreError as error:
            _tell([(waiting, error)])
            return
        work.add_done_callback(lambda done: self._done(_Trayful([waiting]), done))


def _tell(results: Iterable[tuple[_Waiting[Any, Any], Any]]) -> None:
    """Resolve callers' futures, with one call into each loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting[Any, Any], Any]]] = {}
    for waiting, result in results:
        by_loop.setdefault(waiting.loop, []).append((waiting, result))
    for loop, told in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, told)


def _resolve(told: list[tuple[_Waiting[Any, Any], Any]]) -> None:
    for waiting, result in told:
        waiting.resolve(result)
