"""Project a canonical value to what one receiver may know, and say what was withheld by which rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

from gateway.policy import people
from gateway.policy.agreements import Agreement, Basis
from gateway.policy.danger import danger
from gateway.policy.matrix import Cell, Matrix, matrix
from gateway.policy.protection import narrowed
from gateway.policy.shape import Step, shape
from mappings.engine.lineage import Withheld
from mappings.engine.mapping import Value, canonical
from mappings.labels import Label, Leaf, Node

V = TypeVar("V", bound=Value)

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


def project(value: V, entitlement: Entitlement) -> Projection:
    """Return a value reduced to what a receiver may know.

    Nothing is replaced by a placeholder: what is withheld is absent. Silence is the default about what was withheld;
    the account is for the sender's side and the auditor.
    """
    tree = canonical(value)
    model: type[Node] = type(value)
    sieve = _Sieve(tree, entitlement)
    reduced = sieve.kept(tree, shape(model), "", None)
    if entitlement.kind == "EDUCATION" and not sieve.sheet.floor_lifted:
        _without_child_protection(reduced, tree)
    return Projection(type(value).model_validate(reduced), tuple(sieve.withheld), tuple(sieve.conditional))


class _Said(NamedTuple):
    """What floor and agreement say of a group of facts under a label."""

    never: str | None
    """The floor's rule against it, before any other rule."""
    unagreed: str | None
    """The rule by which agreement and basis withhold what the floor lets pass."""
    needs_agreement: bool


class _Sheet:
    """What does not depend on the facts themselves, for one entitlement; filled as it is asked."""

    def __init__(self, entitlement: Entitlement) -> None:
        self._table = matrix()
        self._entitlement = entitlement
        self._said: dict[tuple[str, Label], _Said] = {}
        self.floor_lifted = entitlement.lifted(self._table, "floor")
        self.danger_lifted = entitlement.lifted(self._table, "danger")

    def says(self, group: str, label: Label) -> _Said:
        found = self._said.get((group, label))
        if found is None:
            found = self._said[group, label] = self._say(group, label)
        return found

    def _say(self, group: str, label: Label) -> _Said:
        entitlement = self._entitlement
        cell = self._table.cell(group, entitlement.kind, entitlement.purpose)
        if self.floor_lifted:
            cell = Cell.ALWAYS
        never = f"floor:{group}" if cell is Cell.NEVER else None
        needs = entitlement.agreement is None and cell is Cell.WITH_BASIS
        return _Said(never, _unagreed(group, label, cell, entitlement), needs)


@lru_cache(maxsize=512)
def _sheet(entitlement: Entitlement) -> _Sheet:
    return _Sheet(entitlement)


class _Sieve:
    """One tree on its way to one receiver."""

    def __init__(self, tree: dict[str, Any], entitlement: Entitlement) -> None:
        self.sheet = _sheet(entitlement)
        self.withheld: list[Withheld] = []
        self.conditional: list[Withheld] = []
        self._tree = tree
        self._kind = entitlement.kind
        self._groups = matrix().groups

    def kept(
        self, node: dict[str, Any], steps: dict[str, Step], prefix: str, person: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Return a copy of an object that holds what may be told; an object or item left empty goes too."""
        result: dict[str, Any] = {}
        for key, value in node.items():
            step = steps[key]
            place = prefix + key
            if isinstance(value, list):
                items = [one for one in self._items(value, step, place, person) if one is not _NOTHING]
                if items:
                    result[key] = items
            elif step.leaf is None:
                if below := self.kept(value, step.below, f"{place}.", person):
                    result[key] = below
            elif self._passes(place, step, step.leaf, node, person):
                result[key] = value
        return result

    def _items(self, items: list[Any], step: Step, place: str, person: dict[str, Any] | None) -> Iterator[Any]:
        for index, item in enumerate(items):
            here = f"{place}[{index}]"
            if step.leaf is not None:
                yield item if self._passes(here, step, step.leaf, None, person) else _NOTHING
            else:
                yield self.kept(item, step.below, f"{here}.", item if place == "persons" else person) or _NOTHING

    def _passes(
        self, path: str, step: Step, leaf: Leaf, node: dict[str, Any] | None, person: dict[str, Any] | None
    ) -> bool:
        """Decide about one leaf, and account for it: the floor first, then danger, protection, the agreement."""
        group = self._group(path, step, node, person)
        never, unagreed, needs_agreement = self.sheet.says(group, leaf.label)
        rule = never or self._dangerous(step, group, person) or unagreed
        if rule is not None:
            self.withheld.append(Withheld(path, leaf.label.value, rule))
            return False
        if needs_agreement:
            self.conditional.append(Withheld(path, leaf.label.value, "needs-an-agreement"))
        return True

    def _group(self, path: str, step: Step, node: dict[str, Any] | None, person: dict[str, Any] | None) -> str:
        """Return the matrix group of a leaf: of people, numbers and references it is what they are that counts."""
        if person is not None:
            return people.group_of_person(person, path.partition(".")[2])
        if node is not None and step.generic.startswith("child.identifiers[]."):
            return people.group_of_number(node)
        if node is not None and step.generic.startswith("references[]."):
            return people.group_of_reference(node)
        return self._groups[step.generic]

    def _dangerous(self, step: Step, group: str, person: dict[str, Any] | None) -> str | None:
        lifted = self.sheet.danger_lifted
        return danger(step.generic, group, person, self._tree, self._kind, lifted=lifted) or (
            None if lifted else narrowed(group, self._tree, self._kind)
        )


_NOTHING = object()


def _unagreed(group: str, label: Label, cell: Cell, entitlement: Entitlement) -> str | None:
    """Return the rule by which agreement and basis withhold a leaf that the floor lets pass, or ``None``.

    An "o" needs an agreement and an order or statute in the referral; without an agreement it is withheld
    (design/decisions.md 2).
    """
    agreement = entitlement.agreement
    if cell is Cell.WITH_ORDER and (agreement is None or entitlement.basis is not Basis.ORDER):
        return f"needs-order:{group}"
    if agreement is None:
        return None
    needed = {label, matrix().labels.get(group, label)} - {Label.ADMINISTRATIVE}
    if not needed <= agreement.labels:
        return f"agreement:{agreement.id}"
    if cell is Cell.WITH_BASIS and entitlement.basis in {Basis.NONE, Basis.REVOKED}:
        return f"no-basis:{group}"
    return None


def _without_child_protection(reduced: dict[str, Any], tree: dict[str, Any]) -> None:
    """Name education support where a school would read an agency or a role that tells why the child is helped."""
    if "focal_point" in reduced:
        reduced["focal_point"].update(EDUCATION_SUPPORT)
    if "sender" in tree:
        reduced["sender"] = {"agency": EDUCATION_SUPPORT["agency"]}
