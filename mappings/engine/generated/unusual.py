"""What generated code calls while it runs, and how it gives up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from mappings.engine.account import Asked, selected
from mappings.engine.converters import Unfit
from mappings.engine.trees import Node, Trail, leaf_places, root
from mappings.labels import Node as Part
from mappings.plain import plain


class Unusual(Exception):
    """A document is not what the generated code was written for; nothing is wrong with it yet."""


GIVES_UP = (Unusual, Unfit, LookupError, TypeError, ValueError, AttributeError)
"""Whatever generated code raises where a tree has another shape than the straight way: the long way then says why."""
BRANCHES = frozenset({dict, list})


def give_up() -> NoReturn:
    """Give up.

    Raises:
        Unusual: always.
    """
    raise Unusual


def one(value: list[Any]) -> Node:
    """Return the one object of a list.

    Raises:
        Unusual: there is none, or several, or it is no object.
    """
    if type(value) is list and len(value) == 1 and type(value[0]) is dict:
        node: Node = value[0]
        return node
    raise Unusual


def mark_leaves(node: Any, mark: Callable[[tuple[Any, Any]], None]) -> None:
    """Mark every leaf below a node as read."""
    if type(node) is dict:
        for leaf in leaf_places(node, root(node)):
            mark((leaf[0], leaf[1]))


def mark_selected(asked: tuple[Asked, ...], trail: Trail, mark: Callable[[tuple[Any, Any]], None]) -> None:
    """Mark the leaves that selected a place as read."""
    for one_asked in asked:
        for container, key, _, _ in selected(one_asked, trail):
            mark((container, key))


def says(node: Node) -> bool:
    """Tell whether any leaf stands in an object that a converter has filled."""
    return next(leaf_places(node, root(node)), None) is not None


def there(value: Any) -> bool:
    """Tell whether what a predicate asks for is there.

    Raises:
        Unusual: it is a list, which may hold nothing.
    """
    if type(value) is list:
        raise Unusual
    return value is not None


def odd(value: Any) -> bool:
    """Return ``False`` for a text or nothing, which a predicate compares as it is.

    Raises:
        Unusual: it is something else, which may compare equal in another form.
    """
    if value is None or type(value) is str:
        return False
    raise Unusual


def item_for(node: Node, name: str, tests: tuple[Callable[[Any], bool], ...], made: Node) -> Node:
    """Return the item of a list that satisfies all tests, or ``made``, which is appended."""
    items: list[Node] = node.setdefault(name, [])
    for item in items:
        if all(test(item) for test in tests):
            return item
    items.append(made)
    return made


def keyed_item(node: Node, name: str, key: str, made: Node) -> Node:
    """Return the item of a list that holds the same under a key as ``made``, or ``made``, which is appended."""
    items: list[Node] = node.setdefault(name, [])
    wanted = made[key]
    for item in items:
        if item.get(key) == wanted:
            return item
    items.append(made)
    return made


def take_back(node: Node, name: str) -> None:
    """Take an item back into which no rule put anything."""
    node[name].pop()
    if not node[name]:
        del node[name]


def hollows(value: Any) -> bool:
    """Tell whether a converter's object or list, or something inside it, holds nothing."""
    inside = value.values() if type(value) is dict else value
    return not value or any(type(item) in BRANCHES and hollows(item) for item in inside)


def dumped(part: Part) -> Node:
    """Return a part of a canonical value as a tree."""
    return plain(part)


def holds(part: Part) -> bool:
    """Tell whether anything stands in a part that is always there."""
    return any(value is not None and value != () for value in part.__dict__.values())
