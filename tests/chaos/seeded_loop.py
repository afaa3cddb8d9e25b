"""An event loop whose order is chance's and whose time is played, so that a history can be lived through again."""

from __future__ import annotations

import asyncio
import contextvars
import heapq
import random
from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any, TypeVar

T = TypeVar("T")


class SeededLoop(asyncio.AbstractEventLoop):
    """What `asyncio` asks of a loop, as far as a worker uses it; the world outside calls `step`.

    Of several things that are ready, chance picks the next. Time stands still until nothing is ready, then it leaps
    to the next timer. What would run in a thread runs here, as a step of its own.
    """

    def __init__(self, chance: random.Random, began: float) -> None:
        self._chance = chance
        self._time = began
        self._ready: list[asyncio.Handle] = []
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._number = count()
        self.unforeseen: list[BaseException] = []

    def step(self) -> None:
        """Run one callback of those that are ready."""
        if not self._ready:
            return
        handle = self._ready.pop(self._chance.randrange(len(self._ready)))
        if handle.cancelled():
            return
        before = asyncio._get_running_loop()
        asyncio._set_running_loop(self)
        try:
            handle._run()
        finally:
            asyncio._set_running_loop(before)

    @property
    def idle(self) -> bool:
        """Whether nothing happens before time passes."""
        return not self._ready

    def leap(self) -> bool:
        """Let time pass until the next timer; False: there is none."""
        while self._timers and self._timers[0][2].cancelled():
            heapq.heappop(self._timers)
        if not self._timers:
            return False
        self.pass_time(max(0.0, self._timers[0][0] - self._time))
        return True

    def pass_time(self, seconds: float) -> None:
        """Let time pass; what it makes due is ready then."""
        self._time += seconds
        while self._timers and self._timers[0][0] <= self._time:
            self._ready.append(heapq.heappop(self._timers)[2])

    def time(self) -> float:
        return self._time

    def call_soon(self, callback: Any, *args: Any, context: contextvars.Context | None = None) -> asyncio.Handle:
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_at(
        self, when: float, callback: Any, *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        heapq.heappush(self._timers, (when, next(self._number), timer))
        return timer

    def call_later(
        self, delay: float, callback: Any, *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._time + delay, callback, *args, context=context)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """Nothing: a cancelled timer is passed over when its time comes."""

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(self, coro: Coroutine[Any, Any, T], **_: Any) -> asyncio.Task[T]:  # type: ignore[override]
        return asyncio.Task(coro, loop=self)

    def run_in_executor(self, executor: Any, func: Callable[..., T], *args: Any) -> asyncio.Future[T]:  # type: ignore[override]
        done = self.create_future()

        def run() -> None:
            try:
                result = func(*args)
            except Exception as error:  # noqa: BLE001 - handed to whoever waits
                done.set_exception(error)
            else:
                done.set_result(result)

        self.call_soon(run)
        return done

    def is_running(self) -> bool:
        return True

    def is_closed(self) -> bool:
        return False

    def get_debug(self) -> bool:
        return False

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        if "exception" in context:
            self.unforeseen.append(context["exception"])
