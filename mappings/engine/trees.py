"""Trees: the one shape in which both languages lie before the rules.

Objects are ``dict``, lists ``list``, leaves scalars. An XML element is a ``dict`` whose attributes are ``@name``, whose
text is ``#``, and whose child elements are lists under their local name. A key that begins with ``$`` is a mark set by
a codec: it can be selected on, is no value of the document, and is never written. ``$at`` gives a node's place in the
document when the codec has moved it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from mappings.engine.errors import Refusal
from mappings.engine.paths import Path, Predicate, Step

Scalar: TypeAlias = str | int | float | bool
Node: TypeAlias = dict[str, Any]


class Trail(NamedTuple):
    """How a node was reached, so that its path can be said later."""

    parent: Trail | None
    node: Any
    step: str
    position: int
    """Position among its namesakes, from 0; -1 where there is only one."""


class Hit(NamedTuple):
    """A place in a tree: ``container[key]``."""

    container: Any
    key: Any
    value: Any
    trail: Trail

    @property
    def place(self) -> tuple[int, Any]:
        """What identifies the place while the tree lives."""
        return (id(self.container), self.key)


def root(node: Node, name: str = "") -> Trail:
    """Return the trail of a tree's root."""
    return Trail(None, node, name, -1)


def render(trail: Trail, *, xml: bool) -> str:
    """Return the path of a place: XPath with indices and local names, or a JSON Pointer."""
    parts: list[str] = []
    at: Trail | None = trail
    while at is not None:
        mark = at.node.get("$at") if isinstance(at.node, dict) else None
        if mark is not None:
            return str(mark) + "".join(reversed(parts))
        if at.step and at.step != "#":
            parts.append(_part(at, xml))
        at = at.parent
    return "".join(reversed(parts))


def _part(trail: Trail, xml: bool) -> str:
    if xml:
        return f"/{trail.step}[{trail.position + 1}]" if trail.position >= 0 else f"/{trail.step}"
    key = trail.step.replace("~", "~0").replace("/", "~1")
    return f"/{key}/{trail.position}" if trail.position >= 0 else f"/{key}"


def dotted(trail: Trail) -> str:
    """Return one of our own paths with indices: ``persons[1].name``."""
    parts: list[str] = []
    at: Trail | None = trail
    while at is not None and at.step:
        parts.append(f"{at.step}[{at.position}]" if at.position >= 0 else at.step)
        at = at.parent
    return ".".join(reversed(parts))


def holds(node: Any, predicate: Predicate) -> bool:
    """Tell whether an item satisfies a predicate; a list satisfies ``=`` when one of its values does."""
    values = [hit.value for hit in find(node, predicate.path, root(node))] if isinstance(node, dict) else []
    flat = [v for value in values for v in (value if isinstance(value, list) else [value])]
    if predicate.operator == "has":
        return bool(flat)
    if predicate.operator == "lacks":
        return not flat
    equal = any(_text(v) == predicate.value for v in flat)
    return equal if predicate.operator == "=" else not equal


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return str(value.get("#", ""))
    return str(value)


def find(node: Any, path: Path, trail: Trail) -> Iterator[Hit]:
    """Yield every place the path leads to, in document order."""
    if not path:
        return
    step, rest = path[0], path[1:]
    for hit in _children(node, step, trail):
        if rest:
            yield from find(hit.value, rest, hit.trail)
        else:
            yield hit


def _children(node: Any, step: Step, trail: Trail) -> Iterator[Hit]:
    if not isinstance(node, dict):
        return
    if step.name == ".":
        yield Hit(trail.parent.node if trail.parent else {}, trail.step, node, trail)
        return
    for name in step.names:
        value = node.get(name)
        if isinstance(value, list):
            for index, item in enumerate(value):
                if all(holds(item, p) for p in step.predicates):
                    yield Hit(value, index, item, Trail(trail, item, name, index))
        elif value is not None and all(holds(value, p) for p in step.predicates):
            yield Hit(node, name, value, Trail(trail, value, name, -1))


def one(node: Any, path: Path, trail: Trail, *, xml: bool) -> Hit | None:
    """Return the one place the path leads to, or none.

    Raises:
        Refusal: REPEATED, there are several.
    """
    hits = list(find(node, path, trail))
    if len(hits) > 1:
        raise Refusal.of("REPEATED", render(hits[1].trail, xml=xml))
    return hits[0] if hits else None


def leaf_places(node: Any, trail: Trail) -> Iterator[Hit]:
    """Yield every leaf of a tree, codec marks left out."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key.startswith("$"):
                continue
            if isinstance(value, list):
                yield from _list_leaves(value, key, trail)
            elif isinstance(value, dict):
                yield from leaf_places(value, Trail(trail, value, key, -1))
            else:
                yield Hit(node, key, value, Trail(trail, value, key, -1))


def _list_leaves(items: list[Any], key: str, trail: Trail) -> Iterator[Hit]:
    for index, item in enumerate(items):
        here = Trail(trail, item, key, index)
        if isinstance(item, dict):
            yield from leaf_places(item, here)
        else:
            yield Hit(items, index, item, here)


class Shape:
    """How one side builds its trees while a document is translated.

    Attributes:
        xml: child elements are always lists.
        made: places filled because a predicate said so, for the account.
    """

    def __init__(self, *, xml: bool) -> None:
        self.xml = xml
        self.made: list[Hit] = []

    def node(self, start: Node, path: Path, trail: Trail) -> tuple[Node, Trail]:
        """Return the node a path leads to, making what is missing on the way."""
        for step in path:
            start, trail = self._descend(start, step, trail)
        return start, trail

    def reach(self, node: Node, path: Path, trail: Trail) -> Hit:
        """Return the place of a leaf that shall be written, making what is missing on the way."""
        above, below = self.node(node, path[:-1], trail)
        step = path[-1]
        if step.many:
            items: list[Any] = above.setdefault(step.name, [])
            return Hit(items, len(items), None, Trail(below, None, step.name, len(items)))
        return Hit(above, step.name, None, Trail(below, None, step.name, -1))

    def _descend(self, node: Node, step: Step, trail: Trail) -> tuple[Node, Trail]:
        if not step.listed and (not self.xml or step.name[0] == "$"):
            child = node.setdefault(step.name, {})
            return child, Trail(trail, child, step.name, -1)
        if not step.many:
            for index, item in enumerate(node.get(step.name, ())):
                if all(p.operator != "=" or holds(item, p) for p in step.predicates):
                    return item, Trail(trail, item, step.name, index)
        return self.new_item(node, step, trail)

    def new_item(self, node: Node, step: Step, trail: Trail) -> tuple[Node, Trail]:
        """Append an item that satisfies the step's ``=`` predicates and return it."""
        item: Node = {}
        items: list[Any] = node.setdefault(step.name, [])
        items.append(item)
        here = Trail(trail, item, step.name, len(items) - 1)
        for predicate in step.predicates:
            if predicate.operator == "=":
                path = leaf_path(predicate.path, xml=self.xml)
                hit = self.reach(item, path, here)
                put(hit, predicate.value if self.xml else _typed(predicate.value))
                self.made.append(hit)
        return item, here


def leaf_path(path: Path, *, xml: bool) -> Path:
    """Return the path of a leaf: in XML an element's text is a step of its own."""
    return (*path, Step(("#",))) if xml and path[-1].name[0] not in "@#$" else path


def _typed(value: str) -> str | bool:
    return {"true": True, "false": False}.get(value, value)


def put(hit: Hit, value: Any) -> None:
    """Store a value at a place, appending where the place is the end of a list."""
    if isinstance(hit.container, list) and hit.key == len(hit.container):
        hit.container.append(value)
    else:
        hit.container[hit.key] = value
