"""FHIR: dry runs, taking a referral back by a Task, and what a client prefers to be given (formats/health.md 9.3)."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.task import Task
from sqlalchemy import func, select

from gateway.store.tables import delivery, document, inbound, notice
from gateway.store.tables import referral as referral_table
from mappings.health_fhir import systems
from tests.api.fhir_calls import FHIR, bundle, call, post, received, sent
from tests.gateway.house import House
from tests.gateway.manifests import HEALTH, STRANGER, WELFARE


def abort(name: str, kind: str = "ServiceRequest", **changed: Any) -> dict[str, Any]:
    """Return a Task that asks to stop what a referral asked for."""
    coding = {"system": systems.TASK_CODE, "code": "abort"}
    task = {
        "resourceType": "Task", "status": "requested", "intent": "order", "code": {"coding": [coding]},
        "focus": {"reference": f"{kind}/{name}"}, "authoredOn": "2026-03-16T10:00:00+05:00",
    }  # fmt: skip
    return {name: each for name, each in {**task, **changed}.items() if each is not None}


def send(house: House, agency: str, task: dict[str, Any], **headers: str) -> httpx.Response:
    return post(house, agency, json.dumps(task).encode(), "/Task", **headers)


def stored(house: House) -> list[int]:
    """Return how many rows there are of everything a referral or an answer is stored as."""
    with house.reading() as connection:
        tables = (referral_table, delivery, document, inbound, notice)
        return [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]


def states(house: House, name: str) -> list[str]:
    return [each["state"] for each in house.view(HEALTH, name).json()["deliveries"]]


@pytest.mark.parametrize("headers", [{"X_Dry_Run": "1"}, {"X_Dry_Run": "true", "Prefer": "handling=strict"}])
def test_a_dry_run_says_what_would_be_and_stores_nothing_but_that_it_was_asked(
    house: House, headers: dict[str, str]
) -> None:
    before, entries = stored(house), len(house.entries())
    answer = post(house, HEALTH, bundle(WELFARE), **headers)

    told = OperationOutcome.model_validate(answer.json())
    assert (answer.status_code, told.issue[0].severity) == (200, "information")
    assert "location" not in answer.headers
    assert stored(house) == before
    assert [kind for kind, _ in house.entries()][entries:].count("translation.requested") == 1
    assert not any(kind.startswith("referral") for kind, _ in house.entries()[entries:])


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        (lambda body: body.replace(b"transaction", b"batch"), 422),
        (lambda body: body.replace(WELFARE.encode(), b"nobody-we-know"), 422),
        (lambda body: body[:-1], 400),
    ],
)
def test_a_dry_run_is_refused_as_the_real_one_would_be(house: House, spoil: Any, status: int) -> None:
    body, before = spoil(bundle(WELFARE)), stored(house)
    tried, real = post(house, HEALTH, body, X_Dry_Run="1"), post(house, HEALTH, body)

    assert (tried.status_code, real.status_code) == (status, status)
    assert [each.get("details") for each in tried.json()["issue"]] == [
        each.get("details") for each in real.json()["issue"]
    ]
    assert stored(house) == before


def test_a_dry_run_under_a_key_that_is_taken_is_a_conflict(house: House) -> None:
    said = json.loads(bundle(WELFARE))
    body = json.dumps(said).encode()
    post(house, HEALTH, body)
    said["timestamp"] = "2026-03-15T21:06:00+05:00"

    assert post(house, HEALTH, body, X_Dry_Run="1").status_code == 200
    assert post(house, HEALTH, json.dumps(said).encode(), X_Dry_Run="1").status_code == 409


def test_what_is_neither_a_dry_run_nor_a_real_one_is_refused(house: House) -> None:
    before = stored(house)
    assert post(house, HEALTH, bundle(WELFARE), X_Dry_Run="maybe").status_code == 422
    assert stored(house) == before


@pytest.mark.parametrize("kind", ["ServiceRequest", "Task"])
def test_a_sender_takes_its_referral_back_by_a_task(house: House, kind: str) -> None:
    name = sent(house)
    answer = send(house, HEALTH, abort(name, kind))

    told = Task.model_validate(answer.json())
    assert (answer.status_code, told.status) == (201, "cancelled")
    assert answer.headers["location"].endswith(f"/Task/{name}")
    assert states(house, name) == ["REVOKED"]
    assert send(house, HEALTH, abort(name, kind)).status_code == 201, "a repeat changes nothing"


def test_a_dry_run_takes_nothing_back(house: House) -> None:
    name = sent(house)

    assert send(house, HEALTH, abort(name), X_Dry_Run="1").status_code == 200
    assert send(house, STRANGER, abort(name), X_Dry_Run="1").status_code == 404
    assert states(house, name) == ["SENT"]


def test_only_its_sender_takes_a_referral_back(house: House) -> None:
    name = sent(house)

    assert send(house, WELFARE, abort(house.ref_of(WELFARE, HEALTH, name))).status_code == 404
    assert send(house, STRANGER, abort(name)).status_code == 404
    assert states(house, name) == ["SENT"]


@pytest.mark.parametrize(
    "changed",
    [
        {"code": None}, {"code": {"coding": [{"system": systems.TASK_CODE, "code": "fulfill"}]}}, {"focus": None},
        {"focus": {"reference": "Patient/1"}}, {"status": "completed"}, {"resourceType": "Patient"}, {"intent": "plan"},
    ],
)  # fmt: skip
def test_a_task_that_stops_nothing_is_refused(house: House, changed: dict[str, Any]) -> None:
    name = sent(house)

    assert send(house, HEALTH, abort(name, **changed)).status_code == 422
    assert states(house, name) == ["SENT"]


def test_a_sender_takes_its_referral_back_by_sending_its_task_back_cancelled(house: House) -> None:
    name = sent(house)
    read = call(house, HEALTH, "GET", f"/Task/{name}")
    task = {k: v for k, v in read.json().items() if k != "businessStatus"} | {"status": "cancelled"}
    headers = {"Content-Type": FHIR, "If-Match": read.headers["etag"]}
    answer = call(house, HEALTH, "PUT", f"/Task/{name}", content=json.dumps(task).encode(), headers=headers)

    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert states(house, name) == ["REVOKED"]


@pytest.mark.parametrize(
    ("prefer", "kinds"),
    [
        ("return=representation", {"Task", "ServiceRequest", "Patient"}), ("return=minimal", set()), ("", set()),
        ("respond-async, return=representation; x=1", {"Task", "ServiceRequest", "Patient"}),
    ],
)  # fmt: skip
def test_a_transaction_is_answered_as_its_sender_prefers(house: House, prefer: str, kinds: set[str]) -> None:
    entries = post(house, HEALTH, bundle(WELFARE), Prefer=prefer).json()["entry"]

    assert {each["resource"]["resourceType"] for each in entries if "resource" in each} == kinds
    assert not any("outcome" in each["response"] for each in entries)


@pytest.mark.parametrize(
    ("prefer", "status", "kind"),
    [
        ("return=OperationOutcome", 200, "OperationOutcome"), ("return=representation", 200, "Task"),
        ("return=minimal", 204, None), ("", 200, "Task"), ("return=everything", 200, "Task"),
    ],
)  # fmt: skip
def test_a_change_of_a_task_is_answered_as_its_receiver_prefers(
    house: House, prefer: str, status: int, kind: str | None
) -> None:
    name = received(house)
    read = call(house, WELFARE, "GET", f"/Task/{name}")
    patch = [{"op": "replace", "path": "/status", "value": "received"}]
    headers = {"Content-Type": "application/json-patch+json", "If-Match": read.headers["etag"], "Prefer": prefer}
    answer = call(house, WELFARE, "PATCH", f"/Task/{name}", content=json.dumps(patch).encode(), headers=headers)

    assert answer.status_code == status, answer.text
    assert (answer.json()["resourceType"] if answer.content else None) == kind


@pytest.mark.parametrize(
    ("prefer", "kind"), [("return=OperationOutcome", "OperationOutcome"), ("return=minimal", None), ("", "Task")]
)
def test_an_abort_is_answered_as_its_sender_prefers(house: House, prefer: str, kind: str | None) -> None:
    answer = send(house, HEALTH, abort(sent(house)), Prefer=prefer)

    assert answer.status_code == 201
    assert (answer.json()["resourceType"] if answer.content else None) == kind
