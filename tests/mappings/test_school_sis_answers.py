"""Receipts and decisions of a school: every state, every refusal, conditions (formats/school.md 4.4)."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.engine import laws
from mappings.school_sis.codec import ANSWERS
from tests.mappings.school_documents import (
    ABSENT,
    EXAMPLE_C_DECISION,
    EXAMPLE_C_RECEIPT,
    REQUEST_ID,
    changed,
    dump,
    fullest,
    read,
    refused,
    school,
    value,
    write,
)

STATES = {
    "RECEIVED": ("RECEIVE", "DELIVERED", None),
    "UNDER_REVIEW": ("ACKNOWLEDGE", "ACKNOWLEDGED", None),
    "WAITLISTED": ("ACKNOWLEDGE", "ACKNOWLEDGED", "waitlisted"),
    "ACCEPTED": ("ACCEPT", "ACCEPTED", None),
    "REDIRECTED": ("REJECT", "REJECTED", "redirected"),
    "REJECTED": ("REJECT", "REJECTED", None),
    "ENROLLED": ("PROGRESS", "IN_SERVICE", "enrolled"),
    "ATTENDING": ("COMPLETE", "COMPLETED", "attending"),
    "NO_SHOW": ("FAIL", "NOT_COMPLETED", "no-show"),
    "WITHDRAWN_BY_SENDER": ("WITHDRAW", "REVOKED", None),
    "EXPIRED": ("INFORM", "EXPIRED", None),
}
REJECT_CODES = (
    "NO_CAPACITY", "WRONG_GENDER_SCHOOL", "GRADE_NOT_OFFERED", "OVER_AGE_USE_ALP", "SCHOOL_CLOSED",
    "DUPLICATE_ACTIVE_ENROLMENT", "IDENTITY_CONFLICT", "OUT_OF_AREA", "OTHER",
)  # fmt: skip


def decision(state: str, **fields: Any) -> dict[str, Any]:
    needed = {"reject_code": "NO_CAPACITY"} if state == "REJECTED" else {}
    return {"request_id": REQUEST_ID, "state": state, "decided_at": "2026-01-10T05:30:00Z", **needed, **fields}


def test_the_table_of_answers_holds_every_state_once() -> None:
    assert sorted(ANSWERS.values()) == sorted(STATES)


@pytest.mark.parametrize("state", STATES)
def test_every_state_says_kind_state_and_finer_state_and_is_written_again(state: str) -> None:
    document = decision(state)
    reply = read(document)
    said = (reply["kind"], reply["state"], reply.get("outcome", {}).get("business_status"))
    assert said == STATES[state]
    assert write(reply) == document
    assert laws.round_trip(school(), value(reply)) == []


@pytest.mark.parametrize("code", REJECT_CODES)
def test_every_reject_code_is_a_reason_of_the_same_name(code: str) -> None:
    document = decision("REJECTED", reject_code=code)
    assert read(document)["reason"] == code
    assert write(read(document)) == document


@pytest.mark.parametrize("paper", ["MISSING_B_FORM", "SLC_PENDING"])
@pytest.mark.parametrize("state", ["ACCEPTED", "ENROLLED", "ATTENDING"])
def test_a_missing_paper_is_a_condition_on_a_yes(state: str, paper: str) -> None:
    document = decision(state, conditions=[paper])
    assert read(document)["outcome"]["conditions"] == [paper]
    assert write(read(document)) == document


@pytest.mark.parametrize("paper", ["MISSING_B_FORM", "SLC_PENDING"])
def test_a_missing_paper_is_never_a_ground_to_refuse(paper: str) -> None:
    document = decision("REJECTED", reject_code=paper)
    assert refused(read, document) == [("CONDITION_AS_REFUSAL", "/reject_code")]
    assert "/state" in {p for _, p in refused(read, decision("REJECTED", conditions=[paper]))}


def test_a_condition_beside_a_refusal_is_not_written() -> None:
    reply = read(decision("REJECTED")) | {"outcome": {"conditions": ["MISSING_B_FORM"]}}
    assert refused(write, reply) == [("CANNOT_HOLD", "/conditions")]


def test_a_refusal_demands_its_code_on_both_sides() -> None:
    assert refused(read, decision("REJECTED", reject_code=None))[0][1] == "/reject_code"
    reply = read(decision("REJECTED"))
    del reply["reason"]
    assert refused(write, reply) == [("MISSING_REQUIRED", "/reject_code")]


def test_a_yes_with_a_reason_to_refuse_is_refused() -> None:
    assert refused(read, decision("ACCEPTED", reject_code="OTHER")) == [("UNKNOWN_CODE", "/state")]
    reply = read(decision("ACCEPTED")) | {"reason": "OTHER"}
    assert refused(write, reply) == [("CANNOT_HOLD", "/reject_code")]


@pytest.mark.parametrize(
    ("kind", "state", "finer"),
    [
        ("COMPLETE", "COMPLETED", None),
        ("PROGRESS", "IN_SERVICE", None),
        ("PROGRESS", "IN_SERVICE", "waitlisted"),
        ("REJECT", "ACCEPTED", None),
    ],
)
def test_an_answer_for_which_a_school_has_no_word_is_refused(kind: str, state: str, finer: str | None) -> None:
    reply = read(decision("ACCEPTED")) | {"kind": kind, "state": state}
    reply["outcome"] = {"business_status": finer} if finer else {"remark": "MISALI"}
    assert ("UNMAPPED_CODE", "/state") in refused(write, reply)


def test_a_finer_state_of_another_trade_is_dropped_with_a_reason() -> None:
    reply = read(decision("ACCEPTED")) | {"outcome": {"business_status": "visit-scheduled"}}
    written = school().write(value(reply))
    assert [drop.path for drop in written.dropped] == ["outcome.business_status"]


@pytest.mark.parametrize("reason", ["NOT_ELIGIBLE", "WRONG_SERVICE", "INCOMPLETE", "IDENTITY_MISMATCH"])
def test_a_reason_of_another_trade_is_written_as_other(reason: str) -> None:
    assert write(read(decision("REJECTED")) | {"reason": reason})["reject_code"] == "OTHER"


def test_an_unknown_state_is_refused() -> None:
    assert refused(read, decision("MAYBE")) == [("UNKNOWN_CODE", "/state")]


def test_a_decision_names_a_school_by_a_code_that_fits() -> None:
    assert refused(read, changed(EXAMPLE_C_DECISION, school__code="49999001")) == [("SCHOOL_CODE", "/school/code")]


def test_a_receipt_is_a_delivery_and_keeps_number_and_digest() -> None:
    reply = read(EXAMPLE_C_RECEIPT)
    assert (reply["kind"], reply["state"]) == ("RECEIVE", "DELIVERED")
    assert reply["references"] == [
        {"scheme": "receipt", "value": "rcp-000001"},
        {"scheme": "digest", "value": "sha-256=AAAA"},
    ]


@pytest.mark.parametrize("field", sorted(EXAMPLE_C_RECEIPT))
def test_a_receipt_without_one_of_its_fields_is_no_receipt(field: str) -> None:
    assert school().validate(dump(changed(EXAMPLE_C_RECEIPT, **{field: ABSENT})))


def test_a_reply_that_is_no_yes_cannot_be_a_receipt() -> None:
    reply = fullest("receipt") | {"kind": "ACCEPT", "state": "ACCEPTED"}
    assert refused(write, reply) == [("UNMAPPED_CODE", "/state"), ("UNMAPPED_CODE", "/state")]
