"""Complete a child's identity from a register's record: absent values are filled in, present ones never replaced.

A contradiction is nobody's to resolve by machine: the record is then not used, and a person decides
(formats/case-management.md 6.5 case 14).
"""

from __future__ import annotations

from typing import Any

from gateway.routing.context import merge
from mappings.engine.mapping import canonical
from mappings.identifiers import Scheme
from mappings.referral import Record, Referral

_CHILD = ("name", "name_ur", "sex", "birth_date", "birth_date_estimated", "nationality")
_MUST_AGREE = ("sex", "birth_date")
_ONE_CHILD = frozenset({Scheme.BFORM, Scheme.CNIC, Scheme.NICOP, Scheme.CRMS})
"""Schemes that give a child one number only: another number is another child."""


def contradictions(referral: Referral, record: Record) -> list[str]:
    """Return our paths on which referral and record disagree; a partial date agrees with a finer one."""
    ours, theirs = canonical(referral).get("child", {}), canonical(record).get("child", {})
    found = []
    for leaf in _MUST_AGREE:
        mine, other = ours.get(leaf), theirs.get(leaf)
        if mine is None or other is None or mine == "UNKNOWN" or other == "UNKNOWN":
            continue
        estimated = leaf == "birth_date" and (ours.get("birth_date_estimated") or theirs.get("birth_date_estimated"))
        if not (mine == other or mine.startswith(other) or other.startswith(mine) or estimated):
            found.append(f"child.{leaf}")
    if _other_numbers(ours.get("identifiers", []), theirs.get("identifiers", [])):
        found.append("child.identifiers")
    return found


def _other_numbers(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> bool:
    """Tell whether both sides give the child a number of one scheme, and never the same."""
    return any(
        scheme in _ONE_CHILD and not _values(ours, scheme) & _values(theirs, scheme)
        for scheme in {item["scheme"] for item in ours} & {item["scheme"] for item in theirs}
    )


def _values(identifiers: list[dict[str, Any]], scheme: str) -> set[str]:
    return {item["value"] for item in identifiers if item["scheme"] == scheme}


def completed(referral: Referral, record: Record) -> Referral:
    """Return the referral with what the record knows and the referral did not.

    The referral's own words stand; numbers of schemes it lacks are added; a parent it does not name is added; the
    register's entry comes with it if there was none.
    """
    tree, found = canonical(referral), canonical(record)
    child = dict(tree.get("child", {}))
    known = found.get("child", {})
    tree["child"] = merge(child, {leaf: known[leaf] for leaf in _CHILD if leaf in known})
    numbers = _added(child.get("identifiers", []), known.get("identifiers", []), "scheme")
    if numbers:
        tree["child"]["identifiers"] = numbers
    persons = _added(tree.get("persons", []), found.get("persons", []), "relation")
    if persons:
        tree["persons"] = persons
    if "registration" in found:
        tree.setdefault("registration", found["registration"])
    return Referral.model_validate(tree)


def _added(ours: list[dict[str, Any]], theirs: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Return a list with items added whose key none of ours has."""
    have = {item.get(key) for item in ours}
    return [*ours, *(item for item in theirs if item.get(key) not in have)]
