"""Values of the school format that the standard converters do not know (formats/school.md 4.2 to 4.4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mappings.dates import partial_date
from mappings.engine.converters import STANDARD, Coarse, Converter, Unfit, text_of
from mappings.text import strip_bidi

FINER_STATES = {
    "WAITLISTED": "waitlisted",
    "REDIRECTED": "redirected",
    "ENROLLED": "enrolled",
    "ATTENDING": "attending",
    "NO_SHOW": "no-show",
}
"""States of a school that say more than a canonical state does, and the words we keep the surplus in."""
_STATE_WORDS = {ours: theirs for theirs, ours in FINER_STATES.items()}


def _print_name(value: str) -> Any:
    """Return a name without bidirectional marks, which this format forbids; at most 100 characters."""
    plain = strip_bidi(value)
    if not 1 <= len(plain) <= 100:
        raise Unfit("CANNOT_HOLD")
    return value if plain == value else Coarse(plain)


def _read_birth(value: Any) -> str:
    try:
        return partial_date(text_of(value))
    except ValueError:
        raise Unfit("INVALID_DATE") from None


def _print_birth(value: str) -> Any:
    """Return the day; of a year its first of January, of a month its first day (design decision 7)."""
    return value if len(value) == 10 else Coarse(f"{value}-01-01"[:10])


def _print_estimated(value: str) -> Any:
    """Return an estimated day; the first of a month will be read as a year, so it holds less than it did."""
    day = _print_birth(value)
    return Coarse(value) if day == value and value.endswith("-01") else day


def _print_phone(value: str) -> Any:
    """Return the digits of a number, 3 to 15 of them, without the blanks and dashes people write."""
    plain = re.sub(r"[ \-]", "", value)
    if re.fullmatch(r"\+?[0-9]{3,15}", plain) is None:
        raise Unfit("CANNOT_HOLD")
    return value if plain == value else Coarse(plain)


def _print_year(value: str) -> str:
    """Return an academic year whose second part is the year after the first."""
    if (int(value[:4]) + 1) % 100 != int(value[5:]):
        raise Unfit("CANNOT_HOLD")
    return value


def _shaped(name: str, pattern: str) -> Converter:
    """Return the converter of a text that this format holds only in one shape."""
    shape = re.compile(pattern, re.DOTALL)

    def write(value: str) -> str:
        if shape.fullmatch(value) is None:
            raise Unfit("CANNOT_HOLD")
        return value

    return Converter(name, text_of, write)


def _silent(parse: Callable[[Any], Any], words: dict[str, str]) -> Converter:
    """Return a table that says nothing about what it does not know."""
    return Converter("finer_state", parse, words.get)


GRADE = r"PG|NUR|KAT|PREP|0[1-9]|1[0-2]|NFE-[A-E]|ALP-[PM]|MAD-[A-Z0-9_-]{1,30}"

CONVERTERS = [
    Converter("name", text_of, _print_name),
    Converter("birth_day", _read_birth, _print_birth),
    Converter("estimated_day", _read_birth, _print_estimated),
    # False also stands where nobody called a full date estimated, true also where only the day is unknown.
    Converter("estimated", STANDARD["boolean"].parse, Coarse),
    Converter("phone", text_of, _print_phone),
    Converter("academic_year", text_of, _print_year),
    _silent(FINER_STATES.get, _STATE_WORDS),
    _shaped("identifier", r"[0-9A-Za-z./@_-]{1,64}"),
    _shaped("uuid", r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    _shaped("word", r"[A-Z][A-Z0-9_]{1,63}"),
    _shaped("digest", r"sha-256=[0-9A-Za-z+/=_-]{4,128}"),
    _shaped("district", r"PK[0-9]{3}"),
    _shaped("grade", GRADE),
    _shaped("school_scheme", r"[a-z0-9]{1,12}(-[a-z0-9]{1,12}){0,2}"),
    _shaped("up_to_60", r".{1,60}"),
    _shaped("up_to_100", r".{1,100}"),
]
"""Converters of this folder."""
