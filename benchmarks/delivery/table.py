"""The table of the throughput benchmark, as Markdown."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.stage.cpu import Cost
from benchmarks.stage.page import machine


@dataclass(frozen=True)
class Demand:
    """A figure that must be reached: `found` at least, or at most, `wanted`."""

    what: str
    found: float
    wanted: float
    at_most: bool = False

    @property
    def met(self) -> bool:
        """It is reached."""
        return self.found <= self.wanted if self.at_most else self.found >= self.wanted

    def __str__(self) -> str:
        """Say what was found, what is wanted, and whether that is met."""
        bound = "at most" if self.at_most else "at least"
        return f"{self.what} {self.found:.3g} ({bound} {self.wanted:g}: {'met' if self.met else '**missed**'})"


@dataclass(frozen=True)
class Row:
    """One measurement, and what is demanded of it."""

    name: str
    cost: Cost
    demands: tuple[Demand, ...] = ()
    note: str = ""

    @property
    def met(self) -> bool:
        """Everything demanded of it is reached."""
        return all(demand.met for demand in self.demands)


def markdown(rows: Sequence[Row], sizes: str = "", *, complete: bool = True) -> str:
    """Return the rows as a table under lines that name the machine, how busy it was, and how much was measured.

    A run that was not `complete` says so: what is missing was not measured.
    """
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    lines = [
        f"Measured on {machine()}; load average at the end {load}. CPU is that of all processes of ours and of the",
        "database server, for each referral (or claim).",
        *([sizes] if sizes else []),
        *([] if complete else ["**The run has not ended: what is missing here was not measured.**"]),
        "",
        "| what | CPU | on the wall | demanded | |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *map(_line, rows)])


def _line(row: Row) -> str:
    demands = "; ".join(map(str, row.demands))
    return f"| {row.name} | {row.cost.ms:.2f} ms | {row.cost.rate:.0f}/s | {demands} | {row.note} |"
