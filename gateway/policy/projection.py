"""Project a canonical value to what one receiver may know, and say what was withheld by which rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeVar

from gateway.policy import people
from gateway.policy.agreements import Agreement, Basis
from gateway.policy.matrix import Cell, Matrix, matrix
from mappings.engine.lineage import Withheld
from mappings.engine.mapping import Value, canonical
from mappings.engine.trees import Hit, dotted, leaf_places, root
from mappings.labels import Label, leaves

V = TypeVar("V", bound=Value)

_INDEX = re.compile(r"\[\d+\]")
EDUCATION_SUPPORT = {"agency": "education-support", "role": "EDUCATION_SUPPORT"}
"""What a school learns about who sends: nothing that names child protection (design/decisions.md 2 and 9)."""


@dataclass(frozen=True)
class Entitlement:
    """What a receiver is entitled to."""

    kind: str
    """Kind of agency whose floor applies."""
    purpose: str | None = None
    agreement: Agreement | None = None
    """``None``: only the floor applies, and what needs an agreement is marked."""
    basis: Basis = Basis.NONE
    origin: str | None = None
    """Kind of agency the facts come from; an agency may see its own kind's facts again."""


@dataclass(frozen=True)
class Projection:
    """What may be told."""

    value: Any
    withheld: tuple[Withheld, ...]
    conditional: tuple[Withheld, ...]
    """Carried only because no agreement was named: each needs one."""


@dataclass(frozen=True)
class _Leaf:
    hit: Hit
    path: str
    group: str
    label: Label
    person: dict[str, Any] | None = None


def project(value: V, entitlement: Entitlement) -> Projection:
    """Return a value reduced to what a receiver may know.

    Nothing is replaced by a placeholder: what is withheld is absent. Silence is the default about what was withheld; the
    account is for the sender's side and the auditor.
    """
    tree = canonical(value)
    table = matrix()
    labels = leaves(type(value))
    withheld: list[Withheld] = []
    conditional: list[Withheld] = []
    kept: list[Hit] = []
    for hit in leaf_places(tree, root(tree)):
        leaf = _leaf(hit, tree, table, labels)
        rule = _refusal(leaf, tree, table, entitlement)
        if rule is not None:
            withheld.append(Withheld(leaf.path, leaf.label.value, rule))
            continue
        kept.append(hit)
        if entitlement.agreement is None and _cell(leaf, table, entitlement) is Cell.WITH_BASIS:
            conditional.append(Withheld(leaf.path, leaf.label.value, "needs-an-agreement"))
    reduced = _only(tree, kept)
    if entitlement.kind == "EDUCATION" and "focal_point" in reduced:
        reduced["focal_point"].update(EDUCATION_SUPPORT)
    return Projection(type(value).model_validate(reduced), tuple(withheld), tuple(conditional))


def _leaf(hit: Hit, tree: dict[str, Any], table: Matrix, labels: dict[str, Any]) -> _Leaf:
    path = dotted(hit.trail)
    generic = _INDEX.sub("[]", path)
    label = labels[generic].label
    if generic.startswith("persons[]."):
        person = tree["persons"][_index(path)]
        inside = path.partition(".")[2]
        return _Leaf(hit, path, people.group_of_person(person, inside), label, person)
    if generic.startswith("child.identifiers[]."):
        return _Leaf(hit, path, people.group_of_number(tree["child"]["identifiers"][_index(path)]), label)
    if generic.startswith("references[]."):
        return _Leaf(hit, path, people.group_of_reference(tree["references"][_index(path)]), label)
    return _Leaf(hit, path, table.groups[generic], label)


def _index(path: str) -> int:
    return int(path[path.index("[") + 1 : path.index("]")])


def _cell(leaf: _Leaf, table: Matrix, entitlement: Entitlement) -> Cell:
    if entitlement.origin is not None and entitlement.origin == entitlement.kind:
        return Cell.ALWAYS
    return table.cell(leaf.group, entitlement.kind, entitlement.purpose)


def _refusal(leaf: _Leaf, tree: dict[str, Any], table: Matrix, entitlement: Entitlement) -> str | None:
    """Return the rule by which a leaf is withheld, or ``None``."""
    same_kind = entitlement.origin is not None and entitlement.origin == entitlement.kind
    cell = _cell(leaf, table, entitlement)
    if cell is Cell.NEVER:
        return f"floor:{leaf.group}"
    if not same_kind and (danger := _danger(leaf, tree, entitlement.kind)):
        return danger
    if cell is Cell.WITH_ORDER and entitlement.basis is not Basis.ORDER:
        return f"needs-order:{leaf.group}"
    agreement = entitlement.agreement
    if agreement is None:
        return None
    if leaf.label is not Label.ADMINISTRATIVE and leaf.label not in agreement.labels:
        return f"agreement:{agreement.id}"
    if cell is Cell.WITH_BASIS and entitlement.basis in {Basis.NONE, Basis.REVOKED}:
        return f"no-basis:{leaf.group}"
    return None


def _danger(leaf: _Leaf, tree: dict[str, Any], kind: str) -> str | None:
    """Return the rule that protects the child from somebody around it, or ``None``."""
    if leaf.person is not None:
        if kind != "CIVIL_REG":
            adopted = tree.get("registration", {}).get("kind") == "ADOPTED"
            if rule := people.invented(leaf.person, adopted=adopted):
                return rule
        if people.unsafe(leaf.person):
            if leaf.path.endswith((".phone", ".address")):
                return "unsafe-contact"
            if kind in {"EDUCATION", "CIVIL_REG"}:
                return "unsafe-person"
        if kind == "EDUCATION" and "COMPLAINANT" in leaf.person.get("roles", ()) and not _safe(leaf.person):
            return "complainant-not-safe"
        if leaf.group == "caregiver_contact" and kind in {"HEALTH", "EDUCATION"}:
            return None if _safe(leaf.person) else "contact-not-safe"
        return None
    if leaf.group == "caregiver_contact":
        return _home_danger(tree, kind)
    if leaf.path.startswith("child.parentage") and any(map(people.unsafe, tree.get("persons", ()))):
        return "unsafe-person" if kind in {"EDUCATION", "CIVIL_REG"} else None
    return None


def _safe(person: dict[str, Any]) -> bool:
    """Tell whether somebody said that contact with a person is safe; silence is not enough."""
    return person.get("contact_rule") == "SAFE"


def _home_danger(tree: dict[str, Any], kind: str) -> str | None:
    """Return the rule that keeps the child's own address and telephone back, or ``None``."""
    if tree["child"].get("location", {}).get("shelter") and kind in {"HEALTH", "EDUCATION", "CIVIL_REG"}:
        return "floor:shelter"
    if kind not in {"HEALTH", "EDUCATION"}:
        return None
    persons = tree.get("persons", [])
    safe = any(p.get("contact_rule") == "SAFE" for p in persons) and not any(map(people.unsafe, persons))
    return None if safe else "contact-not-safe"


def _only(tree: dict[str, Any], kept: list[Hit]) -> dict[str, Any]:
    """Return a copy of a tree that holds the kept leaves only; an object or item left empty goes too."""
    places = {hit.place for hit in kept}

    def copy(node: Any) -> Any:
        if isinstance(node, dict):
            parts = ((k, copy(v) if isinstance(v, dict | list) else v, (id(node), k)) for k, v in node.items())
            return {k: v for k, v, place in parts if (v if isinstance(v, dict | list) else place in places)}
        items = [copy(v) if isinstance(v, dict | list) else v for v in node]
        flags = [bool(v) if isinstance(v, dict | list) else (id(node), i) in places for i, v in enumerate(items)]
        return [v for v, keep in zip(items, flags, strict=True) if keep]

    result: dict[str, Any] = copy(tree)
    return result
