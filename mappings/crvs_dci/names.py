"""A name of DCI: parts without a script, of which we write one and read what there is (formats/nadra.md 5.1, 6.7)."""

from __future__ import annotations

from typing import Any

from mappings.engine.converters import Converter, Unfit
from mappings.text import clean

PARTS = ("given_name", "second_name", "surname")
"""The parts that make a whole name, in the order they are said."""


def whole(name: Any) -> str:
    """Return the whole name, its parts joined; empty where there is none.

    Raises:
        Unfit: a part is no text, or holds a character no document may carry.
    """
    parts = [name.get(part) or "" for part in PARTS] if isinstance(name, dict) else []
    if not all(isinstance(part, str) for part in parts):
        raise Unfit("WRONG_TYPE")
    try:
        return clean(" ".join(part.strip() for part in parts if part.strip()))
    except ValueError:
        raise Unfit("BAD_TEXT") from None


def arabic(text: str) -> bool:
    """Tell whether a name is in Arabic script, as Urdu is."""
    return any("\u0600" <= letter <= "\u06ff" or "\u0750" <= letter <= "\u077f" for letter in text)


def _latin(name: Any) -> str | None:
    text = whole(name)
    return text if text and not arabic(text) else None


def _urdu(name: Any) -> str | None:
    text = whole(name)
    return text if arabic(text) else None


def _apart(part: str) -> Any:
    """Return the reader of one part, where a register holds a surname of its own in Latin letters."""

    def parse(name: Any) -> str | None:
        text = whole(name)
        surname = (name.get("surname") or "").strip() if isinstance(name, dict) else ""
        return (name.get(part) or "").strip() or None if surname and not arabic(text) else None

    return parse


def _never(value: Any) -> Any:
    raise Unfit("CANNOT_HOLD")


NAMES: list[Converter] = [
    Converter("latin_name", _latin, _never),
    Converter("urdu_name", _urdu, _never),
    Converter("given_apart", _apart("given_name"), _never),
    Converter("family_apart", _apart("surname"), _never),
]
