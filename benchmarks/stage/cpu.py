"""CPU time of other processes, as the kernel counts it: every thread, user and system."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds a process has used in all its threads, ended ones too (proc(5), stat, 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


@dataclass(frozen=True)
class Cost:
    """What a number of requests took: CPU seconds of the server and seconds on the wall."""

    requests: int
    cpu: float
    wall: float

    @property
    def ms(self) -> float:
        """CPU milliseconds for one request."""
        return 1000 * self.cpu / self.requests

    @property
    def rate(self) -> float:
        """Requests a second on the wall of this machine, whatever else ran on it."""
        return self.requests / self.wall

    @property
    def per_core(self) -> float:
        """Requests a second that one core of this machine could serve."""
        return self.requests / self.cpu


def median(costs: list[Cost]) -> Cost:
    """Return the run in the middle, by CPU for one request."""
    return sorted(costs, key=lambda cost: cost.ms)[len(costs) // 2]
