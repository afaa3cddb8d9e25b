"""The laws every mapping keeps, as functions of a mapping and a value (design: architecture.md section 4).

Tests run them over every mapping folder with random values; a mapping author runs them with ``raabta mappings check``.
Each returns the violations it found: an empty list means the law held.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from mappings.engine.converters import Coarse, Converter, Unfit
from mappings.engine.document import Document
from mappings.engine.errors import Refusal
from mappings.engine.finders import Finder, finder
from mappings.engine.findings import Severity
from mappings.engine.lineage import How, Translation
from mappings.engine.mapping import Mapping, Value, canonical
from mappings.engine.rules import Rule
from mappings.engine.trees import Hit, Node, dotted, leaf_places, render, root

_CARRIES = (How.CARRIED, How.CONSTANT, How.SELECTOR)


def _made_up(written: Translation[bytes], back: Translation[Value]) -> set[str]:
    """Return our paths of a reading that come from what was written coarsened or derived: no loss, and no gain."""
    inexact = {line.theirs for line in written.lines if line.how in (How.COARSENED, How.DERIVED)}
    paths = {line.ours for line in back.lines if line.theirs and line.theirs in inexact}
    items = {path[: path.rindex("]") + 1] for path in paths if "]" in path}
    real = {line.ours for line in back.lines if line.theirs and line.theirs not in inexact}
    hollow = {item for item in items if not any(path.startswith(item) for path in real)}
    return paths | {line.ours for line in back.lines if any(line.ours.startswith(item) for item in hollow)}


def carried(
    value: Value, translation: Translation[bytes], without: set[str] | frozenset[str] = frozenset()
) -> list[tuple[str, str]]:
    """Return the leaves that travelled unharmed by two-way rules, as sorted (generic path, value) pairs.

    Lists are compared as bags: the order of people or numbers says nothing.
    """
    paths = {line.ours for line in translation.lines if line.ours and line.how in _CARRIES and line.two_way}
    tree = canonical(value)
    return _pairs(hit for hit in leaf_places(tree, root(tree)) if _dotted(hit) in paths - without)


def _pairs(hits: Iterable[Hit]) -> list[tuple[str, str]]:
    return sorted((_generic(_dotted(hit)), json.dumps(hit.value, ensure_ascii=False)) for hit in hits)


def _dotted(hit: Hit) -> str:
    return dotted(hit.trail)


def _generic(path: str) -> str:
    return re.sub(r"\[\d+\]", "[]", path)


def round_trip(mapping: Mapping, value: Value) -> list[str]:
    """Law 1: what is written and read back equals the original on every leaf carried both ways."""
    written = mapping.write(value)
    (back,) = mapping.read(written.value)
    return _round(mapping, value, written, back)


def _round(mapping: Mapping, value: Value, written: Translation[bytes], back: Translation[Value]) -> list[str]:
    before = carried(value, written)
    try:
        again = mapping.writer.at_length(back.value, mapping.document_for(back.value), allow_partial=False)
    except Refusal as refusal:
        if any(finding.code != "CANNOT_WRITE" for finding in refusal.findings):
            return [f"what was read is not written again: {f.code} at {f.path}" for f in refusal.findings]
        # What makes the document this one did not travel, by its drops; what did travel must have arrived.
        tree = canonical(back.value)
        there = _pairs(leaf_places(tree, root(tree)))
        return [f"lost: {path}" for path, v in before if (path, v) not in there]
    after = carried(back.value, again)
    gained = carried(back.value, again, _made_up(written, back))
    missing = [f"lost: {path}" for path, v in before if (path, v) not in after]
    added = [f"appeared: {path}" for path, v in gained if (path, v) not in before]
    return missing + added


def stable(mapping: Mapping, data: bytes) -> list[str]:
    """Law 2: a golden sample in normal form is written again byte for byte."""
    (reading,) = mapping.read(data)
    return [] if mapping.write(reading.value).value == data else ["the sample is not in normal form"]


def valid(mapping: Mapping, value: Value) -> list[str]:
    """Law 3: what is written satisfies the format's own schema and rules (a defect raises)."""
    return _judged(mapping, mapping.write(value).value)


def _judged(mapping: Mapping, data: bytes) -> list[str]:
    return [f"{f.code} at {f.path}" for f in mapping.validate(data) if f.severity is Severity.ERROR]


def accounted(mapping: Mapping, value: Value) -> list[str]:
    """Law 4: every written value has a line, every value of ours a line or a drop; and the same on reading."""
    return _accounted(mapping, value, mapping.write(value))


def _accounted(mapping: Mapping, value: Value, written: Translation[bytes]) -> list[str]:
    explained = {line.theirs for line in written.lines}
    out = [render(hit.trail, xml=mapping.codec.xml) for hit in leaf_places(written.tree, root(written.tree))]
    silent = [f"no line for {path}" for path in out if path not in explained]
    tree = canonical(value)
    said = {line.ours for line in written.lines} | {drop.path for drop in written.dropped} | {"type"}
    unsaid = [_dotted(hit) for hit in leaf_places(tree, root(tree)) if _dotted(hit) not in said]
    return silent + [f"unaccounted: {path}" for path in unsaid]


def reading_accounted(mapping: Mapping, data: bytes) -> list[str]:
    """Law 4 on reading: every value of a document is a line, a leftover, or declared structure."""
    return [problem for reading in mapping.read(data) for problem in _reading_accounted(reading)]


def _reading_accounted(reading: Translation[Value]) -> list[str]:
    tree = canonical(reading.value)
    from_rules = {line.ours for line in reading.lines}
    problems = [
        f"{_dotted(hit)} came from nowhere"
        for hit in leaf_places(tree, root(tree))
        if _dotted(hit) not in from_rules and _dotted(hit) != "type"
    ]
    return problems if from_rules or reading.leftover else [*problems, "nothing was read"]


def faithful(document: Document, value: Value) -> list[str]:
    """Law 6: every converter reads back what it printed without loss, for each of a value's own leaves."""
    tree = canonical(value)
    return [
        f"{rule.id} does not read what it printed"
        for rule, find in _two_way(document)
        for found in find(tree, root(tree))
        if not reads_back(document.converters[id(rule)], found[2])
    ]


def _two_way(document: Document) -> Iterator[tuple[Rule, Finder]]:
    """Yield the rules for one leaf that speak from the root: inside an item, which item it is may decide the shape."""
    for rule in document.rules:
        if rule.ours and rule.two_way and rule.always is None and rule.theirs[-1].name != ".":
            yield rule, finder(rule.ours)


def reads_back(converter: Converter, value: Any) -> bool:
    """Tell whether a converter keeps law 6 for a value; what it refuses, or prints with a declared loss, it keeps."""
    try:
        printed = converter.print(value)
    except Unfit:
        return True
    try:
        return printed is None or isinstance(printed, Coarse) or bool(converter.parse(printed) == value)
    except Unfit:
        return False


def read_alike(mapping: Mapping, data: bytes) -> list[str]:
    """Law 7: the short way and the long way read alike: the same value and leftovers, or the short way gives up."""
    parsed, document = mapping.parse(data)
    trees = mapping.codec.split(parsed, document.name)
    return [problem for tree in trees for problem in tree_read_alike(mapping, tree, document)]


def tree_read_alike(mapping: Mapping, tree: Node, document: Document) -> list[str]:
    """Law 7 for one tree that a codec has made ready."""
    shortly = mapping.reader.shortly(tree, document, ())
    if shortly is None:
        return []
    try:
        return _readings_apart(shortly, mapping.reader.at_length(tree, document, ()))
    except Refusal as refusal:
        return [f"{finding.code} at {finding.path} is read shortly" for finding in refusal.findings]


def _readings_apart(shortly: Translation[Value], at_length: Translation[Value]) -> list[str]:
    alike = {
        "another value": _set(shortly.value) == _set(at_length.value),
        "other leftovers": shortly.leftover == at_length.leftover,
        "other warnings": shortly.warnings == at_length.warnings,
    }
    return [f"{what} when read shortly" for what, same in alike.items() if not same]


def _set(value: Value) -> Node:
    """Return what was given to a value, be it a default or not."""
    return value.model_dump(exclude_unset=True)


def written_alike(mapping: Mapping, value: Value) -> list[str]:
    """Law 7: the short way and the long way write alike: the same bytes and account, or the short way gives up."""
    document = mapping.document_for(value)
    shortly = mapping.writer.shortly(value, document)
    return _written_apart(mapping, value, document, shortly)[1] if shortly else []


def _written_apart(
    mapping: Mapping, value: Value, document: Document, shortly: Translation[bytes]
) -> tuple[Translation[bytes], list[str]]:
    """Return what is written at length, and what is otherwise shortly."""
    try:
        at_length = mapping.writer.at_length(value, document, allow_partial=False)
    except Refusal as refusal:
        found = [f"{finding.code} at {finding.path} {finding.ours} is written shortly" for finding in refusal.findings]
        return shortly, found
    alike = {
        "another document": shortly.value == at_length.value,
        "other drops": shortly.dropped == at_length.dropped,
        "other values": sorted(shortly.written) == sorted(at_length.written),
        "other warnings": shortly.warnings == at_length.warnings,
    }
    return at_length, [f"{what} when written shortly" for what, same in alike.items() if not same]


def examined(mapping: Mapping, document: Document, value: Value) -> list[str]:
    """Return every violation of the laws about one value, which is written and read back but once.

    Law 2 is about samples, law 5 about what a receiver is not granted; both have functions of their own.

    Raises:
        Refusal: the format cannot hold the value.
        MappingDefect: what was written breaks the format's own rules (law 3).
    """
    written, apart = _written_apart(mapping, value, document, mapping.write(value))
    found = [f"law 7: {problem}" for problem in apart]
    found += [f"law 4: {problem}" for problem in _accounted(mapping, value, written)]
    found += [f"law 6: {problem}" for problem in faithful(document, value)]
    return found + (_read_back(mapping, value, written) if document.reads else [])


def _read_back(mapping: Mapping, value: Value, written: Translation[bytes]) -> list[str]:
    """Return every violation of the laws about reading what was written, which writing has judged already (law 3)."""
    try:
        parsed, document = mapping.parse(written.value)
        (tree,) = mapping.codec.split(parsed, document.name)
        shortly = mapping.reader.shortly(tree, document, parsed.warnings)
        back = mapping.reader.at_length(tree, document, parsed.warnings)
    except Refusal as refusal:
        return [f"law 1: {finding.code} at {finding.path}" for finding in refusal.findings]
    found = [f"law 1: {problem}" for problem in _round(mapping, value, written, back)]
    found += [f"law 4: {problem}" for problem in _reading_accounted(back)]
    return found + [f"law 7: {problem}" for problem in (_readings_apart(shortly, back) if shortly else ())]
