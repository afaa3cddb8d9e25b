"""What RESPONSE_STATUS/CODE means for a delivery (formats/nadra.md 7.4, 7.5)."""

import re

from adapters.base import NOT_RECEIVED, Delivered, Outcome, Refused, Unavailable
from adapters.nadra.hours import until_open
from adapters.nadra.inner import InnerAnswer

MEDIA_TYPE = "application/vnd.raabta.crms+xml"
"""Of the inner answer, as its mapping knows it."""

NO_SUCH_REQUEST = "151"

_ANSWERED = frozenset({"100", "142", "151", "901", "902", "903", "905", "907"})
"""The registry has spoken; what it said is for the words to read."""

_INVALID = frozenset({"107", "115", "184", "906", "908", "909", "910"})
_SESSION = frozenset({"104", "201"})
_FORBIDDEN = frozenset({"106", "904"})
_DUPLICATE = "175"
_CLOSED = "300"
_QUOTA = frozenset({"317", "318"})
_DOWN = frozenset({"108", "109"})


def session_ended(answer: InnerAnswer) -> bool:
    """Tell whether the one silent retry is due."""
    return answer.code in _SESSION


def id_is_taken(answer: InnerAnswer) -> bool:
    """Tell whether the registry has seen this transaction id before, with this or another body."""
    return answer.code == _DUPLICATE


def judge(answer: InnerAnswer, status: int, transaction: str, now: float) -> Outcome:
    """Judge an answer by its code; `transaction` is the id we sent."""
    code = answer.code
    if code in _ANSWERED:
        named = answer.notification or transaction
        return Delivered(status, named, answer.document, MEDIA_TYPE)
    if code in _SESSION:
        return Unavailable(status, f"SESSION_{code}")
    if code == _CLOSED or code in _QUOTA:
        return Unavailable(status, f"DEFERRED_{code}", until_open(now, next_day=code in _QUOTA))
    if code in _DOWN:
        return Unavailable(status, f"UPSTREAM_DOWN_{code}", transport_fault=True)
    return _refused(code, status)


def judge_replay(answer: InnerAnswer, status: int, transaction: str, now: float) -> Outcome:
    """Judge the answer to GetLastResult: 151 says that the registry never got the request."""
    if answer.code == NO_SUCH_REQUEST:
        return Unavailable(status, NOT_RECEIVED)
    return judge(answer, status, transaction, now)


def _refused(code: str, status: int) -> Refused:
    if code in _INVALID:
        return Refused(status, f"INVALID_REQUEST_{code}")
    if code == _DUPLICATE:
        return Refused(status, f"DUPLICATE_{code}")
    # Neither is the document's fault: our authority, or a code nobody has told us about.
    if code in _FORBIDDEN:
        return Refused(status, f"FORBIDDEN_{code}", permanent=False)
    known = f"_{code}" if re.fullmatch(r"[0-9]{3}", code) else ""
    return Refused(status, f"UPSTREAM_UNKNOWN{known}", permanent=False)
