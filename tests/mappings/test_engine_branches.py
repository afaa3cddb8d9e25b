"""Rules that begin alike run together: what they demand is still missed, and odd documents go each rule's own way."""

from __future__ import annotations

import pytest

from mappings.engine.mapping import Mapping
from tests.mappings.conftest import MakeFolder
from tests.mappings.test_engine_rules import codes_of, read, write

RULES = """
{ id = "P1", ours = "child.name", theirs = "pupil/name", need = true },
{ id = "P2", ours = "child.sex", theirs = "pupil/sex" },
{ id = "P3", ours = "child.birth_date", theirs = "pupil/born/on" },
{ id = "P4", ours = "child.nationality", theirs = "pupil/born/nation" }"""


@pytest.fixture
def mapping(folder: MakeFolder) -> Mapping:
    return folder(RULES)()


def test_rules_of_one_branch_travel_both_ways(mapping: Mapping) -> None:
    theirs = {"pupil": {"name": "Zoya Farzi", "sex": "FEMALE", "born": {"on": "2016-03", "nation": "PAK"}}}
    ours = {"name": "Zoya Farzi", "sex": "FEMALE", "birth_date": "2016-03", "nationality": "PAK"}
    assert read(mapping, theirs)["child"] == ours
    assert write(mapping, child=ours) == theirs


def test_what_a_branch_demands_is_missed_when_the_whole_branch_is_not_there(mapping: Mapping) -> None:
    assert codes_of(read, mapping, {}) == [("MISSING_REQUIRED", "/pupil/name")]
    assert codes_of(write, mapping) == [("MISSING_REQUIRED", "/pupil/name")]


def test_what_a_branch_demands_is_missed_inside_it(mapping: Mapping) -> None:
    assert codes_of(read, mapping, {"pupil": {"sex": "MALE"}}) == [("MISSING_REQUIRED", "/pupil/name")]
    assert codes_of(write, mapping, child={"sex": "MALE"}) == [("MISSING_REQUIRED", "/pupil/name")]


def test_a_branch_that_stands_twice_is_refused_by_each_rule_that_finds_two(mapping: Mapping) -> None:
    twice = {"pupil": [{"name": "Zoya", "sex": "MALE"}, {"name": "Sajan"}]}
    assert codes_of(read, mapping, twice) == [
        ("REPEATED", "/pupil/1/name"),
        ("MISSING_REQUIRED", "/pupil/name"),
    ]


def test_a_branch_that_is_a_value_holds_nothing(mapping: Mapping) -> None:
    assert codes_of(read, mapping, {"pupil": "Zoya"}) == [("MISSING_REQUIRED", "/pupil/name")]
