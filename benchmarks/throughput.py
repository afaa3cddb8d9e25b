"""Throughput: what one referral costs, against a bare FastAPI endpoint measured in the same run.

Prints a table and exits with 1 when a demand is missed; see `README.md` for how to read it. ``--write`` puts the table
into ``docs/throughput.md``; ``--quick`` measures less. ``--stored`` and ``--few`` say how full the databases are that
are called full and nearly empty.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.delivery.runs import Place, Server, accept, bare, end_to_end
from benchmarks.delivery.server import fresh, postgres
from benchmarks.delivery.stored import claims, fill
from benchmarks.delivery.table import Demand, Row, markdown
from benchmarks.stage.configuration import POLICE, WELFARE
from benchmarks.stage.cpu import Cost
from benchmarks.stage.page import write_between

PAGE = Path(__file__).parent.parent / "docs" / "throughput.md"
ONE, TWO = (WELFARE,), (WELFARE, POLICE)


@dataclass(frozen=True)
class Amounts:
    """How much is measured: referrals of one run, runs, and what is stored before in the two full databases."""

    count: int
    runs: int
    few: int
    stored: int
    claims: int


def acceptance(folder: Path, server: Server, amounts: Amounts) -> Iterator[Row]:
    """Measure the ceiling, and acceptance on both databases against it."""
    count, runs = amounts.count, amounts.runs
    ceiling = bare(folder, count, runs)
    yield Row("bare FastAPI endpoint, same body, nothing stored", ceiling)
    for name, place, share in (
        ("SQLite", Place(folder / "accept"), 0.5),
        ("PostgreSQL", Place(folder / "accept-postgres", fresh(server)), 0.4),
    ):
        taken = accept(place, count, runs)
        demand = Demand("of the ceiling per core", ceiling.ms / taken.ms, share)
        yield Row(f"durable accept with token for two, {name}", taken, (demand,))


def delivery(folder: Path, server: Server, amounts: Amounts) -> Iterator[Row]:
    """Measure from the first referral sent until the last receipt is stored."""
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
    place = Place(folder / "full")
    costs: list[Cost] = []
    there = 0
    for wanted in (amounts.few, amounts.stored):
        fill(place.folder, wanted - there)
        there = wanted
        costs.append(accept(place, amounts.count, amounts.runs, first=10 * wanted))
    few, full = costs
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


def main() -> None:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--few", type=int, default=10_000)
    parser.add_argument("--stored", type=int, default=None, help="1,000,000; with --quick 20,000")
    options = parser.parse_args()
    stored = options.stored or (20_000 if options.quick else 1_000_000)
    amounts = (
        Amounts(600, 1, min(options.few, stored // 10), stored, 200)
        if options.quick
        else Amounts(4_000, 3, options.few, stored, 1_000)
    )
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="raabta-bench-", dir=Path.cwd()) as name:
        for row in measured(Path(name), amounts):
            rows.append(row)
            print(f"{row.name}: {row.cost.ms:.2f} ms CPU, {row.cost.rate:.0f}/s", file=sys.stderr)
    table = markdown(rows)
    print(table)
    if options.write:
        write_between(PAGE, table, "benchmarks/throughput.py")
    missed = [str(demand) for row in rows for demand in row.demands if not demand.met]
    if missed:
        sys.exit(f"{len(missed)} demands are missed: {'; '.join(missed)}")


if __name__ == "__main__":
    main()
