"""Texts with a limit (formats/nadra.md 7.3)."""

from __future__ import annotations

from typing import Any

from mappings.engine.converters import Coarse, Converter, Unfit
from mappings.text import clean


def text_of(value: Any) -> str:
    """Return a text in NFC.

    Raises:
        Unfit: it is no text, or holds a character no document may carry.
    """
    if not isinstance(value, str):
        raise Unfit("WRONG_TYPE")
    try:
        return clean(value)
    except ValueError:
        raise Unfit("BAD_TEXT") from None


def bounded(name: str, longest: int) -> Converter:
    """Return the converter of a text with a limit; white space at its ends does not survive XML."""

    def parse(value: Any) -> str:
        text = text_of(value)
        if len(text) > longest:
            raise Unfit("NADRA_910")
        return text

    def write(value: Any) -> Any:
        text = text_of(value)
        inner = text.strip()
        if not inner or len(inner) > longest:
            raise Unfit("CANNOT_HOLD")
        return text if inner == text else Coarse(inner)

    return Converter(name, parse, write)
