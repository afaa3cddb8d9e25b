"""Values of OneRoster that the standard converters do not know (formats/school.md 1.3 and 4.5)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from mappings.dates import full_date, instant
from mappings.engine.converters import STANDARD, Coarse, Converter, Unfit, text_of
from mappings.enrolment import school_code_fits
from mappings.school_oneroster import grades, names
from mappings.school_oneroster.cells import ALPHABET
from mappings.school_oneroster.csv_text import broken

_read_day = STANDARD["day"].parse
_DAY = timedelta(days=1)


def _exclusive_parse(value: Any) -> str:
    """Return the last day of a period whose end is the day after it."""
    try:
        return full_date((date.fromisoformat(_read_day(value)) - _DAY).isoformat())
    except ValueError:
        raise Unfit("INVALID_DATE") from None


def _exclusive_print(value: str) -> str:
    try:
        return (date.fromisoformat(value) + _DAY).isoformat()
    except OverflowError:
        raise Unfit("CANNOT_HOLD") from None


def _stamp_parse(value: Any) -> str:
    text = text_of(value)
    if not text.endswith(("Z", "+00:00")):
        raise Unfit("NOT_UTC")
    try:
        return instant(text)
    except ValueError:
        raise Unfit("INVALID_DATE") from None


def _stamp_print(value: str) -> Any:
    """Return an instant in UTC with milliseconds; what is finer is cut off."""
    moment = datetime.fromisoformat(value)
    text = f"{moment.strftime('%Y-%m-%dT%H:%M:%S')}.{moment.microsecond // 1000:03d}Z"
    return Coarse(text) if moment.microsecond % 1000 else text


def _birth_print(value: str) -> str | None:
    """Return a day of birth that is known; a year or a month is not written (design decision 7)."""
    return value if len(value) == 10 else None


def _year_parse(value: Any) -> str:
    """Return the academic year that ends in a year: ``2026`` is ``2025-26``."""
    text = text_of(value)
    if not (len(text) == 4 and text.isascii() and text.isdigit() and 1901 <= int(text) <= 2099):
        raise Unfit("INVALID_VALUE")
    return f"{int(text) - 1}-{text[2:]}"


def _year_print(value: str) -> str:
    end = int(value[:4]) + 1
    if end % 100 != int(value[5:]) or end > 2099:
        raise Unfit("CANNOT_HOLD")
    return str(end)


def _id_parse(value: Any) -> str:
    text: str = text_of(value)
    if not ALPHABET.fullmatch(text):
        raise Unfit("SOURCED_ID")
    return text


def _line(value: Any) -> str:
    """Return a text without a line break, which the CSV binding of this very object could not hold."""
    text: str = text_of(value)
    if broken(text):
        raise Unfit("CANNOT_HOLD")
    return text


def _status_print(reason: str) -> str | None:
    return "tobedeleted" if reason == "INVALID" else None


def _school_code(value: Any) -> str:
    """Return the number of a school; that it fits its scheme is judged beside the scheme."""
    text: str = text_of(value)
    if not 1 <= len(text) <= 20 or not text.isascii() or not text.replace("-", "").isalnum():
        raise Unfit("SCHOOL_CODE")
    return text


def code_misfits(scheme: Any, code: Any) -> bool:
    """Tell whether a school's number cannot be one of its authority's; without a scheme nobody can tell."""
    return isinstance(scheme, str) and isinstance(code, str) and not school_code_fits(scheme, code)


CONVERTERS = [
    *names.CONVERTERS,
    *grades.CONVERTERS,
    Converter("exclusive_day", _exclusive_parse, _exclusive_print),
    Converter("stamp", _stamp_parse, _stamp_print),
    Converter("birth_day", _read_day, _birth_print),
    Converter("school_year", _year_parse, _year_print),
    Converter("roster_id", _id_parse, _id_parse),
    Converter("line", text_of, _line),
    Converter("record_status", {"tobedeleted": "INVALID"}.get, _status_print),
    Converter("school_code", _school_code, _school_code),
]
"""Converters of this folder."""
