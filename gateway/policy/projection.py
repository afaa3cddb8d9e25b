"""Project a canonical value to what one receiver may know, and say what was withheld by which rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.policy.shape import shape
from gateway.policy.sieve import Entitlement, Sieve
from mappings.engine.lineage import Withheld
from mappings.engine.mapping import Value, canonical
from mappings.labels import Node

V = TypeVar("V", bound=Value)

EDUCATION_SUPPORT = {"agency": "education-support", "role": "EDUCATION_SUPPORT"}
"""Whom a school may call: nothing that names child protection (design/decisions.md 2 and 9)."""


@dataclass(frozen=True)
class Projection:
    """What may be told."""

    value: Any
    tree: dict[str, Any]
    """The value as a canonical tree."""
    withheld: tuple[Withheld, ...]
    conditional: tuple[Withheld, ...]
    """Carried only because no agreement was named: each needs one."""


def project(value: V, entitlement: Entitlement) -> Projection:
    """Return a value reduced to what a receiver may know.

    Nothing is replaced by a placeholder: what is withheld is absent. Silence is the default about what was withheld;
    the account is for the sender's side and the auditor.
    """
    return project_tree(type(value), canonical(value), entitlement)


def project_tree(model: type[V], tree: dict[str, Any], entitlement: Entitlement) -> Projection:
    """Return the projection of a value whose canonical tree is at hand already (see :func:`project`).

    What is told is held against the model once more, in one piece, before anybody writes it.
    """
    kind: type[Node] = model
    sieve = Sieve(tree, entitlement)
    reduced = sieve.kept(tree, shape(kind), "", None)
    if entitlement.kind == "EDUCATION" and not sieve.sheet.floor_lifted:
        _without_child_protection(reduced, tree)
    return Projection(model.model_validate(reduced), reduced, tuple(sieve.withheld), tuple(sieve.conditional))


def _without_child_protection(reduced: dict[str, Any], tree: dict[str, Any]) -> None:
    """Name education support where a school would read an agency or a role that tells why the child is helped."""
    if "focal_point" in reduced:
        reduced["focal_point"].update(EDUCATION_SUPPORT)
    if "sender" in tree:
        reduced["sender"] = {"agency": EDUCATION_SUPPORT["agency"]}
