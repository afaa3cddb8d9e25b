"""What a field of a ledger entry may hold: ids, labels, codes, digests, counts, instants; no free text."""

import re
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

Value = str | int | list[str]
Check = Callable[[Value], bool]


class Kind(StrEnum):
    """What a field may hold."""

    #: A UUID: referral, delivery, message, document.
    ID = "id"
    #: A lower-case label from our own configuration: agency, mapping, purpose, key.
    LABEL = "label"
    #: Several labels.
    LABELS = "labels"
    #: An OAuth scope of ours or of SMART v2, such as `referral.read` or `system/Task.ru`.
    SCOPE = "scope"
    #: Several scopes.
    SCOPES = "scopes"
    #: Who did it: an agency's or an operator's label, or `kind:uuid`.
    ACTOR = "actor"
    #: A capital-letter code from our own code lists.
    CODE = "code"
    #: SHA-256 in hexadecimal.
    DIGEST = "digest"
    #: A number of things, or milliseconds, or an HTTP status: 0 to 2^53 - 1.
    COUNT = "count"
    #: RFC 3339 UTC, as `clock.instant` writes it.
    INSTANT = "instant"
    #: What was searched with: parameters whose values are states, dates, counts, and the searcher's own label.
    QUERY = "query"


_PATTERNS = {
    Kind.ID: re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"),
    Kind.LABEL: re.compile(r"[a-z](?:[a-z0-9]|[-_.:/](?=[a-z0-9])){0,79}"),
    Kind.SCOPE: re.compile(r"[a-z][a-z0-9_.:-]{0,63}|(?:system|user|patient)/(?:\*|[A-Z][A-Za-z]{1,39})\.c?r?u?d?s?"),
    Kind.ACTOR: re.compile(r"[a-z](?:[a-z0-9]|[-_.:](?=[a-z0-9])){0,79}"),
    Kind.CODE: re.compile(r"[A-Z](?:[A-Z0-9]|_(?=[A-Z0-9])){0,47}"),
    Kind.DIGEST: re.compile(r"[0-9a-f]{64}"),
    Kind.INSTANT: re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z"),
    Kind.QUERY: re.compile(
        r"Task\?(?:(?:status=[a-z-]{1,40}|owner=(?:Organization(?:/|%2F))?[a-z][a-z0-9-]{0,79}|_count=\d{1,2}"
        r"|_lastUpdated=g[te]\d{4}(?:-\d\d){0,2}(?:T[\d:.%A-FZ+-]{0,20})?)(?:&(?!$)|$))*"
        r"|AuditEvent\?(?:patient=(?:Patient(?:/|%2F))?rb-[0-9a-f]{20})?"
    ),
}


def code_of(text: str) -> str:
    """Return a code of another system in the form the ledger keeps: ``POL-E02`` becomes ``POL_E02``."""
    shaped = re.sub(r"[^A-Z0-9]+", "_", text.upper()).strip("_")[:48].rstrip("_")
    return shaped if _PATTERNS[Kind.CODE].fullmatch(shaped) else "UNNAMED"


#: The shapes of a CNIC or B-Form number and of a mobile number.
_CNIC = re.compile(r"\d{5}[-_.:/]?\d{7}[-_.:/]?\d")
_MOBILE = re.compile(r"(?:0|92)3\d{2}[-_.:/]?\d{7}")

_MOST = 2**53 - 1


def fits(kind: Kind, value: Value) -> bool:
    """Tell whether a value is of a kind; labels, codes and scopes hold no number of a person."""
    return CHECKS[kind](value)


def _shaped(kind: Kind, value: str) -> bool:
    if not _PATTERNS[kind].fullmatch(value):
        return False
    if kind in {Kind.LABEL, Kind.CODE, Kind.SCOPE, Kind.QUERY} and _MOBILE.search(value):
        return False
    return not _CNIC.search(value)


_known = lru_cache(maxsize=4_096)(_shaped)
"""Of labels, codes, scopes and actors the same few come again and again; what was found out of them is remembered."""


def _pattern(kind: Kind) -> Check:
    matches = _PATTERNS[kind].fullmatch
    return lambda value: isinstance(value, str) and matches(value) is not None


def _word(kind: Kind) -> Check:
    return lambda value: isinstance(value, str) and _known(kind, value)


def _words(kind: Kind) -> Check:
    return lambda value: isinstance(value, list) and all(isinstance(each, str) and _known(kind, each) for each in value)


def _rare(kind: Kind) -> Check:
    return lambda value: isinstance(value, str) and _shaped(kind, value)


def _count(value: Value) -> bool:
    return type(value) is int and 0 <= value <= _MOST


CHECKS: dict[Kind, Check] = {
    Kind.ID: _pattern(Kind.ID),
    Kind.DIGEST: _pattern(Kind.DIGEST),
    Kind.LABEL: _word(Kind.LABEL),
    Kind.LABELS: _words(Kind.LABEL),
    Kind.SCOPE: _word(Kind.SCOPE),
    Kind.SCOPES: _words(Kind.SCOPE),
    Kind.ACTOR: _word(Kind.ACTOR),
    Kind.CODE: _word(Kind.CODE),
    Kind.COUNT: _count,
    Kind.INSTANT: _rare(Kind.INSTANT),
    Kind.QUERY: _rare(Kind.QUERY),
}
"""For each kind, what tells whether a value is of it."""
