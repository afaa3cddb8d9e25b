"""One document of a format: its rules, how it is recognised, and what it leaves out on purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TypeAlias

from mappings.engine.compile import Program
from mappings.engine.converters import Converter
from mappings.engine.finders import Finder, finder, leads
from mappings.engine.generated.program import Generated
from mappings.engine.passage import Passage
from mappings.engine.paths import Path
from mappings.engine.rules import Rule
from mappings.engine.schema import Check
from mappings.engine.trees import Node, root
from mappings.labels import Node as Model
from mappings.plain import plain

Reason: TypeAlias = Callable[[str], str | None]
"""From a generic path to why it is left out, or ``None``."""


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a format, compiled."""

    name: str
    model: type[Model]
    """Record, Referral or Reply."""
    recognise: tuple[Path, ...]
    """Their paths, all of which lead somewhere in a document of this kind."""
    writes_when: tuple[Path, ...]
    """Our paths, all of which lead somewhere in a value that is written as this document."""
    rules: tuple[Rule, ...]
    program: Program
    generated: Generated
    schema: Check | None
    schema_reads: bool
    """Documents are judged by the schema on reading too, not only on writing."""
    drops: dict[str, str]
    """Our paths (patterns) the format cannot or must never hold, with the reason."""
    structure: dict[str, str] = field(default_factory=dict)
    """Their paths (patterns) that carry no value of ours: envelopes, references between parts."""
    writes: bool = True
    reads: bool = True
    writes_unless: tuple[Path, ...] = ()
    """Our paths, none of which leads anywhere in a value that is written as this document."""
    converters: Mapping[int, Converter] = field(default_factory=dict, repr=False, compare=False)
    """The converter of each value rule, by the rule's identity; for tests and for mapping authors."""

    _signs: tuple[Finder, ...] = field(init=False, repr=False, compare=False)
    """The ways along :attr:`recognise`."""
    _dropping: Reason = field(init=False, repr=False, compare=False)
    _structural: Reason = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_signs", tuple(finder(path) for path in self.recognise))
        object.__setattr__(self, "_dropping", reasons(self.drops))
        object.__setattr__(self, "_structural", reasons(self.structure))

    def matches(self, tree: Node) -> bool:
        """Tell whether a tree on their side is a document of this kind."""
        return self.reads and all(find(tree, root(tree)) for find in self._signs)

    def can_write(self, value: Model) -> bool:
        """Tell whether a value of ours is written as this document."""
        if not self.writes or self.model is not type(value):
            return False
        told = self.generated.can_write(value)
        return self._suits(plain(value)) if told is None else told

    def _suits(self, tree: Node) -> bool:
        excluded = any(leads(tree, path) for path in self.writes_unless)
        return not excluded and all(leads(tree, path) for path in self.writes_when)

    def drop_reason(self, path: str) -> str | None:
        """Return why one of our leaves (a generic path) is not carried, or ``None`` if nothing was decided."""
        return self._dropping(path)

    def structural(self, path: str) -> str | None:
        """Return why one of their leaves carries no value of ours, or ``None``."""
        return self._structural(path)

    def read(self, tree: Node, ours: Node, passage: Passage) -> None:
        """Run the reading rules from a tree of theirs into one of ours."""
        ours_at, theirs_at = root(ours), root(tree)
        for move in self.program.read:
            move(ours, ours_at, tree, theirs_at, passage)

    def write(self, ours: Node, tree: Node, passage: Passage) -> None:
        """Run the writing rules from a tree of ours into one of theirs."""
        ours_at, theirs_at = root(ours), root(tree)
        for move in self.program.write:
            move(ours, ours_at, tree, theirs_at, passage)


def reasons(patterns: Mapping[str, str]) -> Reason:
    """Return what finds the reason of the first pattern a path fits; what was asked is remembered, within bounds."""
    rows = tuple((pattern.replace("[]", "[[]]"), reason) for pattern, reason in patterns.items())

    @lru_cache(maxsize=4_096)
    def reason(path: str) -> str | None:
        return next((said for pattern, said in rows if fnmatchcase(path, pattern)), None)

    return reason
