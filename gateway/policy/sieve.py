"""The sieve a canonical tree goes through on its way to one receiver: leaf by leaf, each judged by the rules.

A judgement depends on few facts: what the leaf is, what the person or number is that it belongs to, whether the child
is adopted or protected. Documents repeat them, so what was found is remembered, for one entitlement.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from gateway.policy import people, protection
from gateway.policy.agreements import Agreement, Basis
from gateway.policy.danger import adopted, danger, of_whole
from gateway.policy.matrix import Cell, Matrix, matrix
from gateway.policy.shape import Step
from mappings.engine.lineage import Withheld
from mappings.labels import Label, Leaf

_MOST = 10_000
"""Judgements that are remembered for one entitlement."""


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


class _Said(NamedTuple):
    """What floor and agreement say of a group of facts under a label."""

    never: str | None
    """The floor's rule against it, before any other rule."""
    unagreed: str | None
    """The rule by which agreement and basis withhold what the floor lets pass."""
    needs_agreement: bool


class _Judgement(NamedTuple):
    """What becomes of a leaf."""

    rule: str | None
    """The rule that withholds it."""
    needs_agreement: bool


_PASSES = _Judgement(rule=None, needs_agreement=False)

_Known = dict[Hashable, _Judgement]
"""Judgements about leaves, by generic path, or by that and what its group depends on beside."""


class _Sheet:
    """What is the same for all documents of one entitlement; filled as it is asked."""

    def __init__(self, entitlement: Entitlement) -> None:
        self._table = matrix()
        self._entitlement = entitlement
        self._said: dict[tuple[str, Label], _Said] = {}
        self._known: dict[Hashable, _Known] = {}
        self.floor_lifted = entitlement.lifted(self._table, "floor")
        self.danger_lifted = entitlement.lifted(self._table, "danger")

    def known(self, facts: Hashable) -> _Known:
        """Return what is remembered of leaves of which the same facts hold."""
        if len(self._known) > _MOST:
            self._known.clear()
        return self._known.setdefault(facts, {})

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


class _Person(NamedTuple):
    """A person of the document, and what is remembered of persons of whom the same facts hold."""

    entry: dict[str, Any]
    known: _Known


class Sieve:
    """One tree on its way to one receiver."""

    def __init__(self, tree: dict[str, Any], entitlement: Entitlement) -> None:
        self.sheet = _sheet(entitlement)
        self.withheld: list[Withheld] = []
        self.conditional: list[Withheld] = []
        self._tree = tree
        self._kind = entitlement.kind
        self._groups = matrix().groups
        guarded = not self.sheet.danger_lifted and bool(protection.narrower(self._kind)) and protection.protected(tree)
        self._child = (adopted(tree), guarded)
        """What the rules ask of the child itself."""
        self._known = self.sheet.known(self._child)

    def kept(self, node: dict[str, Any], steps: dict[str, Step], prefix: str, person: _Person | None) -> dict[str, Any]:
        """Return a copy of an object that holds what may be told; an object or item left empty goes too."""
        result: dict[str, Any] = {}
        known = self._known if person is None else person.known
        for key, value in node.items():
            step = steps[key]
            if type(value) is list:
                items = [one for one in self._items(value, step, prefix + key, person) if one is not _NOTHING]
                if items:
                    result[key] = items
            elif step.leaf is None:
                if below := self.kept(value, step.below, f"{prefix}{key}.", person):
                    result[key] = below
            # Most leaves pass, and were judged before; what is asked first here is what `_passes` would find.
            elif (not step.varied and known.get(step.generic) == _PASSES) or self._passes(
                prefix + key, step, step.leaf, node, person
            ):
                result[key] = value
        return result

    def _items(self, items: list[Any], step: Step, place: str, person: _Person | None) -> Iterator[Any]:
        for index, item in enumerate(items):
            here = f"{place}[{index}]"
            if step.leaf is not None:
                yield item if self._passes(here, step, step.leaf, item, person) else _NOTHING
                continue
            about = person
            if place == "persons":
                about = _Person(item, self.sheet.known((people.facts(item), self._child)))
            yield self.kept(item, step.below, f"{here}.", about) or _NOTHING

    def _passes(self, path: str, step: Step, leaf: Leaf, held: Any, person: _Person | None) -> bool:
        """Decide about one leaf, and account for it; `held` is the object that holds it, or the item that it is."""
        known = self._known if person is None else person.known
        key = _key(step, held)
        found = known.get(key)
        if found is None:
            found = self._judged(path, step, leaf, held, person.entry if person else None)
            if person is not None or not of_whole(step.generic, self._groups.get(step.generic, "")):
                known[key] = found
        if found.rule is not None:
            self.withheld.append(Withheld(path, leaf.label.value, found.rule))
            return False
        if found.needs_agreement:
            self.conditional.append(Withheld(path, leaf.label.value, "needs-an-agreement"))
        return True

    def _judged(self, path: str, step: Step, leaf: Leaf, held: Any, person: dict[str, Any] | None) -> _Judgement:
        """Judge one leaf: the floor first, then danger, protection, the agreement."""
        group = self._group(path, step, held, person)
        never, unagreed, needs_agreement = self.sheet.says(group, leaf.label)
        return _Judgement(never or self._dangerous(step, group, person) or unagreed, needs_agreement)

    def _group(self, path: str, step: Step, held: Any, person: dict[str, Any] | None) -> str:
        """Return the matrix group of a leaf: of people, numbers and references it is what they are that counts."""
        if person is not None:
            return people.group_of_person(person, path.partition(".")[2])
        if step.generic.startswith("child.identifiers[]."):
            return people.group_of_number(held)
        if step.generic.startswith("references[]."):
            return people.group_of_reference(held)
        return self._groups[step.generic]

    def _dangerous(self, step: Step, group: str, person: dict[str, Any] | None) -> str | None:
        lifted = self.sheet.danger_lifted
        return danger(step.generic, group, person, self._tree, self._kind, lifted=lifted) or (
            None if lifted else protection.narrowed(group, self._tree, self._kind)
        )


_NOTHING = object()


def _key(step: Step, held: Any) -> Hashable:
    """Return under what a judgement is remembered: of numbers and references their scheme counts, of roles the role."""
    if not step.varied:
        return step.generic
    return (step.generic, held.get("scheme") if isinstance(held, dict) else held)


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
