"""Texts with a limit (formats/nadra.md 7.3)."""

from __future__ import annotations

from typing import Any

from mappings.engine.converters import Coarse, Converter, Unfit, text_of


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
