import uuid

import pytest

from gateway.clock import SystemClock, instant, seconds, uuid7


def test_an_instant_is_written_in_utc_with_milliseconds():
    assert instant(0) == "1970-01-01T00:00:00.000Z"
    assert instant(1_790_000_000.1254) == "2026-09-21T14:13:20.125Z"


def test_rounding_carries_into_the_next_second():
    assert instant(1.9999) == "1970-01-01T00:00:02.000Z"


def test_an_instant_is_read_back():
    assert seconds(instant(1_790_000_000.125)) == 1_790_000_000.125


def test_an_instant_without_an_offset_is_refused():
    with pytest.raises(ValueError, match="offset"):
        seconds("2026-09-21T14:13:20")


def test_an_id_is_a_uuid_of_version_seven_of_its_moment():
    made = uuid.UUID(uuid7(1_790_000_000.125, b"\xff" * 10))

    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == 1_790_000_000_125


def test_the_example_of_the_rfc_is_reproduced():
    """RFC 9562 appendix A.6."""
    random = (0xCC3 << 64 | 0x18C4DC0C0C07398F).to_bytes(10, "big")

    assert uuid7(1_645_557_742.0, random) == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"


def test_new_ids_differ():
    clock = SystemClock()

    assert len({clock.new_id() for _ in range(1000)}) == 1000
    assert clock.monotonic() <= clock.monotonic()
    assert clock.now() > 1_700_000_000
