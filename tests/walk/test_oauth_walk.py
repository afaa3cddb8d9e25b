"""The gateway's own login at the agencies: tokens renewed once, refusals that pause, waits that are kept."""

import uuid
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.delivery import endpoints
from gateway.demo.callers import Agency
from gateway.demo.processes import Stage
from gateway.store.opening import open_sqlite
from tests.walk.letters import JSON, canonical, post
from tests.walk.looking import AGENCY_IDS, database, delivery, rows, seen_by, until
from tests.walk.staging import gateway, own_stage, simulators

pytestmark = [pytest.mark.walk, pytest.mark.slow, pytest.mark.timeout(300)]

Call = Callable[[str], Agency]


def sent_to(agency: Call, receiver: str, script: list[str], **changes: Any) -> str:
    """Let welfare refer a child to one receiver whose next calls follow a script; returns the idempotency key."""
    agency(receiver).control("POST", "faults", {"script": script})
    key = str(uuid.uuid4())
    answer = post(agency("welfare"), canonical(AGENCY_IDS[receiver], **changes), JSON, key)
    assert answer.status_code == 202, answer.text
    return key


def arrived(stage: Stage, key: str, receiver: str) -> dict[str, Any]:
    """Wait until the referral is delivered to a receiver; returns its delivery as stored."""
    name = AGENCY_IDS[receiver]
    until(lambda: delivery(stage, key, name).get("state") != "OPEN")
    return delivery(stage, key, name)


def outcomes(agency: Agency, message_id: str) -> list[str]:
    """Return how an agency's calls about one message ended; a call refused at the door carries no message id."""
    every = seen_by(agency)
    last = max(n for n, each in enumerate(every) if each["message_id"] == message_id)
    first = max((n for n, each in enumerate(every[:last]) if each["outcome"] == "accepted"), default=-1)
    return [each["outcome"] for each in every[first + 1 : last + 1]]


@pytest.mark.parametrize("receiver", ["school", "police"])
def test_a_token_the_agency_no_longer_takes_is_renewed_once_within_the_attempt(
    stage: Stage, agency: Call, receiver: str
) -> None:
    key = sent_to(agency, receiver, ["401"])
    stored = arrived(stage, key, receiver)
    assert (stored["state"], stored["attempts"]) == ("DONE", 1)
    assert outcomes(agency(receiver), stored["message_id"]) == ["fault:401", "accepted"]


def test_a_wait_that_the_agency_asks_for_is_kept(stage: Stage, agency: Call) -> None:
    key = sent_to(agency, "school", ["503:3", "429:2"])
    stored = arrived(stage, key, "school")
    assert (stored["state"], stored["attempts"]) == ("DONE", 3)
    last = seen_by(agency("school"))[-3:]
    assert [each["outcome"] for each in last] == ["fault:503", "fault:429", "accepted"]
    at = [datetime.fromisoformat(each["at"]) for each in last]
    assert (at[1] - at[0]).total_seconds() >= 3
    assert (at[2] - at[1]).total_seconds() >= 2


def test_a_refused_login_pauses_the_endpoint_and_loses_no_message(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    prepared = own_stage(tmp_path_factory.mktemp("paused"))

    def agency(name: str) -> Agency:
        return Agency(prepared, name)

    with simulators(prepared):
        with gateway(prepared):
            key = sent_to(agency, "school", ["401", "token"])
            assert until(lambda: paused(prepared)) == [("school-pb-sis", "CREDENTIALS")]
            assert delivery(prepared, key, "school-pb-sis")["state"] == "OPEN"
            other = sent_to(agency, "police", ["ok"])
            assert arrived(prepared, other, "police")["state"] == "DONE"
            second = sent_to(agency, "school", ["ok"])
            assert delivery(prepared, second, "school-pb-sis")["attempts"] == 0
            assert agency("school").effects() == []
            entered = rows(prepared, "SELECT fields FROM entry WHERE type = 'endpoint.paused'")
            assert len(entered) == 1
            assert '"code":"CREDENTIALS"' in entered[0][0].replace(" ", "")
        resume(prepared, "school-pb-sis")
        with gateway(prepared):
            assert arrived(prepared, key, "school")["state"] == "DONE"
            assert arrived(prepared, second, "school")["state"] == "DONE"
        wanted = {delivery(prepared, one, "school-pb-sis")["message_id"] for one in (key, second)}
        assert [each["message_id"] for each in agency("school").effects()] == sorted(
            wanted, key=order(agency("school"))
        )


def order(agency: Agency) -> Callable[[str], int]:
    """Return the place of a message among an agency's effects."""
    places = {each["message_id"]: each["n"] for each in agency.effects()}
    return lambda message_id: int(places.get(message_id, 0))


def paused(stage: Stage) -> list[tuple[Any, ...]]:
    """Return the destinations that wait for a person, and why."""
    return rows(stage, "SELECT dest, paused_reason FROM endpoint WHERE paused = 1")


def resume(stage: Stage, dest: str) -> None:
    """Send again to a paused destination, as a person decides; the gateway must not be running."""
    store = open_sqlite(Path(database(stage)))
    store.committer.start()
    assert store.committer.run(lambda connection: endpoints.resume(connection, dest))
    store.close()
