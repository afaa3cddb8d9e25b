"""Codes of police documents (formats/police.md B1)."""

from __future__ import annotations

from enum import StrEnum


class ReportKind(StrEnum):
    """What kind of police document it is."""

    FIR = "FIR"
    """First information report of a cognizable offence (CrPC 154)."""
    FIR_UPDATE = "FIR_UPDATE"
    NC_REPORT = "NC_REPORT"
    """Non-cognizable report (CrPC 155): a diary entry, no number."""
    MISSING_CHILD = "MISSING_CHILD"
    FINAL_REPORT = "FINAL_REPORT"
    CANCELLATION = "CANCELLATION"


class Tier(StrEnum):
    """Disclosure tier (formats/police.md A5): T0 investigators, T1 the child's officer, T2 services, T3 statistics."""

    T0 = "T0"
    T1 = "T1"
    T2 = "T2"
    T3 = "T3"


class LegalRoute(StrEnum):
    """Under which provision it was registered."""

    CRPC_154 = "CRPC_154"
    CRPC_155 = "CRPC_155"
    CRPC_157 = "CRPC_157"
    CRPC_22A = "CRPC_22A"
    ZARRA_8 = "ZARRA_8"


class Precision(StrEnum):
    """How exactly the time of the occurrence is known."""

    EXACT = "EXACT"
    DAY = "DAY"
    APPROX = "APPROX"
    RANGE = "RANGE"
    UNKNOWN = "UNKNOWN"


class InformationMode(StrEnum):
    """How the information reached the police."""

    WRITTEN = "WRITTEN"
    ORAL = "ORAL"
    PHONE_15 = "PHONE_15"
    CMS = "CMS"
    COURT = "COURT"
    POLICE_SUO_MOTU = "POLICE_SUO_MOTU"


class Direction(StrEnum):
    """Direction of the place from the police station."""

    N = "N"
    NE = "NE"
    E = "E"
    SE = "SE"
    S = "S"
    SW = "SW"
    W = "W"
    NW = "NW"


class Language(StrEnum):
    """Languages a report is written in."""

    UR = "ur"
    EN = "en"
    SD = "sd"
    PS = "ps"
    PA = "pa"


class OffenceCategory(StrEnum):
    """What an offence means for child protection (formats/police.md C)."""

    PHYS = "PHYS"
    SEXUAL = "SEXUAL"
    LABOUR = "LABOUR"
    TRAFFICKING = "TRAFFICKING"
    MARRIAGE = "MARRIAGE"
    NEGLECT = "NEGLECT"
    MISSING = "MISSING"
    ONLINE = "ONLINE"
    CRUELTY = "CRUELTY"
    CICL = "CICL"
    HOMICIDE = "HOMICIDE"
    AUX = "AUX"
    """Says how an offence was committed (34, 109, 511 …), not which harm."""
    PROC = "PROC"
    UNMAPPED = "UNMAPPED"
    """The table does not know the section: a person must look at it."""


class OffenceChange(StrEnum):
    """How a section came to differ from the original report (جرم ایزاد / حذف)."""

    ADDED = "ADDED"
    DELETED = "DELETED"


class OfficialRole(StrEnum):
    """What an officer does in the case."""

    REGISTERING = "REGISTERING"
    INVESTIGATING = "INVESTIGATING"
    SHO = "SHO"


class CaseStage(StrEnum):
    """How far the police case is (پوزیشن مقدمہ)."""

    REGISTERED = "REGISTERED"
    UNDER_INVESTIGATION = "UNDER_INVESTIGATION"
    CHALLAN_INTERIM = "CHALLAN_INTERIM"
    CHALLAN_COMPLETE = "CHALLAN_COMPLETE"
    CHALLAN_512 = "CHALLAN_512"
    """Challan against an absconder (CrPC 512)."""
    UNTRACED = "UNTRACED"
    CANCELLED = "CANCELLED"
    TRANSFERRED = "TRANSFERRED"
    UNDER_TRIAL = "UNDER_TRIAL"
    DISPOSED = "DISPOSED"


class RelatedKind(StrEnum):
    """How another report belongs to this one."""

    CROSS_VERSION = "CROSS_VERSION"
    TRANSFERRED_FROM = "TRANSFERRED_FROM"
    DUPLICATE_OF = "DUPLICATE_OF"
    CMS_ETAG = "CMS_ETAG"
    COURT_ORDER = "COURT_ORDER"
    ZARRA = "ZARRA"


class DisclosureBasis(StrEnum):
    """On what authority a protected identity is disclosed (PPC 376-A, Anti-Rape Act 26)."""

    IO_GOOD_FAITH = "IO_GOOD_FAITH"
    VICTIM_CONSENT = "VICTIM_CONSENT"
    NEXT_OF_KIN = "NEXT_OF_KIN"
    COURT_ORDER = "COURT_ORDER"
