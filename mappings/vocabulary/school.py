"""Codes about a pupil's place at a school (formats/school.md 4.2)."""

from __future__ import annotations

from enum import StrEnum


class BFormStatus(StrEnum):
    """What a school says of a pupil's B-Form; lacking one is no ground to refuse a child."""

    VERIFIED = "VERIFIED"
    UNVERIFIED = "UNVERIFIED"
    APPLIED = "APPLIED"
    NOT_AVAILABLE = "NOT_AVAILABLE"


class Shift(StrEnum):
    """When a school teaches; two shifts of one building are two schools."""

    MORNING = "MORNING"
    AFTERNOON = "AFTERNOON"
    BOTH = "BOTH"


class Medium(StrEnum):
    """Language of teaching: Urdu, English, Sindhi, Pashto, Balochi."""

    UR = "UR"
    EN = "EN"
    SD = "SD"
    PS = "PS"
    BAL = "BAL"
    OTHER = "OTHER"


class EntryType(StrEnum):
    """How a stay at a school began."""

    NEW = "NEW"
    TRANSFER = "TRANSFER"
    RE_ENTRY = "RE_ENTRY"
    PROMOTED = "PROMOTED"
    OTHER = "OTHER"


class ExitReason(StrEnum):
    """Why a stay at a school ended."""

    COMPLETED = "COMPLETED"
    DROPOUT = "DROPOUT"
    TRANSFER = "TRANSFER"
    WITHDRAWN = "WITHDRAWN"
    EXPELLED = "EXPELLED"
    DIED = "DIED"
    NO_SHOW = "NO_SHOW"
    INVALID = "INVALID"
    OTHER = "OTHER"


class EnrolmentStatus(StrEnum):
    """Where a stay at a school stands; admission and transfer have a pending state."""

    PENDING_ADMISSION = "PENDING_ADMISSION"
    CURRENT = "CURRENT"
    LEFT = "LEFT"
    TRANSFERRED = "TRANSFERRED"
    PENDING_TRANSFER = "PENDING_TRANSFER"
