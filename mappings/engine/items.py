"""``each``: the items of a list, or the inside of an object, on both sides.

An item that one ``each`` has taken is offered to no other over the same list; an item into which no rule put anything
is taken back, as if it had never been begun.
"""

from __future__ import annotations

from mappings.engine.account import Account, selection
from mappings.engine.finders import finder
from mappings.engine.passage import Move, Passage
from mappings.engine.paths import Step
from mappings.engine.rules import Rule
from mappings.engine.shapes import Shape
from mappings.engine.trees import Node, Trail


def read_each(rule: Rule, moves: tuple[Move, ...], *, xml: bool) -> Move:
    """Return the reading of an ``each`` whose inner rules are compiled."""
    find, above, last = finder(rule.theirs), rule.each[:-1], rule.each[-1]
    taken, one = rule.theirs[-1].listed, not any(step.many for step in rule.theirs)
    select = selection(rule.id or "each", rule.theirs, ours=False, xml=xml)

    def move(ours: Node, our_trail: Trail, theirs: Node, their_trail: Trail, passage: Passage) -> None:
        hits = find(theirs, their_trail)
        account, shape = passage.account, passage.ours
        if one and len(hits) > 1:
            account.wrong("REPEATED", hits[1][3])
            return
        for _, _, item, trail in hits:
            if not isinstance(item, dict) or (taken and not account.spend(item)):
                continue
            holder, up = shape.node(ours, above, our_trail)
            before = (len(account.lines), len(shape.made))
            node, here = _open(shape, holder, last, up)
            for inner in moves:
                inner(node, here, item, trail, passage)
            if not _taken_back(account, shape, holder, last, before) and select:
                select(account, trail)

    return move


def write_each(rule: Rule, moves: tuple[Move, ...], *, xml: bool) -> Move:
    """Return the writing of an ``each`` whose inner rules are compiled."""
    find, above, last = finder(rule.each), rule.theirs[:-1], rule.theirs[-1]
    select = selection(rule.id or "each", rule.each, ours=True, xml=xml)

    def move(ours: Node, our_trail: Trail, theirs: Node, their_trail: Trail, passage: Passage) -> None:
        account, shape = passage.account, passage.theirs
        for _, _, item, trail in find(ours, our_trail):
            if not isinstance(item, dict) or not account.spend(item):
                continue
            holder, up = shape.node(theirs, above, their_trail)
            before = (len(account.lines), len(shape.made))
            node, here = _open(shape, holder, last, up)
            for inner in moves:
                inner(item, trail, node, here, passage)
            if _taken_back(account, shape, holder, last, before):
                account.spent.discard(id(item))
                continue
            if select:
                select(account, trail)
            if not last.listed:
                return

    return move


def _open(shape: Shape, above: Node, step: Step, trail: Trail) -> tuple[Node, Trail]:
    if step.listed or shape.xml:
        return shape.new_item(above, step, trail)
    return shape.node(above, (step,), trail)


def _taken_back(account: Account, shape: Shape, above: Node, step: Step, before: tuple[int, int]) -> bool:
    """Take back an item into which no rule put anything; returns True if it was."""
    lines, made = before
    if len(account.lines) > lines:
        return False
    del shape.made[made:]
    items = above.get(step.name)
    if isinstance(items, list):
        items.pop()
        if not items:
            del above[step.name]
    elif not items:
        above.pop(step.name, None)
    return True
