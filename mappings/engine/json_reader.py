"""The one strict reader of JSON, and the one writer.

Strict: UTF-8 only, no repeated key, no NaN or infinity, no lone surrogate, bounded size, depth, list length and number
of values (reliability design 2.8). A byte order mark is tolerated with a warning (design/decisions.md 3).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity

_BOM = b"\xef\xbb\xbf"
_PLAIN = re.compile(r"[A-Za-z0-9_.:$@-]{1,60}")
"""A key that may stand in a finding; any other may be somebody's words."""
_SMALLEST, _LARGEST = -(2**63), 2**64 - 1
"""Integers that a writer can write again; some registers send an id of 19 digits as one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a document may be."""

    octets: int = 1_048_576
    depth: int = 64
    items: int = 500
    """Entries of one list, or keys of one object."""
    values: int = 50_000
    """Lists, objects and their entries altogether, or elements of XML: what a document of this size costs to read."""


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


def _pairs(most: int) -> Callable[[list[tuple[str, Any]]], dict[str, Any]]:
    """Return what makes objects, and no more of them than allowed."""
    made = 0

    def pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal made
        made += 1
        if made > most:
            raise Refusal.of("TOO_MANY")
        result = dict(pairs)
        if len(result) != len(pairs):
            raise Refusal.of("DUPLICATE_KEY")
        return result

    return pairs


def _constant(_: str) -> Any:
    raise Refusal.of("BAD_NUMBER")


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise Refusal.of("BAD_NUMBER")
    return value


def _integer(text: str) -> int:
    if len(text) > 20 or not _SMALLEST <= (value := int(text)) <= _LARGEST:
        raise Refusal.of("BAD_NUMBER")
    return value


def read_json(data: bytes, limits: Limits = DEFAULT) -> tuple[Any, list[Finding]]:
    """Return the value of a JSON document and warnings.

    Raises:
        Refusal: MALFORMED, DUPLICATE_KEY, BAD_NUMBER, BAD_TEXT, TOO_DEEP, TOO_MANY and those of :func:`decode`.
    """
    data, warnings = decode(data, limits)
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_pairs(limits.values),
            parse_constant=_constant,
            parse_float=_float,
            parse_int=_integer,
        )
    except ValueError:
        raise Refusal.of("MALFORMED") from None
    except RecursionError:
        raise Refusal.of("TOO_DEEP") from None
    if data.count(b",") + data.count(b"{") + data.count(b"[") > limits.values and _exceeds(value, limits.values):
        raise Refusal.of("TOO_MANY")
    # A lone surrogate can come only from an escape: without one there is no text to look through.
    if not _within(value, limits.depth, limits.items) or b"\\ud" in data or b"\\uD" in data:
        _locate(value, "", limits.depth, limits.items)
    return value, warnings


def _exceeds(value: Any, most: int) -> bool:
    """Tell whether a document holds more objects, lists and entries of them than allowed."""
    waiting: list[Any] = [[value]]
    found = 0
    while waiting and found <= most:
        inside = waiting.pop()
        entries: Any = inside.values() if type(inside) is dict else inside
        found += len(entries)
        waiting += [each for each in entries if type(each) is dict or type(each) is list]
    return found > most


def _within(value: Any, depth: int, items: int) -> bool:
    """Tell whether a value keeps to the limits; the common case, without building any path."""
    inside: Any
    if type(value) is dict:
        inside = value.values()
    elif type(value) is list:
        inside = value
    else:
        return True
    if depth == 0 or len(value) > items:
        return False
    for item in inside:
        kind = type(item)
        if (kind is dict or kind is list) and not _within(item, depth - 1, items):
            return False
    return True


def _locate(value: Any, path: str, depth: int, items: int) -> None:
    """Refuse the first place that breaks a limit or holds a text no document may carry."""
    if isinstance(value, dict | list):
        if depth == 0:
            raise Refusal.of("TOO_DEEP", path)
        if len(value) > items:
            raise Refusal.of("TOO_MANY", path)
    if isinstance(value, dict):
        for key, item in value.items():
            _utf8(key, path)
            _locate(item, f"{path}/{key if _PLAIN.fullmatch(key) else '?'}", depth - 1, items)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _locate(item, f"{path}/{index}", depth - 1, items)
    elif isinstance(value, str):
        _utf8(value, path)


def _utf8(text: str, path: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise Refusal.of("BAD_TEXT", path if path.isascii() else "") from None


def write_json(value: Any) -> bytes:
    """Return a value as compact UTF-8 JSON, in the order it was built."""
    return orjson.dumps(value)
