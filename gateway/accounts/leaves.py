"""Leaves of both sides by their paths, as text for people; and where they stood before something was withheld."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mappings.engine.lineage import Translation
from mappings.engine.places import without_positions
from mappings.engine.trees import dotted, leaf_places, render, root
from mappings.labels import Node, leaves

_STEP = re.compile(r"([^.\[\]]+)(?:\[(\d+)\])?")


@dataclass(frozen=True)
class Leaves:
    """The leaves of one tree: path to value, in the order of the tree."""

    values: dict[str, Any]

    @classmethod
    def ours(cls, tree: dict[str, Any]) -> Leaves:
        """Return the leaves of a canonical tree."""
        return cls({dotted(hit.trail): hit.value for hit in leaf_places(tree, root(tree))})

    @classmethod
    def theirs(cls, translation: Translation[Any]) -> Leaves:
        """Return the leaves on the agency's side of a translation."""
        xml = any(line.xml for line in translation.lines)
        tree = translation.tree if isinstance(translation.tree, dict) else {}
        return cls({render(hit.trail, xml=xml): hit.value for hit in leaf_places(tree, root(tree))})

    def text(self, path: str) -> str:
        """Return a leaf for people; empty where there is none."""
        return shown(self.values.get(path))


def shown(value: Any) -> str:
    """Return a value, a leaf or a small object, as one text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        parts = (f"{key}={shown(item)}" for key, item in value.items() if not key.startswith("$"))
        return ", ".join(part.removeprefix("#=") for part in parts)
    if isinstance(value, list):
        return "; ".join(shown(item) for item in value)
    return str(value)


def label_of(model: type[Node], path: str) -> str:
    """Return the sensitivity label of one of our leaves; empty for what is none."""
    leaf = leaves(model).get(without_positions(path))
    return leaf.label.value if leaf else ""


def moved_up(paths: Iterable[str], withheld: set[str]) -> dict[str, str]:
    """Return where each remaining leaf stood before: present path to former path.

    Where every leaf of a list's item is withheld the item goes, and those behind it move up.

    Args:
        paths: every leaf there was, by its former path.
        withheld: those that were taken out.
    """
    kept = [path for path in dict.fromkeys(paths) if path not in withheld]
    positions = _positions(kept)
    return {_renumbered(path, positions): path for path in kept}


def _positions(kept: Iterable[str]) -> dict[str, int]:
    """Return the new position of every item that is left, by the item's former path."""
    items: dict[str, set[int]] = {}
    for path in kept:
        for above, position in _items(path):
            items.setdefault(above, set()).add(position)
    return {f"{above}[{old}]": new for above, olds in items.items() for new, old in enumerate(sorted(olds))}


def _items(path: str) -> Iterable[tuple[str, int]]:
    """Yield every list on the way to a leaf, and which of its items the way goes through."""
    for match in _STEP.finditer(path):
        if match.group(2) is not None:
            yield path[: match.start(2) - 1], int(match.group(2))


def _renumbered(path: str, positions: dict[str, int]) -> str:
    parts = []
    for match in _STEP.finditer(path):
        name, old = match.groups()
        parts.append(name if old is None else f"{name}[{positions[path[: match.end()]]}]")
    return ".".join(parts)
