"""The reference pages in ``docs/mappings`` say what the mappings do, because they are generated from them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import program
from mappings.engine.mapping import Mapping
from mappings.library import library
from mappings.reference import page

DOCS = Path(__file__).parents[2] / "docs" / "mappings"
FOLDERS = [pytest.param(mapping, id=mapping.format) for mapping in library().values() if mapping.documents]
HOW = "run: raabta mappings reference"


@pytest.mark.parametrize("mapping", FOLDERS)
def test_the_committed_page_is_the_generated_one(mapping: Mapping) -> None:
    file = DOCS / f"{mapping.format}.md"

    assert file.is_file(), HOW
    assert file.read_text("utf-8") == page(mapping), HOW


def test_there_is_no_page_of_a_format_that_is_gone() -> None:
    assert {file.stem for file in DOCS.glob("*.md")} == {case.values[0].format for case in FOLDERS}, HOW


@pytest.mark.parametrize("mapping", FOLDERS)
def test_a_page_names_every_rule_and_every_reason(mapping: Mapping) -> None:
    text = page(mapping).replace("\\|", "|")

    for document in mapping.documents:
        assert f"## {document.name}\n" in text
        assert all(f"| {rule.id} | " in text for rule in _rules(document.rules))
        assert all(reason in text for reason in document.drops.values())
        assert all(reason in text for reason in document.structure.values())


def _rules(rules: tuple[object, ...]) -> list[object]:
    return [inner for rule in rules for inner in (_rules(rule.rules) if rule.each else [rule])]  # type: ignore[attr-defined]


def test_every_row_of_a_table_has_as_many_cells_as_its_head() -> None:
    for case in FOLDERS:
        width = 0
        for line in page(case.values[0]).splitlines():
            cells = line.replace("\\|", "").count("|") if line.startswith("|") else 0
            assert width in (0, cells) or cells == 0, line
            width = cells


def test_pages_are_written_where_they_are_wanted(tmp_path: Path) -> None:
    told = CliRunner().invoke(program(), ["mappings", "reference", "school_sis", "--out", str(tmp_path / "pages")])

    assert told.exit_code == 0, told.output
    assert (tmp_path / "pages" / "school_sis.md").read_text("utf-8") == page(library()["school_sis"])
