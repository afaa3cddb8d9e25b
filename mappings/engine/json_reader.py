"""The one strict reader of JSON, and the one writer.

Strict: UTF-8 only, no repeated key, no NaN or infinity, no lone surrogate, bounded size, depth and list length
(reliability design 2.8). A byte order mark is tolerated with a warning (design/decisions.md 3).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import orjson

from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity

_BOM = b"\xef\xbb\xbf"
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a document may be."""

    octets: int = 1_048_576
    depth: int = 64
    items: int = 500
    """Entries of one list, or keys of one object."""


DEFAULT = Limits()
"""1 MiB, 64 levels, 500 entries (design/decisions.md 3)."""


def decode(data: bytes, limits: Limits) -> tuple[bytes, list[Finding]]:
    """Return the bytes without a byte order mark, checked for size and UTF-8.

    Raises:
        Refusal: TOO_LARGE, NOT_UTF8.
    """
    if len(data) > limits.octets:
        raise Refusal.of("TOO_LARGE")
    warnings = []
    if data.startswith(_BOM):
        data = data[3:]
        warnings.append(Finding("BYTE_ORDER_MARK", "", Severity.WARNING))
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal.of("NOT_UTF8") from None
    return data, warnings


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Refusal.of("DUPLICATE_KEY")
    return result


def _constant(_: str) -> Any:
    raise Refusal.of("BAD_NUMBER")


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Refusal.of("BAD_NUMBER")
    return value


def _integer(text: str) -> int:
    if len(text) > 20:
        raise Refusal.of("BAD_NUMBER")
    return int(text)


def read_json(data: bytes, limits: Limits = DEFAULT) -> tuple[Any, list[Finding]]:
    """Return the value of a JSON document and warnings.

    Raises:
        Refusal: MALFORMED, DUPLICATE_KEY, BAD_NUMBER, BAD_TEXT, TOO_DEEP, TOO_MANY and those of :func:`decode`.
    """
    data, warnings = decode(data, limits)
    _bound_depth(data, limits.depth)
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_pairs,
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_integer,
        )
    except (ValueError, RecursionError):
        raise Refusal.of("MALFORMED") from None
    _bound(value, "", limits)
    return value, warnings


def _bound_depth(data: bytes, limit: int) -> None:
    """Refuse deep nesting before any parser recurses; brackets inside strings do not count."""
    depth, inside, escaped = 0, False, False
    for octet in data:
        if inside:
            if escaped:
                escaped = False
            elif octet == 0x5C:
                escaped = True
            elif octet == 0x22:
                inside = False
        elif octet == 0x22:
            inside = True
        elif octet in (0x5B, 0x7B):
            depth += 1
            if depth > limit:
                raise Refusal.of("TOO_DEEP")
        elif octet in (0x5D, 0x7D):
            depth -= 1


def _bound(value: Any, path: str, limits: Limits) -> None:
    if isinstance(value, dict):
        if len(value) > limits.items:
            raise Refusal.of("TOO_MANY", path)
        for key, item in value.items():
            _utf8(key, path)
            _bound(item, f"{path}/{_step(key)}", limits)
    elif isinstance(value, list):
        if len(value) > limits.items:
            raise Refusal.of("TOO_MANY", path)
        for index, item in enumerate(value):
            _bound(item, f"{path}/{index}", limits)
    elif isinstance(value, str):
        _utf8(value, path)


def _step(key: str) -> str:
    """Return a key as a step of a pointer; one too long to be anybody's field name is not repeated."""
    return key.replace("~", "~0").replace("/", "~1") if len(key) <= _LONGEST_NAME else "?"


def _utf8(text: str, path: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Refusal.of("BAD_TEXT", path if path.isascii() else "") from None


def write_json(value: Any) -> bytes:
    """Return a value as compact UTF-8 JSON, in the order it was built."""
    return orjson.dumps(value)
