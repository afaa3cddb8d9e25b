"""Value rules: one leaf of ours and one place of theirs, with a converter between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from mappings.engine.account import selection
from mappings.engine.converters import Coarse, Converter, Unfit
from mappings.engine.finders import finder
from mappings.engine.lineage import How, Note
from mappings.engine.passage import Move, Passage
from mappings.engine.paths import Path
from mappings.engine.rules import Rule
from mappings.engine.shapes import leaf_path, placer, put
from mappings.engine.straight import plain, read_straight, write_straight
from mappings.engine.trees import Found, Node, Trail, leaf_places

Writer: TypeAlias = Callable[[Node, Trail, Any, Passage], list[Found]]
"""Stores a printed value and returns the leaves it made."""


def read_value(rule: Rule, converter: Converter, *, xml: bool) -> Move:
    """Return the reading of a value rule."""
    path = their_leaf(rule.theirs, xml=xml)
    find, one = finder(path), not any(step.many for step in path)
    select = selection(rule.id, path, ours=False, xml=xml)
    must = rule.need and not rule.unless
    name = our_name(rule)
    parse, doubt = converter.parse, converter.parse_warning
    place = _our_placer(rule, converter, xml=xml)

    def move(ours: Node, our_trail: Trail, theirs: Node, their_trail: Trail, passage: Passage) -> None:
        hits = find(theirs, their_trail)
        account = passage.account
        if one and len(hits) > 1:
            account.wrong("REPEATED", hits[1][3])
            hits = ()
        if not hits and must:
            account.wrong("MISSING_REQUIRED", missing(theirs, their_trail, rule.theirs), name)
        for hit in hits:
            value = hit[2]
            account.touch_all(hit)
            try:
                parsed = parse(value)
            except Unfit as unfit:
                account.wrong(unfit.code, hit[3], name)
                continue
            if doubt and (warning := doubt(value)):
                account.warn(warning, hit[3], name)
            if select:
                select(account, hit[3])
            if parsed is not None:
                place(ours, our_trail, parsed, hit[3], passage)

    if doubt or converter.spread or not (plain(path) and plain(rule.ours)):
        return move
    return read_straight(rule, converter, path, move, xml=xml)


def _our_placer(rule: Rule, converter: Converter, *, xml: bool) -> Callable[[Node, Trail, Any, Trail, Passage], None]:
    """Return what stores a parsed value in our tree and notes its line, or a line for each leaf of an object."""
    reach = placer(rule.ours, xml=False)
    note = Note(rule.id, converter.name, How.CARRIED, xml, rule.two_way)

    def place(ours: Node, our_trail: Trail, value: Any, source: Trail, passage: Passage) -> None:
        found = reach(passage.ours, ours, our_trail)
        container, key, _, trail = found
        if not isinstance(value, dict):
            put(found, value)
            passage.account.line(note, trail, source)
            return
        node = container.setdefault(key, {})
        node.update(value)
        for leaf in leaf_places(node, (trail[0], node, trail[2], trail[3])):
            passage.account.line(note, leaf.trail, source)

    return place


def write_value(rule: Rule, converter: Converter, *, xml: bool) -> Move:
    """Return the writing of a value rule."""
    path = their_leaf(rule.theirs, xml=xml)
    find, many = finder(rule.ours), any(step.many for step in path)
    name, show = our_name(rule), converter.print
    carried, coarsened = (_carrier(rule, converter, path, how, xml=xml) for how in (How.CARRIED, How.COARSENED))

    def move(ours: Node, our_trail: Trail, theirs: Node, their_trail: Trail, passage: Passage) -> None:
        hits = find(ours, our_trail)
        if not hits:
            if rule.need:
                passage.account.wrong("MISSING_REQUIRED", missing({}, their_trail, rule.theirs), name)
            return
        for hit in hits if many else hits[:1]:
            try:
                printed = show(hit[2])
            except Unfit as unfit:
                passage.account.wrong(unfit.code, missing({}, their_trail, rule.theirs), name)
                passage.account.touch_all(hit)
                continue
            if isinstance(printed, Coarse):
                coarsened(hit, theirs, their_trail, printed.value, passage)
            elif printed is not None:
                carried(hit, theirs, their_trail, printed, passage)

    if not (plain(path) and plain(rule.ours)):
        return move
    return write_straight(rule, converter, path, move, xml=xml)


def _carrier(
    rule: Rule, converter: Converter, path: Path, how: How, *, xml: bool
) -> Callable[[Found, Node, Trail, Any, Passage], None]:
    """Return what stores a printed value in their tree and notes where it came from."""
    note = Note(rule.id, converter.name, how, xml, rule.two_way)
    select = selection(rule.id, rule.ours, ours=True, xml=xml)
    write = writer(path, xml=xml)

    def carry(hit: Found, theirs: Node, their_trail: Trail, value: Any, passage: Passage) -> None:
        if value is None:
            return
        account = passage.account
        account.touch_all(hit)
        source = hit[3]
        if select:
            select(account, source)
        targets = write(theirs, their_trail, value, passage)
        sources = [leaf.trail for leaf in leaf_places(hit[2], source)] if isinstance(hit[2], dict) else [source]
        for trail in sources:
            account.line(note, trail, targets[0][3])
        for target in targets[1:]:
            account.line(note, source, target[3])
        for target in targets:
            account.touch(target)

    return carry


def writer(path: Path, *, xml: bool) -> Writer:
    """Return what stores a printed value, a leaf or a whole node, and tells the leaves it made."""
    if path[-1].name == ".":
        return _spreading(path[:-1])
    if path[-1].name == "#" and len(path) > 1 and path[-2].many:
        return _appending(path[:-1])
    reach = placer(path, xml=xml)

    def write(theirs: Node, their_trail: Trail, value: Any, passage: Passage) -> list[Found]:
        found = reach(passage.theirs, theirs, their_trail)
        put(found, value)
        return [found]

    return write


def _spreading(path: Path) -> Writer:
    def write(theirs: Node, their_trail: Trail, value: Any, passage: Passage) -> list[Found]:
        node, trail = passage.theirs.node(theirs, path, their_trail)
        node.update(value)
        return [leaf for key in value for leaf in _leaves_of(node, key, trail)]

    return write


def _leaves_of(node: Node, key: str, trail: Trail) -> list[Found]:
    """Return the leaves that stand in a node under one key."""
    if isinstance(node[key], dict | list):
        return list(leaf_places({key: node[key]}, trail))
    return [(node, key, node[key], (trail, node[key], key, -1))]


def _appending(path: Path) -> Writer:
    """Return the writing of an element's text, a new element for each value."""

    def write(theirs: Node, their_trail: Trail, value: Any, passage: Passage) -> list[Found]:
        above, trail = passage.theirs.node(theirs, path[:-1], their_trail)
        item, here = passage.theirs.new_item(above, path[-1], trail)
        item["#"] = value
        return [(item, "#", value, (here, value, "#", -1))]

    return write


def their_leaf(path: Path, *, xml: bool) -> Path:
    """Return the path of a leaf of theirs; ``.`` means the node itself."""
    return path if path[-1].name == "." else leaf_path(path, xml=xml)


def missing(node: Any, trail: Trail, path: Path) -> Trail:
    """Return the trail of a place that is not there, for the finding: past what is there, and then by name.

    What is only being written is not there yet: ``node`` is empty.
    """
    for step in path:
        if step.name == ".":
            continue
        node = node.get(step.name) if isinstance(node, dict) else None
        position = -1
        if isinstance(node, list):
            node, position = (node[0], 0) if len(node) == 1 else (None, -1)
        trail = (trail, node if isinstance(node, dict) else None, step.name, position)
    return trail


def our_name(rule: Rule) -> str:
    """Return our path of a rule without predicates, for findings."""
    return ".".join(step.name for step in (*rule.above, *rule.ours))
