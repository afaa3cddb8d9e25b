"""What is done once a day, in Karachi's days: erase what is kept long enough, take back what may no longer be known."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from gateway.recall.reevaluation import lapsed, reevaluate
from gateway.retention import retain
from gateway.room import Room
from gateway.store.duties import take_turn
from mappings.dates import KARACHI

log = logging.getLogger(__name__)
LAPSED = "LAPSED"
"""Reason code: an agreement or a consent has run out, or an agreement was narrowed."""


def daily(room: Room, retention: Mapping[str, int]) -> bool:
    """Do the day's work if nobody has done it, of all processes on one database; blocks. False: it was done.

    What was missed while the gateway stood still is done at the next call: what is due is asked, not what day it is.
    """
    now = room.clock.now()
    if not room.store.committer.run(lambda connection: take_turn(connection, "daily", _until_tomorrow(now), now)):
        return False
    with room.store.readers.connection() as connection:
        names = lapsed(room, connection)
    for name in names:
        room.store.committer.run(partial(_again, room, name))
    erased = retain(room, retention)
    log.info("daily.done", extra={"recalled": len(names), "erased": erased})
    return True


def _until_tomorrow(now: float) -> float:
    """Return the seconds until the next day begins in Karachi."""
    here = datetime.fromtimestamp(now, KARACHI)
    midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight - here).total_seconds()


def _again(room: Room, referral_id: str, connection: Connection) -> None:
    reevaluate(room, connection, referral_id, LAPSED)
