"""Codes of the civil register (formats/nadra.md 2.2 and 7.3)."""

from __future__ import annotations

from enum import StrEnum


class RegistrationStatus(StrEnum):
    """Legal state of an entry in the register of births."""

    REGISTERED = "REGISTERED"
    NOTIFIED = "NOTIFIED"
    CORRECTED = "CORRECTED"
    CANCELLED = "CANCELLED"


class RegistrationKind(StrEnum):
    """By which rules an entry was made."""

    NORMAL = "NORMAL"
    LATE = "LATE"
    ABANDONED = "ABANDONED"
    ADOPTED = "ADOPTED"
    FOREIGNER = "FOREIGNER"
    JAIL = "JAIL"
    ABROAD = "ABROAD"


class Area(StrEnum):
    """NADRA's area names, with its own spelling of Balochistan."""

    KPK = "KPK"
    FATA = "FATA"
    PUNJAB = "PUNJAB"
    SINDH = "SINDH"
    ISLAMABAD = "ISLAMABAD"
    GILGIT_BALTISTAN = "GILGIT_BALTISTAN"
    BALUCHISTAN = "BALUCHISTAN"
    AZAD_KASHMIR = "AZAD_KASHMIR"


class BirthplaceKind(StrEnum):
    """The kind of place a child was born in."""

    HOSPITAL = "HOSPITAL"
    HOME = "HOME"
    HEALTH_CENTER = "HEALTH_CENTER"
    OTHER = "OTHER"


class CertificateStage(StrEnum):
    """The stage of a child registration certificate, or the family form that came before it."""

    UNDER_3 = "UNDER_3"
    UNDER_10 = "UNDER_10"
    UNDER_18 = "UNDER_18"
    LEGACY_B_FORM = "LEGACY_B_FORM"
