"""Trees: the one shape in which both languages lie before the rules.

Objects are ``dict``, lists ``list``, leaves scalars. An XML element is a ``dict`` whose attributes are ``@name``, whose
text is ``#``, and whose child elements are lists under their local name. A key that begins with ``$`` is a mark set by
a codec: it can be selected on, is no value of the document, and is never written. ``$at`` gives a node's place in the
document when the codec has moved it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

Scalar: TypeAlias = str | int | float | bool
Node: TypeAlias = dict[str, Any]
Trail: TypeAlias = "tuple[Trail | None, Any, str, int]"
"""How a node was reached, so that its path can be said later: the trail of what holds it, the node, the step, and its
position among its namesakes (from 0; -1 where there is only one). A bare tuple, because one is made for every value of
every document."""
Found: TypeAlias = tuple[Any, Any, Any, Trail]
"""A place in a tree, ``container[key]``: container, key, value, and how it was reached."""


class Hit(NamedTuple):
    """A place in a tree, with names for its parts."""

    container: Any
    key: Any
    value: Any
    trail: Trail

    @property
    def place(self) -> tuple[int, Any]:
        """What identifies the place while the tree lives."""
        return (id(self.container), self.key)


def copied(tree: Any) -> Any:
    """Return a copy of objects and lists; leaves are shared, since nothing changes them."""
    if type(tree) is dict:
        return {key: copied(value) for key, value in tree.items()}
    return [copied(value) for value in tree] if type(tree) is list else tree


def root(node: Node, name: str = "") -> Trail:
    """Return the trail of a tree's root."""
    return (None, node, name, -1)


def render(trail: Trail, *, xml: bool) -> str:
    """Return the path of a place: XPath with indices and local names, or a JSON Pointer."""
    parts: list[str] = []
    at: Trail | None = trail
    while at is not None:
        above, node, step, position = at
        mark = node.get("$at") if isinstance(node, dict) else None
        if mark is not None:
            return str(mark) + "".join(reversed(parts))
        if step and step != "#":
            parts.append(_part(step, position, xml))
        at = above
    return "".join(reversed(parts))


def generic(trail: Trail, *, xml: bool) -> str:
    """Return a place of theirs without positions, as structure patterns name it."""
    parts: list[str] = []
    at: Trail | None = trail
    while at is not None:
        above, node, step, _ = at
        mark = node.get("$at") if isinstance(node, dict) else None
        if mark is not None:
            return _unindexed(str(mark)) + "".join(reversed(parts))
        if step and step != "#":
            parts.append(_part(step, -1, xml))
        at = above
    return "".join(reversed(parts))


@lru_cache(maxsize=4_096)
def _unindexed(path: str) -> str:
    return re.sub(r"/\d+(?=/|$)", "", re.sub(r"\[\d+\]", "", path))


def _part(step: str, position: int, xml: bool) -> str:
    if xml:
        return f"/{step}[{position + 1}]" if position >= 0 else f"/{step}"
    key = step.replace("~", "~0").replace("/", "~1")
    return f"/{key}/{position}" if position >= 0 else f"/{key}"


def dotted(trail: Trail) -> str:
    """Return one of our own paths with indices: ``persons[1].name``."""
    parts: list[str] = []
    at: Trail | None = trail
    while at is not None and at[2]:
        at, _, step, position = at
        parts.append(f"{step}[{position}]" if position >= 0 else step)
    return ".".join(reversed(parts))


def leaf_places(node: Any, trail: Trail) -> Iterator[Hit]:
    """Yield every leaf of a tree, codec marks left out."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key.startswith("$"):
                continue
            if isinstance(value, list):
                yield from _list_leaves(value, key, trail)
            elif isinstance(value, dict):
                yield from leaf_places(value, (trail, value, key, -1))
            else:
                yield Hit(node, key, value, (trail, value, key, -1))


def _list_leaves(items: list[Any], key: str, trail: Trail) -> Iterator[Hit]:
    for index, item in enumerate(items):
        here = (trail, item, key, index)
        if isinstance(item, dict):
            yield from leaf_places(item, here)
        else:
            yield Hit(items, index, item, here)
