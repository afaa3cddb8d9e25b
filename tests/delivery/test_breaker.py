from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.breaker import Breaker, BreakerPolicy, Phase, admit, observe

POLICY = BreakerPolicy()


def after(outcomes: str, breaker: Breaker | None = None, now: float = 0.0) -> Breaker:
    """Return the breaker after S(uccesses) and F(aults)."""
    breaker = breaker or Breaker()
    for outcome in outcomes:
        breaker = observe(breaker, POLICY, now, fault=outcome == "F")
    return breaker


def test_four_faults_in_a_row_keep_it_closed_and_the_fifth_opens_it():
    assert after("FFFF").phase is Phase.CLOSED
    assert after("FFFFF").phase is Phase.OPEN


def test_half_of_the_last_twenty_opens_it():
    assert after("SSSSSSSSSS" + "FFFFSFFFFS").phase is Phase.CLOSED
    assert after("SSSSSSSSSS" + "FFFFSFFFFSFF").phase is Phase.OPEN


def test_old_faults_are_forgotten():
    assert after("FFFFSFFFFS" + "S" * 20 + "F").phase is Phase.CLOSED


def test_an_open_breaker_lets_nothing_through_until_its_time():
    breaker = after("FFFFF", now=100.0)

    assert admit(breaker, POLICY, 129.9) == (breaker, 130.0)


def test_then_one_probe_goes_and_the_rest_waits_for_it():
    probing, wait = admit(after("FFFFF", now=100.0), POLICY, 130.0)
    assert (probing.phase, wait) == (Phase.HALF_OPEN, None)

    assert admit(probing, POLICY, 131.0) == (probing, 190.0)


def test_a_probe_that_never_comes_back_is_given_up():
    probing, _ = admit(after("FFFFF", now=100.0), POLICY, 130.0)

    again, wait = admit(probing, POLICY, 190.0)

    assert wait is None
    assert again.half_open_at == 250.0


def test_a_successful_probe_closes_it_with_a_clean_slate():
    probing, _ = admit(after("FFFFF", now=100.0), POLICY, 130.0)

    assert observe(probing, POLICY, 131.0, fault=False) == Breaker()


def test_each_failed_probe_doubles_the_pause_up_to_ten_minutes():
    breaker, now, pauses = after("FFFFF"), 0.0, []
    for _ in range(8):
        assert breaker.half_open_at is not None
        pauses.append(breaker.half_open_at - now)
        now = breaker.half_open_at
        probing, _ = admit(breaker, POLICY, now)
        breaker = observe(probing, POLICY, now, fault=True)

    assert pauses == [30, 60, 120, 240, 480, 600, 600, 600]


def test_a_straggler_sent_before_it_opened_changes_nothing():
    breaker = after("FFFFF", now=100.0)

    assert observe(breaker, POLICY, 101.0, fault=False) == breaker
    assert observe(breaker, POLICY, 101.0, fault=True) == breaker


@given(st.lists(st.tuples(st.floats(0, 700), st.booleans()), max_size=80))
def test_whatever_happens_somebody_may_send_within_ten_minutes_and_memory_is_bounded(history):
    breaker, now = Breaker(), 0.0
    for step, fault in history:
        now += step
        breaker, wait = admit(breaker, POLICY, now)
        if wait is None:
            breaker = observe(breaker, POLICY, now, fault=fault)
        else:
            assert now < wait <= now + POLICY.longest
        assert len(breaker.outcomes) <= POLICY.window
