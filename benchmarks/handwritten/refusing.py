"""How hand-written translators refuse: a code and a path, never a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mappings.text import clean

Model = TypeVar("Model", bound=BaseModel)


class Untranslatable(ValueError):
    """A document, or a value that shall become one, is refused.

    Attributes:
        code: what is wrong.
        path: where: an XPath or JSON Pointer of theirs on reading, a dotted path of ours on writing.
    """

    def __init__(self, code: str, path: str) -> None:
        self.code = code
        self.path = path
        super().__init__(f"{code} at {path}")


def text(value: object, path: str, longest: int = 0) -> str:
    """Return a text in NFC, or refuse what is none, is empty or is too long."""
    if not isinstance(value, str):
        raise Untranslatable("WRONG_TYPE", path)
    if not value or (longest and len(value) > longest):
        raise Untranslatable("INVALID_VALUE", path)
    try:
        return clean(value)
    except ValueError:
        raise Untranslatable("BAD_TEXT", path) from None


def coded(table: Mapping[str, str], value: object, path: str) -> str:
    """Return what a code stands for, or refuse one that is not in the table."""
    if not isinstance(value, str) or value not in table:
        raise Untranslatable("UNKNOWN_CODE", path)
    return table[value]


def checked(form: Callable[[str], str], value: object, path: str, code: str = "INVALID_VALUE") -> str:
    """Return a value in the one form it has, or refuse it."""
    if not isinstance(value, str):
        raise Untranslatable("WRONG_TYPE", path)
    try:
        return form(value)
    except ValueError:
        raise Untranslatable(code, path) from None


def flag(value: object, path: str) -> bool:
    """Return a boolean of JSON, or refuse another value."""
    if value is True or value is False:
        return value
    raise Untranslatable("WRONG_TYPE", path)


def demanded(value: Any, path: str) -> Any:
    """Return a value, or refuse its lack."""
    if value is None:
        raise Untranslatable("MISSING_REQUIRED", path)
    return value


def built(model: type[Model], values: dict[str, Any]) -> Model:
    """Return a canonical value, or refuse with our path of the first leaf that does not fit."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        place = error.errors(include_input=False, include_url=False, include_context=False)[0]["loc"]
        raise Untranslatable("INVALID_VALUE", ".".join(str(part) for part in place)) from None


def turned(table: Mapping[str, str]) -> dict[str, str]:
    """Return a one-to-one code table the other way round."""
    return {theirs: ours for ours, theirs in table.items()}
