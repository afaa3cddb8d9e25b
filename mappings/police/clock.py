"""Dates and times as police systems print them: day first, twelve hours, Pakistani time (formats/police.md A7.1)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from mappings.dates import KARACHI, in_karachi, instant
from mappings.engine.converters import Coarse, Unfit
from mappings.text import fold_digits, strip_bidi

_DAY = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AP]M)?", re.IGNORECASE)
_MOMENT = re.compile(rf"{_DAY.pattern}(?:\s+{_TIME.pattern})?", re.IGNORECASE)


def _folded(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit("WRONG_TYPE")
    return strip_bidi(fold_digits(value)).replace("\u00a0", " ").strip()


def _hour(hour: int, half: str | None) -> int:
    if half is None:
        return hour
    if not 1 <= hour <= 12:
        raise Unfit("POL-E05")
    return hour % 12 + (12 if half.upper() == "PM" else 0)


def _moment(match: re.Match[str]) -> datetime:
    day, month, year, hour, minute, second, half = match.groups()
    try:
        date = datetime(int(year), int(month), int(day), tzinfo=KARACHI)
        return date.replace(hour=_hour(int(hour or 0), half), minute=int(minute or 0), second=int(second or 0))
    except ValueError:
        raise Unfit("POL-E05") from None


def read_moment(value: Any) -> str:
    """Return a canonical instant of ``dd-mm-yyyy hh:mm AM|PM`` or ``dd-mm-yyyy HH:MM:SS``.

    Raises:
        Unfit: POL-E05, it has no such form, or the moment does not exist.
    """
    match = _MOMENT.fullmatch(_folded(value))
    if match is None or match.group(4) is None:
        raise Unfit("POL-E05")
    return instant(_moment(match).isoformat())


def print_moment(value: str) -> Any:
    """Return an instant as PSRMS prints it; seconds only where there are some, fractions are coarsened."""
    moment = datetime.fromisoformat(value).astimezone(KARACHI)
    text = moment.strftime("%d-%m-%Y %H:%M:%S" if moment.second else "%d-%m-%Y %I:%M %p")
    return Coarse(text) if moment.microsecond else text


def read_day(value: Any) -> str:
    """Return ``YYYY-MM-DD`` of ``dd-mm-yyyy`` or of an ISO day.

    Raises:
        Unfit: POL-E05.
    """
    text = _folded(value)
    match = _DAY.fullmatch(text)
    try:
        if match:
            day, month, year = (int(part) for part in match.groups())
            return datetime(year, month, day, tzinfo=KARACHI).date().isoformat()
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=KARACHI).date().isoformat()
    except ValueError:
        raise Unfit("POL-E05") from None


def print_day(value: str) -> str:
    """Return a day as ``dd-mm-yyyy``."""
    year, month, day = value.split("-")
    return f"{day}-{month}-{year}"


def read_clock(value: Any) -> str:
    """Return ``HH:MM`` of ``08:05 PM`` or ``20:05``.

    Raises:
        Unfit: POL-E05.
    """
    match = _TIME.fullmatch(_folded(value))
    if match is None:
        raise Unfit("POL-E05")
    hour = _hour(int(match[1]), match[4])
    if hour > 23 or int(match[2]) > 59:
        raise Unfit("POL-E05")
    return f"{hour:02d}:{match[2]}"


def print_clock(value: str) -> str:
    """Return ``HH:MM`` in twelve hours."""
    hour, minute = int(value[:2]), value[3:]
    return f"{(hour + 11) % 12 + 1:02d}:{minute} {'PM' if hour >= 12 else 'AM'}"


def read_occurrence(value: Any) -> dict[str, str]:
    """Return start, precision and words of an occurrence; words without a date leave the time unknown.

    Raises:
        Unfit: POL-E05, the text is a date that does not exist.
    """
    text = _folded(value)
    match = _MOMENT.fullmatch(text)
    if match is None:
        return {"precision": "UNKNOWN", "text": value}
    start = instant(_moment(match).isoformat())
    occurred = {"start": start, "precision": "EXACT" if match.group(4) else "DAY"}
    return occurred if _occurrence(occurred) == value else {**occurred, "text": value}


def _occurrence(occurred: dict[str, str]) -> Any:
    if "start" not in occurred:
        return occurred.get("text")
    if occurred.get("precision") == "DAY":
        return print_day(in_karachi(occurred["start"])[:10])
    return print_moment(occurred["start"])


def print_occurrence(occurred: dict[str, str]) -> Any:
    """Return an occurrence as one field: its own words if they were kept, else the date."""
    written = occurred["text"] if "text" in occurred else _occurrence(occurred)
    if written is None or isinstance(written, Coarse):
        return written
    return written if read_occurrence(written) == occurred else Coarse(written)
