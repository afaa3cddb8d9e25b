"""What DCI's status words and reason codes say, and how the register's own result codes are said in them.

Sources: formats/nadra.md 5.1 (codes) and 7.5 (outcome map). A code outside these tables is refused: it is never read
as a success, nor as "not found".
"""

from __future__ import annotations

from typing import NamedTuple

from mappings.nadra_crms.outcomes import OUTCOMES
from mappings.vocabulary import Reason, ReplyKind, State


class Meaning(NamedTuple):
    """What one code says."""

    name: str
    """The outcome of the table in 7.5, in kebab-case."""
    kind: ReplyKind
    state: State | None = None
    """None where the referral's state does not change: the same request may be tried again."""
    reason: Reason | None = None


class Wire(NamedTuple):
    """How one code stands in a search response."""

    status: str
    reason: str = ""


def _refused(name: str, reason: Reason) -> Meaning:
    return Meaning(name, ReplyKind.REJECT, State.REJECTED, reason)


_INVALID = _refused("invalid-request", Reason.INCOMPLETE)
_DUPLICATE = _refused("duplicate", Reason.DUPLICATE)
_FORBIDDEN = _refused("forbidden", Reason.NOT_ELIGIBLE)
_AMBIGUOUS = Meaning("ambiguous", ReplyKind.ASK, State.INFO_NEEDED, Reason.IDENTITY_CONFLICT)
_LATER = Meaning("deferred", ReplyKind.INFORM)
_DOWN = Meaning("upstream-down", ReplyKind.INFORM)
_TAKEN = Meaning("received", ReplyKind.RECEIVE, State.DELIVERED)

STATUSES = {
    "rcvd": _TAKEN,
    "pdng": _LATER,
    "succ": _refused("not-found", Reason.IDENTITY_NOT_FOUND),
    "rjct": _refused("rejected", Reason.OTHER),
}
"""A status that stands alone in a response without a record: a success that brings nothing has found nothing."""

ACKNOWLEDGEMENTS = {"ACK": _TAKEN, "NACK": _refused("rejected", Reason.OTHER), "ERR": _DOWN}
"""An acknowledgement without an error code."""

REASONS: dict[str, Meaning] = {
    "rjct.version.invalid": _INVALID,
    "rjct.message_id.duplicate": _DUPLICATE,
    "rjct.message_ts.invalid": _INVALID,
    "rjct.action.invalid": _INVALID,
    "rjct.action.not_supported": _INVALID,
    "rjct.total_count.invalid": _INVALID,
    "rjct.total_count.limit_exceeded": _INVALID,
    "rjct.errors.too_many": _INVALID,
    "rjct.reference_id.invalid": _INVALID,
    "rjct.reference_id.duplicate": _DUPLICATE,
    "rjct.timestamp.invalid": _INVALID,
    "rjct.search_criteria.invalid": _INVALID,
    "rjct.filter.invalid": _INVALID,
    "rjct.sort.invalid": _INVALID,
    "rjct.pagination.invalid": _INVALID,
    "rjct.search.too_many_records_found": _AMBIGUOUS,
    "err.request.bad": _INVALID,
    "err.request.unauthorized": _FORBIDDEN,
    "err.request.forbidden": _FORBIDDEN,
    "err.request.not_found": _INVALID,
    "err.request.timeout": _DOWN,
    "err.request.too_many_requests": _LATER,
    "err.version.not_supported": _INVALID,
    "err.sender_id.invalid": _FORBIDDEN,
    "err.sender_uri.invalid": _INVALID,
    "err.receiver_id.invalid": _INVALID,
    "err.signature.missing": _FORBIDDEN,
    "err.signature.invalid": _FORBIDDEN,
    "err.encryption.invalid": _INVALID,
    "err.service.unavailable": _DOWN,
}
"""Every reason code of DCI's pages."""

_BY_OUTCOME = {
    "accepted": Wire("rcvd"),
    "not-found": Wire("succ"),
    "ambiguous": Wire("rjct", "rjct.search.too_many_records_found"),
    "invalid-request": Wire("rjct", "rjct.search_criteria.invalid"),
    "session": Wire("pdng"),
    "forbidden": Wire("rjct", "err.request.forbidden"),
    "duplicate": Wire("rjct", "rjct.reference_id.duplicate"),
    "deferred": Wire("pdng"),
    "upstream-down": Wire("rjct", "err.service.unavailable"),
    "cancelled": Wire("rjct"),
    "mismatch": Wire("rjct"),
}


def wire(code: str) -> Wire | None:
    """Return how a code, DCI's or the register's own, stands in a response; none for an unknown one."""
    if code in STATUSES:
        return Wire(code)
    if code in REASONS:
        return Wire("rjct", code)
    return _BY_OUTCOME[OUTCOMES[code].name] if code in OUTCOMES else None


def meaning(code: str) -> Meaning | None:
    """Return what a code, DCI's or the register's own, says; none for an unknown one."""
    if code in OUTCOMES:
        own = OUTCOMES[code]
        return Meaning(own.name, own.kind, own.state, own.reason)
    return STATUSES.get(code) or REASONS.get(code) or ACKNOWLEDGEMENTS.get(code)
