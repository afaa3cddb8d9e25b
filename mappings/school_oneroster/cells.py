"""One cell of a data file: what its column allows."""

from __future__ import annotations

import re
from collections.abc import Callable

from mappings.dates import full_date, instant
from mappings.school_oneroster.csv_text import broken, formula
from mappings.school_oneroster.tables import CODES, KINDS

ALPHABET = re.compile(r"[0-9A-Za-z./@_-]{1,255}")
"""What an identifier of the CSV binding is made of (formats/school.md 0.3): no colon, no space, no Urdu."""
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_YEAR = re.compile(r"(19|20)\d\d", re.ASCII)
_USER_ID = re.compile(r"\{([^{}:,]{1,60}):([^{},]{1,200})\}")
_CALLED = frozenset({"sms", "phone"})
"""Columns of telephone numbers, which begin with ``+`` by right."""


def _id(cell: str) -> str:
    return "" if ALPHABET.fullmatch(cell) else "SOURCED_ID"


def _day(cell: str) -> str:
    try:
        return "" if _DAY.fullmatch(cell) and full_date(cell) else "INVALID_DATE"
    except ValueError:
        return "INVALID_DATE"


def _stamp(cell: str) -> str:
    try:
        return "" if _STAMP.fullmatch(cell) and instant(cell) else "NOT_UTC"
    except ValueError:
        return "INVALID_DATE"


def _of(names: frozenset[str], word: str) -> bool:
    return word in names or ("ext:" in names and re.fullmatch(r"ext:[A-Za-z0-9._-]+", word) is not None)


def _listed(check: Callable[[str], str]) -> Callable[[str], str]:
    return lambda cell: next((code for item in cell.split(",") if (code := check(item))), "")


def _coded(names: frozenset[str]) -> Callable[[str], str]:
    return lambda cell: "" if _of(names, cell) else "UNKNOWN_CODE"


def _status(cell: str) -> str:
    return "" if cell in (*CODES["status"], "inactive") else "UNKNOWN_CODE"


_CHECKS: dict[str, Callable[[str], str]] = {
    "id": _id,
    "ids": _listed(_id),
    "day": _day,
    "stamp": _stamp,
    "status": _status,
    "year": lambda cell: "" if _YEAR.fullmatch(cell) else "INVALID_VALUE",
    "boolean": lambda cell: "" if cell in ("true", "false") else "INVALID_VALUE",
    "userIds": lambda cell: "" if user_ids(cell) else "INVALID_VALUE",
    "grades": _listed(_coded(CODES["grades"])),
}


def check_of(file: str, column: str) -> Callable[[str], str]:
    """Return the check of a column's cells that are not blank: the code of what is wrong, or an empty text."""
    kind = KINDS.get(column, "")
    codes = CODES.get(f"{file}.{column}") or CODES.get(kind)
    check = _CHECKS.get(kind) or (_coded(codes) if codes else None)

    def judge(cell: str) -> str:
        if broken(cell):
            return "CSV_LINE_BREAK"
        return check(cell) if check else ""

    return judge


def suspicious(column: str, cell: str) -> bool:
    """Tell whether a cell of free text would be computed by a spreadsheet."""
    return column not in KINDS and column not in _CALLED and formula(cell)


def user_ids(cell: str) -> list[tuple[str, str]]:
    """Return type and number of every item of a cell ``{type:number},{type:number}``; empty if it is no such list."""
    pairs: list[tuple[str, str]] = []
    position = 0
    while match := _USER_ID.match(cell, position):
        pairs.append((match.group(1), match.group(2)))
        position = match.end()
        if position == len(cell):
            return pairs
        if cell[position] != ",":
            break
        position += 1
    return []
