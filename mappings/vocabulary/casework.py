"""Codes of case work: agencies, concerns, services, consent.

Sources: formats/case-management.md 5 and 6, formats/school.md 4.3.
"""

from __future__ import annotations

from enum import StrEnum


class AgencyKind(StrEnum):
    """The five kinds of agency the gateway connects, and the MIS (formats/case-management.md 6.1)."""

    CIVIL_REG = "CIVIL_REG"
    POLICE = "POLICE"
    HEALTH = "HEALTH"
    EDUCATION = "EDUCATION"
    SOCIAL_WELFARE = "SOCIAL_WELFARE"
    MIS = "MIS"


class Priority(StrEnum):
    """How soon somebody must act: at once, within 24 hours, within 72 hours, routinely."""

    EMERGENCY = "EMERGENCY"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


class ConcernType(StrEnum):
    """Why the child is referred (formats/case-management.md 5.1)."""

    PHYSICAL_ABUSE = "PHYSICAL_ABUSE"
    EMOTIONAL_ABUSE = "EMOTIONAL_ABUSE"
    SEXUAL_VIOLENCE = "SEXUAL_VIOLENCE"
    SEXUAL_EXPLOITATION = "SEXUAL_EXPLOITATION"
    NEGLECT = "NEGLECT"
    ABANDONMENT = "ABANDONMENT"
    SEPARATED = "SEPARATED"
    TRAFFICKING_ABDUCTION = "TRAFFICKING_ABDUCTION"
    MISSING_CHILD = "MISSING_CHILD"
    CHILD_LABOUR = "CHILD_LABOUR"
    DOMESTIC_SERVITUDE = "DOMESTIC_SERVITUDE"
    BONDED_LABOUR = "BONDED_LABOUR"
    STREET_BEGGING = "STREET_BEGGING"
    CHILD_MARRIAGE = "CHILD_MARRIAGE"
    CONFLICT_WITH_LAW = "CONFLICT_WITH_LAW"
    DETENTION = "DETENTION"
    ARMED_GROUP = "ARMED_GROUP"
    NO_BIRTH_REGISTRATION = "NO_BIRTH_REGISTRATION"
    OUT_OF_SCHOOL = "OUT_OF_SCHOOL"
    HEALTH_OR_DISABILITY = "HEALTH_OR_DISABILITY"
    MENTAL_DISTRESS = "MENTAL_DISTRESS"
    PREGNANCY_CHILD_PARENT = "PREGNANCY_CHILD_PARENT"
    CHILD_HEADED_HOUSEHOLD = "CHILD_HEADED_HOUSEHOLD"
    HARMFUL_PRACTICE = "HARMFUL_PRACTICE"
    ONLINE_ABUSE = "ONLINE_ABUSE"
    DISPLACED_OR_REFUGEE = "DISPLACED_OR_REFUGEE"
    SUBSTANCE_USE = "SUBSTANCE_USE"
    OTHER = "OTHER"


class Verification(StrEnum):
    """Whether a concern is alleged or established; an allegation is not a finding (formats/police.md R7)."""

    SUSPECTED = "SUSPECTED"
    CONFIRMED = "CONFIRMED"


class RiskLevel(StrEnum):
    """Assessed risk (formats/case-management.md 3.2)."""

    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    NONE = "NONE"


class Service(StrEnum):
    """What the receiver is asked for (formats/case-management.md 5.2)."""

    SAFE_SHELTER = "SAFE_SHELTER"
    HEALTH_CARE = "HEALTH_CARE"
    MHPSS = "MHPSS"
    POLICE = "POLICE"
    LEGAL_AID = "LEGAL_AID"
    LIVELIHOOD = "LIVELIHOOD"
    CASE_MANAGEMENT = "CASE_MANAGEMENT"
    FAMILY_MEDIATION = "FAMILY_MEDIATION"
    FAMILY_REUNIFICATION = "FAMILY_REUNIFICATION"
    EDUCATION = "EDUCATION"
    NFI = "NFI"
    WASH = "WASH"
    CIVIL_REGISTRATION = "CIVIL_REGISTRATION"
    FOOD = "FOOD"
    FORENSIC_EXAM = "FORENSIC_EXAM"
    ALTERNATIVE_CARE = "ALTERNATIVE_CARE"
    SOCIAL_PROTECTION = "SOCIAL_PROTECTION"
    MISSING_CHILD_ALERT = "MISSING_CHILD_ALERT"
    OTHER = "OTHER"


class Action(StrEnum):
    """What exactly the receiver should do within the service."""

    LOOK_UP = "LOOK_UP"
    REGISTER = "REGISTER"
    VERIFY = "VERIFY"
    INVESTIGATE = "INVESTIGATE"
    PROTECT = "PROTECT"
    TRACE = "TRACE"
    RECOVER = "RECOVER"
    TREAT = "TREAT"
    EXAMINE = "EXAMINE"
    ENROL = "ENROL"
    ASSESS = "ASSESS"
    SHELTER = "SHELTER"
    CONTACT_FOCAL_POINT = "CONTACT_FOCAL_POINT"


class EnrolmentRequest(StrEnum):
    """The kind of help asked of a school (formats/school.md 4.3)."""

    RE_ENROL = "RE_ENROL"
    ENROL_NEW = "ENROL_NEW"
    TRANSFER_IN = "TRANSFER_IN"
    CATCH_UP = "CATCH_UP"
    KEEP_PLACE = "KEEP_PLACE"


class Support(StrEnum):
    """Support asked of a school (formats/school.md 4.3)."""

    FEE_WAIVER = "FEE_WAIVER"
    UNIFORM_BOOKS = "UNIFORM_BOOKS"
    STIPEND_BTW = "STIPEND_BTW"
    STIPEND_ZTP = "STIPEND_ZTP"
    TRANSPORT = "TRANSPORT"
    COUNSELLOR = "COUNSELLOR"
    ACCESSIBILITY = "ACCESSIBILITY"
    LANGUAGE_SUPPORT = "LANGUAGE_SUPPORT"


class SafetyRule(StrEnum):
    """A rule the receiver must keep (formats/school.md 4.3)."""

    NO_CONTACT_WITH_HOME = "NO_CONTACT_WITH_HOME"
    RELEASE_ONLY_TO_LISTED = "RELEASE_ONLY_TO_LISTED"
    NO_PHOTO_NO_PUBLICATION = "NO_PHOTO_NO_PUBLICATION"
    SEPARATE_FROM_SIBLING_SCHOOL = "SEPARATE_FROM_SIBLING_SCHOOL"
    HIDE_PREVIOUS_SCHOOL = "HIDE_PREVIOUS_SCHOOL"


class Document(StrEnum):
    """A paper that is at hand (formats/school.md 4.3)."""

    B_FORM = "B_FORM"
    BIRTH_CERT = "BIRTH_CERT"
    SLC = "SLC"
    RESULT_CARD = "RESULT_CARD"
    COURT_ORDER = "COURT_ORDER"
    NONE = "NONE"


class ConsentBasis(StrEnum):
    """On what basis the child's data is shared (formats/case-management.md 6.1)."""

    CONSENT = "CONSENT"
    ASSENT_PLUS_CONSENT = "ASSENT_PLUS_CONSENT"
    BEST_INTEREST = "BEST_INTEREST"
    MANDATORY_REPORT = "MANDATORY_REPORT"
    COURT_ORDER = "COURT_ORDER"
    VITAL_INTEREST = "VITAL_INTEREST"


class ConsentGiver(StrEnum):
    """Who gave the consent or took the decision."""

    CHILD = "CHILD"
    CAREGIVER = "CAREGIVER"
    CHILD_AND_CAREGIVER = "CHILD_AND_CAREGIVER"
    CASE_WORKER = "CASE_WORKER"
    COURT = "COURT"
    POLICE_OFFICER = "POLICE_OFFICER"
    HEALTH_WORKER = "HEALTH_WORKER"
    OTHER = "OTHER"


class Purpose(StrEnum):
    """For what a receiver may use the data (formats/case-management.md 6.4)."""

    REGISTER_BIRTH = "REGISTER_BIRTH"
    INVESTIGATE = "INVESTIGATE"
    TREAT = "TREAT"
    FORENSIC_EXAM = "FORENSIC_EXAM"
    ENROL = "ENROL"
    CASE_MANAGE = "CASE_MANAGE"
    TRACE_FAMILY = "TRACE_FAMILY"
    PAY_BENEFIT = "PAY_BENEFIT"
    REPORT_STATS = "REPORT_STATS"


class LinkKind(StrEnum):
    """How two referrals belong together (formats/case-management.md 6.1 Link)."""

    SAME_CHILD = "SAME_CHILD"
    SIBLING = "SIBLING"
    SAME_INCIDENT = "SAME_INCIDENT"
    DUPLICATE_OF = "DUPLICATE_OF"
    SUPERSEDES = "SUPERSEDES"
    NOT_SAME = "NOT_SAME"
