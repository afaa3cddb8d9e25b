"""What a change of a mapping changes is seen by a person before it is taken: the golden samples say what it is."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.engine.comparison import Kind, compare
from mappings.engine.mapping import Mapping
from mappings.engine.signoff import SignOff, unsigned
from mappings.engine.snapshot import Direction, Run
from tests.accounts import golden_runs

FORMATS = [pytest.param(mapping, id=mapping.format) for mapping in golden_runs.formats()]
HOW = "look at it, then run: python -m tests.accounts.golden_runs --sign NAME --why TEXT"


@pytest.mark.parametrize("mapping", FORMATS)
def test_every_change_of_a_golden_sample_is_signed_off(mapping: Mapping) -> None:
    assert golden_runs.still_open(mapping) == [], HOW


@pytest.mark.parametrize("mapping", FORMATS)
def test_every_sample_has_its_golden_run(mapping: Mapping) -> None:
    assert golden_runs.expected(mapping).keys() == golden_runs.runs(mapping).keys(), HOW


@pytest.mark.parametrize("mapping", FORMATS)
def test_a_golden_run_holds_digests_and_no_value(mapping: Mapping) -> None:
    text = (golden_runs.GOLDEN / f"{mapping.format}.json").read_text("utf-8")

    assert "Farzi" not in text
    assert "39999" not in text


@pytest.mark.parametrize("mapping", FORMATS)
def test_no_golden_sample_is_refused_on_reading(mapping: Mapping) -> None:
    refused = {
        f"{name} {half}": sorted(run.refused)
        for name, halves in golden_runs.runs(mapping).items()
        for half, run in halves.items()
        if run.refused and half == "read"
    }

    assert refused == {}


def _run(mapping: Mapping) -> Run:
    return next(iter(golden_runs.runs(mapping).values()))["write 1"]


def test_a_golden_run_notices_every_kind_of_change() -> None:
    run = _run(golden_runs.formats()[0])
    (shot,) = run.snapshots
    path = min(shot.fields)
    made = shot.fields[path]
    others = {p: f for p, f in shot.fields.items() if p != path}

    def kinds(**said: object) -> set[Kind]:
        after = Run((shot._replace(**said),), run.refused)
        return {change.kind for change, _ in compare(Direction.WRITE, run, after)}

    assert kinds() == set()
    assert kinds(fields=others) == {Kind.VANISHED}
    assert kinds(fields={**shot.fields, "/new": made}) == {Kind.APPEARED}
    assert kinds(fields={**others, path: made._replace(values=("other",))}) == {Kind.VALUE}
    assert kinds(fields={**others, path: made._replace(rules=("X99 text",))}) == {Kind.RULE}
    assert kinds(dropped=shot.dropped | {"child.name"}) == {Kind.DROP}
    assert kinds(leftover=shot.leftover | {"/more"}) == {Kind.LEFTOVER}
    assert kinds(document="another") == {Kind.DOCUMENT}
    refused = compare(Direction.WRITE, run, Run((), frozenset({("/sex", "UNKNOWN_CODE")})))
    assert [change.kind for change, _ in refused] == [Kind.REFUSED]


def test_a_sign_off_covers_its_own_mapping_only() -> None:
    run = _run(golden_runs.formats()[0])
    changes = [change for change, _ in compare(Direction.WRITE, run, Run((), frozenset({("/sex", "UNKNOWN_CODE")})))]
    signed = SignOff("/sex", "refused", "Farzi", "Agreed.", date(2026, 11, 21), "0123456789abcdef")

    assert unsigned(changes, [signed], "0123456789abcdef" + "0" * 48) == []
    assert unsigned(changes, [signed], "fedcba9876543210" + "0" * 48) == changes
    assert unsigned(changes, [], "0123456789abcdef") == changes


def test_a_run_is_the_same_after_it_was_kept() -> None:
    run = _run(golden_runs.formats()[0])

    assert Run.from_json(run.as_json()) == run
