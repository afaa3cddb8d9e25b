"""What the register's result codes say (formats/nadra.md 2.2, 7.4 and 7.5).

A code outside this table is refused: it is never read as a success, nor as "not found".
"""

from __future__ import annotations

from typing import NamedTuple

from mappings.vocabulary import Reason, ReplyKind, State


class Outcome(NamedTuple):
    """One result code."""

    message: str
    """The register's own sentence; an answer with these words says no more than its code."""
    name: str
    """The outcome of the table in 7.5, in kebab-case."""
    kind: ReplyKind
    state: State | None
    """None where the referral's state does not change: the same request may be tried again."""
    reason: Reason | None = None


def _refused(message: str, name: str, reason: Reason) -> Outcome:
    return Outcome(message, name, ReplyKind.REJECT, State.REJECTED, reason)


def _later(message: str, name: str, reason: Reason | None = None) -> Outcome:
    return Outcome(message, name, ReplyKind.INFORM, None, reason)


OUTCOMES: dict[str, Outcome] = {
    "100": Outcome("successful", "accepted", ReplyKind.ACKNOWLEDGE, State.ACKNOWLEDGED),
    "104": _later("invalid session id", "session"),
    "106": _refused("invalid franchisee id", "forbidden", Reason.OTHER),
    "107": _refused("invalid citizen number", "invalid-request", Reason.INCOMPLETE),
    "108": _later("service down", "upstream-down"),
    "109": _later("exception", "upstream-down"),
    "115": _refused("invalid transaction id", "invalid-request", Reason.INCOMPLETE),
    "142": _refused("cnic does not exist", "not-found", Reason.IDENTITY_NOT_FOUND),
    "151": _refused("no request found for citizen or transaction", "not-found", Reason.IDENTITY_NOT_FOUND),
    "175": _refused("transaction id already exist", "duplicate", Reason.DUPLICATE),
    "184": _refused("invalid area name", "invalid-request", Reason.INCOMPLETE),
    "201": _later("session expired", "session"),
    "300": _later("not allowed after office hours and on holidays", "deferred", Reason.NO_CAPACITY),
    "317": _later("total quota exhausted", "deferred", Reason.NO_CAPACITY),
    "318": _later("daily quota exhausted", "deferred", Reason.NO_CAPACITY),
    "901": _refused("no registration found", "not-found", Reason.IDENTITY_NOT_FOUND),
    "902": Outcome("too many candidates", "ambiguous", ReplyKind.ASK, State.INFO_NEEDED, Reason.IDENTITY_CONFLICT),
    "903": _refused("registration cancelled", "cancelled", Reason.OTHER),
    "904": _refused("purpose or authority missing", "forbidden", Reason.NOT_ELIGIBLE),
    "905": _refused("mismatch", "mismatch", Reason.IDENTITY_MISMATCH),
    "906": _refused("date of birth not usable", "invalid-request", Reason.INCOMPLETE),
    "908": _refused("identifier type not supported", "invalid-request", Reason.INCOMPLETE),
    "910": _refused("document invalid", "invalid-request", Reason.INCOMPLETE),
}
"""Every code the register answers with; 907 and 909 are findings of the gateway and never stand in an answer."""

SUCCESS = "100"
MESSAGES = frozenset(outcome.message for outcome in OUTCOMES.values())
