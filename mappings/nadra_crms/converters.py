"""Converters of the civil register's own value forms (formats/nadra.md 7.3)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from mappings.engine.converters import Coarse, Converter, Unfit, text_of
from mappings.identifiers import crms_number, thirteen_digits
from mappings.nadra_crms.answers import ANSWERS
from mappings.nadra_crms.civil_dates import PRECISIONS, is_placeholder, print_date, read_birth, read_date
from mappings.nadra_crms.texts import bounded
from mappings.text import fold_digits

FRANCHISE = "9901"
"""The franchise number under which the gateway calls the register."""
THIRTEEN_DIGIT_TYPES = frozenset({"CNIC", "NICOP", "POC", "CRC"})
"""Types of number that are checked as 13 digits; all others are opaque (formats/nadra.md 4)."""

_TRANSACTION = re.compile(r"^[0-9]{19}$")
_MOBILE = re.compile(r"^\+?[0-9]{7,15}$")
_COUNTRY = re.compile(r"^[A-Z]{3}$")
_NOTIFICATION = re.compile(r"^BN-[0-9]{8}$")


def transaction_id(message_id: str) -> str:
    """Return the TRANSACTION_ID under which a message is sent: 19 digits, the same for the same message.

    A message id that is a transaction id already stays as it is; any other becomes the franchise number and 15
    digits of its SHA-256.
    """
    if _TRANSACTION.match(message_id):
        return message_id
    number = int.from_bytes(hashlib.sha256(message_id.encode("utf-8")).digest(), "big")
    return f"{FRANCHISE}{number % 10**15:015d}"


def _shaped(name: str, shape: re.Pattern[str], code: str, tidy: Callable[[str], str]) -> Converter:
    """Return the converter of a number: tidied, then matched against its shape."""

    def parse(value: Any) -> str:
        number = tidy(fold_digits(text_of(value)))
        if shape.match(number) is None:
            raise Unfit(code)
        return number

    def write(value: Any) -> Any:
        number = tidy(value)
        if shape.match(number) is None:
            raise Unfit("CANNOT_HOLD")
        return number if number == value else Coarse(number)

    return Converter(name, parse, write)


def _parse_transaction(value: Any) -> str:
    number = fold_digits(text_of(value)).strip()
    if _TRANSACTION.match(number) is None:
        raise Unfit("NADRA_115")
    return number


def _print_transaction(value: Any) -> Any:
    number = transaction_id(value)
    return number if number == value else Coarse(number)


def _number(name: str, form: Callable[[str], str], code: str) -> Converter:
    """Return the converter of a number that has one form, in which it is read and written.

    Args:
        name: the converter's.
        form: returns a number in that form; raises ValueError if it has another shape.
        code: the finding about a number of theirs that has another shape.
    """

    def parse(value: Any) -> str:
        try:
            return form(text_of(value))
        except ValueError:
            raise Unfit(code) from None

    def write(value: Any) -> Any:
        try:
            number = form(text_of(value))
        except ValueError:
            raise Unfit("CANNOT_HOLD") from None
        return number if number == value else Coarse(number)

    return Converter(name, parse, write)


def _birth_certificate(text: str) -> str:
    """Return a certificate number if it is one of a birth."""
    number = crms_number(text)
    if number[0] != "B":
        raise ValueError("the certificate is not one of a birth")
    return number


_CHILD_NUMBER = _number("child_number", thirteen_digits, "NADRA_107")


def _parse_birth(node: Any) -> str:
    precision = node.get("@precision", "")
    if precision not in ("", "ESTIMATED", *PRECISIONS.values()):
        raise Unfit("UNKNOWN_CODE")
    try:
        return read_birth(text_of(node.get("#", "")), precision)
    except ValueError:
        raise Unfit("NADRA_906") from None


def _print_birth(date: Any) -> dict[str, str]:
    return {"@precision": PRECISIONS[len(date)], "#": print_date(date)}


def _print_estimated_birth(date: Any) -> Any:
    """Print an estimated birth, marked by another rule; 1 January stands for the year and is read back as it."""
    node = {"#": print_date(date)}
    return Coarse(node) if is_placeholder(date) else node


def _parse_day(value: Any) -> str:
    try:
        date = read_date(text_of(value))
    except ValueError:
        raise Unfit("INVALID_DATE") from None
    if len(date) != 10:
        raise Unfit("INVALID_DATE")
    return date


def _parse_identity(node: Any) -> str:
    """Return the number of an ID element; one of 13 digits in its plain form."""
    text = text_of(node.get("#", ""))
    if node.get("@type") not in THIRTEEN_DIGIT_TYPES:
        return text
    return str(_CHILD_NUMBER.parse(text))


def _print_identity(value: Any) -> dict[str, str]:
    number = text_of(value).strip()
    if not number or number != value or len(number) > 40:
        raise Unfit("CANNOT_HOLD")
    return {"#": number}


CONVERTERS: list[Converter] = [
    Converter("transaction_id", _parse_transaction, _print_transaction),
    bounded("name", 120),
    bounded("text40", 40),
    bounded("text90", 90),
    bounded("text120", 120),
    bounded("text500", 500),
    _shaped("mobile", _MOBILE, "INVALID_VALUE", lambda text: re.sub(r"[\s\-]+", "", text)),
    _shaped("country", _COUNTRY, "INVALID_VALUE", str.strip),
    _shaped("notification_number", _NOTIFICATION, "INVALID_IDENTIFIER", str.strip),
    _CHILD_NUMBER,
    _number("birth_certificate", _birth_certificate, "INVALID_IDENTIFIER"),
    Converter("birth", _parse_birth, _print_birth),
    Converter("estimated_birth", _parse_birth, _print_estimated_birth),
    Converter(
        "estimated",
        lambda precision: True if precision == "ESTIMATED" else None,
        lambda estimated: "ESTIMATED" if estimated else None,
    ),
    Converter("civil_day", _parse_day, text_of),
    Converter("identity", _parse_identity, _print_identity),
    *ANSWERS,
]
