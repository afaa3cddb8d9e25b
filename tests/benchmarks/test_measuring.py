"""What the benchmark says of its measurements; nothing here is timed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.delivery import table as throughput
from benchmarks.delivery.table import Demand
from benchmarks.stage.cpu import Cost
from benchmarks.stage.page import write_between
from benchmarks.translation.peers import bare
from benchmarks.translation.table import Row, markdown
from benchmarks.translation.timing import Ratio, Result, by_turns

_ROW = Row(
    "school_sis: read", "30", 150.0, 100.0, Ratio(1.5, 1.4, 1.6), 1.5, at_least=False, judging=20.0, accounting=30.0
)


def test_the_best_blocks_are_compared_and_the_rounds_give_the_spread() -> None:
    ours, theirs = Result((30.0, 20.0, 40.0, 20.0)), Result((10.0, 10.0, 10.0, 5.0))
    ratio = ours.ratio(theirs)
    assert ratio.value == 4.0
    assert 2.0 <= ratio.low <= ratio.high <= 4.0


def test_all_runners_take_their_turns_in_every_round() -> None:
    order: list[str] = []

    def runner(name: str, each: int) -> int:
        order.append(name)
        return each

    first, second = by_turns([lambda n: runner("a", n * 2_000), lambda n: runner("b", n * 1_000)], rounds=2)
    assert (first.best, second.best) == (2.0, 1.0)
    assert order[-4:] == ["a", "b", "b", "a"]


@pytest.mark.parametrize(
    ("row", "met"),
    [
        (_ROW, True),
        (replace(_ROW, ratio=Ratio(1.51, 1.4, 1.6)), False),
        (replace(_ROW, target=5.0, at_least=True, ratio=Ratio(5.0, 4.0, 6.0)), True),
        (replace(_ROW, target=5.0, at_least=True, ratio=Ratio(4.9, 4.0, 6.0)), False),
    ],
)
def test_a_target_is_met_or_missed_and_the_table_says_so(row: Row, met: bool) -> None:
    assert row.met is met
    assert ("**no**" in markdown([row])) is not met


@pytest.mark.parametrize(
    ("demand", "met"),
    [
        (Demand("ms", 2.0, 2.0, at_most=True), True),
        (Demand("ms", 2.1, 2.0, at_most=True), False),
        (Demand("a second", 340, 340), True),
        (Demand("a second", 339, 340), False),
    ],
)
def test_a_demand_is_met_or_missed_and_the_table_says_so(demand: Demand, met: bool) -> None:
    row = throughput.Row("a run", Cost(1_000, 2.0, 4.0), (demand,), "a note")
    assert row.met is met
    text = throughput.markdown([row])
    assert ("**missed**" in text) is not met
    assert "| a run | 2.00 ms | 250/s | " in text


def test_the_table_goes_between_its_marks_and_nothing_else_changes(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- x.py writes below -->\nold\n<!-- x.py writes above -->\nafter\n", "utf-8")
    write_between(page, markdown([_ROW]), "x.py")
    text = page.read_text("utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert "old" not in text
    assert "| school_sis: read | 30 | 150 | 100 | 1.50 (1.40 to 1.60) | at most 1.5 | yes | 20 | 30 |" in text


def test_a_page_without_marks_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n", "utf-8")
    with pytest.raises(ValueError, match="where the table goes"):
        write_between(page, "table", "x.py")


def test_bundles_are_compared_by_what_they_say_and_not_by_addresses() -> None:
    one = {"entry": [{"fullUrl": "urn:uuid:a", "resource": {"id": "a", "self": "urn:uuid:a", "code": "x"}}]}
    same = {"entry": [{"fullUrl": "urn:uuid:b", "resource": {"self": "urn:uuid:b", "code": "x"}}]}
    other = {"entry": [{"fullUrl": "urn:uuid:b", "resource": {"self": "urn:uuid:b", "code": "y"}}]}
    assert bare(one) == bare(same) != bare(other)
