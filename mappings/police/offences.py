"""The offence table: what a section means for child protection, and when it was in force.

Source: formats/police.md A4 and section C, kept as ``offences.csv`` under the page's own column names, one row for
each section. A key is act, section and clause; a clause without a row of its own falls back to its section. ``cog`` is
advisory unless ``ev`` is ``S`` (seen in a source). ``in_force_from`` and ``in_force_to`` are as exact as the page:
where it knows the year of an amendment only, the year stands there and no day is made up.
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
AUXILIARY = ("AUX",)
"""Categories of a section that says how an offence was committed (34, 109, 148, 149, 511), not which."""

CHILD_ONLY = frozenset({"<10", "<12", "<14", "<15", "<18", "m<14 f<16", "f<16 m<18", "infant", "accused<18"}) | {
    "<14 (haz. <18)", "<15 (haz. <18)",
}  # fmt: skip
"""Victim tests of sections that exist only for children (R1)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table."""

    act: str
    section: str
    clause: str
    title: str
    categories: tuple[str, ...]
    victim: str
    """The test on the victim's age; ``any`` means a child only where the victim is one."""
    cognizable: str
    """``Y``, ``N``, ``?`` or ``NA``: whether the police may act without a warrant."""
    evidence: str
    """``S`` seen in a source, ``F`` a reported case, ``K`` background knowledge, ``U`` unknown."""
    in_force_from: str
    """``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD``, or empty where nothing is known."""
    in_force_to: str

    def in_force(self, day: date) -> bool:
        """Tell whether the section may have been in force on a day; what is not known excludes nothing."""
        text = day.isoformat()
        begun = text[: len(self.in_force_from)] >= self.in_force_from
        return begun and (not self.in_force_to or text[: len(self.in_force_to)] <= self.in_force_to)

    @property
    def non_cognizable(self) -> bool:
        """The table knows, from a seen source, that police may not act without a warrant."""
        return self.cognizable == "N" and self.evidence == "S"

    @property
    def for_children(self) -> bool:
        """The section exists only for children."""
        return self.victim in CHILD_ONLY


@cache
def table() -> dict[tuple[str, str, str], Row]:
    """Return every row by its key of act, section and clause."""
    with resources.files("mappings.police").joinpath("offences.csv").open(encoding="utf-8") as file:
        rows = [_row(raw) for raw in csv.DictReader(file)]
    return {(row.act, row.section, row.clause): row for row in rows}


def _row(raw: dict[str, str]) -> Row:
    return Row(
        raw["act"], raw["section"], raw["clause"], raw["short_title"], tuple(raw["cats"].split("|")), raw["age"],
        raw["cog"], raw["ev"], raw["in_force_from"], raw["in_force_to"],
    )  # fmt: skip


@cache
def _first_of_section() -> dict[tuple[str, str], Row]:
    return {(row.act, row.section): row for row in reversed(table().values())}


def lookup(act: str, section: str, clause: str = "") -> Row | None:
    """Return the row of an offence: its clause, else its section, else the act as a whole."""
    rows = table()
    exact = rows.get((act, section, clause)) or rows.get((act, section, "")) or rows.get((act, "*", ""))
    return exact or _first_of_section().get((act, section))


def categories(act: str, section: str, clause: str = "") -> tuple[str, ...]:
    """Return the categories of an offence; ``UNMAPPED`` when the table does not know it."""
    row = lookup(act, section, clause)
    return row.categories if row else (UNMAPPED,)


@cache
def concern_of() -> dict[str, str]:
    """Return the concern each category stands for (``crosswalk.toml``)."""
    crosswalk = _crosswalk()
    return {category: concern for concern, words in crosswalk.items() if isinstance(words, list) for category in words}


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
