"""Rules become closures: one that reads and one that writes.

A closure takes (our node, our trail, their node, their trail, account) and moves what its rule relates. Nothing is
looked up at run time that could be known at load.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mappings.engine.converters import Coarse, Converter, Unfit
from mappings.engine.items import read_each, write_each
from mappings.engine.lineage import How
from mappings.engine.paths import Path
from mappings.engine.rules import Rule
from mappings.engine.sides import Move, Sides, single
from mappings.engine.trees import Hit, Node, Trail, find, leaf_path, leaf_places, put


class Program(NamedTuple):
    """The compiled rules of one document."""

    read: tuple[Move, ...]
    write: tuple[Move, ...]


def compile_rules(rules: tuple[Rule, ...], converters: Mapping[int, Converter], *, xml: bool) -> Program:
    """Return the closures of a list of rules.

    Args:
        rules: checked rules.
        converters: the converter of each value rule, by the rule's identity.
        xml: their side is XML.
    """
    read = tuple(_read(rule, converters, xml) for rule in rules if rule.only != "write")
    write = tuple(_guarded(rule, _write(rule, converters, xml)) for rule in rules if rule.only != "read")
    return Program(read, write)


def _read(rule: Rule, converters: Mapping[int, Converter], xml: bool) -> Move:
    if rule.each:
        return read_each(rule, compile_rules(rule.rules, converters, xml=xml).read)
    if rule.always is not None:
        return _read_constant(rule, xml)
    return _read_value(rule, converters[id(rule)], xml)


def _write(rule: Rule, converters: Mapping[int, Converter], xml: bool) -> Move:
    if rule.each:
        return write_each(rule, compile_rules(rule.rules, converters, xml=xml).write)
    if rule.always is not None:
        return _write_constant(rule, xml)
    return _write_value(rule, converters[id(rule)], xml)


def _guarded(rule: Rule, move: Move) -> Move:
    """Return the move, skipped where one of the rule's ``unless`` paths leads somewhere in the whole value."""
    if not rule.unless:
        return move

    def guarded(s: Sides) -> None:
        top = s.our_trail
        while top.parent is not None:
            top = top.parent
        if all(next(find(top.node, path, top), None) is None for path in rule.unless):
            move(s)

    return guarded


def _read_value(rule: Rule, converter: Converter, xml: bool) -> Move:
    theirs = _leaf(rule.theirs, xml)
    how = How.CARRIED

    def move(s: Sides) -> None:
        hits = single(list(find(s.theirs, theirs, s.their_trail)), theirs, s.account)
        if not hits and rule.need and not rule.unless:
            s.account.wrong("MISSING_REQUIRED", _missing(s.their_trail, rule.theirs), _our_name(rule))
        for hit in hits:
            try:
                value = converter.parse(hit.value)
            except Unfit as unfit:
                s.account.wrong(unfit.code, hit.trail, _our_name(rule))
                s.account.touch_all(hit)
                continue
            warning = converter.parse_warning(hit.value) if converter.parse_warning else None
            if warning:
                s.account.warn(warning, hit.trail, _our_name(rule))
            s.account.touch_all(hit)
            s.account.selectors(rule.id, hit, theirs, ours=False)
            if value is not None:
                _place(s, rule, converter, value, hit.trail, how)

    return move


def _place(s: Sides, rule: Rule, converter: Converter, value: Any, trail: Trail, how: How) -> None:
    place = s.our_shape.reach(s.ours, rule.ours, s.our_trail)
    if isinstance(value, dict):
        node = place.container.setdefault(place.key, {})
        node.update(value)
        here = Trail(place.trail.parent, node, place.trail.step, place.trail.position)
        for leaf in leaf_places(node, here):
            s.account.line(rule.id, leaf.trail, trail, converter.name, how, two_way=rule.two_way)
        return
    put(place, value)
    s.account.line(rule.id, place.trail, trail, converter.name, how, two_way=rule.two_way)


def _write_value(rule: Rule, converter: Converter, xml: bool) -> Move:
    theirs = _leaf(rule.theirs, xml)
    many = any(step.many for step in theirs)

    def move(s: Sides) -> None:
        hits = list(find(s.ours, rule.ours, s.our_trail))
        if not hits and rule.need:
            s.account.wrong("MISSING_REQUIRED", _missing(s.their_trail, rule.theirs), _our_name(rule))
        for hit in hits if many else hits[:1]:
            try:
                printed = converter.print(hit.value)
            except Unfit as unfit:
                s.account.wrong(unfit.code, _missing(s.their_trail, rule.theirs), _our_name(rule))
                s.account.touch_all(hit)
                continue
            how = How.COARSENED if isinstance(printed, Coarse) else How.CARRIED
            value = printed.value if isinstance(printed, Coarse) else printed
            if value is not None:
                _carry(s, rule, converter, hit, theirs, value, how)

    return move


def _carry(s: Sides, rule: Rule, converter: Converter, hit: Hit, theirs: Path, value: Any, how: How) -> None:
    sources = list(leaf_places(hit.value, hit.trail)) if isinstance(hit.value, dict) else [hit]
    s.account.touch_all(hit)
    s.account.selectors(rule.id, hit, rule.ours, ours=True)
    targets = _put_theirs(s, theirs, value)
    for source in sources:
        s.account.line(rule.id, source.trail, targets[0].trail, converter.name, how, two_way=rule.two_way)
    for target in targets[1:]:
        s.account.line(rule.id, hit.trail, target.trail, converter.name, how, two_way=rule.two_way)
    for target in targets:
        s.account.touch(target)


def _put_theirs(s: Sides, theirs: Path, value: Any) -> list[Hit]:
    """Store a printed value, a leaf or a whole node, and return the leaves it made."""
    if theirs[-1].name == ".":
        node, trail = s.their_shape.node(s.theirs, theirs[:-1], s.their_trail)
        node.update(value)
        return [leaf for key in value for leaf in _leaves_of(node, key, trail)]
    if theirs[-1].name == "#" and len(theirs) > 1 and theirs[-2].many:
        above, trail = s.their_shape.node(s.theirs, theirs[:-2], s.their_trail)
        item, here = s.their_shape.new_item(above, theirs[-2], trail)
        item["#"] = value
        return [Hit(item, "#", value, Trail(here, value, "#", -1))]
    place = s.their_shape.reach(s.theirs, theirs, s.their_trail)
    put(place, value)
    return [place]


def _leaves_of(node: Node, key: str, trail: Trail) -> list[Hit]:
    """Return the leaves that stand in a node under one key."""
    if isinstance(node[key], dict | list):
        return list(leaf_places({key: node[key]}, trail))
    return [Hit(node, key, node[key], Trail(trail, node[key], key, -1))]


def _read_constant(rule: Rule, xml: bool) -> Move:
    if rule.ours:

        def tell(s: Sides) -> None:
            place = s.our_shape.reach(s.ours, rule.ours, s.our_trail)
            put(place, rule.always)
            s.account.line(rule.id, place.trail, None, "always", How.CONSTANT, two_way=rule.two_way)

        return tell
    theirs = _leaf(rule.theirs, xml)

    def demand(s: Sides) -> None:
        hits = single(list(find(s.theirs, theirs, s.their_trail)), theirs, s.account)
        if not hits and rule.need and not rule.unless:
            s.account.wrong("MISSING_REQUIRED", _missing(s.their_trail, rule.theirs))
        for hit in hits:
            s.account.touch(hit)
            s.account.selectors(rule.id, hit, theirs, ours=False)
            if hit.value != rule.always:
                s.account.wrong("UNEXPECTED_VALUE", hit.trail)
            else:
                s.account.line(rule.id, None, hit.trail, "always", How.CONSTANT, two_way=rule.two_way)

    return demand


def _write_constant(rule: Rule, xml: bool) -> Move:
    if rule.ours:

        def implied(s: Sides) -> None:
            for hit in find(s.ours, rule.ours, s.our_trail):
                if hit.value == rule.always and s.account.touch(hit):
                    s.account.line(rule.id, hit.trail, None, "always", How.CONSTANT, two_way=rule.two_way)

        return implied
    theirs = _leaf(rule.theirs, xml)

    def stamp(s: Sides) -> None:
        for target in _put_theirs(s, theirs, rule.always):
            s.account.touch(target)
            s.account.line(rule.id, None, target.trail, "always", How.CONSTANT, two_way=rule.two_way)

    return stamp


def _leaf(path: Path, xml: bool) -> Path:
    return path if path[-1].name == "." else leaf_path(path, xml=xml)


def _missing(trail: Trail, path: Path) -> Trail:
    """Return the trail of a place that is not there, for the finding."""
    for step in path:
        if step.name != ".":
            trail = Trail(trail, None, step.name, -1)
    return trail


def _our_name(rule: Rule) -> str:
    return ".".join(step.name for step in rule.ours)
