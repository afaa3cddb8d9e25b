import threading

from auth_parties import AT
from hypothesis import given
from hypothesis import strategies as st

from auth.replay import InMemoryReplayGuard


def test_an_id_is_used_once_for_each_issuer(clock):
    guard = InMemoryReplayGuard(clock)
    uses = [("a", "1"), ("a", "1"), ("b", "1"), ("a", "2"), ("b", "1")]
    assert [guard.use(issuer, jti, AT + 60) for issuer, jti in uses] == [True, False, True, True, False]


def test_issuer_and_id_never_run_together(clock):
    guard = InMemoryReplayGuard(clock)
    assert guard.use("a", "bc", AT + 60)
    assert guard.use("ab", "c", AT + 60)


def test_an_id_is_forgotten_after_its_end_and_not_before(clock):
    guard = InMemoryReplayGuard(clock)
    guard.use("a", "1", AT + 60)
    clock.at = AT + 60
    assert not guard.use("a", "1", AT + 120)
    clock.at = AT + 60.1
    assert guard.use("a", "1", AT + 120)


def test_a_full_guard_refuses_rather_than_forgets(clock):
    guard = InMemoryReplayGuard(clock, capacity=2)
    assert guard.use("a", "1", AT + 60)
    assert guard.use("a", "2", AT + 90)
    assert not guard.use("a", "3", AT + 90)
    assert not guard.use("a", "1", AT + 90)
    clock.at = AT + 61
    assert guard.use("a", "3", AT + 90)


def test_of_many_threads_one_wins(clock):
    guard = InMemoryReplayGuard(clock)
    start, answers = threading.Barrier(8), []

    def use():
        start.wait()
        answers.append(guard.use("a", "1", AT + 60))

    threads = [threading.Thread(target=use) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(True) == 1


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("abc"), st.integers(0, 30)), max_size=40))
def test_no_id_is_used_twice_within_its_life(steps):
    now = 0.0
    guard = InMemoryReplayGuard(lambda: now)
    alive: dict[str, float] = {}
    for wait, jti, life in steps:
        now += wait
        expected = alive.get(jti, -1.0) < now
        assert guard.use("issuer", jti, now + life) is expected
        if expected:
            alive[jti] = now + life
