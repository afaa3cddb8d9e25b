"""Throughput: what one referral costs, against a bare FastAPI endpoint measured in the same run.

Prints a table and exits with 1 when a demand is missed; see `README.md` for how to read it. ``--write`` puts the table
into ``docs/throughput.md``, anew after each measurement, so that a run that is interrupted leaves what it has found.
``--quick`` measures less; ``--count``, ``--runs``, ``--few``, ``--stored`` and ``--claims`` say how much.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.delivery.runs import (
    Place,
    Server,
    accepting,
    bare,
    by_hand,
    by_turns,
    end_to_end,
    end_to_end_by_hand,
)
from benchmarks.delivery.server import fresh, postgres
from benchmarks.delivery.stored import claims, fill
from benchmarks.delivery.table import Demand, Row, markdown
from benchmarks.stage.configuration import POLICE, WELFARE
from benchmarks.stage.page import write_between

PAGE = Path(__file__).parent.parent / "docs" / "throughput.md"
ONE, TWO = (WELFARE,), (WELFARE, POLICE)


@dataclass(frozen=True)
class Amounts:
    """How much is measured."""

    count: int
    """Referrals of one run."""
    runs: int
    few: int
    """Referrals stored before in the database called nearly empty."""
    stored: int
    """Referrals stored before in the one called full."""
    claims: int

    def __str__(self) -> str:
        """Say how much was measured."""
        return f"{self.count:,} referrals a run; of acceptance the median of {self.runs} runs, servers taking turns."


def acceptance(folder: Path, server: Server, amounts: Amounts) -> Iterator[Row]:
    """Measure the ceiling, and acceptance on both databases against it, by turns."""
    with ExitStack() as stack:
        places = (Place(folder / "accept"), Place(folder / "accept-postgres", fresh(server)))
        least = (bare(folder), by_hand(folder / "accept-by-hand"))
        servers = [stack.enter_context(each) for each in (*least, *map(accepting, places))]
        ceiling, hand, *taken = by_turns(servers, amounts.count, amounts.runs)
    yield Row("bare FastAPI endpoint, same body, nothing stored", ceiling)
    note = f"of the ceiling {ceiling.ms / hand.ms:.3g}"
    yield Row("the same rows stored by hand, SQLite, nothing checked", hand, note=note)
    for name, cost, share in zip(("SQLite", "PostgreSQL"), taken, (0.5, 0.4), strict=True):
        demand = Demand("of the ceiling per core", ceiling.ms / cost.ms, share)
        yield Row(f"durable accept with token for two, {name}", cost, (demand,))


def delivery(folder: Path, server: Server, amounts: Amounts) -> Iterator[Row]:
    """Measure from the first referral sent until the last receipt is stored."""
    for name, to in (("one", ONE), ("two", TWO)):
        hand = end_to_end_by_hand(folder / f"{name}-by-hand", amounts.count, to)
        yield Row(f"the same calls and rows by hand to {name}, SQLite, nothing checked", hand)
    alone = end_to_end(Place(folder / "one"), amounts.count, ONE)
    cheap = Demand("ms CPU", alone.ms, 2.0, at_most=True)
    yield Row("end to end to one, SQLite, one process", alone, (cheap, Demand("a second", alone.rate, 340)))
    both = end_to_end(Place(folder / "two"), amounts.count, TWO)
    yield Row("end to end to two, SQLite, one process", both, (Demand("a second", both.rate, 250),))
    for workers in (1, 2):
        for name, to in (("one", ONE), ("two", TWO)):
            place = Place(folder / f"{name}-{workers}", fresh(server))
            cost = end_to_end(place, amounts.count, to, workers)
            yield Row(f"end to end to {name}, PostgreSQL, a gateway and {_counted(workers)}", cost)


def _counted(workers: int) -> str:
    return "one worker" if workers == 1 else f"{workers} workers"


def fullness(folder: Path, amounts: Amounts) -> Iterator[Row]:
    """Measure acceptance into a nearly empty and a full database, and claims from the full one's backlog."""
    nearly, place = Place(folder / "nearly-empty"), Place(folder / "full")
    fill(nearly.folder, amounts.few)
    fill(place.folder, amounts.stored)
    with accepting(nearly) as one, accepting(place) as other:
        few, full = by_turns([one, other], amounts.count, amounts.runs)
    yield Row(f"durable accept with {amounts.few:,} stored", few)
    demand = Demand("times that", full.ms / few.ms, 1.2, at_most=True)
    yield Row(f"durable accept with {amounts.stored:,} stored", full, (demand,))
    cost, times = claims(place.folder, amounts.claims)
    hundredths = statistics.quantiles((1000 * each for each in times), n=100)
    slow = Demand("ms p99", hundredths[98], 20, at_most=True)
    yield Row(f"claim of 8 from a backlog of {amounts.stored:,}", cost, (slow,), f"p50 {hundredths[49]:.2f} ms")


def measured(folder: Path, amounts: Amounts) -> Iterator[Row]:
    """Measure everything, one after the other."""
    with postgres(folder / "postgres") as server:
        yield from acceptance(folder, server, amounts)
        yield from delivery(folder, server, amounts)
    yield from fullness(folder, amounts)


def _amounts() -> tuple[Amounts, bool]:
    """Read the options; the second is whether the page is written."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--count", type=int, help="referrals of one run: 4,000; with --quick 600")
    parser.add_argument("--runs", type=int, help="runs of acceptance: 5; with --quick 1")
    parser.add_argument("--few", type=int, help="10,000; with --quick 2,000")
    parser.add_argument("--stored", type=int, help="1,000,000; with --quick 20,000")
    parser.add_argument("--claims", type=int, help="1,000; with --quick 200")
    said = parser.parse_args()
    usual = Amounts(600, 1, 2_000, 20_000, 200) if said.quick else Amounts(4_000, 5, 10_000, 1_000_000, 1_000)
    named = {key: value for key, value in vars(said).items() if value is not None and hasattr(usual, key)}
    return replace(usual, **named), said.write


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Measure, print, and judge."""
    amounts, write = _amounts()
    signal.signal(signal.SIGTERM, _stop)
    rows: list[Row] = []
    complete = False
    with tempfile.TemporaryDirectory(prefix="raabta-bench-", dir=Path.cwd()) as name, suppress(KeyboardInterrupt):
        for row in measured(Path(name), amounts):
            rows.append(row)
            print(f"{row.name}: {row.cost.ms:.2f} ms CPU, {row.cost.rate:.0f}/s", file=sys.stderr)
            if write:
                _write(rows, amounts, complete=False)
        complete = True
    print(markdown(rows, str(amounts), complete=complete))
    if write and rows:
        _write(rows, amounts, complete=complete)
    missed = [str(demand) for row in rows for demand in row.demands if not demand.met]
    if missed or not complete:
        sys.exit(f"{'' if complete else 'interrupted; '}{len(missed)} demands are missed: {'; '.join(missed)}")


def _write(rows: list[Row], amounts: Amounts, *, complete: bool) -> None:
    write_between(PAGE, markdown(rows, str(amounts), complete=complete), "benchmarks/throughput.py")


if __name__ == "__main__":
    main()
