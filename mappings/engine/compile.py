"""Rules become closures: one that reads and one that writes.

A closure moves what its rule relates from one node to the other and notes it. Nothing is looked up at run time that
could be known at load: paths are functions already, and what all lines of a rule say alike is one object.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mappings.engine.branches import reading, writing
from mappings.engine.constants import read_constant, write_constant
from mappings.engine.converters import Converter
from mappings.engine.finders import finder
from mappings.engine.items import read_each, write_each
from mappings.engine.passage import Move, Passage
from mappings.engine.rules import Rule
from mappings.engine.trees import Node, Trail
from mappings.engine.values import read_value, write_value


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

    def read(rule: Rule, stands: Rule) -> Move:
        if rule.each:
            return read_each(rule, compile_rules(stands.rules, converters, xml=xml).read, xml=xml)
        if rule.always is not None:
            return read_constant(rule, xml=xml)
        return read_value(rule, converters[id(stands)], xml=xml)

    def write(rule: Rule, stands: Rule) -> Move:
        return _guarded(rule, written(rule, stands))

    def written(rule: Rule, stands: Rule) -> Move:
        if rule.each:
            return write_each(rule, compile_rules(stands.rules, converters, xml=xml).write, xml=xml)
        if rule.always is not None:
            return write_constant(rule, xml=xml)
        return write_value(rule, converters[id(stands)], xml=xml)

    return Program(
        reading([rule for rule in rules if rule.only != "write"], read),
        writing([rule for rule in rules if rule.only != "read"], write),
    )


def _guarded(rule: Rule, move: Move) -> Move:
    """Return the move, skipped where one of the rule's ``unless`` paths leads somewhere in the whole value."""
    if not rule.unless:
        return move
    finders = tuple(finder(path) for path in rule.unless)

    def guarded(ours: Node, our_trail: Trail, theirs: Node, their_trail: Trail, passage: Passage) -> None:
        for find in finders:
            if passage.leads(find):
                return
        move(ours, our_trail, theirs, their_trail, passage)

    return guarded
