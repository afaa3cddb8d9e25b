"""The hospital simulator: transactions, messages, search, and strictness before the FHIR library."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.sandbox.caller import Caller
from tests.sandbox.conftest import Start
from tests.sandbox.documents import SAMPLES, Call

FHIR = {"Content-Type": "application/fhir+json; fhirVersion=4.0"}


@pytest.fixture
def health(start: Start) -> Caller:
    return start("health")


def changed(call: Call, path: list[str | int], value: Any) -> Call:
    """Replace one value inside a Bundle; the path may end in a new key."""
    bundle = json.loads(call.body)
    place = bundle
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return call.with_body(json.dumps(bundle).encode())


def test_a_transaction_is_answered_entry_by_entry(health: Caller) -> None:
    call = health.valid()
    answer = health.send(call)
    bundle = answer.json()
    assert answer.status_code == 200
    assert bundle["type"] == "transaction-response"
    assert len(bundle["entry"]) == len(json.loads(call.body)["entry"])
    assert {one["response"]["status"] for one in bundle["entry"]} == {"201 Created"}
    assert bundle["entry"][0]["response"]["location"].startswith("ServiceRequest/")


def test_repeat_and_conflict_are_told_apart(health: Caller) -> None:
    call = health.valid()
    health.send(call)
    repeat = health.send(call)
    conflict = health.send(health.valid(call.headers["Idempotency-Key"], "Other Namuna"))
    assert [one.status_code for one in (repeat, conflict)] == [409, 409]
    codes = [one.json()["issue"][0]["code"] for one in (repeat, conflict)]
    assert codes == ["duplicate", "conflict"]


@pytest.mark.parametrize(
    ("path", "value", "status", "code"),
    [
        (["entry", 2, "resource", "resourceType"], "CANARY", 400, "structure"),
        (["entry", 2, "resource", "birthDate__ext"], {}, 400, "structure"),
        (["entry", 2, "resource", "canary"], 1, 400, "structure"),
        (["entry", 2, "resource", "birthDate"], "2016-02-31", 400, "value"),
        (["entry", 2, "resource", "name"], None, 400, "structure"),
        (["entry", 0, "resource", "subject"], {"reference": f"urn:uuid:{uuid4()}"}, 422, "not-found"),
        (["entry", 0, "request", "method"], "PUT", 422, "business-rule"),
        (["entry", 3, "fullUrl"], "https://canary.example/Patient/1", 422, "value"),
        (["type"], "batch", 422, "value"),
        (["identifier", "value"], "CANARY", 422, "required"),
        (["entry"], [], 422, "required"),
    ],
)
def test_an_invalid_bundle_is_refused_with_an_outcome(
    health: Caller, path: list[str | int], value: Any, status: int, code: str
) -> None:
    answer = health.send(changed(health.valid(), path, value))
    outcome = answer.json()
    assert answer.status_code == status
    assert outcome["resourceType"] == "OperationOutcome"
    assert code in [issue["code"] for issue in outcome["issue"]]
    assert "CANARY" not in answer.text
    assert "Misali" not in answer.text
    assert health.received()["effects"] == []


def test_another_version_of_fhir_is_not_supported(health: Caller) -> None:
    answer = health.send(health.valid().with_headers(Content_Type="application/fhir+json; fhirVersion=5.0"))
    assert answer.status_code == 415


def test_a_lost_answer_can_be_resolved_by_the_tasks_identifier(health: Caller) -> None:
    call = health.valid()
    health.send(call)
    task = json.loads(call.body)["entry"][1]["resource"]["identifier"][0]
    found = health.get(f"/fhir/Task?identifier={task['system']}|{task['value']}").json()
    none = health.get("/fhir/Task?identifier=https://x.example|1").json()
    assert (found["total"], found["entry"][0]["resource"]["resourceType"]) == (1, "Task")
    assert none == {"resourceType": "Bundle", "type": "searchset", "total": 0}
    assert health.get("/fhir/Task?owner=me").status_code == 400


def test_a_status_call_back_is_answered_by_a_message_and_counts_once(health: Caller) -> None:
    body = (SAMPLES / "health/samples/declined-callback.json").read_bytes()
    call = Call("POST", "/fhir/$process-message", body, FHIR)
    first, second = health.send(call), health.send(call)
    header = first.json()["entry"][0]["resource"]
    assert first.json()["type"] == "message"
    assert header["response"] == {"identifier": json.loads(body)["identifier"]["value"], "code": "ok"}
    assert first.content == second.content
    assert len(health.received()["effects"]) == 1


def test_a_message_must_begin_with_its_header(health: Caller) -> None:
    body = json.loads((SAMPLES / "health/samples/declined-callback.json").read_text())
    body["entry"].reverse()
    answer = health.send(Call("POST", "/fhir/$process-message", json.dumps(body).encode(), FHIR))
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (422, "invariant")


def test_anybody_may_read_what_the_server_can_do(health: Caller) -> None:
    answer = health.http.get("/fhir/metadata")
    assert (answer.status_code, answer.json()["fhirVersion"]) == (200, "4.0.1")
