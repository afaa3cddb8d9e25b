"""What a document can say: which of our leaves it writes, which it demands, and which values its rules can print.

Read-only questions to compiled mappings, for the laws' random values (tests/laws) and for ``raabta mappings check``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, get_args

from mappings.engine.accounting import value_rules
from mappings.engine.converters import Converter, Unfit
from mappings.engine.document import Document
from mappings.engine.paths import Path, generic
from mappings.engine.rules import Rule
from mappings.labels import Leaf, leaves


class Item(NamedTuple):
    """A kind of list item that rules speak of: the items of a list with some of their values given."""

    path: str
    """The list's generic path: ``persons[]``, ``child.identifiers[]``."""
    given: tuple[tuple[str, str], ...]
    """Paths inside the item and the value each has: ``(("relation", "FATHER"),)``."""
    present: tuple[str, ...]
    """Paths inside the item that must lead somewhere, whatever the value."""


@dataclass(frozen=True)
class Domain:
    """The answers for one document, each found once."""

    document: Document

    @cached_property
    def rules(self) -> tuple[tuple[Rule, str], ...]:
        """Every rule that writes one of our leaves, with the leaf's generic path."""
        return tuple((rule, path) for rule, path in value_rules(self.document.rules) if rule.only != "read")

    @cached_property
    def written(self) -> frozenset[str]:
        """Generic paths of our leaves that the document can carry."""
        known = leaves(self.document.model)
        paths = {path for _, path in self.rules}
        found = {leaf for leaf in known if any(leaf == p or leaf.startswith((f"{p}.", f"{p}[]")) for p in paths)}
        selecting = {f"{item.path}.{inside}" for item in self.items for inside, _ in item.given}
        return frozenset(found | (selecting & set(known)))

    @cached_property
    def needed(self) -> frozenset[str]:
        """Generic paths without which the document is not written, or another one is."""
        found = {generic(path) for path in self.document.writes_when}
        found |= {path for rule, path in self.rules if rule.need}
        return frozenset(found & set(leaves(self.document.model)))

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Every kind of list item the writing rules select by predicates."""
        return tuple(dict.fromkeys(_rule_items(self.document.rules, "")))

    @cached_property
    def required_items(self) -> tuple[Item, ...]:
        """The list items without which the document is not written, or another one is."""
        needs = (rule.ours for rule in self.document.rules if rule.need and rule.ours)
        return tuple(dict.fromkeys(item for p in (*self.document.writes_when, *needs) for item in _items(p, "")))

    @cached_property
    def codes(self) -> dict[str, tuple[str, ...]]:
        """For each written leaf that is a code: the values the document can hold."""
        known = leaves(self.document.model)
        lists = {path: codes for path in self.written if (codes := members(known[path])) is not None}
        return {path: tuple(c.value for c in codes if self._holds(path, c.value)) for path, codes in lists.items()}

    def _holds(self, path: str, value: str) -> bool:
        asked = [self.document.converters[id(rule)] for rule, ours in self.rules if ours == path]
        given = {v for item in self.items for at, v in item.given if f"{item.path}.{at}" == path}
        return not asked or value in given or any(_prints(converter, value) for converter in asked)


def _rule_items(rules: tuple[Rule, ...], prefix: str) -> Iterator[Item]:
    for rule in rules:
        if rule.only == "read":
            continue
        yield from _items(rule.each or rule.ours, prefix)
        if rule.each:
            yield from _rule_items(rule.rules, f"{prefix}{generic(rule.each)}.")


def _items(path: Path, prefix: str) -> Iterator[Item]:
    for index, step in enumerate(path):
        if step.predicates:
            yield Item(
                prefix + generic(path[: index + 1]),
                tuple((generic(p.path), p.value) for p in step.predicates if p.operator == "="),
                tuple(generic(p.path) for p in step.predicates if p.operator == "has"),
            )


def members(leaf: Leaf) -> type[StrEnum] | None:
    """Return the code list of a leaf, or none if its values are free."""
    kind: Any = leaf.type
    bare = get_args(kind)[0] if get_args(kind) else kind
    return bare if isinstance(bare, type) and issubclass(bare, StrEnum) else None


def _prints(converter: Converter, value: str) -> bool:
    try:
        return converter.print(value) is not None
    except Unfit:
        return False
