"""What a document can say, asked of small folders."""

from __future__ import annotations

from mappings.engine.domain import Domain, Item
from tests.mappings.conftest import MakeFolder

RULES = """
  { id = "P1", ours = "child.name", theirs = "name", need = true },
  { id = "P2", ours = "child.sex", theirs = "sex", as = "code(sex)" },
  { id = "P3", ours = "child.phone", theirs = "phone", only = "read", why = "never written" },
  { id = "P4", ours = "child.identifiers[scheme=pk-bform].value", theirs = "number", as = "digits13" },
  { each = "persons[relation=FATHER]", theirs = "father", rules = [ { id = "P5", ours = "name", theirs = "n" } ] },
"""
HEAD = '[codes.sex]\nFEMALE = ["F"]\n[coarse.sex]\nX = "F"\n'


def domain(folder: MakeFolder) -> Domain:
    return Domain(folder(RULES, head=HEAD)().documents[0])


def test_written_leaves_are_those_of_writing_rules_and_their_selectors(folder: MakeFolder) -> None:
    assert domain(folder).written == {
        "child.name",
        "child.sex",
        "child.identifiers[].value",
        "child.identifiers[].scheme",
        "persons[].name",
        "persons[].relation",
    }


def test_needed_leaves_are_those_without_which_nothing_is_written(folder: MakeFolder) -> None:
    assert domain(folder).needed == {"child.name"}


def test_the_codes_of_a_leaf_are_those_a_table_can_print(folder: MakeFolder) -> None:
    codes = domain(folder).codes
    assert codes["child.sex"] == ("FEMALE", "X")
    assert "child.name" not in codes


def test_the_kinds_of_items_are_those_the_predicates_select(folder: MakeFolder) -> None:
    assert domain(folder).items == (
        Item("child.identifiers[]", (("scheme", "pk-bform"),), ()),
        Item("persons[]", (("relation", "FATHER"),), ()),
    )
