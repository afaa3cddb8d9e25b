"""Functions of FHIRPath that R4's constraints call (FHIRPath N1, section 5), each over its input and its arguments.

An argument is handed over unevaluated: ``where`` and its like evaluate it once for each item.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from mappings.fhir_r4.fhirpath.values import BARE, Collection, all_children, descendants, identity, truth

Argument: TypeAlias = Callable[[Collection], Collection]
"""An expression, waiting for the collection it is evaluated on."""
Function: TypeAlias = Callable[[Collection, tuple[Argument, ...]], Collection]

_LONGEST = 10_000


def _where(values: Collection, arguments: tuple[Argument, ...]) -> Collection:
    return [value for value in values if truth(arguments[0]([value]))]


def _exists(values: Collection, arguments: tuple[Argument, ...]) -> Collection:
    return [bool(_where(values, arguments) if arguments else values)]


def _all(values: Collection, arguments: tuple[Argument, ...]) -> Collection:
    return [all(truth(arguments[0]([value])) is not False for value in values)]


def _select(values: Collection, arguments: tuple[Argument, ...]) -> Collection:
    return [found for value in values for found in arguments[0]([value])]


def _distinct(values: Collection) -> Collection:
    return list({identity(value): value for value in values}.values())


def _is_distinct(values: Collection, _arguments: tuple[Argument, ...]) -> Collection:
    return [len({identity(value) for value in values}) == len(values)]


def _not(values: Collection, _arguments: tuple[Argument, ...]) -> Collection:
    known = truth(values)
    return [] if known is None else [not known]


def _iif(values: Collection, arguments: tuple[Argument, ...]) -> Collection:
    if truth(arguments[0](values)):
        return arguments[1](values)
    return arguments[2](values) if len(arguments) > 2 else []


def _text(values: Collection) -> str | None:
    return values[0] if values and isinstance(values[0], str) else None


def _about(judge: Callable[[str, str], Any]) -> Function:
    """Return a function of one text and one argument."""

    def function(values: Collection, arguments: tuple[Argument, ...]) -> Collection:
        text, other = _text(values), _text(arguments[0](values))
        return [] if text is None or other is None else [judge(text, other)]

    return function


@lru_cache(maxsize=256)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _substring(values: Collection, arguments: tuple[Argument, ...]) -> Collection:
    text, start = _text(values), arguments[0](values)
    return [] if text is None or not start else [text[int(start[0]) :]]


def _replace_matches(values: Collection, arguments: tuple[Argument, ...]) -> Collection:
    text = _text(values)
    pattern, by = (_text(argument(values)) or "" for argument in arguments)
    return [] if text is None else [_pattern(pattern).sub(by, text)]


def _to_integer(values: Collection, _arguments: tuple[Argument, ...]) -> Collection:
    text = str(values[0]) if values else ""
    return [int(text)] if re.fullmatch(r"[+-]?\d{1,18}", text) else []


def _to_string(values: Collection, _arguments: tuple[Argument, ...]) -> Collection:
    return [str(value) for value in values[:1]]


def _intersect(values: Collection, arguments: tuple[Argument, ...]) -> Collection:
    others = {identity(other) for other in arguments[0](values)}
    return _distinct([value for value in values if identity(value) in others])


def _index(values: Collection, arguments: tuple[Argument, ...]) -> Collection:
    at = arguments[0](values)
    return values[at[0] : at[0] + 1] if at and isinstance(at[0], int) else []


FUNCTIONS: dict[str, Function] = {
    "[]": _index,
    "all": _all,
    "children": lambda values, _: [child for value in values for child in all_children(value)],
    "combine": lambda values, arguments: [*values, *arguments[0](values)],
    "contains": _about(lambda text, part: part in text),
    "count": lambda values, _: [len(values)],
    "descendants": lambda values, _: [child for value in values for child in descendants(value)],
    "empty": lambda values, _: [not values],
    "endsWith": _about(str.endswith),
    "exists": _exists,
    "first": lambda values, _: values[:1],
    "hasValue": lambda values, _: [len(values) == 1 and not isinstance(values[0], dict) and values[0] is not BARE],
    "iif": _iif,
    "intersect": _intersect,
    "isDistinct": _is_distinct,
    "length": lambda values, _: [len(text)] if (text := _text(values)) is not None else [],
    "matches": _about(lambda text, pattern: bool(_pattern(pattern).search(text[:_LONGEST]))),
    "not": _not,
    "replaceMatches": _replace_matches,
    "select": _select,
    "startsWith": _about(str.startswith),
    "substring": _substring,
    "tail": lambda values, _: values[1:],
    "toInteger": _to_integer,
    "toString": _to_string,
    "trace": lambda values, _: values,
    "where": _where,
}
