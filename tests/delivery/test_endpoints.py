from gateway.delivery import endpoints, lanes, operations
from gateway.delivery.breaker import Breaker, BreakerPolicy, Phase
from tests.delivery.rows import add_referral, message

POLICY = BreakerPolicy()


def trip(connection, now, dest="police"):
    for _ in range(POLICY.streak):
        breaker = endpoints.learn(connection, dest, POLICY, now, fault=True)
    return breaker


def test_a_destination_never_seen_is_open_for_business(connection):
    assert endpoints.load(connection, "police") == Breaker()
    assert endpoints.ask(connection, "police", POLICY, 0.0) is None


def test_a_breaker_is_read_back_as_it_was_stored(connection):
    breaker = trip(connection, 100.0)

    assert breaker.phase is Phase.OPEN
    assert endpoints.load(connection, "police") == breaker


def test_one_destinations_faults_do_not_touch_another(connection):
    trip(connection, 100.0)

    assert endpoints.ask(connection, "police", POLICY, 101.0) == 130.0
    assert endpoints.ask(connection, "health", POLICY, 101.0) is None


def test_asking_takes_the_probe(connection):
    trip(connection, 100.0)

    assert endpoints.ask(connection, "police", POLICY, 130.0) is None
    assert endpoints.ask(connection, "police", POLICY, 130.0) == 190.0


def test_lanes_of_an_open_or_paused_destination_are_not_claimed(connection, clock):
    referral = add_referral(connection, clock)
    messages = [message(clock, referral, dest=dest) for dest in ("police", "health", "school")]
    lanes.enqueue(connection, messages, clock.now())
    trip(connection, clock.now())
    endpoints.pause(connection, "health", "HTTP_401")

    assert lanes.due_destinations(connection, clock.now()) == ["school"]
    claimed = lanes.claim(connection, "w", clock.now(), limit=9)
    assert [each.recipient for each in claimed] == ["school"]

    clock.advance(30)
    assert lanes.due_destinations(connection, clock.now()) == ["police"]


def test_pausing_keeps_the_breaker_and_resuming_starts_afresh(connection):
    breaker = trip(connection, 100.0)

    endpoints.pause(connection, "police", "OPERATOR")
    assert endpoints.load(connection, "police") == breaker
    assert endpoints.paused(connection) == {"police": "OPERATOR"}

    assert endpoints.resume(connection, "police")
    assert endpoints.load(connection, "police") == Breaker()
    assert endpoints.paused(connection) == {}
    assert not endpoints.resume(connection, "police")


def test_learning_does_not_unpause(connection):
    endpoints.pause(connection, "police", "OPERATOR")

    endpoints.learn(connection, "police", POLICY, 1.0, fault=False)

    assert endpoints.paused(connection) == {"police": "OPERATOR"}


def test_a_breaker_does_not_wait_for_a_clock_that_was_set_back(connection):
    trip(connection, 1_000_000.0)
    now = 100.0
    assert endpoints.ask(connection, "police", POLICY, now) is not None

    operations.mend_clock(connection, now, 86_400)

    assert endpoints.ask(connection, "police", POLICY, now) is None


def test_a_breaker_that_waits_no_longer_than_it_may_goes_on_waiting(connection):
    trip(connection, 100.0)

    operations.mend_clock(connection, 101.0, 86_400)

    assert endpoints.ask(connection, "police", POLICY, 101.0) == 130.0
