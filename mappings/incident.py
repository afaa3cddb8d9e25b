"""The police side of a referral: report, offences, place and officers (formats/police.md B1).

An allegation is not a finding: what stands here is what was reported (R7). Accused, complainant and witnesses are
people of the record (``persons[]``).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from mappings.dates import Day, Instant
from mappings.labels import Label, Node
from mappings.people import Phone
from mappings.text import Line, Prose, Short
from mappings.vocabulary import Province
from mappings.vocabulary.police import (
    CaseStage,
    Direction,
    DisclosureBasis,
    InformationMode,
    Language,
    LegalRoute,
    OffenceCategory,
    OffenceChange,
    OfficialRole,
    Precision,
    RelatedKind,
    ReportKind,
    Tier,
)

Inc = Label.INCIDENT

StationCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,32}$")]
"""A station's number in its own system."""
Clock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
"""``HH:MM``, Pakistani time."""
FirNumber = Annotated[
    str, StringConstraints(pattern=r"^[0-9\u0660-\u0669\u06f0-\u06f9]{1,5}/([0-9\u0660-\u0669\u06f0-\u06f9]{2}){1,2}$")
]
"""``123/25`` as printed, in whatever digits."""
Act = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:/#-]{1,64}$")]
"""Key of an act in the offence table, for example ``PPC``."""
Section = Annotated[str, StringConstraints(pattern=r"^([0-9]{1,3}(-?[A-Z]{1,2})?|\*|-)$")]
"""``377-B``; ``*`` the act as a whole."""
Clause = Annotated[str, StringConstraints(pattern=r"^[0-9a-z]{1,6}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""SHA-256 in hexadecimal."""
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z]+/[a-z0-9.+-]{1,80}$")]
ComplaintTag = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,40}$")]
"""Tag of the complaint management system: opaque, holds slashes."""


class Station(Node):
    """The police station where it was reported."""

    name: Annotated[Short | None, Inc] = None
    name_language: Annotated[Language | None, Inc] = None
    code: Annotated[StationCode | None, Inc] = None
    """The station's number in its own system, without the province."""
    district: Annotated[Short | None, Inc] = None
    province: Annotated[Province | None, Inc] = None
    beat: Annotated[Short | None, Inc] = None


class DiaryEntry(Node):
    """An entry in the daily diary (roznamcha); the hour of information and of entry may differ."""

    number: Annotated[Short | None, Inc] = None
    date: Annotated[Day | None, Inc] = None
    information_time: Annotated[Clock | None, Inc] = None
    entry_time: Annotated[Clock | None, Inc] = None


class Occurrence(Node):
    """When it happened, as far as that is known."""

    start: Annotated[Instant | None, Inc] = None
    end: Annotated[Instant | None, Inc] = None
    precision: Annotated[Precision | None, Inc] = None
    text: Annotated[Line | None, Inc] = None
    """The words of the source."""


class Scene(Node):
    """Where it happened."""

    address: Annotated[Line | None, Inc] = None
    direction: Annotated[Direction | None, Inc] = None
    direction_text: Annotated[Line | None, Inc] = None
    distance_km: Annotated[float | None, Field(ge=0, le=500), Inc] = None
    distance_text: Annotated[Line | None, Inc] = None
    outside_jurisdiction: Annotated[bool | None, Inc] = None


class Offence(Node):
    """One section of one act."""

    act: Annotated[Act | None, Inc] = None
    section: Annotated[Section | None, Inc] = None
    clause: Annotated[Clause | None, Inc] = None
    categories: Annotated[tuple[OffenceCategory, ...], Field(max_length=10), Inc] = ()
    attempted: Annotated[bool | None, Inc] = None
    change: Annotated[OffenceChange | None, Inc] = None
    """Absent for an original section."""
    change_date: Annotated[Day | None, Inc] = None


class Official(Node):
    """An officer of the case."""

    role: Annotated[OfficialRole | None, Inc] = None
    name: Annotated[Short | None, Inc] = None
    rank: Annotated[Short | None, Inc] = None
    belt: Annotated[Short | None, Inc] = None
    phone: Annotated[Phone | None, Inc] = None


class CaseStatus(Node):
    """How far the police case is."""

    code: Annotated[CaseStage | None, Inc] = None
    date: Annotated[Day | None, Inc] = None
    text: Annotated[Line | None, Inc] = None


class RelatedReport(Node):
    """Another report this one belongs to."""

    kind: Annotated[RelatedKind | None, Inc] = None
    number: Annotated[Short | None, Inc] = None
    unit: Annotated[Short | None, Inc] = None


class Disclosure(Node):
    """By what authority a protected identity was disclosed (PPC 376-A, Anti-Rape Act 26)."""

    code: Annotated[DisclosureBasis | None, Inc] = None
    reference: Annotated[Short | None, Inc] = None
    date: Annotated[Day | None, Inc] = None


class Evidence(Node):
    """An attachment, by reference only."""

    sha256: Annotated[Digest | None, Inc] = None
    media_type: Annotated[MediaType | None, Inc] = None
    category: Annotated[Act | None, Inc] = None


class MissingReport(Node):
    """A missing or abducted child and the two-hour alert (Zainab Alert Act 2020)."""

    last_seen_at: Annotated[Instant | None, Inc] = None
    last_seen_place: Annotated[Line | None, Inc] = None
    zarra_notified_at: Annotated[Instant | None, Inc] = None
    zarra_ref: Annotated[Short | None, Inc] = None
    found: Annotated[bool | None, Inc] = None


class Incident(Node):
    """What was reported to the police."""

    document: Annotated[ReportKind | None, Inc] = None
    tier: Annotated[Tier | None, Inc] = None
    """Disclosure tier of the source document, T0 to T3 (formats/police.md A5)."""
    number: Annotated[FirNumber | None, Inc] = None
    """FIR number as printed, for example ``123/25``."""
    serial: Annotated[int | None, Field(ge=1, le=99_999), Inc] = None
    year: Annotated[int | None, Field(ge=1900, le=2200), Inc] = None
    system_serial: Annotated[Short | None, Inc] = None
    e_tag: Annotated[ComplaintTag | None, Inc] = None
    book_number: Annotated[Short | None, Inc] = None
    registered_under: Annotated[LegalRoute | None, Inc] = None
    station: Station | None = None
    diary: Annotated[tuple[DiaryEntry, ...], Field(max_length=20)] = ()
    occurred: Occurrence | None = None
    reported_at: Annotated[Instant | None, Inc] = None
    reported_text: Annotated[Line | None, Inc] = None
    dispatched_at: Annotated[Instant | None, Inc] = None
    dispatched_text: Annotated[Line | None, Inc] = None
    information_mode: Annotated[InformationMode | None, Inc] = None
    place: Scene | None = None
    offences_text: Annotated[Line | None, Inc] = None
    offences: Annotated[tuple[Offence, ...], Field(max_length=50)] = ()
    narrative: Annotated[Prose | None, Label.NARRATIVE] = None
    narrative_language: Annotated[Language | None, Label.NARRATIVE] = None
    narrative_redacted: Annotated[bool | None, Label.NARRATIVE] = None
    delay_hours: Annotated[float | None, Field(ge=0, le=1e6), Inc] = None
    delay_text: Annotated[Line | None, Inc] = None
    steps_taken: Annotated[Line | None, Inc] = None
    property_text: Annotated[Line | None, Inc] = None
    officials: Annotated[tuple[Official, ...], Field(max_length=20)] = ()
    status: CaseStatus | None = None
    related: Annotated[tuple[RelatedReport, ...], Field(max_length=20)] = ()
    disclosures: Annotated[tuple[Disclosure, ...], Field(max_length=10)] = ()
    missing: MissingReport | None = None
    medico_legal_ref: Annotated[Short | None, Inc] = None
    crisis_cell_ref: Annotated[Short | None, Inc] = None
    sealed: Annotated[bool | None, Inc] = None
    """The source says the report is sealed: a fact to carry, never a legal basis."""
    attachments: Annotated[tuple[Evidence, ...], Field(max_length=50)] = ()
