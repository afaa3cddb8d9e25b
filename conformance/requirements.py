"""Reads the table of requirements: what is demanded of whom, why, and how to mend it."""

import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "requirements.toml"
MUST, SHOULD = "MUST", "SHOULD"
ACTORS = ("gateway", "receiver", "sender")


class TableError(Exception):
    """The table contradicts itself; the text names the requirement."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One demand. `actor` is who has to meet it; `source` the page or standard it comes from.

    `formats` lists the languages it is checked in, one check each; empty: one check. `not_tested` is the reason why a
    MUST has no check that a third party could run.
    """

    id: str
    level: str
    actor: str
    text: str
    source: str
    mend: str
    formats: tuple[str, ...] = ()
    not_tested: str = ""
    retired: bool = False

    @property
    def area(self) -> str:
        """The letters before the number: AUTH, REF, W, and so on."""
        return self.id.rpartition("-")[0]

    def checks(self) -> tuple[str, ...]:
        """Name the checks this requirement needs: its id, or one for each format."""
        return tuple(f"{self.id}/{each}" for each in self.formats) or (self.id,)


@cache
def table() -> dict[str, Requirement]:
    """Read the shipped table, by id; raises `TableError` for one that contradicts itself."""
    return read(FILE.read_text(encoding="utf-8"))


def read(text: str) -> dict[str, Requirement]:
    """Read a table from TOML; raises `TableError`."""
    rows = tomllib.loads(text)["requirement"]
    found = [Requirement(**{**row, "formats": tuple(row.get("formats", ()))}) for row in rows]
    for name, count in Counter(each.id for each in found).items():
        if count > 1:
            raise TableError(f"{name} stands {count} times; an id is never used again")
    for each in found:
        if each.level not in {MUST, SHOULD} or each.actor not in ACTORS:
            raise TableError(f"{each.id} has an unknown level or actor")
        if not (each.text and each.source and each.mend):
            raise TableError(f"{each.id} needs its text, its source and the way to mend it")
    return {each.id: each for each in found}
