"""Sign-offs: a person has seen what a change of a mapping changes, and says so in ``signoff.toml`` beside it.

::

    [[change]]
    path = "/student/name_ur"  # without positions; * stands for anything
    kind = "vanished"  # mappings/engine/comparison.py
    who = "Farzi Azmaishi"
    why = "The new SIS release has no field for it; agreed in meeting 12."
    date = 2026 - 11 - 21
    digest = "3b0c…"  # of the changed mapping: any further change must be seen again
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

from mappings.engine.comparison import Change, Kind
from mappings.engine.errors import MappingMistake

_KEYS = {"path", "kind", "who", "why", "date", "digest"}
DIGEST_LENGTH = 16
"""As many hexadecimal digits of a mapping's digest as a sign-off must give at least."""


@dataclass(frozen=True)
class SignOff:
    """One approval."""

    path: str
    kind: str
    who: str
    why: str
    date: date
    digest: str

    def covers(self, change: Change, digest: str) -> bool:
        """Tell whether this approves a change of the mapping with a digest."""
        pattern = self.path.replace("[]", "[[]]")
        return digest.startswith(self.digest) and self.kind == change.kind and fnmatchcase(change.path, pattern)

    def as_toml(self) -> str:
        """Return the approval as it stands in the file."""
        said = {"path": self.path, "kind": self.kind, "who": self.who, "why": self.why}
        lines = [f"{key} = {_quoted(value)}" for key, value in said.items()]
        rest = [f"date = {self.date.isoformat()}", f"digest = {_quoted(self.digest)}"]
        return "\n".join(["[[change]]", *lines, *rest, ""])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else " " for c in escaped) + '"'


def read_sign_offs(text: str, file: str) -> tuple[SignOff, ...]:
    """Return the approvals of a file.

    Raises:
        MappingMistake: the file is no TOML, a key is missing or unknown, or a value has another type than it should.
    """
    try:
        tables = tomllib.loads(text).get("change", [])
    except tomllib.TOMLDecodeError as error:
        raise MappingMistake(file, 0, str(error)) from None
    return tuple(_sign_off(number, table, file) for number, table in enumerate(tables, 1))


def _sign_off(number: int, table: dict[str, object], file: str) -> SignOff:
    wrong = set(table) ^ _KEYS
    if wrong:
        raise MappingMistake(file, 0, f"change {number}: {min(wrong)!r} is missing or unknown")
    texts = {key: str(table[key]).strip() for key in ("path", "kind", "who", "why", "digest")}
    day = table["date"]
    if not isinstance(day, date) or not all(texts[key] for key in ("kind", "who", "why")):
        raise MappingMistake(file, 0, f"change {number}: it needs who, why and the day")
    if texts["kind"] not in {kind.value for kind in Kind} or len(texts["digest"]) < DIGEST_LENGTH:
        raise MappingMistake(file, 0, f"change {number}: the kind is unknown or the digest too short")
    return SignOff(date=day, **texts)


def unsigned(changes: Iterable[Change], signed: Iterable[SignOff], digest: str) -> list[Change]:
    """Return the changes nobody has approved for the mapping with a digest."""
    known = tuple(signed)
    return [change for change in changes if not any(each.covers(change, digest) for each in known)]
