"""Codes of answers: states, kinds and reasons (formats/case-management.md 6.2, formats/school.md 4.4)."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """State of a referral (formats/case-management.md 6.2)."""

    DRAFT = "DRAFT"
    READY = "READY"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    INFO_NEEDED = "INFO_NEEDED"
    IN_SERVICE = "IN_SERVICE"
    COMPLETED = "COMPLETED"
    NOT_COMPLETED = "NOT_COMPLETED"
    FEEDBACK_ACCEPTED = "FEEDBACK_ACCEPTED"
    CLOSED = "CLOSED"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    HELD = "HELD"
    TRANSFERRED = "TRANSFERRED"
    DEAD_LETTER = "DEAD_LETTER"


class ReplyKind(StrEnum):
    """What a receiver says."""

    RECEIVE = "RECEIVE"
    ACKNOWLEDGE = "ACKNOWLEDGE"
    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    ASK = "ASK"
    PROGRESS = "PROGRESS"
    COMPLETE = "COMPLETE"
    FAIL = "FAIL"
    WITHDRAW = "WITHDRAW"
    INFORM = "INFORM"


class Reason(StrEnum):
    """Why a receiver says no, or what stands in the way (formats/case-management.md 6.2, formats/school.md 4.4)."""

    NO_CAPACITY = "NO_CAPACITY"
    OUT_OF_AREA = "OUT_OF_AREA"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    DUPLICATE = "DUPLICATE"
    IDENTITY_NOT_FOUND = "IDENTITY_NOT_FOUND"
    IDENTITY_MISMATCH = "IDENTITY_MISMATCH"
    WRONG_SERVICE = "WRONG_SERVICE"
    INCOMPLETE = "INCOMPLETE"
    WRONG_GENDER_SCHOOL = "WRONG_GENDER_SCHOOL"
    GRADE_NOT_OFFERED = "GRADE_NOT_OFFERED"
    OVER_AGE_USE_ALP = "OVER_AGE_USE_ALP"
    SCHOOL_CLOSED = "SCHOOL_CLOSED"
    DUPLICATE_ACTIVE_ENROLMENT = "DUPLICATE_ACTIVE_ENROLMENT"
    IDENTITY_CONFLICT = "IDENTITY_CONFLICT"
    OTHER = "OTHER"
