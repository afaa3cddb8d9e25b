"""The canonical language at the door of the miniature gateway: closed, with places."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Any

from conformance.reference.reading import digits
from conformance.reference.trees import RefusedError, Tree

PERSON = {"relation", "roles", "status", "name", "name_ur", "identifiers", "phone", "address", "contact_rule",
          "alleged_perpetrator"}  # fmt: skip
CLOSED: dict[str, set[str]] = {
    "": {"type", "message_id", "case_ref", "authored_at", "priority", "recipients", "focal_point", "requested", "child",
         "persons", "concern", "risk", "consent", "sender", "links", "enrolment", "registration"},
    "/child": {"name", "name_ur", "sex", "birth_date", "identifiers", "location", "birth_date_estimated"},
    "/persons": PERSON,
    "/consent": {"basis", "giver", "obtained_at", "expires_on"},
}  # fmt: skip
NEEDED = {"identifiers": ("scheme", "value"), "links": ("kind", "ref")}
ENTRY = "pk-crms"
"""Numbers of entries of the register, which are no numbers of thirteen digits."""
PRIORITIES = {"EMERGENCY", "HIGH", "MEDIUM", "LOW"}
_DATE = re.compile(r"(\d{4})(-\d{2})?(-\d{2})?")


def checked(document: Tree, flaws: frozenset[str]) -> Tree:
    """Check a canonical document and give it in its normal form; raises `RefusedError`."""
    _closed(document, "", "", flaws)
    if not isinstance(document.get("type", ""), str) or not isinstance(document.get("child", {}), dict):
        raise RefusedError(422, "INVALID_TYPE")
    if str(document.get("priority", "HIGH")) not in PRIORITIES:
        _refuse("/priority", document["priority"], flaws)
    child = dict(document.get("child", {}))
    if child.get("sex") not in {None, "MALE", "FEMALE", "X", "UNKNOWN"}:
        _refuse("/child/sex", child["sex"], flaws)
    if child.get("birth_date"):
        child["birth_date"] = _birth(child["birth_date"], flaws)
    if child.get("name_ur"):
        form = child["name_ur"] if "keeps-decomposed" in flaws else unicodedata.normalize("NFC", child["name_ur"])
        child["name_ur"] = re.sub("[\u200c-\u200f]", "", form) if "strips-joiners" in flaws else form
    for n, one in enumerate(child.get("identifiers", [])):
        _number(one, f"/child/identifiers/{n}/value")
    if "identifiers" in child:
        child["identifiers"] = [{**one, "value": _folded(one, flaws)} for one in child["identifiers"]]
    return {**document, "child": child}


def _refuse(place: str, value: object, flaws: frozenset[str]) -> None:
    code = f"NOT_{value}" if "repeats-values" in flaws else "UNKNOWN_CODE"
    raise RefusedError(422, code, place)


def _number(one: Tree, place: str) -> None:
    if one["scheme"] != ENTRY and len(one["value"].replace("-", "")) != 13:
        raise RefusedError(422, "INVALID_VALUE", place)


def _folded(one: Tree, flaws: frozenset[str]) -> str:
    return str(one["value"]) if one["scheme"] == ENTRY else digits(one["value"], flaws)


def _closed(value: Any, kind: str, place: str, flaws: frozenset[str]) -> None:
    if isinstance(value, list):
        for n, one in enumerate(value):
            _closed(one, kind, f"{place}/{n}", flaws)
            _complete(one, kind, f"{place}/{n}", flaws)
    elif isinstance(value, dict):
        for name, inner in value.items():
            unknown = kind in CLOSED and name not in CLOSED[kind]
            if unknown and "ignores-unknown" not in flaws:
                raise RefusedError(422, "UNKNOWN_FIELD", place)
            _closed(inner, f"{kind}/{name}", f"{place}/{name}", flaws)


def _complete(value: Any, kind: str, place: str, flaws: frozenset[str]) -> None:
    for name in NEEDED.get(kind.rpartition("/")[2], ()):
        if isinstance(value, dict) and name not in value:
            if "misses-nothing" in flaws:
                value[name] = "0000000000000"
                continue
            raise RefusedError(422, "MISSING_REQUIRED", "" if "no-pointers" in flaws else f"{place}/{name}")


def _birth(written: str, flaws: frozenset[str]) -> str:
    parts = _DATE.fullmatch(written)
    if parts is None:
        _refuse("/child/birth_date", written, flaws)
        return written
    if parts[3]:
        try:
            date.fromisoformat(written)
        except ValueError:
            raise RefusedError(422, "INVALID_DATE", "/child/birth_date") from None
    tomorrow = (date.today() + timedelta(days=1)).isoformat()  # noqa: DTZ011 - a day's tolerance covers every zone
    if written > tomorrow[: len(written)] and "unborn-children" not in flaws:
        raise RefusedError(422, "INVALID_DATE", "/child/birth_date")
    return f"{written}-01-01" if "completes-dates" in flaws and len(written) == 4 else written
