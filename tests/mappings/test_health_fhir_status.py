"""News about a referral: example 11.2 both ways, the status map 9.2, and what a server answers at once (9.5)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mappings.engine.errors import Refusal
from mappings.health_fhir import systems
from mappings.health_fhir.states import FINER, STATES, TASK_STATUS
from mappings.reply import Outcome, Reply
from mappings.vocabulary import Reason, State
from tests.mappings.health_documents import data, declined, errors, health, read, resource

ROWS = [
    ("READY", "draft", "ready"),
    ("SENT", "requested", "submitted"),
    ("DELIVERED", "requested", "delivered"),
    ("ACKNOWLEDGED", "received", "acknowledged"),
    ("INFO_NEEDED", "received", "awaiting-information"),
    ("ACCEPTED", "accepted", "accepted"),
    ("REJECTED", "rejected", "declined"),
    ("IN_SERVICE", "in-progress", "in-service"),
    ("COMPLETED", "completed", "completed"),
    ("NOT_COMPLETED", "failed", "not-completed"),
    ("FEEDBACK_ACCEPTED", "completed", "feedback-accepted"),
    ("CLOSED", "completed", "closed"),
    ("REVOKED", "cancelled", "revoked"),
    ("EXPIRED", "cancelled", "expired"),
    ("TRANSFERRED", "cancelled", "transferred"),
    ("DEAD_LETTER", "requested", "delivery-failed"),
]
"""Rows of the status map (formats/health.md 9.2)."""


def answer(**fields: Any) -> Reply:
    """Return an invented answer."""
    base = {
        "message_id": "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0002",
        "in_reply_to": "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0001",
        "ref": "RF-7Q2M-0001",
        "kind": "INFORM",
        "state": "SENT",
        "sender": {"agency": "welfare:pb-cpb", "name": "Namuna Child Protection Bureau"},
        "recipient": {"agency": "health:lhr-dhq"},
        "at": "2026-03-02T07:01:58Z",
    }
    return Reply.model_validate({**base, **fields})


def task_of(reply: Reply) -> dict[str, Any]:
    return resource(json.loads(health().write(reply).value), "Task")


def business(code: str) -> dict[str, Any]:
    return {"coding": [{"system": systems.STATE, "code": code}]}


def test_11_2_reads_as_the_answer_it_is() -> None:
    value = read(data(declined()))
    assert (value.kind, value.state, value.reason) == ("REJECT", "REJECTED", "OUT_OF_AREA")
    assert value.reason_text == "Child resides in another district; re-route suggested"
    assert (value.ref, value.in_reply_to) == ("LHR-DHQ-2026-000123", "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0001")
    assert [(r.scheme, r.value) for r in value.references] == [("fhir-task", "CPB-44871")]
    assert (value.sender.agency, value.recipient.agency) == ("welfare:pb-cpb", "health:lhr-dhq")
    assert value.at == "2026-03-02T07:01:58Z"


def test_11_2_survives_the_way_there_and_back() -> None:
    value = read(data(declined()))
    assert read(health().write(value).value) == value


def test_no_child_travels_back() -> None:
    kinds = {e["resource"]["resourceType"] for e in json.loads(health().write(answer()).value)["entry"]}
    assert kinds == {"MessageHeader", "Task", "Organization"}
    assert "for" not in task_of(answer())


@pytest.mark.parametrize(("state", "status", "business_status"), ROWS)
def test_a_row_of_the_status_map_reads_and_writes(state: str, status: str, business_status: str) -> None:
    task = task_of(answer(state=state))
    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == (status, business_status)
    assert read(health().write(answer(state=state)).value).state == state


def test_every_state_has_a_row() -> None:
    assert set(STATES.values()) == {state.value for state in State}
    assert set(STATES) <= set(TASK_STATUS)
    assert set(FINER.values()) <= set(STATES)


@pytest.mark.parametrize(
    ("code", "status", "state"),
    [
        ("unattended", "in-progress", "IN_SERVICE"),
        ("visit-scheduled", "in-progress", "IN_SERVICE"),
        ("held-policy", "requested", "HELD"),
        ("held-identity", "on-hold", "HELD"),
        ("duplicate-of", "rejected", "REJECTED"),
        ("retracted", "entered-in-error", "REVOKED"),
        ("awaiting-information", "on-hold", "INFO_NEEDED"),
        ("revoked", "failed", "REVOKED"),
    ],
)
def test_a_finer_status_is_a_state_with_a_detail(code: str, status: str, state: str) -> None:
    """Number 13: a child who did not attend is still in service, and the sender learns it."""
    bundle = declined()
    resource(bundle, "Task").update(status=status, businessStatus=business(code))
    value = read(data(bundle))
    assert value.state == state
    if code in FINER:
        assert value.outcome.business_status == code
        assert task_of(value)["businessStatus"] == business(code)


def test_a_detail_of_no_list_stands_beside_the_state() -> None:
    reply = answer(state="IN_SERVICE", outcome=Outcome(business_status="second-visit"))
    codes = [coding["code"] for coding in task_of(reply)["businessStatus"]["coding"]]
    assert codes == ["in-service", "second-visit"]
    assert read(health().write(reply).value) == reply


@pytest.mark.parametrize(
    ("status", "code"), [("accepted", "declined"), ("rejected", "accepted"), ("completed", "unattended")]
)
def test_statuses_that_contradict_each_other_are_refused(status: str, code: str) -> None:
    """Number 10, as far as one document can tell: completed and still unattended."""
    bundle = declined()
    resource(bundle, "Task").update(status=status, businessStatus=business(code))
    assert errors(data(bundle)) == [("FHIR_STATE_CONTRADICTION", "/entry/1/resource/businessStatus")]


@pytest.mark.parametrize(("status", "state"), [("received", "ACKNOWLEDGED"), ("in-progress", "IN_SERVICE")])
def test_a_plain_task_says_its_state_by_its_status(status: str, state: str) -> None:
    bundle = declined()
    task = resource(bundle, "Task")
    del task["businessStatus"], task["statusReason"]
    task["status"] = status
    assert read(data(bundle)).state == state


@pytest.mark.parametrize("status", ["on-hold", "cancelled", "entered-in-error"])
def test_a_plain_task_that_could_mean_several_states_is_refused(status: str) -> None:
    bundle = declined()
    task = resource(bundle, "Task")
    del task["businessStatus"]
    task["status"] = status
    assert errors(data(bundle)) == [("MISSING_REQUIRED", "/entry/1/resource/businessStatus")]


def test_an_unknown_state_is_refused_and_never_defaulted() -> None:
    bundle = declined()
    resource(bundle, "Task")["businessStatus"] = business("on-its-way")
    assert ("UNKNOWN_CODE", "/entry/1/resource/businessStatus/coding/0/code") in errors(data(bundle))


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_travels(reason: Reason) -> None:
    reply = answer(kind="REJECT", state="REJECTED", reason=reason)
    task = task_of(reply)
    assert task["statusReason"]["text"]
    assert read(health().write(reply).value) == reply


def test_words_are_demanded_with_a_refusal() -> None:
    bundle = declined()
    del resource(bundle, "Task")["statusReason"]["text"]
    assert errors(data(bundle)) == [("MISSING_REQUIRED", "/entry/1/resource/statusReason/text")]


def test_a_message_begins_with_its_header() -> None:
    bundle = declined()
    bundle["entry"] = [*bundle["entry"][1:], bundle["entry"][0]]
    assert ("FHIR_BDL_12", "/entry") in errors(data(bundle))


def test_an_answer_with_a_child_in_it_is_refused() -> None:
    bundle = declined()
    patient = {"resourceType": "Patient", "name": [{"text": "Misali"}]}
    bundle["entry"].append({"fullUrl": "urn:uuid:0f9b2a10-0000-4000-8000-000000000088", "resource": patient})
    assert ("FHIR_SURPLUS_RESOURCE", "/entry/4") in errors(data(bundle))


def test_an_answer_without_a_moment_is_no_document() -> None:
    with pytest.raises(Refusal) as refused:
        health().write(answer(at=None))
    assert [f.ours for f in refused.value.findings] == ["at"]


def outcome(code: str, severity: str = "error") -> bytes:
    issue = {"severity": severity, "code": code, "details": {"text": "a fixed sentence"}}
    return data({"resourceType": "OperationOutcome", "issue": [issue]})


@pytest.mark.parametrize(
    ("code", "severity", "kind", "state"),
    [
        ("duplicate", "error", "RECEIVE", "DELIVERED"),
        ("informational", "information", "RECEIVE", "DELIVERED"),
        ("conflict", "error", "INFORM", None),
        ("transient", "error", "INFORM", None),
        ("structure", "fatal", "INFORM", None),
    ],
)
def test_an_outcome_says_whether_the_document_is_there(code: str, severity: str, kind: str, state: str | None) -> None:
    """Number 20: 409 duplicate means delivered."""
    value = read(outcome(code, severity))
    assert (value.kind, value.state, value.outcome.code) == (kind, state, code)


def test_an_outcome_of_an_unknown_code_is_refused() -> None:
    assert errors(outcome("bogus")) == [("UNKNOWN_CODE", "/issue/0/code")]


def test_a_transaction_response_says_where_the_task_is() -> None:
    entries = [
        {"response": {"status": "201 Created", "location": "ServiceRequest/sr-1/_history/1"}},
        {"response": {"status": "201 Created", "location": "Task/t-1/_history/1"}},
    ]
    bundle = {"resourceType": "Bundle", "type": "transaction-response", "entry": entries}
    value = read(data(bundle))
    assert (value.kind, value.state) == ("RECEIVE", "DELIVERED")
    assert [(r.scheme, r.value) for r in value.references] == [("fhir-task", "Task/t-1/_history/1")]


def test_a_transaction_response_that_stored_nothing_is_no_receipt() -> None:
    empty = {"resourceType": "Bundle", "type": "transaction-response"}
    assert read(data(empty)).state is None
    half = [{"response": {"status": "201 Created"}}, {"response": {"status": "422 Unprocessable"}}]
    assert read(data({**empty, "entry": half})).state is None


def test_a_message_in_answer_to_a_message_says_how_it_went() -> None:
    header = {
        "resourceType": "MessageHeader",
        "eventCoding": {"system": systems.EVENT, "code": "referral-status"},
        "source": {"endpoint": "https://his.example.pk/fhir"},
        "response": {"identifier": "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0002", "code": "ok"},
    }
    entry = {"fullUrl": "urn:uuid:0f9b2a10-0000-4000-8000-000000000021", "resource": header}
    value = read(data({"resourceType": "Bundle", "type": "message", "entry": [entry]}))
    assert (value.kind, value.state) == ("RECEIVE", "DELIVERED")
    assert value.in_reply_to == "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0002"
    header["response"] = {"identifier": "x", "code": "transient-error"}
    value = read(data({"resourceType": "Bundle", "type": "message", "entry": [entry]}))
    assert (value.kind, value.state) == ("INFORM", None)


def test_an_agency_of_which_only_the_kind_is_known_is_refused() -> None:
    """R4's org-1: an Organization has a number or a name."""
    with pytest.raises(Refusal) as refused:
        health().write(answer(recipient={"kind": "POLICE"}))
    assert [(f.code, f.ours) for f in refused.value.findings] == [("MISSING_REQUIRED", "recipient.agency")]
