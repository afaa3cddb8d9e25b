"""Rules that begin with the same steps are run together: the way there is gone once, and nothing is done if it is shut.

Half of a format's rules speak of parts that a given document has not got. A branch that leads nowhere skips all of its
rules at once; where a rule demands something, or the document is not shaped as expected, every rule goes its own way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby

from mappings.engine.passage import Move, Passage
from mappings.engine.paths import Path, Step
from mappings.engine.rules import Rule
from mappings.engine.straight import plain
from mappings.engine.trees import Node, Trail


def reading(rules: list[Rule], compiled: Callable[[Rule, Rule], Move]) -> tuple[Move, ...]:
    """Return the reading of rules; ``compiled`` makes one rule's closure, from the rule as it is run and as it stands.

    Their order is kept: only neighbours are run together.
    """
    return tuple(_branches([(rule, rule) for rule in rules], compiled, _their_step, _below_theirs, ours=False))


def writing(rules: list[Rule], compiled: Callable[[Rule, Rule], Move]) -> tuple[Move, ...]:
    """Return the writing of rules; see :func:`reading`."""
    return tuple(_branches([(rule, rule) for rule in rules], compiled, _our_step, _below_ours, ours=True))


Pair = tuple[Rule, Rule]
"""A rule as it is run from where a branch has led, and as it stands in its file."""


def _branches(
    pairs: list[Pair],
    compiled: Callable[[Rule, Rule], Move],
    step: Callable[[Rule], str],
    below: Callable[[Rule], Rule],
    *,
    ours: bool,
) -> Iterator[Move]:
    for name, group in groupby(pairs, key=lambda pair: step(pair[0])):
        members = list(group)
        apart = tuple(compiled(run, stands) for run, stands in members)
        if not name or len(members) == 1:
            yield from apart
            continue
        inner = tuple(_branches([(below(run), stands) for run, stands in members], compiled, step, below, ours=ours))
        demanding = any(_demands(run) for run, _ in members)
        yield (_ours if ours else _theirs)(name, inner, apart, demanding=demanding)


def _demands(rule: Rule) -> bool:
    return rule.need or (bool(rule.each) and any(_demands(inner) for inner in rule.rules))


def _their_step(rule: Rule) -> str:
    return _first(rule.theirs)


def _our_step(rule: Rule) -> str:
    return _first(rule.each or rule.ours)


def _first(path: Path) -> str:
    return path[0].name if len(path) > 1 and plain(path[:1]) else ""


def _below_theirs(rule: Rule) -> Rule:
    return replace(rule, theirs=rule.theirs[1:])


def _below_ours(rule: Rule) -> Rule:
    if rule.each:
        return replace(rule, each=rule.each[1:])
    return replace(rule, ours=rule.ours[1:], above=(*rule.above, Step((rule.ours[0].name,))))


def _theirs(name: str, inner: tuple[Move, ...], apart: tuple[Move, ...], *, demanding: bool) -> Move:
    def move(ours: Node, our_trail: Trail, theirs: Node, their_trail: Trail, passage: Passage) -> None:
        node = theirs.get(name)
        position = -1
        if type(node) is list and len(node) == 1:
            node, position = node[0], 0
        if type(node) is dict:
            trail = (their_trail, node, name, position)
            for each in inner:
                each(ours, our_trail, node, trail, passage)
        elif node is not None or demanding:
            for each in apart:
                each(ours, our_trail, theirs, their_trail, passage)

    return move


def _ours(name: str, inner: tuple[Move, ...], apart: tuple[Move, ...], *, demanding: bool) -> Move:
    def move(ours: Node, our_trail: Trail, theirs: Node, their_trail: Trail, passage: Passage) -> None:
        node = ours.get(name)
        if type(node) is dict:
            trail = (our_trail, node, name, -1)
            for each in inner:
                each(node, trail, theirs, their_trail, passage)
        elif node is not None or demanding:
            for each in apart:
                each(ours, our_trail, theirs, their_trail, passage)

    return move
