"""Timing: several runners by turns, each in blocks of processor time, and the ratio of the best blocks.

A runner is given a number of repetitions and returns the processor time they took (nanoseconds), so that one in this
process and one in another are measured alike.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any, TypeAlias

Runner: TypeAlias = Callable[[int], int]

_BLOCK = 5_000_000
"""How long one block lasts (nanoseconds of processor time): short, so that some of many are left undisturbed."""


def here(call: Callable[[], Any]) -> Runner:
    """Return the runner of a call in this process."""

    def run(times: int) -> int:
        started = time.process_time_ns()
        for _ in range(times):
            call()
        return time.process_time_ns() - started

    return run


@dataclass(frozen=True, slots=True)
class Result:
    """The blocks of one runner: microseconds for one repetition, round by round."""

    rounds: tuple[float, ...]

    @property
    def best(self) -> float:
        """Microseconds in the best block: the others were disturbed."""
        return min(self.rounds)

    def ratio(self, other: Result) -> Ratio:
        """Return how many times the other's cost this is."""
        each = [mine / theirs for mine, theirs in zip(self.rounds, other.rounds, strict=True)]
        low, _, high = quantiles(each, n=4) if len(each) > 1 else (each[0],) * 3
        return Ratio(self.best / other.best, low, high)


@dataclass(frozen=True, slots=True)
class Ratio:
    """The ratio of two best blocks, and between which ratios half of all rounds lay."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def by_turns(runners: Sequence[Runner], rounds: int) -> list[Result]:
    """Run all by turns and return what each took; every other round goes backwards."""
    counts = [_count(runner) for runner in runners]
    taken: list[list[float]] = [[] for _ in runners]
    gc.collect()
    for number in range(rounds):
        order = range(len(runners)) if number % 2 == 0 else reversed(range(len(runners)))
        for index in order:
            taken[index].append(runners[index](counts[index]) / counts[index] / 1_000)
    return [Result(tuple(each)) for each in taken]


def _count(runner: Runner) -> int:
    """Warm a runner up and return how many repetitions fill a block."""
    runner(10)
    return max(2, _BLOCK * 10 // max(1, runner(10)))
