"""Rules become closures: one that reads and one that writes.

A closure moves what its rule relates from one node to the other and notes it. Nothing is looked up at run time that
could be known at load: paths are functions already, and what all lines of a rule say alike is one object.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from mappings.engine.branches import reading, writing
from mappings.engine.constants import read_constant, write_constant
from mappings.engine.converters import Converter
from mappings.engine.finders import finder
from mappings.engine.items import read_each, write_each
from mappings.engine.passage import Move, Passage
from mappings.engine.rules import Rule
from mappings.engine.trees import Node, Trail
from mappings.engine.values import read_value, write_value


class Program:
    """The rules of one document as closures, each side made when it is first asked for.

    Args:
        rules: checked rules.
        converters: the converter of each value rule, by the rule's identity.
        xml: their side is XML.
    """

    def __init__(self, rules: tuple[Rule, ...], converters: Mapping[int, Converter], *, xml: bool) -> None:
        self._rules, self._converters, self._xml = rules, converters, xml

    @cached_property
    def read(self) -> tuple[Move, ...]:
        """From their side to ours."""
        return reading([rule for rule in self._rules if rule.only != "write"], self._reading)

    @cached_property
    def write(self) -> tuple[Move, ...]:
        """From our side to theirs."""
        return writing([rule for rule in self._rules if rule.only != "read"], self._guarded_writing)

    def _reading(self, rule: Rule, stands: Rule) -> Move:
        if rule.each:
            return read_each(rule, self._of(stands).read, xml=self._xml)
        if rule.always is not None:
            return read_constant(rule, xml=self._xml)
        return read_value(rule, self._converters[id(stands)], xml=self._xml)

    def _guarded_writing(self, rule: Rule, stands: Rule) -> Move:
        return _guarded(rule, self._writing(rule, stands))

    def _writing(self, rule: Rule, stands: Rule) -> Move:
        if rule.each:
            return write_each(rule, self._of(stands).write, xml=self._xml)
        if rule.always is not None:
            return write_constant(rule, xml=self._xml)
        return write_value(rule, self._converters[id(stands)], xml=self._xml)

    def _of(self, each: Rule) -> Program:
        return Program(each.rules, self._converters, xml=self._xml)


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
