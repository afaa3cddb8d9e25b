"""What a receiver's copy of a referral says about itself: references, request, clock, focal point.

These are canonical values that routing decides, never a mapping (design/decisions.md 2 and 9). What the referral itself
says wins; what nobody says stays absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.routing.table import REPLY_WITHIN, action_for
from mappings.dates import instant
from mappings.engine.mapping import canonical
from mappings.engine.trees import Node
from mappings.referral import Referral
from mappings.vocabulary import Action, Priority, Service


@dataclass(frozen=True)
class Address:
    """To whom a copy goes, under which names."""

    message_id: str
    ref: str
    """Pairwise reference of the referral."""
    case_ref: str | None
    """Pairwise pseudonym of the case."""
    agency: str
    kind: str
    name: str
    service: str | None
    action: str | None
    give: dict[str, Any]
    supersedes: str | None = None
    """Message id of the copy this one corrects."""


_WHOLE = frozenset({"consent"})
"""Sections that come from one source or not at all: half a consent is none."""
_CAREGIVERS = frozenset({"FATHER", "MOTHER", "PARENT", "STEP_FATHER", "STEP_MOTHER", "STEP_PARENT", "GUARDIAN"})


def merge(referral: dict[str, Any], silent: dict[str, Any]) -> dict[str, Any]:
    """Return a canonical tree with values put in where it is silent; lists are not merged."""
    merged = dict(referral)
    for key, value in silent.items():
        if isinstance(value, dict) and not (key in _WHOLE and key in merged):
            below = merged.get(key, {})
            merged[key] = merge(below, value) if isinstance(below, dict) else below
        else:
            merged.setdefault(key, value)
    return merged


def addressed(referral: Referral, address: Address) -> Referral:
    """Return the referral as it is meant for one receiver, before it is projected to what that one may know."""
    return Referral.model_validate(addressed_tree(referral, canonical(referral), address))


def addressed_tree(referral: Referral, tree: Node, address: Address) -> Node:
    """Return the canonical tree of :func:`addressed`; `tree` is the referral's own, which stays as it is."""
    if address.give:
        # What was configured is written as the language has it, as what was read has been already.
        tree = canonical(Referral.model_validate(merge(tree, address.give)))
    tree = dict(tree)
    _caregiver_accused(tree)
    service = Service(address.service) if address.service else None
    asked = dict(tree.get("requested", {}))
    if service is not None:
        if asked.get("service") != service:
            asked.pop("action", None)
        asked["service"] = service.value
    action = Action(address.action) if address.action else action_for(service, referral)
    if action is not None:
        asked.setdefault("action", action.value)
    if "reply_by" not in asked and (due := reply_by(referral)):
        asked["reply_by"] = due
    tree.update(
        message_id=address.message_id,
        ref=address.ref,
        requested=asked,
        recipients=[{"agency": address.agency, "kind": address.kind, "name": address.name}],
    )
    tree.pop("supersedes", None)
    tree.pop("case_ref", None)
    if address.supersedes:
        tree["supersedes"] = address.supersedes
    if address.case_ref:
        tree["case_ref"] = address.case_ref
    return tree


def _caregiver_accused(tree: dict[str, Any]) -> None:
    """Say whether a caregiver is accused where every caregiver's own entry answers it; otherwise say nothing.

    The rule ``caregiver-accused``: a caregiver alleged to have done it makes it true, and only if all are said not to
    have done it is it false. A caregiver of whom nothing is said leaves it open, and a person decides.
    """
    concern = tree.get("concern", {})
    said = [
        p.get("alleged_perpetrator")
        for p in tree.get("persons", ())
        if p.get("relation") in _CAREGIVERS or {"GUARDIAN", "CAREGIVER"} & set(p.get("roles", ()))
    ]
    if "caregiver_is_accused" in concern or not said:
        return
    if "YES" in said or all(answer == "NO" for answer in said):
        tree["concern"] = {**concern, "caregiver_is_accused": "YES" in said}


def reply_by(referral: Referral) -> str | None:
    """Return when an answer is due: counted from when the sender wrote, or else from when it was accepted."""
    start = referral.authored_at or referral.received_at
    if start is None or referral.priority is None:
        return None
    due = datetime.fromisoformat(start) + REPLY_WITHIN[Priority(referral.priority)]
    return instant(due.isoformat())
