"""The offence table: what a section means for child protection, and when it was in force.

Source: formats/police.md section C, kept as ``offences.csv``. A key is act, section and clause; a clause without a row
of its own falls back to its section. ``cognizable`` is advisory unless ``evidence`` is ``S`` (seen in a source).
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

UNMAPPED = "UNMAPPED"
"""Category of a section the table does not know: a person must look at it."""

CHILD_ONLY = frozenset({"<10", "<12", "<14", "<18", "m<14 f<16", "f<16 m<18", "infant"})
"""Victim tests of sections that exist only for children."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table."""

    act: str
    section: str
    clause: str
    title: str
    categories: tuple[str, ...]
    victim: str
    cognizable: str
    evidence: str
    in_force_from: date | None
    in_force_to: date | None

    def in_force(self, day: date) -> bool:
        """Tell whether the section was in force on a day; unknown bounds do not exclude."""
        return not ((self.in_force_from and day < self.in_force_from) or (self.in_force_to and day > self.in_force_to))

    @property
    def non_cognizable(self) -> bool:
        """The table knows, from a seen source, that police may not act without a warrant."""
        return self.cognizable == "N" and self.evidence == "S"


@cache
def _rows() -> dict[tuple[str, str, str], Row]:
    with resources.files("mappings.police").joinpath("offences.csv").open(encoding="utf-8") as file:
        rows = [_row(raw) for raw in csv.DictReader(file)]
    return {(row.act, row.section, row.clause): row for row in rows}


def _row(raw: dict[str, str]) -> Row:
    return Row(
        raw["act"], raw["section"], raw["clause"], raw["title"], tuple(raw["categories"].split("|")), raw["victim"],
        raw["cognizable"], raw["evidence"], _day(raw["in_force_from"]), _day(raw["in_force_to"]),
    )  # fmt: skip


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def lookup(act: str, section: str, clause: str = "") -> Row | None:
    """Return the row of an offence: its clause, else its section, else the act as a whole."""
    rows = _rows()
    for key in ((act, section, clause), (act, section, ""), (act, "*", "")):
        if key in rows:
            return rows[key]
    return next((row for (a, s, _), row in rows.items() if (a, s) == (act, section)), None)


def categories(act: str, section: str, clause: str = "") -> tuple[str, ...]:
    """Return the categories of an offence; ``UNMAPPED`` when the table does not know it."""
    row = lookup(act, section, clause)
    return row.categories if row else (UNMAPPED,)


@cache
def concern_of() -> dict[str, str]:
    """Return the concern each category stands for (``crosswalk.toml``)."""
    table = _crosswalk()
    return {category: concern for concern, words in table.items() if isinstance(words, list) for category in words}


@cache
def category_of() -> dict[str, str]:
    """Return the category that is written for each concern the police list knows as such."""
    return {concern: words[0] for concern, words in _crosswalk().items() if isinstance(words, list)}


@cache
def wider_category_of() -> dict[str, str]:
    """Return the category for concerns the police list has only a wider word for."""
    wider = _crosswalk()["wider"]
    if not isinstance(wider, dict):
        raise TypeError("crosswalk.toml: [wider] is a table")
    return {str(concern): str(category) for concern, category in wider.items()}


@cache
def _crosswalk() -> dict[str, list[str] | dict[str, str]]:
    text = resources.files("mappings.police").joinpath("crosswalk.toml").read_text("utf-8")
    return tomllib.loads(text)
