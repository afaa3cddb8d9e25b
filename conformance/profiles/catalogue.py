"""The profiles of `profiles/*.toml`: a gateway, or one kind of agency."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.checking import CHECKS, Check

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Profile:
    """One profile. `actors` are always asked; `listening` adds those that can be watched with `--listen` only."""

    name: str
    title: str
    title_ur: str
    actors: tuple[str, ...]
    listening: tuple[str, ...]
    path: str = ""
    """Where documents are posted, under the base address of an agency."""
    media_type: str = ""

    def checks(self, *, listen: bool) -> list[Check]:
        """Give the checks of this profile in the order of the table, those that look back at a run last."""
        asked = self.actors + (self.listening if listen else ())
        found = [one for one in CHECKS.values() if one.requirement.actor in asked]
        return sorted(found, key=lambda one: one.last)


@cache
def profiles() -> dict[str, Profile]:
    """Read every shipped profile, by name."""
    found = {}
    for file in sorted(HERE.glob("*.toml")):
        row = tomllib.loads(file.read_text(encoding="utf-8"))
        found[file.stem] = Profile(
            name=file.stem,
            title=row["title"],
            title_ur=row["title_ur"],
            actors=tuple(row["actors"]),
            listening=tuple(row.get("listening", ())),
            path=row.get("path", ""),
            media_type=row.get("media_type", ""),
        )
    return found
