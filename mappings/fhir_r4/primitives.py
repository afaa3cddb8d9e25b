"""Primitive datatypes: JSON kind and lexical form (https://hl7.org/fhir/R4/datatypes.html#primitive)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable
from datetime import date
from typing import Any

LONGEST = 1024 * 1024
"""Characters a string may have."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_YEAR = r"(?!0000)\d{4}"
_DATE = re.compile(rf"{_YEAR}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_TIME = r"([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?"
_ZONE = r"(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))"
_MOMENT = re.compile(rf"({_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))T{_TIME}{_ZONE}")
_CLOCK = re.compile(_TIME)
_CODE = re.compile(r"[^\s]+(\s[^\s]+)*")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_OID = re.compile(r"urn:oid:[0-2](\.(0|[1-9]\d*))+")
_UUID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def judge(kind: str, value: Any) -> str:
    """Return the code of what is wrong with a primitive value, or an empty text.

    Args:
        kind: the primitive's name in R4, e.g. ``dateTime``.
        value: the JSON value, not ``null``.
    """
    form = _FORMS.get(kind)
    if form is None:
        return _text(value)
    return form(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        return "WRONG_TYPE"
    if len(value) > LONGEST:
        return "FHIR_TOO_LONG"
    return "INVALID_VALUE" if not value.strip() or _CONTROL.search(value) else ""


def _matching(pattern: re.Pattern[str], code: str = "INVALID_VALUE") -> Callable[[Any], str]:
    def form(value: Any) -> str:
        if not isinstance(value, str):
            return "WRONG_TYPE"
        return "" if pattern.fullmatch(value) else code

    return form


def _boolean(value: Any) -> str:
    return "" if isinstance(value, bool) else "WRONG_TYPE"


def _decimal(value: Any) -> str:
    return "" if isinstance(value, int | float) and not isinstance(value, bool) else "WRONG_TYPE"


def _integer(least: int) -> Callable[[Any], str]:
    def form(value: Any) -> str:
        if not isinstance(value, int) or isinstance(value, bool):
            return "WRONG_TYPE"
        return "" if least <= value < 2**31 else "INVALID_VALUE"

    return form


def _uri(value: Any) -> str:
    """Judge a URI: no white space; a UUID or OID in the form its URN scheme demands."""
    if not isinstance(value, str):
        return "WRONG_TYPE"
    if not value or re.search(r"\s", value):
        return "INVALID_VALUE"
    # Version and fragment of a canonical, or a fragment, may follow.
    plain = re.split(r"[|#]", value, maxsplit=1)[0]
    for scheme, pattern in (("urn:uuid:", _UUID), ("urn:oid:", _OID)):
        if plain.startswith(scheme) and not pattern.fullmatch(plain):
            return "INVALID_VALUE"
    return ""


def _day(value: Any) -> str:
    if not isinstance(value, str):
        return "WRONG_TYPE"
    return "" if _DATE.fullmatch(value) and _exists(value) else "INVALID_DATE"


def _moment(value: Any) -> str:
    if not isinstance(value, str):
        return "WRONG_TYPE"
    return "" if _MOMENT.fullmatch(value) and _exists(value[:10]) else "INVALID_DATE"


def _day_or_moment(value: Any) -> str:
    return _moment(value) if isinstance(value, str) and "T" in value else _day(value)


def _exists(text: str) -> bool:
    """Tell whether a full date is in the calendar."""
    if len(text) < 10:
        return True
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def octets(value: Any) -> bytes | None:
    """Return what a base64 text holds, or ``None`` if it is none; white space between groups is R4's."""
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (AttributeError, ValueError, binascii.Error):
        return None


def _base64(value: Any) -> str:
    if not isinstance(value, str):
        return "WRONG_TYPE"
    return "INVALID_VALUE" if not value.strip() or octets(value) is None else ""


_FORMS: dict[str, Callable[[Any], str]] = {
    "base64Binary": _base64,
    "boolean": _boolean,
    "canonical": _uri,
    "code": _matching(_CODE),
    "date": _day,
    "dateTime": _day_or_moment,
    "decimal": _decimal,
    "id": _matching(_ID),
    "instant": _moment,
    "integer": _integer(-(2**31)),
    "oid": _matching(_OID),
    "positiveInt": _integer(1),
    "time": _matching(_CLOCK),
    "unsignedInt": _integer(0),
    "uri": _uri,
    "url": _uri,
    "uuid": _matching(_UUID),
}
