"""The table of broken behaviours: `mutants.toml`."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "mutants.toml"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken behaviour: what it does, and the checks that must fail on it, no more and no fewer.

    `profile` is what it pretends to be.
    """

    id: str
    profile: str
    does: str
    fails: frozenset[str]


@cache
def mutants() -> dict[str, Mutant]:
    """Read the shipped table, by id."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["mutant"]
    found = {row["id"]: Mutant(row["id"], row["profile"], row["does"], frozenset(row["fails"])) for row in rows}
    if len(found) < len(rows):
        raise ValueError("two broken behaviours have one id")
    return found
