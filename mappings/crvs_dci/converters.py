"""Converters of DCI's value forms (formats/nadra.md 5.1, 7.7)."""

from __future__ import annotations

from typing import Any

from mappings.crvs_dci.answers import ANSWERS
from mappings.crvs_dci.names import NAMES
from mappings.dates import full_date, partial_date
from mappings.engine.converters import Coarse, Converter, Unfit, text_of
from mappings.identifiers import crms_number

LONGEST_TRANSACTION = 99
"""Characters of a transaction id."""
PRECISIONS = {4: "YEAR", 7: "MONTH", 10: "DAY"}
"""The word for a date by the length of its canonical form."""


def _parse_transaction(value: Any) -> str:
    text = text_of(value)
    if not 1 <= len(text) <= LONGEST_TRANSACTION:
        raise Unfit
    return text


def _print_transaction(value: Any) -> str:
    if len(value) > LONGEST_TRANSACTION:
        raise Unfit("CANNOT_HOLD")
    return str(value)


def _birth_certificate(value: Any) -> str:
    try:
        number = crms_number(text_of(value))
    except ValueError:
        raise Unfit("INVALID_IDENTIFIER") from None
    if number[0] != "B":
        raise Unfit("INVALID_IDENTIFIER")
    return number


def _print_certificate(value: Any) -> Any:
    try:
        number = _birth_certificate(value)
    except Unfit:
        raise Unfit("CANNOT_HOLD") from None
    return number if number == value else Coarse(number)


def _day(value: Any) -> str:
    try:
        return full_date(text_of(value))
    except ValueError:
        raise Unfit("INVALID_DATE") from None


def _date(value: Any) -> str:
    try:
        return partial_date(text_of(value))
    except ValueError:
        raise Unfit("INVALID_DATE") from None


def _estimated(precision: Any) -> bool | None:
    if precision not in ("ESTIMATED", *PRECISIONS.values()):
        raise Unfit("UNKNOWN_CODE")
    return True if precision == "ESTIMATED" else None


CONVERTERS: list[Converter] = [
    Converter("transaction_id", _parse_transaction, _print_transaction),
    Converter("birth_certificate", _birth_certificate, _print_certificate),
    Converter("whole_day", _day, lambda date: date if len(date) == 10 else None),
    Converter("part_of_date", _date, lambda date: date if len(date) < 10 else None),
    Converter("precision", lambda value: None, lambda date: PRECISIONS[len(date)]),
    Converter("estimated", _estimated, lambda estimated: "ESTIMATED" if estimated else None),
    *NAMES,
    *ANSWERS,
]
