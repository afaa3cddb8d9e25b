"""What must go together in DCI messages: a number to search by, what a code says, what stands beside what."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from mappings.crvs_dci.outcomes import ACKNOWLEDGEMENTS, REASONS, STATUSES
from mappings.nadra_crms.outcomes import OUTCOMES

_LATE = "2990-01-01"
"""A day of registration after every birth that is drawn."""


def adjust(draw: Any, document: str, tree: dict[str, Any]) -> None:
    """Make a drawn value one that DCI can hold, as far as several leaves must agree."""
    if document in ("status", "acknowledgement"):
        _answer(draw, document, tree)
    elif document == "search":
        tree["requested"] = {"service": "CIVIL_REGISTRATION", "action": "LOOK_UP"}
        tree["consent"] = {"basis": "COURT_ORDER", "order_ref": f"Order {draw(st.integers(1, 999))} of 2026"}
        number = {"scheme": "pk-crms", "value": "B999901-16-00017"}
        numbers = tree.setdefault("child", {}).setdefault("identifiers", [])
        if draw(st.booleans()):
            numbers[:] = [number, *(n for n in numbers if n["scheme"] != "pk-crms")]
        else:
            numbers[:] = [n for n in numbers if n["scheme"] != "pk-crms"]
            tree.pop("registration", None)
    else:
        _entry(tree)


def _answer(draw: Any, document: str, tree: dict[str, Any]) -> None:
    codes = [*REASONS, *(ACKNOWLEDGEMENTS if document == "acknowledgement" else [*STATUSES, *OUTCOMES])]
    tree.setdefault("outcome", {})["code"] = draw(st.sampled_from(sorted(codes)))
    references = [r for r in tree.get("references", []) if r["scheme"] not in ("correlation-id", "pk-notification")]
    if document == "acknowledgement":
        references.append(
            {"scheme": "correlation-id", "value": draw(st.from_regex(r"[a-z0-9-]{1,40}", fullmatch=True))}
        )
    tree["references"] = references


def _entry(tree: dict[str, Any]) -> None:
    entry = tree.setdefault("registration", {"status": "REGISTERED"})
    applicant = entry.get("applicant", {})
    if "id_scheme" in applicant or "id_value" in applicant:
        applicant |= {"id_scheme": "pk-cnic", "id_value": "3999900000111"}
    if "registered_on" in entry:
        entry["registered_on"] = _LATE
