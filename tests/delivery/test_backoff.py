import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.backoff import (
    EMERGENCY,
    LONGEST_RETRY_AFTER,
    NORMAL,
    RetryPolicy,
    next_delay,
)

STILL = RetryPolicy(steps=(5, 60, 300), max_attempts=6, jitter=0)


def test_each_failure_waits_its_step_and_the_last_step_repeats():
    assert [next_delay(STILL, made) for made in range(1, 7)] == [5, 60, 300, 300, 300, None]


def test_the_normal_schedule_gives_up_after_eleven_attempts_and_three_days():
    waits = [next_delay(NORMAL, made) for made in range(1, 11)]

    assert next_delay(NORMAL, 11) is None
    assert sum(NORMAL.steps) <= sum(wait or 0 for wait in waits) <= sum(NORMAL.steps) * 1.2
    assert 75 * 3600 < sum(NORMAL.steps) < 78 * 3600


def test_an_emergency_is_tried_every_minute_for_a_quarter_of_an_hour():
    first = EMERGENCY.steps[:17]

    assert first[:3] == (2, 10, 30)
    assert 14 * 60 <= sum(first) <= 16 * 60
    assert max(first) == 60
    assert EMERGENCY.alert_after == 120


def test_an_emergency_goes_on_as_long_as_a_normal_one():
    assert EMERGENCY.max_attempts == len(EMERGENCY.steps) + 1
    assert sum(EMERGENCY.steps) > sum(NORMAL.steps)


@given(made=st.integers(1, 10), asked=st.none() | st.floats(0, 10 * 86_400))
def test_it_is_never_earlier_than_asked_nor_more_than_a_day_later_than_scheduled(made, asked):
    wait = next_delay(NORMAL, made, asked)

    assert wait is not None
    assert wait >= min(asked or 0, LONGEST_RETRY_AFTER)
    assert NORMAL.steps[made - 1] <= wait <= NORMAL.longest


def test_a_scaled_policy_keeps_its_shape():
    quick = EMERGENCY.scaled(0.01)

    assert quick.steps[0] == pytest.approx(0.02)
    assert quick.alert_after == pytest.approx(1.2)
    assert quick.max_attempts == EMERGENCY.max_attempts


@pytest.mark.parametrize("wrong", [{"steps": ()}, {"steps": (-1,)}, {"max_attempts": 0}, {"jitter": -0.1}])
def test_a_policy_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValueError, match="retry policy"):
        RetryPolicy(**{"steps": (1,), "max_attempts": 2, **wrong})
