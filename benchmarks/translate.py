"""Translation: what it costs, against hand-written Python and against the engines others use, in one run.

Prints a table and exits with 1 when a ratio misses its target. ``--write`` puts the table into
``docs/translation-speed.md``; ``--quick`` takes fewer rounds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.translation.opponents import SLICES, Slice, disagreements, read, values_in
from benchmarks.translation.peers import contest, ours
from benchmarks.translation.table import Row, markdown, write_into
from benchmarks.translation.timing import by_turns, here

PAGE = Path(__file__).parent.parent / "docs" / "translation-speed.md"
BY_HAND = 1.5
"""At most this many times what hand-written Python takes."""
FASTER = 5.0
"""At least this many times as fast as the engines others use."""


def by_hand(one: Slice, rounds: int) -> Iterator[Row]:
    """Measure reading and writing of a slice against the hand-written translator.

    Raises:
        RuntimeError: the two do not say the same, so that nothing could be compared.
    """
    if found := disagreements(one):
        raise RuntimeError("; ".join(found))
    mapping, data = one.mapping, one.data
    value = read(mapping, data)
    values = str(values_in(value))
    runners = (lambda: read(mapping, data), lambda: one.hand_read(data), lambda: mapping.read(data))
    ours, hand, judged = by_turns([here(runner) for runner in runners], rounds)
    judging = judged.best - ours.best
    yield Row(f"{one.name}: read", values, ours.best, hand.best, ours.ratio(hand), BY_HAND, False, judging)
    writers = (lambda: mapping.draft(value), lambda: one.hand_write(value), lambda: mapping.write(value))
    ours, hand, proved = by_turns([here(writer) for writer in writers], rounds)
    proving = proved.best - ours.best
    yield Row(f"{one.name}: write", values, ours.best, hand.best, ours.ratio(hand), BY_HAND, False, proving)


def by_peers(rounds: int) -> Iterator[Row]:
    """Measure a FIR that becomes a Bundle against the engines others use."""
    with contest() as peers:
        mine, *others = by_turns([here(ours()), *peers.values()], rounds)
        for name, other in zip(peers, others, strict=True):
            title = f"police_fir to health_fhir, beside {name}"
            yield Row(title, "40", mine.best, other.best, other.ratio(mine), FASTER, True, None)


def main() -> None:
    """Measure, print, and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    rounds = 20 if options.quick else 75
    rows = [*(row for one in SLICES for row in by_hand(one, rounds)), *by_peers(rounds)]
    table = markdown(rows)
    print(table)
    if options.write:
        write_into(PAGE, table)
    missed = [row.name for row in rows if not row.met]
    if missed:
        sys.exit(f"{len(missed)} of {len(rows)} ratios miss their target: {', '.join(missed)}")


if __name__ == "__main__":
    main()
