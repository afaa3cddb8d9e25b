"""The account of both halves together: no value of the source and no value of the target goes unmentioned."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.accounts.leaves import Leaves, moved_up, shown
from gateway.accounts.rows import Account, Fate, account
from gateway.dryrun import DryDocument, Request, translate
from mappings.engine.lineage import Withheld
from mappings.library import library

MAPPINGS = Path(__file__).parents[2] / "mappings"
PAIRS = [
    ("health_fhir", "referral.json", "police_fir"),
    ("health_fhir", "referral.json", "raabta"),
    ("health_fhir", "status.json", "police_psrms"),
    ("nadra_crms", "registration.xml", "raabta"),
    ("police_fir", "fir.xml", "raabta"),
    ("police_psrms", "fir.json", "raabta"),
    ("school_sis", "enrolment.json", "raabta"),
]


def translated(source: str, sample: str, target: str) -> DryDocument:
    body = (MAPPINGS / source / "samples" / sample).read_bytes()
    known = library()
    run = translate(known[source], known[target], body, Request(kind=known[target].kind, at="2026-03-15T21:05:00Z"))
    return run.documents[0]


@pytest.mark.parametrize(("source", "sample", "target"), PAIRS)
def test_every_written_value_stands_in_the_account_with_its_rule(source: str, sample: str, target: str) -> None:
    dry = translated(source, sample, target)
    told = {row.place.path: row for row in dry.account.written}
    out = Leaves.theirs(dry.translation)

    assert set(out.values) <= set(told)
    assert all(told[path].rule for path in out.values)
    assert all(told[path].place.value == out.text(path) for path in out.values)


@pytest.mark.parametrize(("source", "sample", "target"), PAIRS)
def test_every_value_of_the_source_was_written_or_is_said_to_be_left_behind(
    source: str, sample: str, target: str
) -> None:
    dry = translated(source, sample, target)
    mentioned = _mentioned(dry.account)
    read = {line.theirs for line in dry.reading.lines}
    unmentioned = [
        path
        for path in Leaves.theirs(dry.reading).values
        if path not in mentioned and not any(path.startswith(f"{node}/") for node in mentioned & read)
    ]

    assert unmentioned == []


def _mentioned(told: Account) -> set[str]:
    used = {s.place.path for row in told.written for ours in row.ours for s in ours.sources}
    return used | {place.path for row in told.left_behind for place in row.places}


@pytest.mark.parametrize(("source", "sample", "target"), PAIRS)
def test_a_withheld_value_is_in_no_written_row(source: str, sample: str, target: str) -> None:
    dry = translated(source, sample, target)
    held = {row.ours.path: row for row in dry.account.left_behind if row.fate is Fate.WITHHELD and row.ours}

    assert set(held) == {withheld.path for withheld in dry.projection.withheld}
    assert all(row.reason for row in held.values())


def test_a_value_is_followed_from_their_place_to_ours_to_the_other_agencys() -> None:
    told = translated("health_fhir", "referral.json", "police_fir").account
    row = next(row for row in told.written if row.place.path.endswith("/PersonNationalID[1]"))
    (ours,) = row.ours
    (source,) = ours.sources

    assert (row.rule, row.converter, row.outcome) == ("C07", "national_id", "carried")
    assert (ours.path, ours.label) == ("child.identifiers[0].value", "identity")
    assert source.place.path.endswith("/identifier/0/value")
    assert source.place.value == row.place.value == "39999-0000001-2"


def test_what_the_gateway_gives_has_no_source() -> None:
    told = translated("police_fir", "fir.xml", "raabta").account
    row = next(row for row in told.written if row.place.path == "/received_at")

    assert [ours.sources for ours in row.ours] == [()]


def test_an_account_without_the_source_still_names_rules_and_drops() -> None:
    dry = translated("health_fhir", "referral.json", "police_fir")
    told = account(None, dry.projection.value, dry.projection.withheld, dry.translation)

    assert told.source == ""
    assert [row.rule for row in told.written] == [row.rule for row in dry.account.written]
    assert not any(ours.sources for row in told.written for ours in row.ours)
    dropped = {row.ours.path for row in told.left_behind if row.fate is Fate.DROPPED and row.ours}
    assert dropped == {drop.path for drop in dry.translation.dropped}


def test_a_source_is_not_joined_to_another_value_at_the_same_place() -> None:
    """The register's own person is withheld; the next one moves up and keeps its own source."""
    dry = translated("health_fhir", "referral.json", "raabta")
    tree = dry.projection.value.model_dump(mode="json", exclude_defaults=True)
    first = [path for path in Leaves.ours(tree).values if path.startswith("persons[0].")]
    held = tuple(Withheld(path, "family", "test") for path in first)
    fewer = type(dry.projection.value).model_validate({**tree, "persons": tree["persons"][1:]})
    written = library()["raabta"].write(fewer)
    told = account(dry.reading, fewer, held, written)
    row = next(row for row in told.written if row.place.path == "/persons/0/relation")
    before = next(row for row in dry.account.written if row.place.path == "/persons/1/relation")

    assert row.ours[0].sources == before.ours[0].sources
    assert row.ours[0].sources


def test_items_move_up_where_one_before_them_went() -> None:
    paths = ["persons[0].name", "persons[1].name", "persons[1].roles[0]", "persons[1].roles[1]", "persons[2].name"]

    assert moved_up(paths, {"persons[0].name", "persons[1].roles[0]"}) == {
        "persons[0].name": "persons[1].name",
        "persons[0].roles[0]": "persons[1].roles[1]",
        "persons[1].name": "persons[2].name",
    }


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "true"), (3, "3"), ({"#": "9", "@unit": "Y", "$at": "/x"}, "9, @unit=Y"), (["a", "b"], "a; b")],
)
def test_a_value_is_one_text(value: object, text: str) -> None:
    assert shown(value) == text
