"""Dates as the register writes them: day before month, and births as far as they are known.

Source: formats/nadra.md 6.9 and 7.3, design/decisions.md 3. ``d-M-yyyy``, ``dd/MM/yyyy``, ``dd.MM.yyyy``,
``yyyy-MM-dd``, ``M-yyyy`` and ``yyyy`` are read; a birth is written ``dd-MM-yyyy``, ``MM-yyyy`` or ``yyyy``.
"""

from __future__ import annotations

import re

from mappings.dates import partial_date
from mappings.text import fold_digits

_DAY = re.compile(r"^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$")
_ISO = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_MONTH = re.compile(r"^(\d{1,2})-(\d{4})$")
_YEAR = re.compile(r"^\d{4}$")

PRECISIONS = {4: "YEAR", 7: "MONTH", 10: "DAY"}
"""The word for a date by the length of its canonical form."""


def read_date(text: str) -> str:
    """Return a date of the register as ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.

    Raises:
        ValueError: the shape is another one, or the calendar has no such date.
    """
    folded = fold_digits(text).strip()
    if day := _DAY.match(folded):
        return partial_date(f"{day[4]}-{day[3]:0>2}-{day[1]:0>2}")
    if month := _MONTH.match(folded):
        return partial_date(f"{month[2]}-{month[1]:0>2}")
    if _ISO.match(folded) or _YEAR.match(folded):
        return partial_date(folded)
    raise ValueError("the register writes no date like this")


def print_date(date: str) -> str:
    """Return a canonical partial date as the register writes births."""
    return "-".join(reversed(date.split("-")))


def read_birth(text: str, precision: str) -> str:
    """Return a date of birth; ``1-1-2016`` marked ESTIMATED is a placeholder for the year (8, case 5).

    Args:
        text: the date.
        precision: ``DAY``, ``MONTH``, ``YEAR``, ``ESTIMATED``, or empty.

    Raises:
        ValueError: the date does not exist, or contradicts its precision.
    """
    date = read_date(text)
    if precision == "ESTIMATED":
        return date[:4] if is_placeholder(date) else date
    if precision and precision != PRECISIONS[len(date)]:
        raise ValueError("the precision contradicts the date")
    return date


def is_placeholder(date: str) -> bool:
    """Tell whether a date is the first of January, which stands for "some day of that year" in many books."""
    return date.endswith("-01-01")
