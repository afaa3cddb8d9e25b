"""Nobody answers: who is told, when, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert

from gateway import followup
from gateway.deadlines import Stage, next_stage, overdue
from gateway.delivery.lanes import Message, enqueue
from gateway.delivery.states import DeliveryKind
from gateway.ledger.journal import Journal
from gateway.room import Room
from gateway.routing import Directory, RoutingTable
from gateway.store import referrals
from gateway.store.opening import open_store
from gateway.store.postgres import Address
from gateway.store.tables import notice
from gateway.vault.vault import Vault
from gateway.vault.wrapping import FileKeyWrapper, create_key_file
from mappings.vocabulary import State
from tests.clocks import FixedClock
from tests.databases import database, planned

__all__ = ["database"]

HOUR = 3_600.0
REFERRAL = "00000000-0000-7000-8000-000000000001"


def open_room(folder: Path, place: Path | Address, clock: FixedClock) -> Room:
    keys = folder / "vault.json"
    if not keys.exists():
        create_key_file(keys)
    store = open_store(place, upgrade=True)
    with store.engine.connect() as connection:
        journal = Journal.open(connection, clock.now)
    store.committer.join(journal)
    store.committer.start()
    return Room(Vault(FileKeyWrapper(keys)), clock, Directory(()), RoutingTable(), store, journal, production=False)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def room(tmp_path: Path, database: Path | Address, clock: FixedClock) -> Iterator[Room]:
    opened = open_room(tmp_path, database, clock)
    yield opened
    if opened.store.committer.alive:
        opened.store.close()


def accept(room: Room, state: State, priority: str = "HIGH", name: str = REFERRAL) -> None:
    """Store a referral with one receiver that stands at a state."""
    now = room.clock.now()
    row = {
        "id": name, "sender": "a-sender", "idem": name, "fingerprint": b"f", "case_key": "c", "format": "raabta",
        "mapping_digest": "0" * 64, "state": state.value, "priority": priority, "created": now, "updated": now,
    }  # fmt: skip
    base = {"referral": name, "updated": now, "purpose": None, "service": None, "ref": f"rb-{name}"}
    rows = [
        {**base, "agency": "a-sender", "role": "SENDER", "state": "SENT"},
        {**base, "agency": "a-receiver", "role": "RECIPIENT", "state": state.value},
    ]
    room.store.committer.run(lambda connection: referrals.add(connection, [row], rows))


def told(room: Room) -> list[str]:
    return [alert.code for alert in followup.tell(room)]


def test_nothing_is_said_while_there_is_time(room: Room, clock: FixedClock) -> None:
    accept(room, State.SENT)
    clock.advance(0.74 * HOUR)

    assert told(room) == []


def test_a_warning_comes_at_three_quarters_and_a_breach_at_the_whole(room: Room, clock: FixedClock) -> None:
    accept(room, State.DELIVERED)
    clock.advance(0.76 * HOUR)
    first = told(room)
    clock.advance(0.25 * HOUR)

    assert (first, told(room)) == (["ACKNOWLEDGE_WARNING"], ["ACKNOWLEDGE_BREACH"])


def test_each_step_is_told_once_even_after_a_restart(
    room: Room, clock: FixedClock, tmp_path: Path, database: Path | Address
) -> None:
    accept(room, State.SENT)
    clock.advance(2.1 * HOUR)
    before = told(room)
    room.store.close()
    again = open_room(tmp_path, database, clock)
    after = told(again)
    again.store.close()

    assert before == [f"ACKNOWLEDGE_{stage.value}" for stage in Stage]
    assert after == []


def test_after_an_acknowledgement_only_the_decision_is_waited_for(room: Room, clock: FixedClock) -> None:
    accept(room, State.ACKNOWLEDGED)
    clock.advance(25 * HOUR)

    assert told(room) == ["DECIDE_WARNING", "DECIDE_BREACH"]


@pytest.mark.parametrize("state", [State.ACCEPTED, State.REJECTED, State.INFO_NEEDED, State.COMPLETED, State.REVOKED])
def test_a_decided_or_paused_referral_is_left_in_peace(room: Room, clock: FixedClock, state: State) -> None:
    accept(room, state)
    clock.advance(1_000 * HOUR)

    assert told(room) == []


def test_a_held_or_undeliverable_referral_is_not_forgotten(room: Room, clock: FixedClock) -> None:
    accept(room, State.DEAD_LETTER)
    clock.advance(1.2 * HOUR)

    assert "ACKNOWLEDGE_BREACH" in told(room)


def test_follow_up_never_changes_a_state(room: Room, clock: FixedClock) -> None:
    accept(room, State.SENT)
    clock.advance(500 * HOUR)
    told(room)
    with room.store.readers.connection() as connection:
        states = [row["state"] for row in referrals.parties(connection, REFERRAL)]

    assert states == ["SENT", "SENT"]


def move(room: Room, state: State) -> None:
    """Move the referral to another state at its receiver."""

    def work(connection: Connection) -> None:
        (row,) = [row for row in referrals.parties(connection, REFERRAL) if row["role"] == "RECIPIENT"]
        referrals.set_party_state(connection, row, state.value, room.clock.now())

    room.store.committer.run(work)


def looks(room: Room) -> list[float | None]:
    """Return when the parties, the sender first, are to be looked at again: hours after the clock's beginning."""
    with room.store.readers.connection() as connection:
        rows = referrals.parties(connection, REFERRAL)
        began = referrals.by_id(connection, REFERRAL)["created"]
    return [None if row["followup_at"] is None else (row["followup_at"] - began) / HOUR for row in rows]


def test_who_was_looked_at_is_left_alone_until_something_more_is_late(room: Room, clock: FixedClock) -> None:
    accept(room, State.SENT)
    seen = []
    for advance in (0.1, 0.7, 0.3, 0.5, 0.5, 16.0, 6.0, 12.0, 12.0, 500.0):
        clock.advance(advance * HOUR)
        told(room)
        seen.append(looks(room))

    whens = (0.75, 1.0, 1.5, 2.0, 18.0, 24.0, 36.0, 48.0, None, None)
    assert seen == [[None, None if when is None else pytest.approx(when)] for when in whens]


def test_a_question_stops_the_clocks_and_its_answer_starts_them_again(room: Room, clock: FixedClock) -> None:
    accept(room, State.ACKNOWLEDGED)
    told(room)
    move(room, State.INFO_NEEDED)
    clock.advance(30 * HOUR)
    paused = told(room)
    at_rest = looks(room)
    move(room, State.ACKNOWLEDGED)

    assert (paused, at_rest) == ([], [None, None])
    assert told(room) == ["DECIDE_WARNING", "DECIDE_BREACH"]


def test_a_state_that_changes_while_follow_up_looks_is_looked_at_anew(room: Room, clock: FixedClock) -> None:
    accept(room, State.ACKNOWLEDGED)
    with room.store.readers.connection() as connection:
        numbers = [row["n"] for row in referrals.parties(connection, REFERRAL)]
    seen = {"n": numbers[1], "state": "INFO_NEEDED", "at": None}  # as another gateway read it a moment before
    room.store.committer.run(lambda connection: connection.execute(followup._LOOK_AGAIN, [seen]))

    assert looks(room) == pytest.approx([-clock.now() / HOUR] * 2)
    clock.advance(25 * HOUR)
    assert told(room) == ["DECIDE_WARNING", "DECIDE_BREACH"]


def test_many_withdrawals_without_an_answer_are_asked_about_together(
    room: Room, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followup, "AT_ONCE", 2)
    for number in range(5):
        name = f"00000000-0000-7000-8000-{number:012}"
        accept(room, State.REVOKED, name=name)
        owe(room, by_hand=True, name=name)

    assert told(room) == ["WITHDRAWAL_BY_HAND"] * 5
    assert told(room) == []


def test_an_answer_that_is_taken_back_is_waited_for_again(room: Room, clock: FixedClock) -> None:
    accept(room, State.SENT)
    clock.advance(200 * HOUR)
    first = told(room)
    move(room, State.ACCEPTED)
    second = told(room)
    move(room, State.DEAD_LETTER)

    assert len(first) == 8
    assert (second, told(room)) == ([], [])
    assert looks(room) == [None, None]


def test_however_many_are_late_all_are_told_in_turns(
    room: Room, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followup, "AT_ONCE", 2)
    monkeypatch.setattr(followup, "_DUE", followup._DUE.limit(2))
    accept(room, State.SENT)
    base = {
        "referral": REFERRAL,
        "updated": 0.0,
        "role": "RECIPIENT",
        "state": "SENT",
        "purpose": None,
        "service": None,
    }
    more = [{**base, "agency": f"another-{n}", "ref": f"rb-{n + 3}"} for n in range(5)]
    room.store.committer.run(lambda connection: referrals.add(connection, [], more))
    clock.advance(0.8 * HOUR)

    assert told(room) == ["ACKNOWLEDGE_WARNING"] * 6
    assert told(room) == []


def test_who_waits_is_found_without_reading_all_who_wait(room: Room) -> None:
    with room.store.readers.connection() as connection:
        plan = planned(connection, followup._DUE.params(now=1.0))

    assert "ix_party_followup" in plan
    assert "SCAN" not in plan


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("priority", ["EMERGENCY", "HIGH", "MEDIUM", "LOW", "UNSTATED"])
def test_nothing_becomes_late_before_the_next_stage_and_something_does_then(state: State, priority: str) -> None:
    waited = 0.0
    while (at := next_stage(state, priority, waited)) is not None:
        before = set(overdue(state, priority, waited))
        assert set(overdue(state, priority, at - 1e-3)) == before < set(overdue(state, priority, at))
        waited = at
    assert set(overdue(state, priority, 1e9)) == set(overdue(state, priority, waited))


@pytest.mark.parametrize(("priority", "hours"), [("EMERGENCY", 1), ("MEDIUM", 24), ("LOW", 72), ("UNSTATED", 24)])
def test_the_clock_goes_by_priority(priority: str, hours: float) -> None:
    early = list(overdue(State.SENT, priority, hours * HOUR * 0.99))
    late = list(overdue(State.SENT, priority, hours * HOUR))

    assert "ACKNOWLEDGE_BREACH" not in early
    assert "ACKNOWLEDGE_BREACH" in late


def enqueue_urgent(room: Room, *, urgent: bool) -> None:
    message = Message(
        "00000000-0000-7000-8000-0000000000d1", "00000000-0000-7000-8000-0000000000e1", REFERRAL, "c", "a-receiver",
        "TREAT", DeliveryKind.REFERRAL, urgent,
    )  # fmt: skip
    room.store.committer.run(lambda connection: enqueue(connection, [message], room.clock.now()))


def test_an_emergency_nobody_has_is_told_after_two_minutes_and_once(room: Room, clock: FixedClock) -> None:
    accept(room, State.SENT, "EMERGENCY")
    enqueue_urgent(room, urgent=True)
    clock.advance(119)
    early = told(room)
    clock.advance(2)

    assert (early, told(room), told(room)) == ([], ["EMERGENCY_UNDELIVERED"], [])


def test_an_ordinary_delivery_raises_no_emergency(room: Room, clock: FixedClock) -> None:
    accept(room, State.SENT)
    enqueue_urgent(room, urgent=False)
    clock.advance(600)

    assert told(room) == []


def owe(room: Room, *, by_hand: bool, name: str = REFERRAL) -> None:
    """Store a withdrawal nobody has answered; one by hand has no delivery."""
    now = room.clock.now()
    row = {
        "id": room.clock.new_id(), "referral": name, "agency": "a-receiver", "kind": "WITHDRAWAL",
        "reason": "CONSENT_REVOKED", "created": now,
    }  # fmt: skip

    def work(connection: Connection) -> None:
        if not by_hand:
            message = Message("d-1", "m-1", REFERRAL, "c", "a-receiver", "TREAT", DeliveryKind.NOTICE, document=None)
            enqueue(connection, [message], now)
            row["delivery"] = "d-1"
        connection.execute(insert(notice), [row])

    room.store.committer.run(work)


def test_a_withdrawal_nobody_answers_is_told_louder_each_time(room: Room, clock: FixedClock) -> None:
    accept(room, State.REVOKED)
    owe(room, by_hand=False)
    seen = []
    for _ in range(4):
        clock.advance(0.55 * HOUR)
        seen.append(told(room))

    assert [code for codes in seen for code in codes] == [
        f"WITHDRAWAL_{stage}" for stage in ("WARNING", "BREACH", "ESCALATED", "COMMITTEE")
    ]


def test_a_withdrawal_no_language_can_say_is_told_to_a_person_at_once_and_once(room: Room) -> None:
    accept(room, State.REVOKED)
    owe(room, by_hand=True)

    assert told(room) == ["WITHDRAWAL_BY_HAND"]
    assert told(room) == []
