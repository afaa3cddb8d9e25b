"""Converters of police XML: ids, names, ages, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mappings.engine.converters import Coarse, Converter, Unfit, print_decimal, text_of
from mappings.identifiers import dashed, thirteen_digits
from mappings.police.converters import SHARED, read_phone
from mappings.text import fold_digits

_PARENTAGE_UNKNOWN = "UNKNOWN"
_CASE = re.compile(r"(?:PB|SD|KP|BN|ICT|GB|AJK)-[A-Za-z0-9_]{1,32}-(?:19|20)[0-9]{2}-[1-9][0-9]{0,4}")
_KEY = re.compile(r"[A-Za-z0-9._:/#-]{1,64}")


def _read_parentage(node: Any) -> dict[str, Any]:
    named: dict[str, Any] = {"name": text_of(node.get("#"))} if node.get("#") else {}
    return named | ({"kind": node["@code"]} if "@code" in node else {})


def _print_parentage(parentage: dict[str, Any]) -> Any:
    if "name" not in parentage:
        return None
    kind = parentage.get("kind")
    node = {"@code": kind or _PARENTAGE_UNKNOWN, "#": parentage["name"]}
    return node if kind else Coarse(node)


def _read_measure(node: Any) -> dict[str, Any]:
    flags = {"true": True, "1": True, "false": False, "0": False}
    age: dict[str, Any] = {"value": float(node["#"]), "unit": node["@unit"]}
    if "@estimated" in node:
        age["estimated"] = flags[node["@estimated"]]
    return age | {ours: node[theirs] for ours, theirs in (("basis", "@basis"), ("text", "@raw")) if node.get(theirs)}


def _print_measure(age: dict[str, Any]) -> Any:
    if "value" not in age or "unit" not in age:
        return None
    node = {"@unit": age["unit"], "#": print_decimal(age["value"])}
    if "estimated" in age:
        node["@estimated"] = "true" if age["estimated"] else "false"
    return node | {theirs: age[ours] for ours, theirs in (("basis", "@basis"), ("text", "@raw")) if ours in age}


def _only(pattern: re.Pattern[str]) -> Callable[[Any], Any]:
    def show(value: Any) -> Any:
        return value if pattern.fullmatch(value) else None

    return show


def _print_role(value: str) -> str:
    if _KEY.fullmatch(value) is None:
        raise Unfit("CANNOT_HOLD")
    return value


def _read_number(value: Any) -> str:
    try:
        return thirteen_digits(str(value))
    except ValueError:
        raise Unfit("POL-E06") from None


def _read_change(value: Any) -> str | None:
    return None if value == "ORIGINAL" else str(value)


def _print_serial(number: str) -> str:
    return str(int(fold_digits(number).partition("/")[0]))


def _print_year(number: str) -> str:
    year = fold_digits(number).partition("/")[2]
    return year if len(year) == 4 else f"20{year}"


def _raw(value: Any) -> str | None:
    """Return a source text; an empty ``@raw`` says nothing."""
    return text_of(value) if value else None


CONVERTERS: list[Converter] = [
    *SHARED,
    Converter("parentage", _read_parentage, _print_parentage, spread=True),
    Converter("age_measure", _read_measure, _print_measure, spread=True),
    Converter("national_id", _read_number, dashed),
    Converter("change", _read_change, lambda value: value),
    Converter("raw", _raw, lambda value: value),
    Converter("fir_serial", text_of, _print_serial),
    Converter("fir_year", text_of, _print_year),
    Converter("clock", lambda value: text_of(value)[:5], lambda value: value),
    Converter("role_key", text_of, _print_role),
    Converter("case_key", text_of, _only(_CASE)),
    Converter("phone_raw", lambda value: read_phone(value) or None, lambda value: value),
    Converter("only_true", lambda value: value in ("true", "1") or None, lambda flag: "true" if flag else None),
    Converter("full_day", text_of, _only(re.compile(r"\d{4}-\d{2}-\d{2}"))),
    Converter("sealed_token", text_of, _only(re.compile(r"pit_[a-z0-9]{16}"))),
]
