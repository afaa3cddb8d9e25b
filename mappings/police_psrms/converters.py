"""Converters of police JSON: dates as PSRMS prints them, ages, numbers that may be strings."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Any

from mappings.engine.converters import Coarse, Converter, Unfit, code, text_of
from mappings.identifiers import dashed, thirteen_digits
from mappings.police import ages, clock
from mappings.police.converters import SHARED, read_phone
from mappings.police.names import parentage_word
from mappings.text import fold_digits, strip_bidi

_TABLES = tomllib.loads(resources.files("mappings.police_psrms").joinpath("mapping.toml").read_text("utf-8"))["codes"]

_PHONE = re.compile(r"\+?[0-9]{3,15}")
_CODE = re.compile(r"[A-Z][A-Z0-9_]{1,63}")
_UID = re.compile(r"(PB|SD|KP|BN|ICT|GB|AJK)-[A-Za-z0-9_]{1,32}-[0-9]{4}-[0-9]{1,5}")
_TOKEN = re.compile(r"pit_[a-z0-9]{16}")


def _words(table: str) -> Converter:
    """Return the converter of a code table whose words are compared folded: letter forms, digits, case, marks."""
    codes: dict[str, list[str]] = _TABLES[table]
    exact = code(table, codes, {})
    spelled = {parentage_word(word): word for words in codes.values() for word in words}

    def parse(value: Any) -> Any:
        return exact.parse(spelled.get(parentage_word(value), value) if isinstance(value, str) else value)

    return Converter(f"words({table})", parse, exact.print)


def _number_or_text(value: Any) -> str:
    """Return a number that the source gives as an integer or as text."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text_of(value)


def _station_number(value: Any) -> str:
    """Return a station's number in ASCII digits."""
    return strip_bidi(fold_digits(_number_or_text(value))).strip()


def _read_year(printed: str) -> int:
    """Return the year of a number as printed; two digits are of this century (formats/police.md B1)."""
    year = fold_digits(printed).partition("/")[2]
    return int(year if len(year) == 4 else f"20{year}")


def _read_kilometres(value: Any) -> float:
    try:
        distance = float(fold_digits(str(value)).strip())
    except ValueError:
        raise Unfit from None
    if not 0 <= distance <= 500:
        raise Unfit
    return distance


def _read_count(value: Any) -> int:
    text = fold_digits(str(value)).strip()
    if re.fullmatch(r"\d{1,9}", text) is None:
        raise Unfit
    return int(text)


def _read_cnic(value: Any) -> str:
    try:
        return thirteen_digits(_number_or_text(value))
    except ValueError:
        raise Unfit("POL-E06") from None


def _print_phone(value: str) -> Any:
    plain = re.sub(r"[\s-]", "", value)
    if _PHONE.fullmatch(plain) is None:
        return None
    return plain if plain == value else Coarse(plain)


def _strict(pattern: re.Pattern[str], value: str) -> str:
    if pattern.fullmatch(value) is None:
        raise Unfit("CANNOT_HOLD")
    return value


CONVERTERS: list[Converter] = [
    *SHARED,
    *(_words(table) for table in ("sex", "parentage", "direction")),
    Converter("moment", clock.read_moment, clock.print_moment),
    Converter("police_day", clock.read_day, clock.print_day),
    Converter("police_day_iso", clock.read_day, lambda value: value),
    Converter("serial_of", lambda value: int(fold_digits(value).partition("/")[0]), str),
    Converter("year_of", _read_year, str),
    Converter("clock", clock.read_clock, clock.print_clock),
    Converter("occurrence", clock.read_occurrence, clock.print_occurrence, spread=True),
    Converter("age_text", ages.read_age, ages.print_age, spread=True),
    Converter("station_number", _station_number, lambda value: value),
    Converter("printed_number", _number_or_text, lambda value: value),
    Converter("kilometres", _read_kilometres, lambda value: int(value) if value == int(value) else value),
    Converter("count", _read_count, lambda value: value),
    Converter("cnic", _read_cnic, dashed),
    Converter("dial", read_phone, _print_phone),
    Converter("role_code", text_of, lambda value: _strict(_CODE, value)),
    Converter("fir_uid", text_of, lambda value: value if _UID.fullmatch(value) else None),
    Converter("sealed_token", text_of, lambda value: value if _TOKEN.fullmatch(value) else None),
    Converter("only_true", lambda value: True if value is True else None, lambda flag: flag or None),
]
