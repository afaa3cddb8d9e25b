"""Project a canonical value to what one receiver may know, and say what was withheld by which rule."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from gateway.policy import people
from gateway.policy.agreements import Agreement, Basis
from gateway.policy.danger import danger
from gateway.policy.matrix import Cell, Matrix, matrix
from gateway.policy.protection import narrowed
from mappings.engine.lineage import Withheld
from mappings.engine.mapping import Value, canonical
from mappings.engine.trees import Hit, dotted, leaf_places, root
from mappings.labels import Label, Leaf, Node, leaves

V = TypeVar("V", bound=Value)

_INDEX = re.compile(r"\[\d+\]")
EDUCATION_SUPPORT = {"agency": "education-support", "role": "EDUCATION_SUPPORT"}
"""Whom a school may call: nothing that names child protection (design/decisions.md 2 and 9)."""


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
    """Kind of agency the facts come from; some kinds may see their own kind's facts again."""

    def overridden(self) -> Entitlement:
        """Return the entitlement in an emergency: every label, and what an order would open; the floor stays."""
        if self.agreement is None:
            return self
        return replace(self, agreement=replace(self.agreement, labels=frozenset(Label)), basis=Basis.ORDER)

    def lifted(self, table: Matrix, what: str) -> bool:
        """Tell whether the floor, or the danger rules, do not hold back what came from this kind itself."""
        if self.origin != self.kind or not table.knows(self.kind):
            return False
        return self.agreement is None or self.kind in table.returns.get(what, frozenset())


@dataclass(frozen=True)
class Projection:
    """What may be told."""

    value: Any
    withheld: tuple[Withheld, ...]
    conditional: tuple[Withheld, ...]
    """Carried only because no agreement was named: each needs one."""


@dataclass(frozen=True)
class _Fact:
    """One leaf of the value, and what the matrix calls it."""

    path: str
    group: str
    label: Label
    person: dict[str, Any] | None = None


def project(value: V, entitlement: Entitlement) -> Projection:
    """Return a value reduced to what a receiver may know.

    Nothing is replaced by a placeholder: what is withheld is absent. Silence is the default about what was withheld;
    the account is for the sender's side and the auditor.
    """
    tree = canonical(value)
    table = matrix()
    model: type[Node] = type(value)
    labels = leaves(model)
    withheld: list[Withheld] = []
    conditional: list[Withheld] = []
    kept: list[Hit] = []
    for hit in leaf_places(tree, root(tree)):
        fact = _fact(dotted(hit.trail), tree, table, labels)
        cell = _cell(fact, table, entitlement)
        rule = _refusal(fact, cell, tree, entitlement)
        if rule is not None:
            withheld.append(Withheld(fact.path, fact.label.value, rule))
            continue
        kept.append(hit)
        if entitlement.agreement is None and cell is Cell.WITH_BASIS:
            conditional.append(Withheld(fact.path, fact.label.value, "needs-an-agreement"))
    reduced = _only(tree, kept)
    if entitlement.kind == "EDUCATION" and not entitlement.lifted(table, "floor"):
        _without_child_protection(reduced, tree)
    return Projection(type(value).model_validate(reduced), tuple(withheld), tuple(conditional))


def _fact(path: str, tree: dict[str, Any], table: Matrix, labels: dict[str, Leaf]) -> _Fact:
    generic = _INDEX.sub("[]", path)
    label = labels[generic].label
    if generic.startswith("persons[]."):
        person = tree["persons"][_index(path)]
        return _Fact(path, people.group_of_person(person, path.partition(".")[2]), label, person)
    if generic.startswith("child.identifiers[]."):
        return _Fact(path, people.group_of_number(tree["child"]["identifiers"][_index(path)]), label)
    if generic.startswith("references[]."):
        return _Fact(path, people.group_of_reference(tree["references"][_index(path)]), label)
    return _Fact(path, table.groups[generic], label)


def _index(path: str) -> int:
    return int(path[path.index("[") + 1 : path.index("]")])


def _cell(fact: _Fact, table: Matrix, entitlement: Entitlement) -> Cell:
    if entitlement.lifted(table, "floor"):
        return Cell.ALWAYS
    return table.cell(fact.group, entitlement.kind, entitlement.purpose)


def _refusal(fact: _Fact, cell: Cell, tree: dict[str, Any], entitlement: Entitlement) -> str | None:
    """Return the rule by which a leaf is withheld, or ``None``: the floor first, then the agreement."""
    if cell is Cell.NEVER:
        return f"floor:{fact.group}"
    lifted = entitlement.lifted(matrix(), "danger")
    if rule := danger(fact.path, fact.group, fact.person, tree, entitlement.kind, lifted=lifted):
        return rule
    if not lifted and (rule := narrowed(fact.group, tree, entitlement.kind)):
        return rule
    return _unagreed(fact, cell, entitlement)


def _unagreed(fact: _Fact, cell: Cell, entitlement: Entitlement) -> str | None:
    """Return the rule by which agreement and basis withhold a leaf that the floor lets pass, or ``None``.

    An "o" needs an agreement and an order or statute in the referral; without an agreement it is withheld
    (design/decisions.md 2).
    """
    agreement = entitlement.agreement
    if cell is Cell.WITH_ORDER and (agreement is None or entitlement.basis is not Basis.ORDER):
        return f"needs-order:{fact.group}"
    if agreement is None:
        return None
    needed = {fact.label, matrix().labels.get(fact.group, fact.label)} - {Label.ADMINISTRATIVE}
    if not needed <= agreement.labels:
        return f"agreement:{agreement.id}"
    if cell is Cell.WITH_BASIS and entitlement.basis in {Basis.NONE, Basis.REVOKED}:
        return f"no-basis:{fact.group}"
    return None


def _without_child_protection(reduced: dict[str, Any], tree: dict[str, Any]) -> None:
    """Name education support where a school would read an agency or a role that tells why the child is helped."""
    if "focal_point" in reduced:
        reduced["focal_point"].update(EDUCATION_SUPPORT)
    if "sender" in tree:
        reduced["sender"] = {"agency": EDUCATION_SUPPORT["agency"]}


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
