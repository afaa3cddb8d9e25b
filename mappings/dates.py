"""Dates as far as they are known, and instants.

A birth known to the year stays a year ("2016"), to the month a month ("2016-03"): a day is never invented
(formats/nadra.md 7.6). Instants are RFC 3339 in UTC with a trailing ``Z``; each format writes them in its own zone.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator

KARACHI = timezone(timedelta(hours=5))
"""Pakistan Standard Time: UTC+5, no daylight saving."""

_PARTIAL = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$")
_INSTANT = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$")


@lru_cache(maxsize=4_096)
def partial_date(value: str) -> str:
    """Return ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD`` unchanged if such a date exists.

    What was found is remembered for a while, as with :func:`instant`.

    Raises:
        ValueError: the shape is another one, or the calendar has no such date.
    """
    match = _PARTIAL.match(value)
    if match is None:
        raise ValueError("a date is YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = match.groups()
    date(int(year), int(month or 1), int(day or 1))
    if int(year) < 1850:
        raise ValueError("a date this long ago is a mistake")
    return value


def full_date(value: str) -> str:
    """Return ``YYYY-MM-DD`` unchanged if such a day exists.

    Raises:
        ValueError: the shape is another one, or the calendar has no such day.
    """
    if len(value) != 10:
        raise ValueError("a day is YYYY-MM-DD")
    return partial_date(value)


@lru_cache(maxsize=4_096)
def instant(value: str) -> str:
    """Return an RFC 3339 instant in UTC, with ``Z`` and no more fraction digits than it needs.

    What was found is remembered for a while: each instant of a document is read several times on its way.

    Raises:
        ValueError: no zone is given, or the moment does not exist.
    """
    if _INSTANT.match(value) is None:
        raise ValueError("an instant is RFC 3339 with a zone")
    if not "1850" <= value[:4] <= "9998":
        raise ValueError("an instant this far away is a mistake")
    moment = datetime.fromisoformat(_microseconds(value).upper())
    if len(value) == len("2026-03-01T10:15:00Z") and value.isascii() and value.isupper():
        return value  # as it is written here
    moment = moment.astimezone(UTC)
    text = moment.replace(microsecond=0, tzinfo=None).isoformat()
    fraction = f".{moment.microsecond:06d}".rstrip("0").rstrip(".") if moment.microsecond else ""
    return f"{text}{fraction}Z"


def _microseconds(value: str) -> str:
    """Cut a fraction to six digits, the finest this clock of the world keeps."""
    return re.sub(r"(\.\d{6})\d+", r"\1", value) if "." in value else value


def in_karachi(value: str) -> str:
    """Return a canonical instant as local time with ``+05:00``, as Pakistani documents print it."""
    moment = datetime.fromisoformat(value).astimezone(KARACHI)
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    return f"{moment.replace(microsecond=0, tzinfo=None).isoformat()}{fraction}+05:00"


PartialDate = Annotated[str, AfterValidator(partial_date)]
"""``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``."""
Day = Annotated[str, AfterValidator(full_date)]
"""``YYYY-MM-DD``."""
Instant = Annotated[str, AfterValidator(instant)]
"""RFC 3339 in UTC."""
