"""README and docs say what is there: verbs, modules, files, links."""

import re
from pathlib import Path

import pytest
import typer

from gateway.cli import program
from tests.house.repository import ROOT, make_targets, named, read

PAPERS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
_CODE = re.compile(r"`([^`\n]+)`")
_PLACE = re.compile(r"(?:gateway|adapters|mappings|auth|conformance|tests|openapi|docs|benchmarks)/[\w./-]*")
_STEP = re.compile(r"^\| (\d+) \|(.*)\|$", re.MULTILINE)
_ADR = re.compile(r"\d{4}-[a-z0-9-]+\.md")


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_link_leads_somewhere(paper: Path) -> None:
    broken = [link for link in _LINK.findall(paper.read_text("utf-8")) if not (paper.parent / link).exists()]

    assert broken == []


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_file_and_folder_it_names_exists(paper: Path) -> None:
    text = re.sub(r"```.*?```", "", paper.read_text("utf-8"), flags=re.DOTALL)
    places = [code for code in _CODE.findall(text) if _PLACE.fullmatch(code)]

    assert [place for place in places if not (ROOT / place).exists()] == []


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_verb_it_gives_to_make_is_in_the_makefile(paper: Path) -> None:
    verbs = set(re.findall(r"(?:`|^\s*\$? ?)make ([a-z]+)", paper.read_text("utf-8"), re.MULTILINE))

    assert verbs - make_targets() == set()


def test_the_readme_shows_the_two_commands_of_the_first_ten_minutes() -> None:
    assert {"make demo ONCE=1", "make test"} <= set(re.findall(r"make [a-z]+(?: ONCE=1)?", read("README.md")))


def test_the_walk_has_its_twelve_steps_in_order_and_each_names_its_rooms() -> None:
    steps = _STEP.findall(read("docs/one-referral.md"))

    assert [int(number) for number, _ in steps] == list(range(1, 13))
    assert [number for number, row in steps if not re.search(r"`(?:gateway|adapters|mappings|auth)/", row)] == []


def test_every_room_the_walk_names_stands_in_the_step_that_is_said() -> None:
    """A step names `file.py::function`; each is there."""
    named_there = re.findall(r"`([\w/]+\.py)::(\w+)`", read("docs/one-referral.md"))

    assert named_there
    assert [f"{file}::{name}" for file, name in named_there if not _defines(file, name)] == []


def _defines(file: str, name: str) -> bool:
    pattern = rf"^(?:\s*(?:async )?def|class) {name}\b|^{name}\b[^\n]*="
    return (ROOT / file).is_file() and bool(re.search(pattern, read(file), re.MULTILINE))


def test_every_decision_is_in_the_index_and_says_what_it_costs() -> None:
    decisions = sorted(path.name for path in (ROOT / "docs/adr").iterdir() if _ADR.fullmatch(path.name))

    assert decisions == sorted(set(_ADR.findall(read("docs/adr/README.md"))))
    assert [name[:4] for name in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    assert [name for name in decisions if "### Negative" not in read(f"docs/adr/{name}")] == []


@pytest.mark.parametrize("paper", PAPERS, ids=named)
def test_every_verb_it_gives_to_raabta_is_one_or_is_said_to_be_missing(paper: Path) -> None:
    known = set(typer.main.get_group(program()).commands)
    given = set(re.findall(r"(?:`|/|^\$ )raabta ([a-z-]+)(?=[ `\n])", paper.read_text("utf-8"), re.MULTILINE))

    assert given - known - _announced() == set()


def _announced() -> set[str]:
    """Return the verbs the change log says are not there yet."""
    missing = read("CHANGELOG.md").partition("### Not there yet")[2].partition("\n## ")[0]
    return set(re.findall(r"`(?:raabta )?([a-z-]+)`", missing))
