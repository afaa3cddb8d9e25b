"""``always``: what every document of a kind says, and what reading a document of this kind means."""

from __future__ import annotations

from mappings.engine.account import selection
from mappings.engine.finders import finder
from mappings.engine.lineage import How, Note
from mappings.engine.passage import Move, Passage
from mappings.engine.rules import Rule
from mappings.engine.shapes import placer, put
from mappings.engine.trees import Node, Trail
from mappings.engine.values import missing, their_leaf, writer


def read_constant(rule: Rule, *, xml: bool) -> Move:
    """Return the reading of a constant: ours is told, theirs is demanded."""
    return _tell(rule, xml=xml) if rule.ours else _demand(rule, xml=xml)


def write_constant(rule: Rule, *, xml: bool) -> Move:
    """Return the writing of a constant: ours is implied by the document, theirs is stamped on it."""
    return _imply(rule, xml=xml) if rule.ours else _stamp(rule, xml=xml)


def _note(rule: Rule, *, xml: bool) -> Note:
    return Note(rule.id, "always", How.CONSTANT, xml, rule.two_way)


def _tell(rule: Rule, *, xml: bool) -> Move:
    reach, note = placer(rule.ours, xml=False), _note(rule, xml=xml)

    def tell(ours: Node, our_trail: Trail, _theirs: Node, _their_trail: Trail, passage: Passage) -> None:
        place = reach(passage.ours, ours, our_trail)
        put(place, rule.always)
        passage.account.line(note, place[3], None)

    return tell


def _demand(rule: Rule, *, xml: bool) -> Move:
    path, note = their_leaf(rule.theirs, xml=xml), _note(rule, xml=xml)
    find, one = finder(path), not any(step.many for step in path)
    select = selection(rule.id, path, ours=False, xml=xml)

    def demand(_ours: Node, _our_trail: Trail, theirs: Node, their_trail: Trail, passage: Passage) -> None:
        hits, account = find(theirs, their_trail), passage.account
        if one and len(hits) > 1:
            account.wrong("REPEATED", hits[1][3])
            hits = ()
        if not hits and rule.need and not rule.unless:
            account.wrong("MISSING_REQUIRED", missing(theirs, their_trail, rule.theirs))
        for hit in hits:
            account.touch(hit)
            if select:
                select(account, hit[3])
            if hit[2] == rule.always:
                account.line(note, None, hit[3])
            else:
                account.wrong("UNEXPECTED_VALUE", hit[3])

    return demand


def _imply(rule: Rule, *, xml: bool) -> Move:
    find, note = finder(rule.ours), _note(rule, xml=xml)

    def imply(ours: Node, our_trail: Trail, _theirs: Node, _their_trail: Trail, passage: Passage) -> None:
        for hit in find(ours, our_trail):
            if hit[2] == rule.always and passage.account.touch(hit):
                passage.account.line(note, hit[3], None)

    return imply


def _stamp(rule: Rule, *, xml: bool) -> Move:
    write, note = writer(their_leaf(rule.theirs, xml=xml), xml=xml), _note(rule, xml=xml)

    def stamp(_ours: Node, _our_trail: Trail, theirs: Node, their_trail: Trail, passage: Passage) -> None:
        for target in write(theirs, their_trail, rule.always, passage):
            passage.account.touch(target)
            passage.account.line(note, None, target[3])

    return stamp
