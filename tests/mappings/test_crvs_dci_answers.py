"""DCI messages that contradict themselves, ask otherwise, or answer without a record."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mappings.crvs_dci.outcomes import REASONS
from tests.mappings.crvs_documents import (
    D4,
    D5,
    EXTENSION,
    RECORD,
    REQUEST,
    RESPONSE,
    Change,
    changed,
    dci,
    read,
    record,
    refused,
    response,
    tree_of,
    warnings,
    without_record,
)


@pytest.mark.parametrize(
    ("change", "code", "path"),
    [
        (lambda r: r["name"].update(given_name="Gul Rukh"), "DCI_CONTRADICTION", f"{RECORD}/name"),
        (
            lambda r: r["raabta_extension"].update(birth_date="2016"),
            "DCI_CONTRADICTION",
            f"{EXTENSION}/birth_date",
        ),
        (
            lambda r: r["raabta_extension"].update(birth_date_precision="YEAR"),
            "NADRA_906",
            f"{EXTENSION}/birth_date_precision",
        ),
        (lambda r: r.update(registration_date="2016-03-06"), "NADRA_906", f"{RECORD}/birth_date"),
        (
            lambda r: r["raabta_extension"]["parents"].append({"role": "FATHER", "status": "UNKNOWN"}),
            "REPEATED",
            f"{EXTENSION}/parents/2/role",
        ),
        (
            lambda r: r["raabta_extension"]["parents"][0].update(role="UNCLE"),
            "UNKNOWN_CODE",
            f"{EXTENSION}/parents/0/role",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_at_its_place(change: Change, code: str, path: str) -> None:
    assert (code, path) in refused(changed(D5, lambda t: change(record(t))))


def test_case_11_a_digit_that_hints_at_another_sex_only_warns() -> None:
    data = changed(D5, lambda t: record(t).update(sex="male"))
    assert warnings(data) == [("NADRA_907", f"{RECORD}/identifier/1/identifier_value")]
    assert warnings(changed(D5, lambda t: record(t).update(sex="other"))) == []


def test_case_10_a_number_without_its_shape_is_refused_at_its_place() -> None:
    def spoil(tree: dict[str, Any]) -> None:
        record(tree)["identifier"][0]["identifier_value"] = "D999901-16-00017"
        record(tree)["identifier"][1]["identifier_value"] = "399990000013"

    assert refused(changed(D5, spoil)) == {
        ("INVALID_IDENTIFIER", f"{RECORD}/identifier/0/identifier_value"),
        ("INVALID_IDENTIFIER", f"{RECORD}/identifier/1/identifier_value"),
    }
    parent = changed(D5, lambda t: record(t)["parent1_identifier"].update(identifier_value="12"))
    assert refused(parent) == {("INVALID_IDENTIFIER", f"{RECORD}/parent1_identifier/identifier_value")}


@pytest.mark.parametrize("status", ["rjct", "pdng", "rcvd"])
def test_case_19_records_beside_a_status_that_is_no_success_are_not_released(status: str) -> None:
    data = changed(D5, lambda t: response(t).update(status=status))
    assert refused(data) == {("DCI_BREACH", f"{RESPONSE}/status")}


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"query_type": "predicate"}, "query_type"),
        ({"query_type": "expression"}, "query_type"),
        ({"query": {"type": "MRN", "value": "1"}}, "query/type"),
    ],
)
def test_other_kinds_of_query_are_refused_and_never_widened(query: dict[str, Any], path: str) -> None:
    data = changed(D4, lambda t: t["message"]["search_request"][0]["search_criteria"].update(query))
    assert refused(data) == {("DCI_QUERY", f"{REQUEST}/search_criteria/{path}")}


def test_several_searches_in_one_message_are_several_referrals() -> None:
    def more(tree: dict[str, Any]) -> None:
        other = json.loads(json.dumps(tree["message"]["search_request"][0]))
        other["reference_id"] = "ref-2"
        other["search_criteria"]["query"] = {"type": "UIN", "value": "39999-0000013-4"}
        tree["message"]["search_request"].append(other)

    first, second = dci().read(changed(D4, more))
    assert [t.value.ref for t in (first, second)] == ["ref-1", "ref-2"]
    assert second.value.child.identifiers[0].value == "3999900000134"


@pytest.mark.parametrize(
    ("status", "reason", "kind", "state", "ours", "name"),
    [
        ("succ", "", "REJECT", "REJECTED", "IDENTITY_NOT_FOUND", "not-found"),
        ("rjct", "rjct.search.too_many_records_found", "ASK", "INFO_NEEDED", "IDENTITY_CONFLICT", "ambiguous"),
        ("rjct", "rjct.search_criteria.invalid", "REJECT", "REJECTED", "INCOMPLETE", "invalid-request"),
        ("rjct", "err.request.forbidden", "REJECT", "REJECTED", "NOT_ELIGIBLE", "forbidden"),
        ("rjct", "rjct.reference_id.duplicate", "REJECT", "REJECTED", "DUPLICATE", "duplicate"),
        ("pdng", "", "INFORM", None, None, "deferred"),
        ("rjct", "err.service.unavailable", "INFORM", None, None, "upstream-down"),
        ("rcvd", "", "RECEIVE", "DELIVERED", None, "received"),
    ],
)
def test_case_18_an_answer_without_a_record_is_a_reply_by_its_code(
    status: str, reason: str, kind: str, state: str | None, ours: str | None, name: str
) -> None:
    value = tree_of(without_record(status, reason))
    assert value["type"] == "reply"
    assert (value["kind"], value.get("state"), value.get("reason")) == (kind, state, ours)
    assert value["outcome"] == {"code": reason or status, "business_status": name}
    assert value["in_reply_to"] == "9901003999900000172"
    assert (value["ref"], value["message_id"], value["at"]) == ("ref-1", "test-msg-0001", "2026-01-15T04:30:01Z")


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_of_dcis_pages_is_understood_and_none_is_a_success(code: str) -> None:
    value = tree_of(without_record("rjct", code))
    assert value["outcome"]["code"] == code
    assert value["kind"] in {"REJECT", "ASK", "INFORM"}


def test_case_18_a_code_nobody_agreed_on_is_never_read_as_anything() -> None:
    assert refused(without_record("rjct", "rjct.moon.phase")) == {("UNKNOWN_CODE", RESPONSE)}
    assert refused(without_record("maybe")) == {("UNKNOWN_CODE", RESPONSE)}


def test_a_refusal_of_the_whole_message_is_a_reply_too() -> None:
    def bare(tree: dict[str, Any]) -> None:
        tree["header"] |= {"status": "rjct", "status_reason_code": "rjct.version.invalid"}
        tree["message"] = {"transaction_id": "9901003999900000172"}

    value = tree_of(changed(D5, bare))
    assert (value["kind"], value["outcome"]["code"]) == ("REJECT", "rjct.version.invalid")


@pytest.mark.parametrize(
    ("body", "kind", "code", "name"),
    [
        ({"ack_status": "ACK"}, "RECEIVE", "ACK", "received"),
        ({"ack_status": "NACK"}, "REJECT", "NACK", "rejected"),
        (
            {"ack_status": "NACK", "error": {"code": "err.signature.invalid", "message": "who are you"}},
            "REJECT",
            "err.signature.invalid",
            "forbidden",
        ),
        ({"ack_status": "ERR"}, "INFORM", "ERR", "upstream-down"),
    ],
)
def test_an_acknowledgement_says_whether_the_request_was_taken(
    body: dict[str, Any], kind: str, code: str, name: str
) -> None:
    document = {"message": {**body, "timestamp": "2026-01-15T09:30:01+05:00", "correlation_id": "corr-1"}}
    value = tree_of(document)
    assert (value["kind"], value["outcome"]) == (kind, {"code": code, "business_status": name})
    assert value["references"] == [{"scheme": "correlation-id", "value": "corr-1"}]
    assert value.get("reason_text") == body.get("error", {}).get("message")
    assert read(document).leftover == ()


def test_an_acknowledgement_with_an_unknown_word_is_refused() -> None:
    document = {"message": {"ack_status": "OK", "timestamp": "2026-01-15T09:30:01+05:00", "correlation_id": "c"}}
    assert refused(json.dumps(document).encode()) == {("UNKNOWN_CODE", "/message")}
