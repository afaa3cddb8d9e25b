"""Converters of the civil register's own value forms (formats/nadra.md 7.3)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from typing import Any

from mappings.engine.converters import Coarse, Converter, Unfit
from mappings.identifiers import crms_number, thirteen_digits
from mappings.nadra_crms.civil_dates import PRECISIONS, is_placeholder, print_date, read_birth, read_date
from mappings.nadra_crms.outcomes import MESSAGES, OUTCOMES, Outcome
from mappings.text import clean, fold_digits

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


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unfit("WRONG_TYPE")
    try:
        return clean(value)
    except ValueError:
        raise Unfit("BAD_TEXT") from None


def _bounded(name: str, longest: int) -> Converter:
    """Return the converter of a text with a limit; white space at its ends does not survive XML."""

    def parse(value: Any) -> str:
        text = _text(value)
        if len(text) > longest:
            raise Unfit("NADRA_910")
        return text

    def write(value: Any) -> Any:
        text = _text(value)
        inner = text.strip()
        if not inner or len(inner) > longest:
            raise Unfit("CANNOT_HOLD")
        return text if inner == text else Coarse(inner)

    return Converter(name, parse, write)


def _shaped(name: str, shape: re.Pattern[str], code: str, tidy: Callable[[str], str]) -> Converter:
    """Return the converter of a number: tidied, then matched against its shape."""

    def parse(value: Any) -> str:
        number = tidy(fold_digits(_text(value)))
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
    number = fold_digits(_text(value)).strip()
    if _TRANSACTION.match(number) is None:
        raise Unfit("NADRA_115")
    return number


def _print_transaction(value: Any) -> Any:
    number = transaction_id(value)
    return number if number == value else Coarse(number)


def _parse_child_number(value: Any) -> str:
    try:
        return thirteen_digits(_text(value))
    except ValueError:
        raise Unfit("NADRA_107") from None


def _parse_crms(value: Any) -> str:
    try:
        number = crms_number(_text(value))
    except ValueError:
        raise Unfit("INVALID_IDENTIFIER") from None
    if number[0] != "B":
        raise Unfit("INVALID_IDENTIFIER")
    return number


def _print_crms(value: Any) -> str:
    if value[:1] != "B":
        raise Unfit("CANNOT_HOLD")
    return str(value)


def _parse_birth(node: Any) -> str:
    precision = node.get("@precision", "")
    if precision not in ("", "ESTIMATED", *PRECISIONS.values()):
        raise Unfit("UNKNOWN_CODE")
    try:
        return read_birth(_text(node.get("#", "")), precision)
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
        date = read_date(_text(value))
    except ValueError:
        raise Unfit("INVALID_DATE") from None
    if len(date) != 10:
        raise Unfit("INVALID_DATE")
    return date


def _parse_identity(node: Any) -> str:
    """Return the number of an ID element; one of 13 digits in its plain form."""
    text = _text(node.get("#", ""))
    if node.get("@type") not in THIRTEEN_DIGIT_TYPES:
        return text
    return str(_parse_child_number(text))


def _print_identity(value: Any) -> dict[str, str]:
    number = _text(value).strip()
    if not number or number != value or len(number) > 40:
        raise Unfit("CANNOT_HOLD")
    return {"#": number}


def _outcome(value: Any) -> Outcome | None:
    """Return what a code says; of an unknown one nothing, for ``result_code`` refuses it."""
    return OUTCOMES.get(fold_digits(_text(value)).strip())


def _parse_code(value: Any) -> str:
    if _outcome(value) is None:
        raise Unfit("UNKNOWN_CODE")
    return fold_digits(value).strip()


def _print_code(value: Any) -> str:
    if value not in OUTCOMES:
        raise Unfit("UNMAPPED_CODE")
    return str(value)


def _never(value: Any) -> Any:
    raise Unfit("CANNOT_HOLD")


def _said(name: str, part: Callable[[Outcome], str | None]) -> Converter:
    """Return the reading converter of one thing a result code says."""

    def parse(value: Any) -> str | None:
        outcome = _outcome(value)
        said = part(outcome) if outcome else None
        return None if said is None else str(said)

    return Converter(name, parse, _never)


def _parse_message(value: Any) -> str | None:
    """Return what an answer says beyond its code: the register's standard sentences say nothing more."""
    text = _bounded("", 120).parse(value)
    return None if text in MESSAGES else str(text)


def _print_message(value: Any) -> Any:
    text = _bounded("", 120).print(value)
    return Coarse(text) if text in MESSAGES else text


CONVERTERS: list[Converter] = [
    Converter("transaction_id", _parse_transaction, _print_transaction),
    _bounded("name", 120),
    _bounded("text40", 40),
    _bounded("text90", 90),
    _bounded("text120", 120),
    _bounded("text500", 500),
    _shaped("mobile", _MOBILE, "INVALID_VALUE", lambda text: re.sub(r"[\s\-]+", "", text)),
    _shaped("country", _COUNTRY, "INVALID_VALUE", str.strip),
    _shaped("notification_number", _NOTIFICATION, "INVALID_IDENTIFIER", str.strip),
    Converter("child_number", _parse_child_number, _text),
    Converter("birth_certificate", _parse_crms, _print_crms),
    Converter("birth", _parse_birth, _print_birth),
    Converter("estimated_birth", _parse_birth, _print_estimated_birth),
    Converter(
        "estimated",
        lambda precision: True if precision == "ESTIMATED" else None,
        lambda estimated: "ESTIMATED" if estimated else None,
    ),
    Converter("civil_day", _parse_day, _text),
    Converter("identity", _parse_identity, _print_identity),
    Converter("result_code", _parse_code, _print_code),
    _said("answer_kind", lambda outcome: outcome.kind),
    _said("answer_state", lambda outcome: outcome.state),
    _said("answer_reason", lambda outcome: outcome.reason),
    _said("answer_outcome", lambda outcome: outcome.name),
    Converter("decision_status", lambda value: str(value).lower(), _never),
    Converter("message", _parse_message, _print_message),
]
