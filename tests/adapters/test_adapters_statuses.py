import pytest

from adapters.base import Refused, Unavailable, Unknown
from adapters.statuses import judge_fault, judge_status, retry_after
from adapters.transport import Answer, Fault

NOW = 1_790_000_000.0
"""2026-09-21T14:13:20Z."""


def judged(status: int, code: str | None = None, **headers: str):
    return judge_status(Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}), NOW, code)


@pytest.mark.parametrize("status", [408, 425, 429])
def test_a_busy_agency_is_asked_again_without_blaming_its_line(status):
    assert judged(status) == Unavailable(status, "BUSY")


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 599])
def test_a_failing_agency_is_asked_again(status):
    assert judged(status) == Unavailable(status, "UPSTREAM_DOWN", transport_fault=True)


@pytest.mark.parametrize("status", [400, 402, 404, 405, 406, 409, 411, 412, 413, 414, 415, 422, 428, 431])
def test_what_the_agency_will_never_take_is_poison(status):
    assert judged(status) == Refused(status, f"HTTP_{status}", permanent=True)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_login_pauses_the_endpoint(status):
    assert judged(status) == Unavailable(status, "CREDENTIALS", pause=True)


def test_an_endpoint_that_is_gone_is_paused():
    assert judged(410) == Unavailable(410, "GONE", pause=True)


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308])
def test_a_redirect_is_a_failure_of_the_destination(status):
    assert judged(status) == Unavailable(status, "REDIRECTED", transport_fault=True)


@pytest.mark.parametrize("status", [200, 202, 204, 100, 199, 600, 999])
def test_a_status_alone_delivers_nothing(status):
    assert judged(status) == Unknown("PEER_PROTOCOL", status)


def test_the_agencys_own_code_is_kept():
    assert judged(422, "POL-E02") == Refused(422, "POL-E02")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0), ("5", 5.0), (" 120 ", 120.0), ("86400", 86400.0), ("86401", 86400.0), ("999999999999", 86400.0),
        ("Mon, 21 Sep 2026 14:14:20 GMT", 60.0), ("Mon, 21 Sep 2026 14:13:00 GMT", 0.0),
        ("Mon, 21 Sep 2026 19:14:20 +0500", 60.0), ("Mon, 21 Sep 2026 14:14:20 -0000", 60.0),
        ("Fri, 01 Jan 2100 00:00:00 GMT", 86400.0),
        ("-5", None), ("5.5", None), ("soon", None), ("", None), ("1e9", None), ("٥", None), ("9" * 40, None),
    ],
)  # fmt: skip
def test_retry_after_is_read_as_seconds_or_a_date_and_never_exceeds_a_day(value, seconds):
    assert retry_after(Answer(503, {"retry-after": value}), NOW) == seconds


def test_a_wait_that_was_asked_for_is_passed_on():
    assert judged(503, Retry_after="7").retry_after is None
    assert judge_status(Answer(503, {"retry-after": "7"}), NOW).retry_after == 7.0
    assert judge_status(Answer(429, {"retry-after": "7"}), NOW).retry_after == 7.0


def test_a_fault_is_ambiguous_only_after_sending():
    assert judge_fault(Fault("TIMEOUT", sent=True)) == Unknown("TIMEOUT", transport_fault=True)
    assert judge_fault(Fault("DNS", sent=False)) == Unavailable(None, "DNS", transport_fault=True)
