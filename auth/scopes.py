"""Scopes: parsing, and which scopes contain which.

Two languages meet in one space-separated list (RFC 6749 section 3.3):

- plain scopes such as `referral.write`, which contain only themselves;
- SMART App Launch 2 scopes such as `system/Task.rus?owner=Organization/7`: a context, a FHIR resource type or
  `*`, letters in the order of `cruds`, and search parameters that narrow them. Version 1 endings are read as
  their version 2 letters: `.read` is `rs`, `.write` is `cud`, `.*` is `cruds`.

A scope is contained in a list of grants when each of its letters is granted by some member of the list.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from auth.errors import ScopeRefused

MAX_CHARACTERS = 2048
"""The longest scope list that is read."""

LETTERS = "cruds"
"""Create, read, update, delete, search: the only order in which SMART v2 allows them."""

_VERSION_1 = {"read": "rs", "write": "cud", "*": "cruds"}
_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_PLAIN = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*")
_SMART = re.compile(
    r"(?P<context>patient|user|system)/(?P<resource>[A-Z][A-Za-z]{1,63}|\*)"
    r"\.(?P<ending>read|write|\*|[a-z]+)(\?(?P<query>.+))?"
)
# What changes the answer (`_include`, `_elements`, ...) could widen a scope, so only filters pass.
_PARAMETER = re.compile(r"([a-z][A-Za-z0-9-]*|_id|_tag|_security|_profile|_lastUpdated)(:[a-z-]+)?=[^=&?]+")


@dataclass(frozen=True, slots=True)
class PlainScope:
    """A scope that means exactly its own text, such as `referral.write`."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class SmartScope:
    """A SMART v2 scope; `filters` are `name=value` pairs that must all hold for the scope to apply."""

    context: str
    resource: str
    letters: str
    filters: frozenset[str] = frozenset()

    def __str__(self) -> str:
        query = "?" + "&".join(sorted(self.filters)) if self.filters else ""
        return f"{self.context}/{self.resource}.{self.letters}{query}"

    def reaches(self, asked: "SmartScope") -> bool:
        """Tell whether this grant applies to everything `asked` does, leaving the letters aside."""
        same_resource = self.resource in ("*", asked.resource)
        return self.context == asked.context and same_resource and self.filters <= asked.filters


Scope = PlainScope | SmartScope
"""One parsed scope. `str()` gives its canonical text."""


def parse_scope(text: str) -> Scope:
    """Parse one scope.

    Raises:
        ScopeRefused: the text is neither a plain nor a SMART scope.

    """
    if not _TOKEN.fullmatch(text):
        raise ScopeRefused("A scope holds printable ASCII without space, quote or backslash.")
    if "/" in text:
        return _parse_smart(text)
    if not _PLAIN.fullmatch(text):
        raise ScopeRefused("A plain scope is lower-case words joined by dots.")
    return PlainScope(text)


def _parse_smart(text: str) -> SmartScope:
    match = _SMART.fullmatch(text)
    if match is None:
        raise ScopeRefused("A SMART scope is context/Resource.letters with optional filters.")
    letters = _VERSION_1.get(match["ending"], match["ending"])
    if not _in_order(letters):
        raise ScopeRefused("The letters of a SMART scope are a part of cruds, in that order, each once.")
    return SmartScope(match["context"], match["resource"], letters, _parse_filters(match["query"]))


def _in_order(letters: str) -> bool:
    return letters == "".join(letter for letter in LETTERS if letter in letters)


def _parse_filters(query: str | None) -> frozenset[str]:
    if query is None:
        return frozenset()
    filters = query.split("&")
    if not all(_PARAMETER.fullmatch(each) for each in filters):
        raise ScopeRefused("A SMART scope is narrowed by name=value filters joined by ampersands.")
    return frozenset(filters)


def parse_scopes(text: str) -> tuple[Scope, ...]:
    """Parse a space-separated list, in its order, without repeats. An empty list gives an empty tuple.

    Raises:
        ScopeRefused: the list is longer than `MAX_CHARACTERS`, or one of its members cannot be parsed.

    """
    if len(text) > MAX_CHARACTERS:
        raise ScopeRefused("The scope list is too long.")
    return tuple(dict.fromkeys(parse_scope(each) for each in text.split(" ") if each))


def covers(granted: Iterable[Scope], asked: Scope) -> bool:
    """Tell whether `granted`, taken together, allow everything that `asked` names."""
    grants = tuple(granted)
    if isinstance(asked, PlainScope):
        return asked in grants
    reaching = [each for each in grants if isinstance(each, SmartScope) and each.reaches(asked)]
    return all(any(letter in each.letters for each in reaching) for letter in asked.letters)


def scope_text(scopes: Iterable[Scope]) -> str:
    """Write scopes as one space-separated list, each in its canonical form."""
    return " ".join(str(each) for each in scopes)
