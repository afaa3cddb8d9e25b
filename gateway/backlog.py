"""What waits, for each agency: how much, how long, and what holds it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, select, text

from gateway.delivery.states import DeliveryState
from gateway.store.tables import delivery, endpoint, lane

_HELD = select(lane.c.dest, func.count(), func.sum(lane.c.pending)).where(text("held = 1")).group_by(lane.c.dest)
"""In the words of the index that answers it: lanes remain for ever, and few are held."""


def backlog(connection: Connection, now: float) -> list[dict[str, Any]]:
    """Return a line for each agency for which something waits, is dead, or whose endpoint is not in order.

    Counts come from the indexes of held lanes and of open and dead deliveries, so that what was delivered in all the
    years before costs nothing. Ages are seconds.
    """
    states = (DeliveryState.OPEN.value, DeliveryState.DEAD.value)
    rows = connection.execute(
        select(delivery.c.recipient, delivery.c.state, func.count(), func.min(delivery.c.created))
        .where(delivery.c.state.in_(states))
        .group_by(delivery.c.recipient, delivery.c.state)
    )
    lines: dict[str, dict[str, Any]] = {}
    for recipient, state, count, first in rows:
        line = lines.setdefault(recipient, _line(recipient))
        line["open" if state == DeliveryState.OPEN.value else "dead"] = count
        if state == DeliveryState.OPEN.value:
            line["oldest_seconds"] = round(max(0.0, now - first))
    for dest, lanes, pending in connection.execute(_HELD):
        lines.setdefault(dest, _line(dest)).update(held_lanes=lanes, held_behind=int(pending))
    for row in connection.execute(select(endpoint)).mappings():
        if row["paused"] or row["phase"] != "CLOSED":
            line = lines.setdefault(row["dest"], _line(row["dest"]))
            line.update(breaker=row["phase"], paused=bool(row["paused"]), paused_reason=row["paused_reason"])
    return [lines[name] for name in sorted(lines)]


def _line(recipient: str) -> dict[str, Any]:
    return {
        "recipient": recipient, "open": 0, "dead": 0, "oldest_seconds": 0, "held_lanes": 0, "held_behind": 0,
        "breaker": "CLOSED", "paused": False, "paused_reason": None,
    }  # fmt: skip
