"""How one side builds its trees while a document is translated: what a path names is made where it is missing."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

from mappings.engine.finders import Test, test_of
from mappings.engine.paths import Path, Step
from mappings.engine.trees import Found, Hit, Node, Trail

Placer: TypeAlias = Callable[["Shape", Node, Trail], Found]
"""From a node and how it was reached to the place of a leaf that shall be written."""


class Shape:
    """What one translation has built on one side.

    Attributes:
        xml: child elements are always lists.
        made: places filled because a predicate said so, for the account.
    """

    __slots__ = ("made", "xml")

    def __init__(self, *, xml: bool) -> None:
        self.xml = xml
        self.made: list[Hit] = []

    def node(self, start: Node, path: Path, trail: Trail) -> tuple[Node, Trail]:
        """Return the node a path leads to, making what is missing on the way."""
        for step in path:
            start, trail = self._descend(start, step, trail)
        return start, trail

    def reach(self, node: Node, path: Path, trail: Trail) -> Found:
        """Return the place of a leaf that shall be written, making what is missing on the way."""
        above, below = self.node(node, path[:-1], trail)
        step = path[-1]
        if step.many:
            items: list[Any] = above.setdefault(step.name, [])
            return (items, len(items), None, (below, None, step.name, len(items)))
        return (above, step.name, None, (below, None, step.name, -1))

    def _descend(self, node: Node, step: Step, trail: Trail) -> tuple[Node, Trail]:
        name = step.name
        if not step.listed and (not self.xml or name[0] == "$"):
            child = node.setdefault(name, {})
            return child, (trail, child, name, -1)
        if not step.many:
            tests = equalities(step)
            for index, item in enumerate(node.get(name, ())):
                if all(test(item) for test in tests):
                    return item, (trail, item, name, index)
        return self.new_item(node, step, trail)

    def new_item(self, node: Node, step: Step, trail: Trail) -> tuple[Node, Trail]:
        """Append an item that satisfies the step's ``=`` predicates and return it."""
        item: Node = {}
        items: list[Any] = node.setdefault(step.name, [])
        items.append(item)
        here = (trail, item, step.name, len(items) - 1)
        for predicate in step.predicates:
            if predicate.operator == "=":
                path = leaf_path(predicate.path, xml=self.xml)
                place = self.reach(item, path, here)
                put(place, predicate.value if self.xml else _typed(predicate.value))
                self.made.append(Hit(*place))
        return item, here


@cache
def equalities(step: Step) -> tuple[Test, ...]:
    """Return what an item must satisfy to be the one a step means when it is written."""
    return tuple(test_of(predicate) for predicate in step.predicates if predicate.operator == "=")


def placer(path: Path, *, xml: bool) -> Placer:
    """Return the function that finds, or makes, the place a path names."""
    if path[-1].listed or any(step.listed for step in path):
        return lambda shape, node, trail: shape.reach(node, path, trail)
    names = tuple(step.name for step in path[:-1])
    last = path[-1].name
    return _in_elements(names, last) if xml else _in_objects(names, last)


def _in_objects(names: tuple[str, ...], last: str) -> Placer:
    def place(_shape: Shape, node: Node, trail: Trail) -> Found:
        for name in names:
            child = node.get(name)
            if child is None:
                child = node[name] = {}
            node = child
            trail = (trail, node, name, -1)
        return (node, last, None, (trail, None, last, -1))

    return place


def _in_elements(names: tuple[str, ...], last: str) -> Placer:
    steps = tuple((name, name[0] == "$") for name in names)

    def place(_shape: Shape, node: Node, trail: Trail) -> Found:
        for name, mark in steps:
            child = node.get(name)
            if mark:
                if child is None:
                    child = node[name] = {}
                node = child
                trail = (trail, node, name, -1)
            else:
                if not child:
                    child = node[name] = [{}]
                node = child[0]
                trail = (trail, node, name, 0)
        return (node, last, None, (trail, None, last, -1))

    return place


def leaf_path(path: Path, *, xml: bool) -> Path:
    """Return the path of a leaf: in XML an element's text is a step of its own."""
    return (*path, Step(("#",))) if xml and path[-1].name[0] not in "@#$" else path


def _typed(value: str) -> str | bool:
    return {"true": True, "false": False}.get(value, value)


def put(place: Found, value: Any) -> None:
    """Store a value at a place, appending where the place is the end of a list."""
    container, key, _, _ = place
    if isinstance(container, list) and key == len(container):
        container.append(value)
    else:
        container[key] = value
