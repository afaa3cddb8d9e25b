"""What an HTTP status means for a delivery (reliability page 4.3), the same for every door."""

import re
from datetime import UTC
from email.utils import parsedate_to_datetime

from adapters.base import CREDENTIALS, PEER_PROTOCOL, Outcome, Refused, Unavailable, Unknown
from adapters.transport import Answer, Fault

LONGEST_WAIT = 86_400.0
"""The longest a Retry-After may make us wait, seconds."""

_BUSY = frozenset({408, 425, 429})


def judge_status(answer: Answer, now: float, code: str | None = None) -> Outcome:
    """Judge an answer by its status alone; a 2xx counts as Unknown, for only a receipt is a delivery.

    `code` is what the agency called its refusal, already checked; `now` is Unix seconds.
    """
    match answer.status // 100:
        case 3:
            return Unavailable(answer.status, "REDIRECTED", transport_fault=True)
        case 4:
            return _client_error(answer, now, code)
        case 5:
            wait = retry_after(answer, now)
            return Unavailable(answer.status, code or "UPSTREAM_DOWN", wait, transport_fault=True)
        case _:
            return Unknown(answer.flaw or PEER_PROTOCOL, answer.status)


def _client_error(answer: Answer, now: float, code: str | None) -> Outcome:
    status = answer.status
    if status in (401, 403):
        return Unavailable(status, CREDENTIALS, pause=True)
    if status == 410:
        return Unavailable(status, "GONE", pause=True)
    if status in _BUSY:
        return Unavailable(status, code or "BUSY", retry_after(answer, now))
    return Refused(status, code or f"HTTP_{status}")


def judge_fault(fault: Fault) -> Unavailable | Unknown:
    """Judge an exchange without an answer: ambiguous once the request may have been read."""
    if fault.sent:
        return Unknown(fault.code, transport_fault=True)
    return Unavailable(None, fault.code, transport_fault=True)


def retry_after(answer: Answer, now: float) -> float | None:
    """Read Retry-After (RFC 9110 section 10.2.3) to seconds from `now`, 0 to a day; None if unreadable."""
    text = answer.headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,12}", text):
        return min(float(text), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(aware.timestamp() - now, 0.0), LONGEST_WAIT)
