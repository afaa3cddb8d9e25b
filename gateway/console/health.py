"""How each agency is doing: what waits, what the breaker says, and how attempts of the last day went, hour by hour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from gateway.backlog import backlog
from gateway.store.tables import attempt, delivery

HOURS = 24
HOUR = 3_600.0
WIDTH, HEIGHT = 240, 48
"""Pixels of a chart."""


@dataclass(frozen=True)
class Bar:
    """Attempts of one hour: where they stand in the chart, how many went well and how many did not."""

    x: float
    good: int
    bad: int
    good_height: float
    bad_height: float


@dataclass(frozen=True)
class Health:
    """One agency: its line of the backlog, and the charts."""

    agency: str
    waiting: dict[str, Any]
    good: int
    bad: int
    median: int | None
    """Milliseconds."""
    bars: tuple[Bar, ...]
    curve: str
    """Points of the latency curve, as SVG writes them; empty without two hours to join."""

    @property
    def share(self) -> int | None:
        """Attempts that went well, in per cent."""
        return round(100 * self.good / (self.good + self.bad)) if self.good + self.bad else None


def health(connection: Connection, agencies: Iterable[str], now: float) -> list[Health]:
    """Return how each agency is doing."""
    waiting = {line["recipient"]: line for line in backlog(connection, now)}
    began = now - HOURS * HOUR
    made: dict[str, list[RowMapping]] = {}
    asked = (
        select(delivery.c.recipient, attempt.c.at, attempt.c.ms, attempt.c.outcome)
        .join(delivery, delivery.c.id == attempt.c.delivery)
        .where(attempt.c.delivery >= _first_id(began), attempt.c.at >= began)
    )
    for row in connection.execute(asked).mappings():
        made.setdefault(row["recipient"], []).append(row)
    return [_health(name, waiting.get(name, {}), made.get(name, []), began) for name in agencies]


def _first_id(at: float) -> str:
    """Return the smallest id a delivery made at an instant could have (UUIDv7: its first 48 bits are the time)."""
    digits = f"{int(at * 1_000):012x}"
    return f"{digits[:8]}-{digits[8:]}-7000-8000-000000000000"


def _health(agency: str, waiting: dict[str, Any], made: list[RowMapping], began: float) -> Health:
    hours: list[list[RowMapping]] = [[] for _ in range(HOURS)]
    for row in made:
        hours[min(HOURS - 1, int((row["at"] - began) / HOUR))].append(row)
    good = sum(row["outcome"] == "DELIVERED" for row in made)
    return Health(agency, waiting, good, len(made) - good, _median(made), tuple(_bars(hours)), _curve(hours))


def _median(rows: list[RowMapping]) -> int | None:
    times = sorted(row["ms"] for row in rows)
    return times[len(times) // 2] if times else None


def _bars(hours: list[list[RowMapping]]) -> list[Bar]:
    most = max(1, *(len(rows) for rows in hours))
    step = WIDTH / HOURS
    bars = []
    for at, rows in enumerate(hours):
        good = sum(row["outcome"] == "DELIVERED" for row in rows)
        bad = len(rows) - good
        bars.append(Bar(round(at * step, 1), good, bad, _scaled(good, most), _scaled(bad, most)))
    return bars


def _curve(hours: list[list[RowMapping]]) -> str:
    medians = [(at, median) for at, rows in enumerate(hours) if (median := _median(rows)) is not None]
    if len(medians) < 2:
        return ""
    most, step = max(1, *(median for _, median in medians)), WIDTH / HOURS
    return " ".join(f"{(at + 0.5) * step:.1f},{HEIGHT - _scaled(median, most):.1f}" for at, median in medians)


def _scaled(value: int, most: int) -> float:
    return round(value / most * (HEIGHT - 6), 1)
