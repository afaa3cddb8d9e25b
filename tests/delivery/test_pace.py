"""A destination that was away for a day keeps everything in order, and catches up no faster than it is told to."""

import random

from gateway.delivery import endpoints
from gateway.delivery.lanes import claim, enqueue
from gateway.delivery.settlement import Attempt, settle_delivered
from gateway.delivery.states import OutcomeClass
from tests.delivery.rows import add_referral, message

DAY, RATE, CASES, WAITING = 86_400.0, 10.0, 40, 240


def send(connection, dest, now, most=8):
    """Claim and deliver what may go to a destination now, as a worker does; return the ids in order."""
    sent = []
    while allowed := endpoints.allowance(connection, dest, most, now):
        heads = claim(connection, "w", now, limit=allowed, dest=dest)
        endpoints.spend(connection, dest, len(heads), now)
        for head in heads:
            assert settle_delivered(connection, head, Attempt(now, 1, OutcomeClass.DELIVERED), now)
            sent.append((head.case_key, head.id))
        if not heads:
            break
    return sent


def test_after_a_day_away_all_is_delivered_in_order_and_at_the_chosen_pace(connection, clock):
    chance, enqueued = random.Random(4), {}  # noqa: S311 - repeatable, not secret
    endpoints.pause(connection, "police", "OPERATOR")
    for n in range(WAITING):
        case, at = f"case-{chance.randrange(CASES)}", DAY * n / WAITING
        for dest in ("police", "health"):
            one = message(clock, add_referral(connection, clock, case), dest=dest, case=case)
            enqueue(connection, [one], at)
            enqueued.setdefault((dest, case), []).append(one.id)
        assert [key for key, _ in send(connection, "health", at)] == [case], "the other agency waits for nobody"
    assert send(connection, "police", DAY) == [], "nothing is sent to a paused agency, and nothing is lost"

    assert endpoints.resume(connection, "police")
    endpoints.pace(connection, "police", RATE, DAY)
    arrived, seconds = {}, []
    for second in range(1, 60):
        sent = send(connection, "police", DAY + second)
        seconds.append(len(sent))
        for case, name in sent:
            arrived.setdefault(("police", case), []).append(name)

    assert arrived == {key: ids for key, ids in enqueued.items() if key[0] == "police"}
    assert max(seconds) == RATE
    assert seconds[: WAITING // int(RATE)] == [RATE] * (WAITING // int(RATE))
    assert endpoints.allowance(connection, "police", 8, DAY + 60) == 8, "once it has caught up, it is as fast as any"


def test_a_pace_slower_than_one_a_second_still_moves(connection, clock):
    endpoints.pace(connection, "police", 0.1, 0.0)
    for n in range(3):
        enqueue(connection, [message(clock, add_referral(connection, clock, f"c{n}"), case=f"c{n}")], 0.0)

    assert [len(send(connection, "police", float(now))) for now in range(5, 36, 5)] == [0, 1, 0, 1, 0, 1, 0]


def test_a_pace_ends_with_the_next_pause(connection):
    endpoints.pace(connection, "police", 1.0, 0.0)
    endpoints.pause(connection, "police", "OPERATOR")
    endpoints.resume(connection, "police")

    assert endpoints.allowance(connection, "police", 8, 0.0) == 8
