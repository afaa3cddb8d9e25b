"""What operators do to lanes: replay, skip, and what that does to whoever is sending."""

import pytest

from gateway.delivery import operations
from gateway.delivery.settlement import (
    settle_dead,
    settle_delivered,
)
from tests.delivery.heads import NO, OK, row, take


def test_replaying_a_dead_message_keeps_its_id_and_its_place_and_starts_the_schedule_again(connection, clock, queue):
    dead, behind = queue(), queue()
    (head,) = take(connection, clock)
    settle_dead(connection, head, NO, clock.now())

    assert operations.replay(connection, dead.id, clock.now())

    (head,) = take(connection, clock)
    assert (head.message_id, head.attempts, head.tried) == (dead.message_id, 1, 0)
    assert settle_delivered(connection, head, OK, clock.now())
    assert [each.id for each in take(connection, clock)] == [behind.id]


def test_only_a_dead_message_can_be_replayed(connection, clock, queue):
    made = queue()

    assert not operations.replay(connection, made.id, clock.now())
    assert not operations.replay(connection, clock.new_id(), clock.now())


def test_skipping_a_dead_message_lets_the_next_go(connection, clock, queue):
    dead, behind = queue(), queue()
    (head,) = take(connection, clock)
    settle_dead(connection, head, NO, clock.now())

    assert operations.skip(connection, dead.id, "WITHDRAWN", clock.now())

    assert [each.id for each in take(connection, clock)] == [behind.id]
    assert row(connection, dead).closed_reason == "WITHDRAWN"


def test_skipping_what_waits_behind_a_dead_message_does_not_free_the_lane(connection, clock, queue):
    _, skipped, behind = queue(), queue(), queue()
    (head,) = take(connection, clock)
    settle_dead(connection, head, NO, clock.now())

    assert operations.skip(connection, skipped.id, "WITHDRAWN", clock.now())

    assert take(connection, clock) == []
    assert row(connection, behind).state == "OPEN"


def test_skipping_a_message_that_is_being_sent_fences_its_worker(connection, clock, queue):
    made = queue()
    (head,) = take(connection, clock)

    assert operations.skip(connection, made.id, "WITHDRAWN", clock.now())

    assert not settle_delivered(connection, head, OK, clock.now())
    assert row(connection, made).state == "SKIPPED"
    assert take(connection, clock) == []


def test_what_is_done_cannot_be_skipped(connection, clock, queue):
    made = queue()
    (head,) = take(connection, clock)
    settle_delivered(connection, head, OK, clock.now())

    assert not operations.skip(connection, made.id, "WITHDRAWN", clock.now())


def test_a_reason_in_words_is_refused(connection, clock, queue):
    made = queue()

    with pytest.raises(ValueError, match="code"):
        operations.skip(connection, made.id, "Farzi has moved away", clock.now())
