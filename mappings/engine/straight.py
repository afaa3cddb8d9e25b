"""Value rules whose paths are plain names on both sides: most rules of every format, moved without a detour.

Each does exactly what the rule's general closure does (:mod:`mappings.engine.values`) for the one case that nearly
always holds: on the way stand objects, or lists of one element, and at its end one scalar. Wherever a document looks
different, the general closure is called instead.
"""

from __future__ import annotations

from typing import Any

from mappings.engine.converters import Coarse, Converter, Unfit
from mappings.engine.lineage import How, Line, Note
from mappings.engine.passage import Move, Passage
from mappings.engine.paths import Path
from mappings.engine.rules import Rule
from mappings.engine.trees import Node, Trail

_line = Line._make


def plain(path: Path) -> bool:
    """Tell whether every step of a path is one name and nothing else."""
    return all(len(s.names) == 1 and not s.listed and s.name != "." for s in path)


def read_straight(rule: Rule, converter: Converter, path: Path, general: Move, *, xml: bool) -> Move:
    """Return the reading of a rule whose paths are plain, ``general`` where a document is not.

    Args:
        rule: the rule.
        converter: its converter; it gives one value, not an object.
        path: the rule's path on their side, down to the leaf.
        general: the rule's general closure.
        xml: their side is XML.
    """
    above, last = tuple(step.name for step in path[:-1]), path[-1].name
    our_above, our_last = tuple(step.name for step in rule.ours[:-1]), rule.ours[-1].name
    parse, must = converter.parse, rule.need and not rule.unless
    note = Note(rule.id, converter.name, How.CARRIED, xml, rule.two_way)

    def move(ours: Node, our_trail: Trail, theirs: Node, their_trail: Trail, passage: Passage) -> None:
        node, at = theirs, their_trail
        value: Any
        for name in above:
            value = node.get(name)
            if type(value) is list and len(value) == 1:
                value = value[0]
                at = (at, value, name, 0)
            else:
                at = (at, value, name, -1)
            if type(value) is not dict:
                if value is not None or must:
                    general(ours, our_trail, theirs, their_trail, passage)
                return
            node = value
        value = node.get(last)
        if value is None or type(value) in _BRANCHES:
            if value is not None or must:
                general(ours, our_trail, theirs, their_trail, passage)
            return
        try:
            parsed = parse(value)
        except Unfit:
            general(ours, our_trail, theirs, their_trail, passage)
            return
        if type(parsed) is dict:
            general(ours, our_trail, theirs, their_trail, passage)
            return
        account = passage.account
        account.touched.add((id(node), last))
        account.kept.append(node)
        if parsed is None:
            return
        our_node, our_at = ours, our_trail
        for name in our_above:
            child = our_node.get(name)
            if child is None:
                child = our_node[name] = {}
            our_node = child
            our_at = (our_at, child, name, -1)
        our_node[our_last] = parsed
        account.lines.append(_line((note, (our_at, None, our_last, -1), (at, value, last, -1))))

    return move


def write_straight(rule: Rule, converter: Converter, path: Path, general: Move, *, xml: bool) -> Move:
    """Return the writing of a rule whose paths are plain, ``general`` where a value is not.

    Args: those of :func:`read_straight`.
    """
    our_above, our_last = tuple(step.name for step in rule.ours[:-1]), rule.ours[-1].name
    above = tuple((step.name, xml and step.name[0] != "$") for step in path[:-1])
    last, show, must = path[-1].name, converter.print, rule.need
    carried = Note(rule.id, converter.name, How.CARRIED, xml, rule.two_way)
    coarsened = carried._replace(how=How.COARSENED)

    def move(ours: Node, our_trail: Trail, theirs: Node, their_trail: Trail, passage: Passage) -> None:
        our_node, our_at = ours, our_trail
        value: Any
        for name in our_above:
            value = our_node.get(name)
            if type(value) is not dict:
                if value is not None or must:
                    general(ours, our_trail, theirs, their_trail, passage)
                return
            our_node = value
            our_at = (our_at, value, name, -1)
        value = our_node.get(our_last)
        if value is None or type(value) in _BRANCHES:
            if value is not None or must:
                general(ours, our_trail, theirs, their_trail, passage)
            return
        try:
            printed = show(value)
        except Unfit:
            general(ours, our_trail, theirs, their_trail, passage)
            return
        note = carried
        if type(printed) is Coarse:
            note, printed = coarsened, printed.value
        if printed is None:
            return
        node, at = theirs, their_trail
        for name, listed in above:
            child = node.get(name)
            if listed:
                if not child:
                    child = node[name] = [{}]
                child = child[0]
                at = (at, child, name, 0)
            else:
                if child is None:
                    child = node[name] = {}
                at = (at, child, name, -1)
            node = child
        node[last] = printed
        account = passage.account
        account.touched.add((id(our_node), our_last))
        account.touched.add((id(node), last))
        account.kept.append(node)
        account.lines.append(_line((note, (our_at, value, our_last, -1), (at, None, last, -1))))

    return move


_BRANCHES = frozenset({dict, list})
