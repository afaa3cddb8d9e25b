"""The status map: our states, the Task's status and its businessStatus (formats/health.md 9.2).

The left column of the page is the canonical state machine; what a row names first is written, everything it names is
read. A Task whose two statuses contradict each other is refused, never interpreted.
"""

from __future__ import annotations

STATES: dict[str, str] = {
    "ready": "READY",
    "draft": "DRAFT",
    "submitted": "SENT",
    "delivered": "DELIVERED",
    "acknowledged": "ACKNOWLEDGED",
    "awaiting-information": "INFO_NEEDED",
    "accepted": "ACCEPTED",
    "declined": "REJECTED",
    "in-service": "IN_SERVICE",
    "held": "HELD",
    "completed": "COMPLETED",
    "not-completed": "NOT_COMPLETED",
    "feedback-accepted": "FEEDBACK_ACCEPTED",
    "closed": "CLOSED",
    "revoked": "REVOKED",
    "expired": "EXPIRED",
    "transferred": "TRANSFERRED",
    "delivery-failed": "DEAD_LETTER",
}
"""businessStatus code to our state, one to one."""
FINER: dict[str, str] = {
    "visit-scheduled": "in-service",
    "unattended": "in-service",
    "held-policy": "held",
    "held-identity": "held",
    "unmapped-peer-state": "held",
    "duplicate-of": "declined",
    "retracted": "revoked",
}
"""businessStatus codes that say more, and the state they are a case of."""
TASK_STATUS: dict[str, tuple[str, ...]] = {
    "ready": ("draft",),
    "draft": ("draft",),
    "submitted": ("requested",),
    "delivered": ("requested",),
    "acknowledged": ("received",),
    "awaiting-information": ("received", "on-hold"),
    "accepted": ("accepted",),
    "declined": ("rejected",),
    "in-service": ("in-progress",),
    "held": ("requested", "on-hold"),
    "completed": ("completed",),
    "not-completed": ("failed",),
    "feedback-accepted": ("completed",),
    "closed": ("completed",),
    "revoked": ("cancelled", "failed"),
    "retracted": ("entered-in-error",),
    "expired": ("cancelled",),
    "transferred": ("cancelled",),
    "delivery-failed": ("requested",),
}
"""Task.status beside a businessStatus: the first is written, every one is read."""
UNAMBIGUOUS: dict[str, str] = {
    "draft": "draft",
    "requested": "submitted",
    "received": "acknowledged",
    "accepted": "accepted",
    "rejected": "declined",
    "in-progress": "in-service",
    "completed": "completed",
    "failed": "not-completed",
}
"""What a Task.status alone says where no businessStatus stands; on-hold, cancelled and the rest could mean several."""
KIND_OF_STATE: dict[str, str] = {
    "delivered": "RECEIVE",
    "acknowledged": "ACKNOWLEDGE",
    "accepted": "ACCEPT",
    "declined": "REJECT",
    "awaiting-information": "ASK",
    "in-service": "PROGRESS",
    "completed": "COMPLETE",
    "not-completed": "FAIL",
    "revoked": "WITHDRAW",
    **dict.fromkeys(
        (
            "ready",
            "draft",
            "submitted",
            "held",
            "feedback-accepted",
            "closed",
            "expired",
            "transferred",
            "delivery-failed",
        ),
        "INFORM",
    ),
}
"""What an answer is, where it does not say so itself."""
ABORT: dict[str, str] = {
    **dict.fromkeys(("draft", "requested", "received", "ready", "accepted", "completed"), "revoked"),
    **dict.fromkeys(("rejected", "failed", "cancelled", "entered-in-error"), "in-service"),
}
"""Status of a Task with code abort, and the referral's state: asked or granted, it is revoked; refused, work goes on.

Work that has begun cannot be cancelled; the sender asks by a second Task (formats/health.md 2.2, 9.2, number 11).
"""
REASONS: dict[str, str] = {
    "no-capacity": "NO_CAPACITY",
    "out-of-area": "OUT_OF_AREA",
    "out-of-jurisdiction": "OUT_OF_AREA",
    "not-eligible": "NOT_ELIGIBLE",
    "duplicate": "DUPLICATE",
    "identity-not-found": "IDENTITY_NOT_FOUND",
    "identity-mismatch": "IDENTITY_MISMATCH",
    "wrong-service": "WRONG_SERVICE",
    "incomplete": "INCOMPLETE",
    "wrong-gender-school": "WRONG_GENDER_SCHOOL",
    "grade-not-offered": "GRADE_NOT_OFFERED",
    "over-age-use-alp": "OVER_AGE_USE_ALP",
    "school-closed": "SCHOOL_CLOSED",
    "duplicate-active-enrolment": "DUPLICATE_ACTIVE_ENROLMENT",
    "identity-conflict": "IDENTITY_CONFLICT",
    "other": "OTHER",
}
"""decline-reason code to our reason."""
EXPLAINED = frozenset({"rejected", "cancelled", "failed", "on-hold"})
"""Task statuses that must come with a reason in words."""


def label(code: str) -> str:
    """Return a kebab-case code as words, for the text R4 readers show: ``out-of-area`` becomes ``Out of area``."""
    return code.replace("-", " ").capitalize()
