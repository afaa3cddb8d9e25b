"""Paths become functions that lead from a node to the places a path names.

What a path looks like is known at load, so each becomes the simplest function that follows it: most are plain names one
below the other. The order of what is found is the order of the document.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

from mappings.engine.paths import Path, Predicate, Step
from mappings.engine.trees import Found, Trail, root

Finder: TypeAlias = Callable[[Any, Trail], Sequence[Found]]
"""From a node and how it was reached to every place the path leads to."""
Test: TypeAlias = Callable[[Any], bool]
"""Whether an item satisfies a predicate."""


@cache
def finder(path: Path) -> Finder:
    """Return the function that follows a path; equal paths share one."""
    if not path:
        return _nowhere
    if all(_plain(step) for step in path):
        return _straight(tuple(step.name for step in path))
    head = _choice(path[0])
    return _then(head, finder(path[1:])) if len(path) > 1 else head


def leads(node: Any, path: Path) -> bool:
    """Tell whether a path leads anywhere from a node."""
    return bool(finder(path)(node, root(node)))


def test_of(predicate: Predicate) -> Test:
    """Return whether an item satisfies a predicate; a list satisfies ``=`` when one of its values does."""
    values = _values(predicate.path)
    if predicate.operator == "has":
        return lambda item: bool(values(item))
    if predicate.operator == "lacks":
        return lambda item: not values(item)
    wanted = predicate.value
    if predicate.operator == "=":
        return lambda item: any(_text(value) == wanted for value in values(item))
    return lambda item: all(_text(value) != wanted for value in values(item))


def _plain(step: Step) -> bool:
    return len(step.names) == 1 and step.name != "." and not step.predicates


def _nowhere(_node: Any, _trail: Trail) -> Sequence[Found]:
    return ()


def _child(name: str) -> Finder:
    """Return the function that finds what stands under one name: one place, or every item of a list."""

    def find(node: Any, trail: Trail) -> Sequence[Found]:
        value = node.get(name) if isinstance(node, dict) else None
        if value is None:
            return ()
        if isinstance(value, list):
            return [(value, index, item, (trail, item, name, index)) for index, item in enumerate(value)]
        return ((node, name, value, (trail, value, name, -1)),)

    return find


def _straight(names: tuple[str, ...]) -> Finder:
    """Return the function that follows plain names; it turns aside only where a list has several items."""
    last = _child(names[-1])
    if len(names) == 1:
        return last
    above = names[:-1]
    branching = _then(_child(names[0]), _straight(names[1:]))

    def find(node: Any, trail: Trail) -> Sequence[Found]:
        here, at = node, trail
        for name in above:
            value = here.get(name) if isinstance(here, dict) else None
            if value is None:
                return ()
            if isinstance(value, list):
                if len(value) != 1:
                    return branching(node, trail)
                here = value[0]
                at = (at, here, name, 0)
            else:
                here = value
                at = (at, here, name, -1)
        return last(here, at)

    return find


def _then(first: Finder, rest: Finder) -> Finder:
    def find(node: Any, trail: Trail) -> Sequence[Found]:
        hits = first(node, trail)
        if len(hits) == 1:
            return rest(hits[0][2], hits[0][3])
        return [found for _, _, value, at in hits for found in rest(value, at)]

    return find


def _choice(step: Step) -> Finder:
    """Return the function of a step with several names, or predicates, or of the node itself."""
    if step.name == ".":
        return _itself
    tests = tuple(test_of(predicate) for predicate in step.predicates)
    places = [_child(name) for name in step.names]
    if not tests:
        return lambda node, trail: [found for place in places for found in place(node, trail)]
    if len(places) == 1 and len(tests) == 1:
        place, test = places[0], tests[0]
        return lambda node, trail: [found for found in place(node, trail) if test(found[2])]
    return lambda node, trail: [
        found for place in places for found in place(node, trail) if all(test(found[2]) for test in tests)
    ]


def _itself(node: Any, trail: Trail) -> Sequence[Found]:
    if not isinstance(node, dict):
        return ()
    above = trail[0]
    return ((above[1] if above else {}, trail[2], node, trail),)


def _values(path: Path) -> Callable[[Any], list[Any]]:
    """Return the function that gives the values a predicate compares, the items of lists one by one."""
    if len(path) == 1 and _plain(path[0]):
        name = path[0].name

        def under(item: Any) -> list[Any]:
            value = item.get(name) if isinstance(item, dict) else None
            if value is None:
                return []
            return _flat(value) if isinstance(value, list) else [value]

        return under
    find = finder(path)
    return lambda item: _flat([found[2] for found in find(item, root(item))]) if isinstance(item, dict) else []


def _flat(values: list[Any]) -> list[Any]:
    return [one for value in values for one in (value if isinstance(value, list) else [value])]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return str(value.get("#", ""))
    return str(value)
