"""Answers to a referral in FHIR: the Task patched or sent back whole, and messages."""

import json
import uuid
from typing import Any

import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.task import Task

from gateway import languages
from mappings.health_fhir import systems
from mappings.library import library
from tests.api.fhir_calls import FHIR, call, etag, patch, post, received, sent, stated
from tests.gateway.house import House
from tests.gateway.manifests import HEALTH, WELFARE


def test_a_receiver_accepts_by_patching_the_task_and_the_sender_sees_it(house: House) -> None:
    mine = sent(house)
    name = house.ref_of(WELFARE, HEALTH, mine)

    answer = patch(house, name, etag(house, name), stated("accepted"))

    assert answer.status_code == 200, answer.text
    assert Task.model_validate(answer.json()).status == "accepted"
    seen = call(house, HEALTH, "GET", f"/Task/{mine}").json()
    assert seen["status"] == "accepted"


def test_a_refusal_by_patch_carries_its_reason(house: House) -> None:
    name = received(house)
    why = {"coding": [{"system": systems.DECLINE, "code": "out-of-area"}], "text": "Another district"}

    answer = patch(
        house, name, etag(house, name), stated("rejected"), {"op": "add", "path": "/statusReason", "value": why}
    )

    assert answer.status_code == 200, answer.text
    assert answer.json()["businessStatus"]["coding"][0]["code"] == "declined"


def test_a_task_sent_back_whole_is_an_answer_too(house: House) -> None:
    name = received(house)
    read = call(house, WELFARE, "GET", f"/Task/{name}")
    task = {**read.json(), "status": "accepted"}
    del task["businessStatus"]
    headers = {"Content-Type": FHIR, "If-Match": read.headers["etag"], "Prefer": "return=minimal"}

    answer = call(house, WELFARE, "PUT", f"/Task/{name}", content=json.dumps(task).encode(), headers=headers)

    assert (answer.status_code, answer.content) == (204, b"")
    assert call(house, WELFARE, "GET", f"/Task/{name}").json()["status"] == "accepted"


@pytest.mark.parametrize(
    ("match", "operations", "status"),
    [
        (None, [stated("accepted")], 428),
        ('W/"999"', [stated("accepted")], 412),
        ("*", [stated("bogus")], 412),
        ("now", [stated("bogus")], 422),
        ("now", [stated("completed")], 422),
        ("now", [{"op": "remove", "path": "/status"}], 422),
        ("now", [{"op": "replace", "path": "/owner", "value": {}}], 422),
        ("now", [{"op": "replace", "path": "/__class__", "value": 1}], 422),
        ("now", [{"op": "test", "path": "/status", "value": "completed"}, stated("accepted")], 422),
        ("now", [stated("accepted"), {"op": "add", "path": "/businessStatus", "value": {
            "coding": [{"system": systems.STATE, "code": "declined"}]}}], 422),
        ("now", [], 422),
    ],
)  # fmt: skip
def test_a_patch_that_may_not_be_is_refused_and_changes_nothing(
    house: House, match: str | None, operations: list[dict[str, Any]], status: int
) -> None:
    name = received(house)
    before = etag(house, name)

    answer = patch(house, name, before if match == "now" else match, *operations)

    assert answer.status_code == status, answer.text
    OperationOutcome.model_validate(answer.json())
    assert etag(house, name) == before


def test_a_sender_does_not_answer_its_own_referral(house: House) -> None:
    name = sent(house)

    assert patch(house, name, etag(house, name, HEALTH), stated("accepted"), agency=HEALTH).status_code == 404


def test_a_message_answers_a_referral(house: House) -> None:
    name = received(house)
    said = {"type": "reply", "message_id": str(uuid.uuid4()), "ref": name, "kind": "ACCEPT", "state": "ACCEPTED",
            "at": "2026-03-15T22:05:00+05:00", "sender": {"agency": WELFARE}}  # fmt: skip
    (reading,) = languages.ours().read(json.dumps(said).encode())
    body = library()["health_fhir"].write(reading.value).value

    answer = post(house, WELFARE, body, "/$process-message")

    if answer.status_code == 403:
        pytest.fail("the house's scopes lack a type of the message")
    assert answer.status_code == 200, answer.text
    OperationOutcome.model_validate(answer.json())
    assert call(house, WELFARE, "GET", f"/Task/{name}").json()["status"] == "accepted"
