"""What writing must see to, by the rules of a document: which leaves may not get lost, and who competes for items."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from mappings.engine.generated.parts import Uncovered
from mappings.engine.paths import Path, generic, parse
from mappings.engine.rules import Rule
from mappings.labels import Node as Model
from mappings.labels import leaves


@dataclass(frozen=True)
class Coverage:
    """What generated code must see to because nobody has allowed it to be left out."""

    demanding: frozenset[str]
    """Ids of rules that must write a leaf which nobody has allowed to be left out."""
    doubtful: tuple[Path, ...]
    """Such leaves that no single rule must write."""
    contested: dict[int, tuple[str, ...]]
    """What is said alike of ``each`` rules over one list, by the rule's identity: only one of them gets an item."""


class _Carrier(NamedTuple):
    rule: Rule
    path: str
    sure: bool


def coverage(rules: tuple[Rule, ...], model: type[Model], dropped: Callable[[str], str | None]) -> Coverage:
    """Return what writing must see to.

    Args:
        rules: of the document.
        model: what it is written from.
        dropped: why a leaf may be left out, or ``None``.

    Raises:
        Uncovered: a doubtful leaf stands in a list, or rules in different places compete for items.
    """
    contested = _contested(rules)
    carriers = list(_carriers(rules, "", True, contested))
    demanding: set[str] = set()
    doubtful: list[Path] = []
    for leaf in leaves(model):
        if leaf == "type" or dropped(leaf) is not None:
            continue
        sure = [c.rule for c in carriers if c.sure and (leaf == c.path or leaf.startswith(f"{c.path}."))]
        if len(sure) == 1 or (sure and "[" in leaf):
            demanding |= {rule.id for rule in sure}
        elif "[" in leaf:
            raise Uncovered
        else:
            doubtful.append(parse(leaf, "."))
    return Coverage(frozenset(demanding), tuple(doubtful), contested)


def _carriers(
    rules: tuple[Rule, ...], prefix: str, sure: bool, contested: dict[int, tuple[str, ...]]
) -> Iterator[_Carrier]:
    """Yield the rules that write a leaf, and whether nothing can keep them from it."""
    for rule in rules:
        if rule.only == "read":
            continue
        path = rule.each or rule.ours
        free = sure and not rule.unless and not any(step.predicates for step in path)
        several = any(step.listed for step in path)
        if rule.each:
            all_of_them = not several or (rule.theirs[-1].listed and id(rule) not in contested)
            yield from _carriers(rule.rules, f"{prefix}{generic(path)}.", free and all_of_them, contested)
        elif path:
            all_of_them = not several or any(step.many for step in rule.theirs)
            yield _Carrier(rule, f"{prefix}{generic(path)}", free and all_of_them and rule.always is None)


def _contested(rules: tuple[Rule, ...]) -> dict[int, tuple[str, ...]]:
    """Return the ``each`` rules that share their list with another."""
    groups: dict[tuple[str, ...], list[tuple[int, Rule]]] = defaultdict(list)
    _group(rules, (), groups)
    shared = {key: members for key, members in groups.items() if len(members) > 1}
    if any(len({scope for scope, _ in members}) > 1 for members in shared.values()):
        raise Uncovered
    return {id(rule): key for key, members in shared.items() for _, rule in members}


def _group(
    rules: tuple[Rule, ...], above: tuple[str, ...], groups: dict[tuple[str, ...], list[tuple[int, Rule]]]
) -> None:
    for rule in rules:
        if not rule.each or rule.only == "read":
            continue
        names = (*above, *(step.name for step in rule.each))
        groups[names].append((id(rules), rule))
        # the items of another list are other items, even if two rules go through lists of one name
        inside = (*names, str(id(rule))) if rule.each[-1].listed else names
        _group(rule.rules, inside, groups)
