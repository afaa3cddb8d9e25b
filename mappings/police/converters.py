"""Converters both police formats use."""

from __future__ import annotations

import re
from typing import Any

from mappings.dates import in_karachi
from mappings.engine.converters import Coarse, Converter, Unfit, text_of
from mappings.police.names import bare, is_arabic, plain
from mappings.police.offences import category_of, concern_of, wider_category_of
from mappings.police.series import as_uuid
from mappings.text import fold_digits, strip_bidi

_KEY = re.compile(r"[A-Za-z0-9._:/#-]{1,64}")
_MOBILE = re.compile(r"(?:\+92|0092|0)(3\d{9})")


def read_phone(value: Any) -> str:
    """Return a telephone number in ASCII digits, without invisible marks.

    Raises:
        Unfit: WRONG_TYPE or BAD_TEXT.
    """
    return strip_bidi(fold_digits(text_of(value))).replace("\u00a0", " ").strip()


def _print_uuid(value: str) -> Any:
    derived = as_uuid(value)
    return value if derived == value else Coarse(derived)


def _print_arabic(value: str) -> Any:
    if not is_arabic(value):
        raise Unfit("CANNOT_HOLD")
    return _print_alias(value)


def _print_latin(value: str) -> Any:
    if is_arabic(value):
        raise Unfit("CANNOT_HOLD")
    return _print_alias(value)


def _print_alias(value: str) -> Any:
    """Return a name as the form holds it; invisible marks at its ends are lost there."""
    name = bare(value)
    if not plain(name):
        raise Unfit("CANNOT_HOLD")
    return name if name == value else Coarse(name)


def _print_mobile(value: str) -> Any:
    """Only mobile numbers fit the form; another number is left out, with the mapping's reason."""
    match = _MOBILE.fullmatch(re.sub(r"[\s-]", "", fold_digits(value)))
    number = f"0{match[1]}" if match else None
    return number if number in (None, value) else Coarse(number)


def _print_key(value: str) -> Any:
    if _KEY.fullmatch(value):
        return value
    key = re.sub(r"[^A-Za-z0-9._:/#-]+", "-", value).strip("-")[:64]
    if not key:
        raise Unfit("CANNOT_HOLD")
    return Coarse(key)


def _read_category(value: Any) -> str | None:
    return concern_of().get(text_of(value))


def _print_category(value: str) -> Any:
    """Return the category of a concern; one the police list has no word for is not told."""
    if value in category_of():
        return category_of()[value]
    wider = wider_category_of().get(value)
    return None if wider is None else Coarse(wider)


SHARED: list[Converter] = [
    Converter("message_uuid", text_of, _print_uuid),
    Converter("arabic_name", text_of, _print_arabic),
    Converter("latin_name", text_of, _print_latin),
    Converter("alias", text_of, _print_alias),
    Converter("mobile", read_phone, _print_mobile),
    Converter("system_key", text_of, _print_key),
    Converter("intake_moment", text_of, lambda value: Coarse(in_karachi(value))),
    Converter("category", _read_category, _print_category),
]
"""``category`` reads a category as the concern it stands for (``crosswalk.toml``)."""
