"""The school simulator: closed requests, one receipt, pupils found by exact keys."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.sandbox.caller import Caller
from tests.sandbox.conftest import Start
from tests.sandbox.documents import Call


@pytest.fixture
def school(start: Start) -> Caller:
    return start("school")


def test_a_request_gets_one_receipt_however_often_it_comes(school: Caller) -> None:
    call = school.valid()
    first, second = school.send(call), school.send(call)
    receipt = first.json()
    assert (first.status_code, second.status_code) == (202, 202)
    assert receipt == second.json()
    assert receipt["request_id"] == call.headers["Idempotency-Key"]
    assert receipt["state"] == "RECEIVED"
    assert receipt["digest"].startswith("sha-256=")


def test_a_conflict_has_its_code(school: Caller) -> None:
    call = school.valid()
    school.send(call)
    answer = school.send(call.with_json(priority="LOW"))
    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_CONFLICT")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"fir_no": "CANARY"}, ""),
        ({"student": {"name": "CANARY", "sex": "Q"}}, "/student/sex"),
        ({"student": {"name": "CANARY", "sex": "M", "father_name": "CANARY"}}, "/student/father_name"),
        ({"student": {"name": "CANARY\u202b", "sex": "M"}}, "/student/name"),
        ({"student": {"name": None, "sex": "M"}}, "/student/name"),
        ({"student": {"name": "A", "sex": "M", "date_of_birth": "2015-02-31"}}, "/student/date_of_birth"),
        ({"safety": ["RELEASE_ONLY_TO_LISTED"], "release_to": []}, "/release_to"),
        ({"target": {"school": {"scheme": "pk-sindh-semis", "code": "49999001"}}}, "/target"),
        ({"target": {}}, "/target"),
        ({"reply_by": "tomorrow"}, "/reply_by"),
        ({"consent": {"basis": "BEST_INTEREST", "scope": "health"}}, "/consent/scope"),
    ],
)  # fmt: skip
def test_an_invalid_request_is_refused_by_place_and_never_by_value(
    school: Caller, changed: dict[str, Any], pointer: str
) -> None:
    answer = school.send(school.valid().with_json(**changed))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (422, "VALIDATION")
    assert pointer in [one["pointer"] for one in problem["errors"]]
    assert "CANARY" not in answer.text
    assert school.received()["effects"] == []


def test_a_request_needs_its_key_as_a_header(school: Caller) -> None:
    call = school.valid()
    bare = Call(call.method, call.path, call.body, {"Content-Type": "application/json"})
    assert school.send(bare).status_code == 422


def test_the_state_of_a_request_can_be_asked_for(school: Caller) -> None:
    call = school.valid()
    school.send(call)
    found = school.get(f"/sis/v1/reenrolment-requests/{call.headers['Idempotency-Key']}")
    assert found.json()["state"] == "RECEIVED"
    assert school.get(f"/sis/v1/reenrolment-requests/{uuid4()}").status_code == 404


def withdrawal(call: Call, key: str = "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0009", **changed: str) -> Call:
    """Return the withdrawal of a request."""
    request_id = call.headers["Idempotency-Key"]
    said = {"request_id": request_id, "state": "WITHDRAWN_BY_SENDER", "decided_at": "2026-03-20T04:15:01Z", **changed}
    headers = {"Content-Type": "application/json", "Idempotency-Key": key}
    return Call("POST", f"{call.path}/{request_id}/withdrawal", json.dumps(said).encode(), headers)


def test_a_withdrawn_request_is_given_up_once_however_often_it_is_said(school: Caller) -> None:
    call = school.valid()
    school.send(call)
    first, second = school.send(withdrawal(call)), school.send(withdrawal(call))
    assert (first.status_code, first.json()) == (200, second.json())
    assert first.json()["state"] == "WITHDRAWN_BY_SENDER"
    state = school.get(f"{call.path}/{call.headers['Idempotency-Key']}")
    assert state.json()["state"] == "WITHDRAWN_BY_SENDER"
    assert len(school.received()["effects"]) == 2


def test_what_is_no_withdrawal_of_this_request_changes_nothing(school: Caller) -> None:
    call = school.valid()
    assert school.send(withdrawal(call)).status_code == 404
    school.send(call)
    for changed in ({"state": "ACCEPTED"}, {"request_id": str(uuid4())}, {"fir_no": "CANARY"}):
        answer = school.send(withdrawal(call, **changed))
        assert answer.status_code == 422
        assert "CANARY" not in answer.text
    state = school.get(f"{call.path}/{call.headers['Idempotency-Key']}")
    assert state.json()["state"] == "RECEIVED"


@pytest.mark.parametrize(
    ("keys", "match", "count"),
    [
        ({"b_form_no": "39999-0000303-3"}, "one", 1),
        ({"b_form_no": "3999900009999"}, "none", 0),
        ({"guardian_cnic": "3999900000261"}, "many", 2),
        ({"name": "Zoya Farzi", "date_of_birth": "2016-03-09"}, "one", 1),
    ],
)
def test_pupils_are_found_by_exact_keys(school: Caller, keys: dict[str, str], match: str, count: int) -> None:
    call = Call("POST", "/sis/v1/students/lookup", b"{}", {"Content-Type": "application/json"})
    answer = school.send(call.with_json(**keys)).json()
    assert answer["match"] == match
    assert len(answer["candidates"]) == count
    assert all(set(one) == {"student_id", "score"} for one in answer["candidates"])


def test_a_lookup_by_half_a_key_is_refused(school: Caller) -> None:
    call = Call("POST", "/sis/v1/students/lookup", b'{"name": "Zoya Farzi"}', {"Content-Type": "application/json"})
    assert school.send(call).status_code == 422


def test_a_school_is_open_closed_or_unknown(school: Caller) -> None:
    is_open = school.get("/sis/v1/schools/pk-punjab-emis/39999001")
    closed = school.get("/sis/v1/schools/pk-punjab-emis/39999003")
    unknown = school.get("/sis/v1/schools/pk-punjab-emis/30000000")
    assert is_open.json()["name"] == "GGPS Misali Chak"
    assert (closed.status_code, closed.json()["code"], closed.json()["successor"]) == (410, "SCHOOL_CLOSED", "39999002")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "UNKNOWN_SCHOOL")
