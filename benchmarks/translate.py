"""Translation: what it costs, against hand-written Python and against the engines others use, in one run.

Prints a table and exits with 1 when a ratio misses its target. ``--write`` puts the table into
``docs/translation-speed.md``; ``--quick`` takes fewer rounds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.stage.page import write_between
from benchmarks.translation.opponents import SLICES, Slice, disagreements, read, values_in
from benchmarks.translation.peers import contest, ours
from benchmarks.translation.table import Row, markdown
from benchmarks.translation.timing import Result, by_turns, here
from mappings.engine.lineage import Translation

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
    readers = (
        lambda: read(mapping, data), lambda: one.hand_read(data), lambda: mapping.read(data),
        lambda: _asked(mapping.interpret(*mapping.parse(data))),
    )  # fmt: skip
    yield _row(f"{one.name}: read", values, by_turns([here(reader) for reader in readers], rounds))
    writers = (
        lambda: mapping.draft(value), lambda: one.hand_write(value), lambda: mapping.write(value),
        lambda: _asked((mapping.draft(value),)),
    )  # fmt: skip
    yield _row(f"{one.name}: write", values, by_turns([here(writer) for writer in writers], rounds))


def _asked(translations: Iterable[Translation[Any]]) -> None:
    """Ask for the whole account."""
    for translation in translations:
        translation.settled()


def _row(name: str, values: str, results: list[Result]) -> Row:
    ours, hand, judged, accounted = results
    ratio, judging, accounting = ours.ratio(hand), judged.best - ours.best, accounted.best - ours.best
    return Row(name, values, ours.best, hand.best, ratio, BY_HAND, False, judging, accounting)


def by_peers(rounds: int) -> Iterator[Row]:
    """Measure a FIR that becomes a Bundle against the engines others use."""
    with contest() as peers:
        mine, *others = by_turns([here(ours()), *peers.values()], rounds)
        for name, other in zip(peers, others, strict=True):
            title = f"police_fir to health_fhir, beside {name}"
            yield Row(title, "40", mine.best, other.best, other.ratio(mine), FASTER, True, None, None)


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
        write_between(PAGE, table, "benchmarks/translate.py")
    missed = [row.name for row in rows if not row.met]
    if missed:
        sys.exit(f"{len(missed)} of {len(rows)} ratios miss their target: {', '.join(missed)}")


if __name__ == "__main__":
    main()
