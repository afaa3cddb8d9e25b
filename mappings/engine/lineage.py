"""The account of a translation: which rule made which value from what, and what did not travel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, NamedTuple, Self, TypeVar, overload

from mappings.engine.findings import Finding
from mappings.engine.trees import Trail, dotted, render

T = TypeVar("T")


class How(StrEnum):
    """What became of a value. There is no "defaulted": a default would be an invention."""

    CARRIED = "carried"
    COARSENED = "coarsened"
    """Arrived with less detail than it had, as the mapping declares."""
    CONSTANT = "constant"
    """Stands in every document of this kind."""
    SELECTOR = "selector"
    """Says which item is meant; it selected the rule."""
    DERIVED = "derived"
    """Computed by a named rule from values that stand beside it."""


class Note(NamedTuple):
    """What all lines of one rule say alike."""

    rule: str
    converter: str
    how: How
    xml: bool
    """Their side is XML."""
    two_way: bool = True
    """The rule is used in both directions, so the round-trip law applies."""


class Line(NamedTuple):
    """One value's way from one side to the other."""

    note: Note
    our_trail: Trail | None
    their_trail: Trail | None

    @property
    def rule(self) -> str:
        """Id of the rule that made it."""
        return self.note.rule

    @property
    def converter(self) -> str:
        """Name of the converter, or empty."""
        return self.note.converter

    @property
    def how(self) -> How:
        """What became of the value."""
        return self.note.how

    @property
    def xml(self) -> bool:
        """Their side is XML."""
        return self.note.xml

    @property
    def two_way(self) -> bool:
        """The rule is used in both directions."""
        return self.note.two_way

    @property
    def ours(self) -> str:
        """Our path with indices, or empty."""
        return dotted(self.our_trail) if self.our_trail else ""

    @property
    def theirs(self) -> str:
        """Their path: XPath or JSON Pointer, or empty."""
        return render(self.their_trail, xml=self.note.xml) if self.their_trail else ""

    @property
    def our_value(self) -> Any:
        """Our value where it was read, or ``None`` where it was written."""
        return self.our_trail[1] if self.our_trail else None

    @property
    def their_value(self) -> Any:
        """Their value where it was read, or ``None`` where it was written."""
        return self.their_trail[1] if self.their_trail else None

    def as_json(self) -> dict[str, str]:
        """Return the line as reports print it."""
        return {
            "rule": self.rule,
            "ours": self.ours,
            "theirs": self.theirs,
            "converter": self.converter,
            "outcome": self.how.value,
        }


class Later(Sequence[T]):
    """A part of an account that is made when somebody first looks at it: most translations are never asked about."""

    def __init__(self, made: Callable[[], Iterable[T]], counted: Callable[[], int] | None = None) -> None:
        """Take what makes the part; it is called at most once. `counted` tells its length without making it."""
        self._made = made
        self._counted = counted

    @cached_property
    def _items(self) -> tuple[T, ...]:
        return tuple(self._made())

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...

    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items) if self._counted is None else self._counted()

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._items == tuple(other)

    def __hash__(self) -> int:
        return hash(self._items)


@dataclass(frozen=True, slots=True)
class Drop:
    """One of our leaves the format does not carry, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """One of our leaves a receiver was not given, and by which rule."""

    path: str
    label: str
    rule: str


@dataclass(frozen=True, slots=True)
class Translation(Generic[T]):
    """A value in another language, with the account of how it got there."""

    value: T
    format: str
    document: str
    """Which document of the format it is, for example ``reenrolment_request``."""
    digest: str
    """Digest of the mapping that made it."""
    lines: Sequence[Line] = ()
    """One for each value that travelled, or that every document of this kind holds."""
    leftover: Sequence[str] = ()
    """Their paths that no rule read."""
    dropped: Sequence[Drop] = ()
    withheld: tuple[Withheld, ...] = ()
    warnings: tuple[Finding, ...] = ()
    complete: bool = True
    """False when a demanded value is missing and that was allowed explicitly."""
    tree: Any = field(default=None, repr=False, compare=False)
    """The tree on their side; for tests and for the side-by-side view, never logged."""
    written: Sequence[str] = ()
    """Our paths that were written, one for each line about them; empty on reading."""

    @property
    def carried(self) -> int:
        """How many of our values were written; 0 on reading."""
        return len(self.written)

    def settled(self) -> Self:
        """Return the translation with its whole account made: later it would be made by what is then loaded."""
        for part in (self.lines, self.leftover, self.dropped, self.written):
            tuple(part)
        return self

    def report(self) -> dict[str, Any]:
        """Return the account without any value of the document."""
        return {
            "format": self.format,
            "document": self.document,
            "mapping": self.digest,
            "complete": self.complete,
            "lines": [line.as_json() for line in self.lines],
            "leftover": list(self.leftover),
            "dropped": [{"path": d.path, "reason": d.reason} for d in self.dropped],
            "withheld": [{"path": w.path, "label": w.label, "rule": w.rule} for w in self.withheld],
            "findings": [finding.as_json() for finding in self.warnings],
        }
