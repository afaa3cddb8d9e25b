"""The police side of a referral: report, offences, place and officers (formats/police.md B1).

An allegation is not a finding: what stands here is what was reported (R7). Accused, complainant and witnesses are
people of the record (``persons[]``).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mappings.dates import Day, Instant
from mappings.labels import Label, Node
from mappings.people import Phone
from mappings.text import Line, Prose, Short, Token
from mappings.vocabulary import Province

Inc = Label.INCIDENT


class Station(Node):
    """The police station where it was reported."""

    name: Annotated[Short | None, Inc] = None
    name_language: Annotated[Token | None, Inc] = None
    code: Annotated[Short | None, Inc] = None
    """The station's number in its own system, without the province."""
    district: Annotated[Short | None, Inc] = None
    province: Annotated[Province | None, Inc] = None
    beat: Annotated[Short | None, Inc] = None


class DiaryEntry(Node):
    """An entry in the daily diary (roznamcha); the hour of information and of entry may differ."""

    number: Annotated[Short | None, Inc] = None
    date: Annotated[Day | None, Inc] = None
    information_time: Annotated[Token | None, Inc] = None
    """``HH:MM``."""
    entry_time: Annotated[Token | None, Inc] = None
    """``HH:MM``."""


class Occurrence(Node):
    """When it happened, as far as that is known."""

    start: Annotated[Instant | None, Inc] = None
    end: Annotated[Instant | None, Inc] = None
    precision: Annotated[Token | None, Inc] = None
    """EXACT, DAY, APPROX, RANGE or UNKNOWN."""
    text: Annotated[Line | None, Inc] = None
    """The words of the source."""


class Scene(Node):
    """Where it happened."""

    address: Annotated[Line | None, Inc] = None
    direction: Annotated[Token | None, Inc] = None
    """N, NE, E, SE, S, SW, W or NW of the station."""
    direction_text: Annotated[Short | None, Inc] = None
    distance_km: Annotated[float | None, Field(ge=0, le=500), Inc] = None
    distance_text: Annotated[Short | None, Inc] = None
    outside_jurisdiction: Annotated[bool | None, Inc] = None


class Offence(Node):
    """One section of one act."""

    act: Annotated[Token | None, Inc] = None
    section: Annotated[Token | None, Inc] = None
    clause: Annotated[Token | None, Inc] = None
    categories: Annotated[tuple[Token, ...], Field(max_length=10), Inc] = ()
    """PHYS SEXUAL LABOUR TRAFFICKING MARRIAGE NEGLECT MISSING ONLINE CRUELTY CICL HOMICIDE AUX PROC UNMAPPED."""
    attempted: Annotated[bool | None, Inc] = None
    change: Annotated[Token | None, Inc] = None
    """ADDED or DELETED; absent for an original section."""
    change_date: Annotated[Day | None, Inc] = None


class Official(Node):
    """An officer of the case."""

    role: Annotated[Token | None, Inc] = None
    """REGISTERING, INVESTIGATING or SHO."""
    name: Annotated[Short | None, Inc] = None
    rank: Annotated[Short | None, Inc] = None
    belt: Annotated[Short | None, Inc] = None
    phone: Annotated[Phone | None, Inc] = None


class CaseStatus(Node):
    """How far the police case is."""

    code: Annotated[Token | None, Inc] = None
    """REGISTERED UNDER_INVESTIGATION CHALLAN_INTERIM CHALLAN_COMPLETE CHALLAN_512 UNTRACED CANCELLED TRANSFERRED
    UNDER_TRIAL DISPOSED."""
    date: Annotated[Day | None, Inc] = None
    text: Annotated[Short | None, Inc] = None


class RelatedReport(Node):
    """Another report this one belongs to."""

    kind: Annotated[Token | None, Inc] = None
    """CROSS_VERSION, TRANSFERRED_FROM, DUPLICATE_OF, CMS_ETAG, COURT_ORDER or ZARRA."""
    number: Annotated[Short | None, Inc] = None
    unit: Annotated[Short | None, Inc] = None


class Disclosure(Node):
    """By what authority a protected identity was disclosed (PPC 376-A, Anti-Rape Act 26)."""

    code: Annotated[Token | None, Inc] = None
    """IO_GOOD_FAITH, VICTIM_CONSENT, NEXT_OF_KIN or COURT_ORDER."""
    reference: Annotated[Short | None, Inc] = None
    date: Annotated[Day | None, Inc] = None


class Evidence(Node):
    """An attachment, by reference only."""

    sha256: Annotated[Token | None, Inc] = None
    media_type: Annotated[Token | None, Inc] = None
    category: Annotated[Token | None, Inc] = None


class MissingReport(Node):
    """A missing or abducted child and the two-hour alert (Zainab Alert Act 2020)."""

    last_seen_at: Annotated[Instant | None, Inc] = None
    last_seen_place: Annotated[Line | None, Inc] = None
    zarra_notified_at: Annotated[Instant | None, Inc] = None
    zarra_ref: Annotated[Short | None, Inc] = None
    found: Annotated[bool | None, Inc] = None


class Incident(Node):
    """What was reported to the police."""

    document: Annotated[Token | None, Inc] = None
    """FIR, FIR_UPDATE, NC_REPORT, MISSING_CHILD, FINAL_REPORT or CANCELLATION."""
    tier: Annotated[Token | None, Inc] = None
    """Disclosure tier of the source document, T0 to T3 (formats/police.md A5)."""
    number: Annotated[Short | None, Inc] = None
    """FIR number as printed, for example ``123/25``."""
    serial: Annotated[int | None, Field(ge=1, le=99_999), Inc] = None
    year: Annotated[int | None, Field(ge=1900, le=2200), Inc] = None
    system_serial: Annotated[Short | None, Inc] = None
    e_tag: Annotated[Short | None, Inc] = None
    book_number: Annotated[Short | None, Inc] = None
    registered_under: Annotated[Token | None, Inc] = None
    """CRPC_154, CRPC_155, CRPC_157, CRPC_22A or ZARRA_8."""
    station: Station | None = None
    diary: Annotated[tuple[DiaryEntry, ...], Field(max_length=20)] = ()
    occurred: Occurrence | None = None
    reported_at: Annotated[Instant | None, Inc] = None
    reported_text: Annotated[Short | None, Inc] = None
    dispatched_at: Annotated[Instant | None, Inc] = None
    dispatched_text: Annotated[Short | None, Inc] = None
    information_mode: Annotated[Token | None, Inc] = None
    """WRITTEN ORAL PHONE_15 CMS COURT POLICE_SUO_MOTU."""
    place: Scene | None = None
    offences_text: Annotated[Line | None, Inc] = None
    offences: Annotated[tuple[Offence, ...], Field(max_length=50)] = ()
    narrative: Annotated[Prose | None, Label.NARRATIVE] = None
    narrative_language: Annotated[Token | None, Label.NARRATIVE] = None
    narrative_redacted: Annotated[bool | None, Label.NARRATIVE] = None
    delay_hours: Annotated[float | None, Field(ge=0), Inc] = None
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
