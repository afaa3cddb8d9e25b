"""Random values of single leaves, from the types the canonical language gives them."""

from __future__ import annotations

import typing
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import annotated_types
from hypothesis import strategies as st
from pydantic import AfterValidator, StringConstraints
from pydantic.fields import FieldInfo

from mappings import dates
from mappings.identifiers import THIRTEEN_DIGITS, Scheme
from mappings.labels import Leaf
from tests.laws.text_pool import texts

_days = st.dates(date(1900, 1, 1), date(2099, 12, 31)).map(date.isoformat)
_partial = _days.flatmap(lambda day: st.sampled_from([day, day, day[:7], day[:4]]))
_FIRST, _LAST = datetime(1990, 1, 1, tzinfo=UTC).timestamp(), datetime(2090, 1, 1, tzinfo=UTC).timestamp()
_instants = st.integers(int(_FIRST * 1_000_000), int(_LAST * 1_000_000)).map(
    lambda micros: dates.instant(
        (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)).isoformat().replace("+00:00", "Z")
    )
)
_phones = st.from_regex(r"\+?0399[0-9]{7}|0399-[0-9]{7}|1121|\+92399[0-9]{7}", fullmatch=True)
_tokens = st.from_regex(r"[A-Za-z0-9._:/@-]{1,40}|[!-~]{1,12}", fullmatch=True)
_uuids = st.uuids(version=4).map(str)
_words = st.from_regex(r"[A-Z][A-Z0-9_]{1,20}", fullmatch=True)

BY_PATH: dict[str, st.SearchStrategy[Any]] = {
    "message_id": _uuids,
    "in_reply_to": _uuids,
    "supersedes": _uuids,
    "focal_point.role": _words,
    "requested.release_to[].role": _words,
    "outcome.remark": _words,
    "child.languages[]": st.sampled_from(["ur", "en", "sd", "ps", "ur-Latn", "bal"]),
    "child.nationality": st.sampled_from(["PAK", "AFG", "IRN"]),
    "persons[].nationality": st.sampled_from(["PAK", "AFG", "IRN"]),
    "child.location.district": st.sampled_from(["PK617", "PK711", "PK401", "PK528"]),
    "requested.target.district": st.sampled_from(["PK617", "PK711", "PK401", "PK528"]),
    "child.location.edition": st.just("cod-ab-2022-09-09"),
}
"""Leaves whose type is wider than what anybody sends: the gateway's own ids, roles, codes of other lists."""


@cache
def numbers(scheme: str) -> st.SearchStrategy[str]:
    """Return numbers of a scheme; 13-digit ones lie in the unassigned locality 9999."""
    if scheme in THIRTEEN_DIGITS:
        return st.tuples(st.integers(1, 8), st.integers(0, 9_999_999), st.integers(1, 9)).map(
            lambda parts: f"{parts[0]}9999{parts[1]:07}{parts[2]}"
        )
    if scheme == Scheme.CRMS:
        return st.from_regex(r"[BDMV]9999[0-9]{2}-[0-9]{2}-[0-9]{5}", fullmatch=True)
    return st.from_regex(r"[A-Z0-9][A-Z0-9/-]{0,18}[A-Z0-9]", fullmatch=True)


def _constraints(kind: Any) -> tuple[Any, list[Any]]:
    """Return the bare type and its constraints, those inside a pydantic ``Field`` laid open."""
    if typing.get_origin(kind) is not typing.Annotated:
        return kind, []
    bare, *found = typing.get_args(kind)
    flat: list[Any] = []
    for one in found:
        flat += one.metadata if isinstance(one, FieldInfo) else [one]
    return bare, flat


def _pattern(found: list[Any]) -> str | None:
    return next((p for one in found if (p := getattr(one, "pattern", None)) is not None), None)


def _bound(found: list[Any], name: str, kind: type) -> Any:
    return next((getattr(one, name) for one in found if isinstance(one, kind)), None)


def _text(found: list[Any]) -> st.SearchStrategy[str]:
    checks = {one.func for one in found if isinstance(one, AfterValidator)}
    for function, strategy in ((dates.partial_date, _partial), (dates.full_date, _days), (dates.instant, _instants)):
        if function in checks:
            return strategy
    pattern = _pattern(found)
    if pattern == r"^[!-~]+$":
        return _tokens
    if pattern == r"^\+?[0-9][0-9 \-]*$":
        return _phones
    if pattern is not None:
        longest = next((one.max_length for one in found if isinstance(one, StringConstraints) and one.max_length), 200)
        return st.from_regex(pattern, fullmatch=True).filter(lambda text: 1 <= len(text) <= longest)
    return texts()


def values(kind: Any, metadata: list[Any]) -> st.SearchStrategy[Any]:
    """Return random values of a leaf.

    Args:
        kind: its annotation without ``None``.
        metadata: the constraints that stand at the field itself.
    """
    bare, found = _constraints(kind)
    found = [*found, *metadata]
    if isinstance(bare, type) and issubclass(bare, StrEnum):
        return st.sampled_from([member.value for member in bare])
    if bare is bool:
        return st.booleans()
    low = _bound(found, "ge", annotated_types.Ge)
    high = _bound(found, "le", annotated_types.Le)
    if bare is int:
        return st.integers(low if low is not None else 0, high if high is not None else 9_999)
    if bare is float:
        return st.integers(int(low or 0), int(high or 150)).map(float) | st.sampled_from([0.5, 2.5, 16.5])
    return _text(found)


def of_leaf(leaf: Leaf) -> list[st.SearchStrategy[Any]]:
    """Return random values of one leaf; of an identifier's value, those of each shape of number."""
    if leaf.path.endswith("identifiers[].value"):
        return [numbers(Scheme.CNIC), numbers(Scheme.CRMS), numbers(Scheme.OTHER)]
    return [BY_PATH[leaf.path] if leaf.path in BY_PATH else values(leaf.type, [])]
