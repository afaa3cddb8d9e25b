"""A police report as the rules about disclosure and dates see it, whatever the syntax it came in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

ACCUSED_ROLES = frozenset({"ACCUSED_NAMED", "ACCUSED_ARRESTED"})
ADULT = 18


@dataclass(frozen=True, slots=True)
class At:
    """A moment and where it stands in the document."""

    moment: datetime
    path: str


@dataclass(frozen=True, slots=True)
class Offended:
    """One section that is alleged, and where it stands."""

    act: str
    section: str
    clause: str
    categories: tuple[str, ...]
    path: str
    deleted: bool = False
    stated: bool = True
    """The document itself names the categories; otherwise they are the offence table's."""


@dataclass(frozen=True, slots=True)
class Authority:
    """On what authority a protected identity is disclosed."""

    code: str
    path: str
    day: date | None = None
    """When it was given."""


@dataclass(frozen=True, slots=True)
class Party:
    """A person of the report."""

    path: str
    roles: tuple[str, ...]
    name: str = ""
    name_path: str = ""
    identity: tuple[str, ...] = ()
    """Paths of parentage, birth date, number, address, telephone."""
    address: str = ""
    number: str = ""
    age: float | None = None
    """Lowest age the document allows, in years."""
    estimated: bool = False
    age_path: str = ""
    described: bool = False
    parent_of: tuple[int, ...] = ()
    """Positions of the parties this one is a parent of."""

    @property
    def minor(self) -> bool:
        """The age is stated and below 18."""
        return self.age is not None and self.age < ADULT

    @property
    def accused(self) -> bool:
        """Somebody known is accused."""
        return bool(ACCUSED_ROLES & set(self.roles))

    @property
    def in_conflict(self) -> bool:
        """A child accused, said so by role or by age."""
        return "CICL" in self.roles or (self.accused and self.minor)


@dataclass(frozen=True, slots=True)
class Station:
    """Where it was reported, and where the document says so."""

    province: str = ""
    code: str = ""
    name: str = ""
    district: str = ""
    path: str = ""
    name_path: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What the rules need to know of a report."""

    path: str
    kind: str
    tier: str
    level_path: str = ""
    """Where a dissemination level stands that is wider than the tier's."""
    parties: tuple[Party, ...] = ()
    offences: tuple[Offended, ...] = ()
    offences_path: str = ""
    act_defaulted: bool = False
    number: str = ""
    number_path: str = ""
    serial: str = ""
    year: str = ""
    station: Station = field(default_factory=Station)
    sent: At | None = None
    occurred: At | None = None
    precision: str = "EXACT"
    occurred_path: str = ""
    reported: At | None = None
    dispatched: At | None = None
    delay_explained: bool = False
    delay_path: str = ""
    place: str = ""
    """Address where it happened."""
    place_path: str = ""
    narrative_path: str = ""
    authorities: tuple[Authority, ...] = ()
    caregiver_accused: bool = False
    last_seen: bool = False
    missing: bool = False
    zarra: At | None = None
    zarra_path: str = ""
    status: str = ""
    status_path: str = ""
    sealed_path: str = ""

    @property
    def alleged(self) -> Iterator[Offended]:
        """The sections that were not taken back."""
        return (offence for offence in self.offences if not offence.deleted)

    def tie(self, one: int, other: int) -> str:
        """Return how two children belong together: siblings where one party is a parent of both."""
        shared = any({one, other} <= set(party.parent_of) for party in self.parties)
        return "SIBLING" if shared else "SAME_INCIDENT"
