"""Converters: named two-way relations between one value of theirs and one of ours.

``parse`` reads theirs, ``print`` writes ours; both refuse with :class:`Unfit` and never guess. Law 6: for every value
``v`` that ``print`` accepts, ``parse(print(v)) == v`` unless ``print`` said it is :class:`Coarse`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mappings import dates, identifiers
from mappings.text import clean, fold_digits


class Unfit(Exception):
    """A value does not fit; carries the code of the finding, never the value."""

    def __init__(self, code: str = "INVALID_VALUE") -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Coarse:
    """A printed value that holds less than the original did."""

    value: Any


@dataclass(frozen=True, slots=True)
class Converter:
    """A named pair."""

    name: str
    parse: Callable[[Any], Any]
    """Theirs to ours. ``None`` means: nothing is said."""
    print: Callable[[Any], Any]
    """Ours to theirs; may return :class:`Coarse`. ``None`` means: nothing is written."""
    spread: bool = False
    """Ours is an object of several leaves (``child.age``), not one leaf."""
    parse_warning: Callable[[Any], str | None] | None = None
    """A code to warn with although the value of theirs is read, or none."""


def _fit(function: Callable[[str], str], code: str) -> Callable[[Any], Any]:
    def call(value: Any) -> Any:
        if not isinstance(value, str):
            raise Unfit("WRONG_TYPE")
        try:
            return function(value)
        except ValueError:
            raise Unfit(code) from None

    return call


def text_of(value: Any) -> str:
    """Return a text in NFC.

    Raises:
        Unfit: WRONG_TYPE if it is no text; BAD_TEXT if it holds a character no document may carry.
    """
    if not isinstance(value, str):
        raise Unfit("WRONG_TYPE")
    try:
        return clean(value)
    except ValueError:
        raise Unfit("BAD_TEXT") from None


def _typed(kind: type, value: Any) -> Any:
    if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise Unfit("WRONG_TYPE")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit("WRONG_TYPE")
    return float(value)


_INTEGER = re.compile(r"^-?\d{1,15}$")
_DECIMAL = re.compile(r"^-?\d{1,12}(\.\d{1,9})?$")


def _parse_integer(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = fold_digits(text_of(value)).strip()
    if _INTEGER.match(text) is None:
        raise Unfit
    return int(text)


def _parse_decimal(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    text = fold_digits(text_of(value)).strip()
    if _DECIMAL.match(text) is None:
        raise Unfit
    return float(text)


def print_decimal(value: float) -> str:
    """Return a number without an exponent and without a needless fraction."""
    return str(int(value)) if value == int(value) else format(value, ".9f").rstrip("0")


def _parse_boolean(value: Any) -> bool:
    flag = {"true": True, "1": True, "false": False, "0": False}.get(value) if isinstance(value, str) else None
    if flag is None:
        raise Unfit
    return flag


def _words(true: str, false: str, name: str) -> Converter:
    back = {true: True, false: False}

    def parse(value: Any) -> bool:
        if value not in back:
            raise Unfit("UNKNOWN_CODE")
        return back[value]

    return Converter(name, parse, lambda flag: true if flag else false)


_DIGITS13 = _fit(identifiers.thirteen_digits, "INVALID_IDENTIFIER")

STANDARD: dict[str, Converter] = {
    c.name: c
    for c in (
        Converter("text", text_of, text_of),
        Converter("integer", lambda v: _typed(int, v), lambda v: v),
        Converter("decimal", _number, lambda v: int(v) if v == int(v) else v),
        Converter("boolean", lambda v: _typed(bool, v), lambda v: v),
        Converter("integer_text", _parse_integer, str),
        Converter("decimal_text", _parse_decimal, print_decimal),
        Converter("boolean_text", _parse_boolean, lambda v: "true" if v else "false"),
        Converter("day", _fit(dates.full_date, "INVALID_DATE"), text_of),
        Converter("partial_date", _fit(dates.partial_date, "INVALID_DATE"), text_of),
        Converter("instant", _fit(dates.instant, "INVALID_DATE"), text_of),
        Converter("karachi", _fit(dates.instant, "INVALID_DATE"), dates.in_karachi),
        Converter("digits13", _DIGITS13, text_of),
        Converter("dashed13", _DIGITS13, identifiers.dashed),
        Converter("crms_number", _fit(identifiers.crms_number, "INVALID_IDENTIFIER"), text_of),
        Converter("digits", _fit(lambda v: fold_digits(v).strip(), "INVALID_VALUE"), text_of),
        Converter("kebab", _fit(lambda v: v.upper().replace("-", "_"), "INVALID_VALUE"),
                  lambda v: v.lower().replace("_", "-")),
        _words("YES", "NO", "yes_no"),
        _words("Y", "N", "y_n"),
    )
}  # fmt: skip
"""Converters every mapping may use; a folder's ``converters.py`` adds its own in ``CONVERTERS``."""


def code(table: str, codes: dict[str, list[str]], coarse: dict[str, str]) -> Converter:
    """Return the converter of a code table.

    Args:
        table: its name, for the account.
        codes: ours to theirs; the first of theirs is written, every one is read.
        coarse: ours to one of theirs that says less; declared loss, writing only.
    """
    back = {theirs: ours for ours, words in codes.items() for theirs in words}

    def parse(value: Any) -> str:
        if not isinstance(value, str) or value not in back:
            raise Unfit("UNKNOWN_CODE")
        return back[value]

    def write(value: Any) -> Any:
        if value in codes:
            return codes[value][0]
        if value in coarse:
            return Coarse(coarse[value])
        raise Unfit("UNMAPPED_CODE")

    return Converter(f"code({table})", parse, write)
