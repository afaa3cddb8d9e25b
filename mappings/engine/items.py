"""``each``: the items of a list, or the inside of an object, on both sides.

An item that one ``each`` has taken is offered to no other over the same list; an item into which no rule put anything
is taken back, as if it had never been begun.
"""

from __future__ import annotations

from mappings.engine.paths import Step
from mappings.engine.rules import Rule
from mappings.engine.sides import Move, Sides, single
from mappings.engine.trees import Node, Shape, Trail, find


def read_each(rule: Rule, moves: tuple[Move, ...]) -> Move:
    """Return the reading of an ``each`` whose inner rules are compiled."""
    taken = rule.theirs[-1].listed

    def move(s: Sides) -> None:
        for hit in single(list(find(s.theirs, rule.theirs, s.their_trail)), rule.theirs, s.account):
            if not isinstance(hit.value, dict) or (taken and not s.account.spend(hit.value)):
                continue
            above, trail = s.our_shape.node(s.ours, rule.each[:-1], s.our_trail)
            before = (len(s.account.lines), len(s.our_shape.made))
            node, here = _open(s.our_shape, above, rule.each[-1], trail)
            for inner in moves:
                inner(s._replace(ours=node, our_trail=here, theirs=hit.value, their_trail=hit.trail))
            if not _taken_back(s, s.our_shape, above, rule.each[-1], before):
                s.account.selectors(rule.id or "each", hit, rule.theirs, ours=False)

    return move


def write_each(rule: Rule, moves: tuple[Move, ...]) -> Move:
    """Return the writing of an ``each`` whose inner rules are compiled."""
    last = rule.theirs[-1]

    def move(s: Sides) -> None:
        for hit in find(s.ours, rule.each, s.our_trail):
            if not isinstance(hit.value, dict) or id(hit.value) in s.account.spent:
                continue
            s.account.spend(hit.value)
            above, trail = s.their_shape.node(s.theirs, rule.theirs[:-1], s.their_trail)
            before = (len(s.account.lines), len(s.their_shape.made))
            node, here = _open(s.their_shape, above, last, trail)
            for inner in moves:
                inner(s._replace(ours=hit.value, our_trail=hit.trail, theirs=node, their_trail=here))
            if _taken_back(s, s.their_shape, above, last, before):
                s.account.spent.discard(id(hit.value))
                continue
            s.account.selectors(rule.id or "each", hit, rule.each, ours=True)
            if not last.listed:
                return

    return move


def _open(shape: Shape, above: Node, step: Step, trail: Trail) -> tuple[Node, Trail]:
    if step.listed or shape.xml:
        return shape.new_item(above, step, trail)
    return shape.node(above, (step,), trail)


def _taken_back(s: Sides, shape: Shape, above: Node, step: Step, before: tuple[int, int]) -> bool:
    """Take back an item into which no rule put anything; returns True if it was."""
    lines, made = before
    if len(s.account.lines) > lines:
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
