"""What one run of a mapping gave, reduced to what can be compared later: fields, drops, leftovers, refusals.

A snapshot can be kept as JSON with digests in place of values; ``tests/accounts/golden`` holds those of every sample.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from mappings.engine.findings import Finding
from mappings.engine.lineage import Translation
from mappings.engine.mapping import Value, canonical
from mappings.engine.places import place, without_positions
from mappings.engine.trees import dotted, leaf_places, render, root


class Direction(StrEnum):
    """Which half of a translation."""

    READ = "read"
    WRITE = "write"


class Field(NamedTuple):
    """One field: by which rules and converters it was made, and the values that stand there, as JSON."""

    rules: tuple[str, ...]
    values: tuple[str, ...]


class Snapshot(NamedTuple):
    """One translation. Fields are ours where it was read, theirs where it was written; no path has positions."""

    document: str
    fields: dict[str, Field]
    dropped: frozenset[str]
    leftover: frozenset[str]


class Run(NamedTuple):
    """What one run gave: a snapshot for each child, or the places and codes of a refusal."""

    snapshots: tuple[Snapshot, ...]
    refused: frozenset[tuple[str, str]]

    def digested(self) -> Run:
        """Return the run with a digest in place of the values of each field."""
        shots = (
            shot._replace(fields={p: Field(f.rules, (_digest(f.values),)) for p, f in shot.fields.items()})
            for shot in self.snapshots
        )
        return Run(tuple(shots), self.refused)

    def as_json(self) -> dict[str, Any]:
        """Return the run as JSON values."""
        shots = [
            {
                "document": shot.document,
                "fields": {path: [list(made.rules), list(made.values)] for path, made in sorted(shot.fields.items())},
                "dropped": sorted(shot.dropped),
                "leftover": sorted(shot.leftover),
            }
            for shot in self.snapshots
        ]
        return {"snapshots": shots, "refused": sorted(list(pair) for pair in self.refused)}

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> Run:
        """Return the run that :meth:`as_json` gave."""
        shots = (
            Snapshot(
                shot["document"],
                {path: Field(tuple(rules), tuple(values)) for path, (rules, values) in shot["fields"].items()},
                frozenset(shot["dropped"]),
                frozenset(shot["leftover"]),
            )
            for shot in said["snapshots"]
        )
        return cls(tuple(shots), frozenset((path, code) for path, code in said["refused"]))


@dataclass(frozen=True)
class Outcome:
    """What a mapping gave: translations, or the findings of a refusal."""

    translations: tuple[Translation[Any], ...] = ()
    refused: tuple[Finding, ...] = ()

    def run(self, direction: Direction) -> Run:
        """Return what can be compared of it."""
        shots = tuple(_snapshot(direction, translation) for translation in self.translations)
        return Run(shots, frozenset((place(f.path), f.code) for f in self.refused))


def _digest(values: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(values).encode()).hexdigest()[:16]


def _snapshot(direction: Direction, translation: Translation[Any]) -> Snapshot:
    rules: dict[str, set[str]] = {}
    for line in translation.lines:
        path = without_positions(line.ours) if direction is Direction.READ else place(line.theirs)
        if path:
            rules.setdefault(path, set()).add(f"{line.rule} {line.converter}".strip())
    values: dict[str, list[str]] = {}
    for path, value in _values(direction, translation):
        values.setdefault(path, []).append(json.dumps(value, ensure_ascii=False))
    return Snapshot(
        translation.document,
        {path: Field(tuple(sorted(rules.get(path, ()))), tuple(found)) for path, found in values.items()},
        frozenset(without_positions(drop.path) for drop in translation.dropped),
        frozenset(place(path) for path in translation.leftover),
    )


def _values(direction: Direction, translation: Translation[Any]) -> Iterator[tuple[str, Any]]:
    if direction is Direction.READ:
        value: Value = translation.value
        tree = canonical(value)
        yield from ((without_positions(dotted(hit.trail)), hit.value) for hit in leaf_places(tree, root(tree)))
        return
    xml = any(line.xml for line in translation.lines)
    tree = translation.tree
    yield from ((place(render(hit.trail, xml=xml)), hit.value) for hit in leaf_places(tree, root(tree)))
