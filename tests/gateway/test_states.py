"""The life of a referral at one receiver, and the whole made of all receivers (formats/case-management.md 6.2)."""

import itertools

import pytest

from gateway.states import ANSWERS, LATE, ORDER, asked_for, outdated, overall, permits
from mappings.vocabulary import ReplyKind, State

OVER = {State.CLOSED, State.REVOKED, State.EXPIRED}
CHAIN = [
    State.SENT,
    State.DELIVERED,
    State.ACKNOWLEDGED,
    State.ACCEPTED,
    State.IN_SERVICE,
    State.COMPLETED,
    State.CLOSED,
]


@pytest.mark.parametrize(("present", "wanted"), tuple(itertools.pairwise(CHAIN)))
def test_each_step_of_the_usual_life_is_permitted(present: State, wanted: State) -> None:
    assert permits(present, wanted)


@pytest.mark.parametrize("present", sorted(OVER))
@pytest.mark.parametrize("wanted", State)
def test_nothing_leaves_a_state_that_is_over(present: State, wanted: State) -> None:
    assert not permits(present, wanted)


@pytest.mark.parametrize("state", State)
def test_no_state_follows_itself(state: State) -> None:
    assert not permits(state, state)


GATEWAYS_OWN = [
    State.DRAFT, State.READY, State.SENT, State.HELD, State.DEAD_LETTER, State.EXPIRED, State.REVOKED, State.CLOSED,
    State.FEEDBACK_ACCEPTED,
]  # fmt: skip


@pytest.mark.parametrize("state", sorted(GATEWAYS_OWN))
def test_a_receiver_may_not_ask_for_a_state_that_sender_or_gateway_give(state: State) -> None:
    assert state not in ANSWERS


def test_a_receiver_may_ask_for_every_other_state() -> None:
    assert set(State) - set(GATEWAYS_OWN) == ANSWERS


@pytest.mark.parametrize("present", [State.ACCEPTED, State.IN_SERVICE, State.COMPLETED, State.REJECTED])
def test_what_was_decided_is_not_decided_again(present: State) -> None:
    assert not permits(present, State.ACCEPTED)
    assert not permits(present, State.REJECTED)


@pytest.mark.parametrize("kind", ReplyKind)
def test_an_answer_asks_for_the_state_it_names_and_else_for_that_of_its_kind(kind: ReplyKind) -> None:
    assert asked_for(kind, State.CLOSED) is State.CLOSED
    asked = asked_for(kind, None)
    assert (asked is None) == (kind in {ReplyKind.WITHDRAW, ReplyKind.INFORM})


def test_an_answer_that_says_nothing_asks_for_nothing() -> None:
    assert asked_for(None, None) is None


@pytest.mark.parametrize("wanted", State)
@pytest.mark.parametrize("present", ORDER)
def test_only_a_report_of_arrival_can_be_overtaken(present: State, wanted: State) -> None:
    expected = wanted in LATE and ORDER.index(present) > ORDER.index(wanted)

    assert outdated(present, wanted) == expected


def test_an_acknowledgement_after_a_decision_is_overtaken_and_before_it_is_not() -> None:
    assert outdated(State.ACCEPTED, State.ACKNOWLEDGED)
    assert not outdated(State.DELIVERED, State.ACKNOWLEDGED)


@pytest.mark.parametrize(
    ("states", "whole"),
    [
        ([State.SENT], State.SENT),
        ([State.SENT, State.ACCEPTED], State.SENT),
        ([State.HELD, State.COMPLETED], State.HELD),
        ([State.DEAD_LETTER, State.ACCEPTED], State.DEAD_LETTER),
        ([State.COMPLETED, State.REJECTED], State.REJECTED),
        ([State.CLOSED, State.CLOSED], State.CLOSED),
        ([], State.READY),
    ],
)
def test_the_whole_is_what_most_needs_a_person(states: list[State], whole: State) -> None:
    assert overall(states) is whole
    assert overall(reversed(states)) is whole


def test_every_state_a_receiver_can_be_in_has_its_place_in_the_order() -> None:
    assert len(set(ORDER)) == len(ORDER)
    assert set(State) - set(ORDER) == {State.DRAFT}
