"""Codes about people and where they are.

Sources: formats/police.md B1, formats/nadra.md 7.3, formats/case-management.md 5.3.
"""

from __future__ import annotations

from enum import StrEnum


class Sex(StrEnum):
    """Sex as the source recorded it; never derived from a number (formats/nadra.md 4)."""

    FEMALE = "FEMALE"
    MALE = "MALE"
    X = "X"
    UNKNOWN = "UNKNOWN"


class Relation(StrEnum):
    """What a person is to the child (formats/police.md B1 Association, formats/case-management.md 5.3)."""

    FATHER = "FATHER"
    MOTHER = "MOTHER"
    PARENT = "PARENT"
    STEP_FATHER = "STEP_FATHER"
    STEP_MOTHER = "STEP_MOTHER"
    STEP_PARENT = "STEP_PARENT"
    GRANDFATHER = "GRANDFATHER"
    GRANDMOTHER = "GRANDMOTHER"
    SIBLING = "SIBLING"
    UNCLE_AUNT = "UNCLE_AUNT"
    RELATIVE = "RELATIVE"
    GUARDIAN = "GUARDIAN"
    SPOUSE = "SPOUSE"
    TEACHER = "TEACHER"
    EMPLOYER = "EMPLOYER"
    NEIGHBOUR = "NEIGHBOUR"
    INSTITUTION = "INSTITUTION"
    STRANGER = "STRANGER"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class PersonRole(StrEnum):
    """The part a person plays in a document (formats/police.md B1 RoleCode, formats/nadra.md 7.3)."""

    GUARDIAN = "GUARDIAN"
    CAREGIVER = "CAREGIVER"
    COMPLAINANT = "COMPLAINANT"
    INFORMANT = "INFORMANT"
    REPORTER = "REPORTER"
    ACCUSED = "ACCUSED"
    ACCUSED_UNKNOWN = "ACCUSED_UNKNOWN"
    ACCUSED_ARRESTED = "ACCUSED_ARRESTED"
    WITNESS = "WITNESS"
    SURETY = "SURETY"
    APPLICANT = "APPLICANT"
    ATTENDANT = "ATTENDANT"
    STATE = "STATE"


class ChildRole(StrEnum):
    """The part the child plays in a police document (formats/police.md B1 RoleCode)."""

    VICTIM = "VICTIM"
    MISSING = "MISSING"
    IN_CONFLICT_WITH_LAW = "IN_CONFLICT_WITH_LAW"
    COMPLAINANT = "COMPLAINANT"
    WITNESS = "WITNESS"


class PersonStatus(StrEnum):
    """What is known of a parent (formats/nadra.md 7.3): never omitted, always said why."""

    DECLARED = "DECLARED"
    UNKNOWN = "UNKNOWN"
    ASSIGNED = "ASSIGNED"
    WITHHELD = "WITHHELD"
    DECEASED = "DECEASED"


class ContactRule(StrEnum):
    """Whether a person may be contacted about the child (formats/case-management.md 6.1)."""

    SAFE = "SAFE"
    UNSAFE = "UNSAFE"
    ONLY_VIA_WORKER = "ONLY_VIA_WORKER"


class TriState(StrEnum):
    """Yes, no, or not known; silence is not a no."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


class IdentifierStatus(StrEnum):
    """How far a number has been checked."""

    VERIFIED = "VERIFIED"
    UNVERIFIED = "UNVERIFIED"
    APPLIED = "APPLIED"
    NOT_AVAILABLE = "NOT_AVAILABLE"


class Parent(StrEnum):
    """How a Pakistani document ties a name to another: son, daughter or wife of (formats/police.md A7.6)."""

    SO = "SO"
    DO = "DO"
    WO = "WO"
    UNKNOWN = "UNKNOWN"


class AgeUnit(StrEnum):
    """Years or months."""

    Y = "Y"
    M = "M"


class AgeBasis(StrEnum):
    """On what an age rests (formats/police.md B1 PersonAgeMeasure)."""

    STATED = "STATED"
    BFORM = "BFORM"
    SCHOOL = "SCHOOL"
    OSSIFICATION = "OSSIFICATION"
    VISUAL = "VISUAL"


class Province(StrEnum):
    """Province or territory."""

    PB = "PB"
    SD = "SD"
    KP = "KP"
    BN = "BN"
    ICT = "ICT"
    GB = "GB"
    AJK = "AJK"


class Whereabouts(StrEnum):
    """Where the child is now (formats/police.md B1)."""

    HOME = "HOME"
    RELATIVE = "RELATIVE"
    HOSPITAL = "HOSPITAL"
    CPB_SHELTER = "CPB_SHELTER"
    POLICE_CUSTODY = "POLICE_CUSTODY"
    OBSERVATION_HOME = "OBSERVATION_HOME"
    MISSING = "MISSING"
    UNKNOWN = "UNKNOWN"


class CareArrangement(StrEnum):
    """Who looks after the child (formats/case-management.md 5.3)."""

    PARENTS = "PARENTS"
    STEP_PARENT = "STEP_PARENT"
    CUSTOMARY_CAREGIVER = "CUSTOMARY_CAREGIVER"
    ADULT_SIBLING = "ADULT_SIBLING"
    KINSHIP_CARE = "KINSHIP_CARE"
    FOSTER_CARE = "FOSTER_CARE"
    RESIDENTIAL_CARE = "RESIDENTIAL_CARE"
    KAFALA = "KAFALA"
    INDEPENDENT = "INDEPENDENT"
    CHILD_HEADED_HOUSEHOLD = "CHILD_HEADED_HOUSEHOLD"
    UNRELATED_ADULT = "UNRELATED_ADULT"
    NONE = "NONE"


class Displacement(StrEnum):
    """Displacement status (formats/case-management.md 5.3); reaches no police, school or register by default."""

    RESIDENT = "RESIDENT"
    IDP = "IDP"
    REFUGEE = "REFUGEE"
    STATELESS = "STATELESS"
    RETURNEE = "RETURNEE"
    FOREIGN_NATIONAL = "FOREIGN_NATIONAL"
    ASYLUM_SEEKER = "ASYLUM_SEEKER"


class Authority(StrEnum):
    """By what authority somebody has custody (formats/nadra.md 7.3 GUARDIAN)."""

    COURT = "COURT"
    ORPHANAGE_HEAD = "ORPHANAGE_HEAD"
    CPU = "CPU"
    RELATIVE = "RELATIVE"
