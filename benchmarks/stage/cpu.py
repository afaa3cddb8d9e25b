"""CPU time of other processes, as the kernel counts it: every thread, user and system."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process, all its threads and its ended children (proc(5), stat, 14 to 17)."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def children(pid: int) -> list[int]:
    """Return the processes a process has started and that still run."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


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
