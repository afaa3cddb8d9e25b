"""What a simulated agency starts by itself, kept until the gateway has taken it.

A letter is sent under its one message id until it is taken (2xx) or refused for good; a gateway that is unavailable
is asked again, later each time, and never before the `Retry-After` it gave. Letters survive a restart.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from email.utils import parsedate_to_datetime

from starlette.concurrency import run_in_threadpool

from conformance.sandbox.agency import Letter
from conformance.sandbox.gateway_login import GatewayClient
from conformance.sandbox.store import Outgoing, Store

FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0
ATTEMPTS = 20
"""How often a letter is sent before the agency gives it up."""
IDLE = 3600.0
"""Seconds between looks at an outbox in which nothing waits; a new letter ends them at once."""
UNAVAILABLE = frozenset({0, 401, 408, 425, 429})
"""Answers besides 5xx after which the same letter is sent again; 0: none came."""


class Outbox:
    """Sends one agency's letters. `clock` gives seconds since 1970."""

    def __init__(self, store: Store, client: GatewayClient, clock: Callable[[], float] = time.time) -> None:
        """Send what `store` keeps, by the agency's own client."""
        self._store = store
        self._client = client
        self._clock = clock
        self._put: asyncio.Event | None = None

    def put(self, letter: Letter) -> None:
        """Keep a letter, to be sent as soon as the outbox works."""
        self._store.put_letter(letter.message_id, letter.media_type, letter.body, self._clock())
        if self._put is not None:
            self._put.set()

    async def work(self) -> float:
        """Send every letter whose time has come; gives the seconds until the next one's."""
        for letter in await run_in_threadpool(self._store.letters):
            if letter.state == "WAITING" and letter.due <= self._clock():
                settled = await self._sent(letter)
                await run_in_threadpool(self._store.settle_letter, settled)
        left = await run_in_threadpool(self._store.letters)
        return min((one.due - self._clock() for one in left if one.state == "WAITING"), default=IDLE)

    async def run(self) -> None:
        """Work until cancelled."""
        self._put = asyncio.Event()
        while True:
            self._put.clear()
            wait = await self.work()
            try:
                await asyncio.wait_for(self._put.wait(), max(0.01, wait))
            except TimeoutError:
                continue

    async def _sent(self, letter: Outgoing) -> Outgoing:
        posted = await self._client.post("/v1/referrals", Letter(letter.message_id, letter.content_type, letter.body))
        tried = replace(letter, attempts=letter.attempts + 1, status=posted.status)
        if 200 <= posted.status < 300:
            return replace(tried, state="TAKEN")
        if posted.status < 500 and posted.status not in UNAVAILABLE:
            return replace(tried, state="REFUSED")
        if tried.attempts >= ATTEMPTS:
            return replace(tried, state="GIVEN_UP")
        wait = max(_wait(tried.attempts), asked_wait(posted.retry_after, self._clock()))
        return replace(tried, due=self._clock() + wait)


def _wait(attempts: int) -> float:
    longest: float = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1))
    return longest * (0.8 + 0.2 * random.random())  # noqa: S311 - jitter, no secret


def asked_wait(retry_after: str, now: float) -> float:
    """Read Retry-After as seconds or as a date (RFC 9110 section 10.2.3); 0 for nothing or nonsense."""
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return 0.0
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now)
