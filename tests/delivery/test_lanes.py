import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gateway import backlog
from gateway.delivery import lanes, operations
from gateway.delivery.settlement import (
    bury,
    defer,
    settle_dead,
    settle_delivered,
    settle_retry,
)
from gateway.store.tables import attempt, lane
from tests.databases import planned
from tests.delivery.heads import DOWN, NO, OK, row, take


def test_the_head_carries_what_was_enqueued(connection, clock, queue):
    made = queue(urgent=True)

    (head,) = take(connection, clock)

    assert (head.id, head.message_id, head.referral) == (made.id, made.message_id, made.referral)
    assert (head.recipient, head.purpose, head.kind) == ("police", "protection", made.kind)
    assert (head.case_key, head.urgent, head.attempts, head.tried) == ("case-1", True, 0, 0)


def test_messages_of_one_case_to_one_destination_go_one_after_the_other(connection, clock, queue):
    first, second = queue(), queue()

    (head,) = take(connection, clock)
    assert head.id == first.id
    assert take(connection, clock) == []

    assert settle_delivered(connection, head, OK, clock.now())
    (head,) = take(connection, clock)
    assert head.id == second.id


def test_cases_and_destinations_do_not_wait_for_each_other(connection, clock, queue):
    queue(), queue(dest="health"), queue(case="case-2")

    assert len(take(connection, clock)) == 3


def test_a_claim_can_be_for_one_destination_and_for_so_many(connection, clock, queue):
    for case in "abc":
        queue(dest="health", case=case), queue(case=case)

    claimed = take(connection, clock, limit=2, dest="health")

    assert [each.recipient for each in claimed] == ["health", "health"]


def test_an_urgent_message_is_claimed_before_older_ones(connection, clock, queue):
    queue(case="old")
    clock.advance(60)
    urgent = queue(case="new", urgent=True)

    (head,) = take(connection, clock, limit=1)

    assert head.id == urgent.id


def test_an_urgent_message_behind_another_of_its_case_is_next_when_that_is_delivered(connection, clock, queue):
    queue(case="a")
    (head,) = take(connection, clock)
    queue(case="b")
    urgent = queue(case="a", urgent=True)
    settle_delivered(connection, head, OK, clock.now())

    (head,) = take(connection, clock, limit=1)

    assert head.id == urgent.id


def test_a_delivered_message_keeps_its_receipt_and_its_attempt(connection, clock, queue):
    made = queue()
    (head,) = take(connection, clock)

    assert settle_delivered(connection, head, OK, clock.now())

    stored = row(connection, made)
    assert (stored.state, stored.attempts, stored.first_at, stored.settled_at) == (
        "DONE",
        1,
        1.0,
        clock.now(),
    )
    assert (stored.peer_ref, stored.body_digest, stored.last_status) == ("E-77", "d1", 200)
    assert tuple(connection.execute(select(attempt)).one()) == (
        made.id, 1, 1.0, 12, 200, "DELIVERED", None, "E-77",
    )  # fmt: skip


def test_a_retry_waits_its_time_and_counts_its_attempt(connection, clock, queue):
    made = queue()
    (head,) = take(connection, clock)

    assert settle_retry(connection, head, DOWN, clock.now() + 5)

    assert take(connection, clock) == []
    clock.advance(5)
    (head,) = take(connection, clock)
    assert (head.attempts, head.tried, head.first_at) == (1, 1, 2.0)
    assert row(connection, made).last_error == "HTTP_503"


def test_a_new_message_does_not_cut_short_the_wait_of_its_lane(connection, clock, queue):
    queue()
    (head,) = take(connection, clock)
    settle_retry(connection, head, DOWN, clock.now() + 5)

    queue(urgent=True)

    assert take(connection, clock) == []


def test_a_deferral_uses_up_no_attempt(connection, clock, queue):
    made = queue()
    (head,) = take(connection, clock)

    assert defer(connection, head, clock.now() + 30)

    assert take(connection, clock) == []
    clock.advance(30)
    (head,) = take(connection, clock)
    assert head.attempts == 0
    assert row(connection, made).next_at == clock.now()


def test_a_dead_head_holds_its_lane_and_no_other(connection, clock, queue):
    dead, _ = queue(), queue()
    (head,) = take(connection, clock)
    other = queue(case="case-2")

    assert settle_dead(connection, head, NO, clock.now())

    assert [each.id for each in take(connection, clock)] == [other.id]
    assert row(connection, dead).state == "DEAD"


def test_a_message_that_cannot_be_prepared_is_buried_without_an_attempt(connection, clock, queue):
    made = queue()
    (head,) = take(connection, clock)

    assert bury(connection, head, "MISSING_REQUIRED", clock.now())

    stored = row(connection, made)
    assert (stored.state, stored.attempts, stored.last_error) == ("DEAD", 0, "MISSING_REQUIRED")
    assert connection.execute(select(lane.c.held)).scalar() == 1


@pytest.mark.parametrize(
    "settle",
    [
        lambda c, head: settle_delivered(c, head, OK, 9.0),
        lambda c, head: settle_retry(c, head, DOWN, 9.0),
        lambda c, head: settle_dead(c, head, NO, 9.0),
        lambda c, head: bury(c, head, "X", 9.0),
        lambda c, head: defer(c, head, 9.0),
    ],
)
def test_a_worker_that_lost_its_lease_is_fenced_off(connection, clock, queue, settle):
    made = queue()
    (late,) = take(connection, clock, owner="late", lease=60)
    clock.advance(60)
    (now_owner,) = take(connection, clock, owner="other")
    before = row(connection, made)

    assert settle(connection, late) is False

    assert row(connection, made) == before
    assert connection.execute(select(attempt)).all() == []
    assert settle_delivered(connection, now_owner, OK, clock.now())


def test_the_same_worker_with_an_old_lease_is_fenced_off_too(connection, clock, queue):
    queue()
    (late,) = take(connection, clock)
    clock.advance(60)
    (again,) = take(connection, clock)

    assert again.generation == late.generation + 1
    assert not settle_delivered(connection, late, OK, clock.now())


def test_a_message_id_is_used_once(connection, clock, queue):
    made = queue()

    with pytest.raises(IntegrityError):
        lanes.enqueue(connection, [made], clock.now())


def test_a_claim_reads_an_index_and_not_the_table(connection, clock):
    compiled = lanes.claim_statement(of_one=True).compile(connection.engine)
    given = compiled.construct_params({"owner": "w", "now": 1.0, "until": 61.0, "most": 5, "to": "police"})
    values = tuple(given[name] for name in compiled.positiontup) if compiled.positiontup else given
    explain = "EXPLAIN QUERY PLAN "
    if connection.dialect.name == "postgresql":
        explain = "EXPLAIN "
        connection.exec_driver_sql("SET enable_seqscan = off")  # of an empty table it would read the whole

    plan = [str(line[-1]) for line in connection.exec_driver_sql(explain + str(compiled), values)]

    assert any("ix_lane_due_at" in line.split() for line in plan)
    assert not any(line == "SCAN lane" or "Seq Scan on lane" in line for line in plan)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (operations._UNSTICK.bindparams(to="police", now=1.0, latest=9.0), "ix_lane_due_at"),
        (operations._LATE.params(before=1.0, most=5), "ix_delivery_emergency"),
        (backlog._HELD, "ix_lane_held"),
    ],
)
def test_what_is_looked_for_often_is_found_without_reading_what_waits(connection, query, index):
    assert index in planned(connection, query)


def test_destinations_are_those_that_have_something_to_send(connection, clock, queue):
    queue()
    queue(dest="health")
    queue(dest="school")
    (head,) = take(connection, clock, dest="school")
    settle_dead(connection, head, OK, clock.now())

    assert lanes.destinations(connection) == ["health", "police"]


def test_the_heads_of_lanes_are_found_without_reading_what_else_waits(connection):
    plan = planned(connection, lanes.heads_statement().params(lanes=[1, 2]))

    assert "ix_delivery_head" in plan
    assert "ix_delivery_state" not in plan


def test_leases_of_a_dead_process_are_released_at_start(connection, clock, queue):
    made = queue()
    (late,) = take(connection, clock)

    assert operations.release_leases(connection) == 1

    (head,) = take(connection, clock)
    assert head.id == made.id
    assert not settle_delivered(connection, late, OK, clock.now())


def test_a_clock_set_back_does_not_make_a_lane_wait_for_ever(connection, clock, queue):
    queue()
    (head,) = take(connection, clock)
    clock.advance(10 * 86_400)
    settle_retry(connection, head, DOWN, clock.now() + 5)
    clock.advance(-10 * 86_400)

    assert operations.mend_clock(connection, clock.now(), 86_400) == 1

    assert len(take(connection, clock)) == 1


def test_a_person_is_told_once_of_a_late_urgent_message(connection, clock, queue):
    queue(case="calm")
    late = queue(case="fire", urgent=True)
    clock.advance(120)

    assert operations.late(connection, clock.now()) == [late.id]
    assert operations.mark_alerted(connection, late.id, clock.now())
    assert not operations.mark_alerted(connection, late.id, clock.now())
    assert operations.late(connection, clock.now()) == []


def test_nothing_enqueued_is_nothing_due(connection, clock):
    lanes.enqueue(connection, [], clock.now())

    assert take(connection, clock) == []
