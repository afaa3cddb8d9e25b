"""A police report as the rules about disclosure and dates see it, whatever the syntax it came in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mappings.police.offences import CHILD_ONLY, lookup

SECRET = frozenset({"SEXUAL", "ONLINE", "TRAFFICKING"})
"""Categories whose victims are protected persons (formats/police.md R2)."""
CHILD_ROLES = frozenset({"VICTIM", "MISSING_CHILD", "CICL"})
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


@dataclass(frozen=True, slots=True)
class Party:
    """A person of the report."""

    path: str
    roles: tuple[str, ...]
    name: str = ""
    name_path: str = ""
    identity: tuple[str, ...] = ()
    """Paths of parentage, birth date, number, address, telephone."""
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

    def is_child(self, offences: tuple[Offended, ...]) -> bool:
        """Tell whether the person is a child the report is about (R1)."""
        if {"MISSING_CHILD", "CICL"} & set(self.roles):
            return True
        if "VICTIM" in self.roles:
            return self.minor or (self.age is None and not adults_only(offences))
        return bool(ACCUSED_ROLES & set(self.roles)) and self.minor


def adults_only(offences: tuple[Offended, ...]) -> bool:
    """Tell whether no section is known to protect children: never so while a section may."""
    rows = [lookup(o.act, o.section, o.clause) for o in offences if not o.deleted]
    return bool(rows) and all(row is not None and row.victim not in CHILD_ONLY | {"any"} for row in rows)


@dataclass(frozen=True, slots=True)
class Report:
    """What the rules need to know of a report."""

    path: str
    kind: str
    tier: str
    parties: tuple[Party, ...] = ()
    offences: tuple[Offended, ...] = ()
    offences_path: str = ""
    act_defaulted: bool = False
    number: str = ""
    number_path: str = ""
    serial: str = ""
    year: str = ""
    sent: At | None = None
    occurred: At | None = None
    precision: str = "EXACT"
    occurred_path: str = ""
    reported: At | None = None
    dispatched: At | None = None
    delay_explained: bool = False
    delay_path: str = ""
    narrative_path: str = ""
    authorities: tuple[tuple[str, str], ...] = ()
    """Disclosure authorities as (code, path)."""
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

    @property
    def secret(self) -> bool:
        """A section protects the identity of its victims."""
        return any(SECRET & set(offence.categories) for offence in self.alleged)

    def protected(self) -> frozenset[int]:
        """Return the positions of protected persons: victims of secret offences, accused children, their parents."""
        core = {
            index
            for index, party in enumerate(self.parties)
            if "CICL" in party.roles
            or (self.secret and {"VICTIM", "MISSING_CHILD"} & set(party.roles))
            or (ACCUSED_ROLES & set(party.roles) and party.minor)
        }
        return frozenset(core | {i for i, party in enumerate(self.parties) if core & set(party.parent_of)})
