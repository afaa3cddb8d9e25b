"""What has to be done from time to time, by whichever process comes first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from gateway import followup
from gateway.daily import daily
from gateway.room import Room

log = logging.getLogger(__name__)

CHECKPOINT_SECONDS = 10.0
FOLLOWUP_SECONDS = 20.0
DAILY_SECONDS = 60.0
"""Between looks at whether a new day has begun."""
SEQUENCE_SECONDS = 1.0
"""How long an entry that was stored without a place in the ledger may have to wait for it."""


@asynccontextmanager
async def periodic(
    room: Room, sign: Callable[[float | None], None], retention: Mapping[str, int]
) -> AsyncIterator[None]:
    """Do what has to be done from time to time; of all processes on one database, whichever comes first does it."""
    jobs = (
        (CHECKPOINT_SECONDS, "checkpoint", lambda: sign(CHECKPOINT_SECONDS * 0.9)),
        (FOLLOWUP_SECONDS, "followup", lambda: _follow_up(room)),
        (DAILY_SECONDS, "daily", lambda: daily(room, retention)),
        (SEQUENCE_SECONDS, "sequence", lambda: room.store.committer.submit(room.journal.flush, last=True).result()),
    )
    shared = jobs[:-1] if room.store.alone else jobs
    tasks = [asyncio.create_task(_steadily(seconds, name, work)) for seconds, name, work in shared]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _follow_up(room: Room) -> None:
    """Tell whoever waits too long; every alert is an entry, a metric, and a line in the log."""
    for alert in followup.tell(room, FOLLOWUP_SECONDS * 0.9):
        log.warning("followup.late", extra={"recipient": alert.recipient, "code": alert.code})


async def _steadily(seconds: float, name: str, work: Callable[[], object]) -> None:
    """Do something again and again; a failure is logged by its kind and does not end it."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await asyncio.to_thread(work)
        except Exception as error:
            log.exception("steady.failed", extra={"kind": type(error).__name__, "code": name})
