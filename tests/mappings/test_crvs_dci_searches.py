"""Writing DCI searches, and the answers that hold no record (design/decisions.md 4)."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any

import pytest

from mappings.engine.lineage import How
from mappings.engine.mapping import Value, canonical
from mappings.nadra_crms.outcomes import OUTCOMES
from mappings.referral import Record
from mappings.reply import Reply
from tests.mappings.crvs_documents import (
    AT,
    D4,
    D5,
    RECORD,
    RESPONSE,
    changed,
    dci,
    entry,
    lookup,
    not_written,
    read,
    refused,
    response,
    tree_of,
    without_record,
    written,
)


def test_a_search_is_written_in_the_strict_form() -> None:
    message = written(lookup(child={"identifiers": [{"scheme": "pk-bform", "value": "3999900000134"}]}))
    request = message["message"]["search_request"][0]
    assert message["header"]["action"] == "search"
    assert "status" not in message["header"]
    assert request["search_criteria"]["query_type"] == "idtype-value"
    assert request["search_criteria"]["query"] == {"type": "UIN", "value": "3999900000134"}
    assert request["search_criteria"]["authorize"]["purpose"]["code"] == "CHILD_PROTECTION_REFERRAL"
    assert request["reference_id"] == "ref-1"


def test_a_search_takes_one_number_and_says_which_it_left_out() -> None:
    both = [{"scheme": "pk-crms", "value": "B999901-16-00017"}, {"scheme": "pk-bform", "value": "3999900000134"}]
    translation = dci().write(lookup(child={"identifiers": both}))
    assert b"B999901-16-00017" in translation.value
    assert b"3999900000134" not in translation.value
    assert "child.identifiers[1].value" in {drop.path for drop in translation.dropped}
    own = written(lookup(child=None, registration={"crms_number": "B999901-16-00018"}))
    assert own["message"]["search_request"][0]["search_criteria"]["query"]["value"] == "B999901-16-00018"


def test_a_search_names_the_number_and_nothing_else_of_the_child() -> None:
    secret = {
        "child": {**tree_of(D4)["child"], "name": "canary-name", "birth_date": "2016-03-07"},
        "concern": {"types": ["NEGLECT"], "narrative": "canary-story"},
        "reporter": {"name": "canary-reporter"},
        "sender": {"agency": "canary-agency", "kind": "SOCIAL_WELFARE"},
    }
    translation = dci().write(lookup(**secret))
    assert b"canary" not in translation.value
    assert {d.path for d in translation.dropped} >= {"child.name", "concern.narrative", "sender.agency"}


def test_what_is_missing_is_refused_with_our_name_and_theirs() -> None:
    assert not_written(lookup(child=None, authored_at=None)) == {
        ("MISSING_REQUIRED", "/header/message_ts", "authored_at"),
        (
            "MISSING_REQUIRED",
            "/message/search_request/search_criteria/query/value",
            "child.identifiers.value",
        ),
    }
    assert not_written(entry(authored_at=None)) == {("MISSING_REQUIRED", "/header/message_ts", "authored_at")}
    partial = dci().write(lookup(child=None), allow_partial=True)
    assert not partial.complete
    assert {f.code for f in partial.warnings} == {"PARTIAL"}


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (
            entry(message_id="x" * 100),
            ("CANNOT_HOLD", "/message/transaction_id", "message_id"),
        ),
        (
            entry(registration={"registered_on": "2016-03-06"}),
            ("NADRA_906", f"{RECORD}/birth_date", ""),
        ),
        (
            entry(registration={"applicant": {"id_scheme": "pk-cnic", "id_value": "12"}}),
            ("INVALID_IDENTIFIER", f"{RECORD}/raabta_extension/applicant/identifier_value", ""),
        ),
        (
            lookup(consent={"order_ref": "COURT_ORDER 7"}),
            (
                "CANNOT_HOLD",
                "/message/search_request/0/search_criteria/authorize/purpose/text",
                "consent.basis",
            ),
        ),
    ],
)
def test_what_the_schema_cannot_hold_is_refused(value: Value, found: tuple[str, str, str]) -> None:
    assert not_written(value) == {found}


def test_a_notification_has_no_message_in_dci() -> None:
    register = lookup(requested={"service": "CIVIL_REGISTRATION", "action": "REGISTER"})
    assert not_written(register) == {("CANNOT_WRITE", "", "")}
    assert not_written(Record()) == {("CANNOT_WRITE", "", "")}


@pytest.mark.parametrize(
    ("codes", "status", "reason"),
    [
        (("142", "151", "901"), "succ", None),
        (("902",), "rjct", "rjct.search.too_many_records_found"),
        (("107", "115", "184", "906", "908", "910"), "rjct", "rjct.search_criteria.invalid"),
        (("104", "201", "300", "317", "318"), "pdng", None),
        (("106", "904"), "rjct", "err.request.forbidden"),
        (("175",), "rjct", "rjct.reference_id.duplicate"),
        (("108", "109"), "rjct", "err.service.unavailable"),
        (("903", "905"), "rjct", None),
        (("100",), "rcvd", None),
    ],
)
def test_case_18_every_code_of_the_register_has_its_words_in_dci(
    codes: tuple[str, ...], status: str, reason: str | None
) -> None:
    for code in codes:
        value = Reply.model_validate({"in_reply_to": "9901003999900000172", "outcome": {"code": code}, "at": AT})
        answer = response(written(value))
        assert (answer["status"], answer.get("status_reason_code")) == (status, reason)
        assert answer["raabta_extension"] == {"code": code}
        back = tree_of(dci().write(value).value)
        assert back["outcome"]["code"] == code
        assert back["kind"] == OUTCOMES[code].kind


def test_a_code_in_the_extension_that_contradicts_the_status_is_refused() -> None:
    def lie(tree: dict[str, Any]) -> None:
        del response(tree)["data"]
        response(tree)["raabta_extension"] = {"code": "902"}

    assert refused(changed(D5, lie)) == {("DCI_CONTRADICTION", RESPONSE)}


def test_an_unknown_code_has_no_words_in_dci() -> None:
    value = Reply.model_validate({"in_reply_to": "t", "outcome": {"code": "777"}, "at": AT})
    assert {code for code, _, _ in not_written(value)} == {"UNMAPPED_CODE"}


def test_an_acknowledgement_is_written_when_there_is_a_correlation_id() -> None:
    reply = {"outcome": {"code": "901"}, "at": AT, "references": [{"scheme": "correlation-id", "value": "corr-1"}]}
    assert {code for code, _, _ in not_written(Reply.model_validate(reply))} == {"UNMAPPED_CODE"}
    reply["outcome"] = {"code": "175"}
    translation = dci().write(Reply.model_validate(reply))
    assert json.loads(translation.value) == {
        "message": {
            "ack_status": "NACK",
            "timestamp": "2026-01-15T09:30:01+05:00",
            "error": {"code": "rjct.reference_id.duplicate"},
            "correlation_id": "corr-1",
        }
    }
    assert next(line.how for line in translation.lines if line.ours == "outcome.code") is How.COARSENED


@pytest.mark.parametrize("data", [without_record("succ"), without_record("rjct", "rjct.sort.invalid")])
def test_an_answer_without_a_record_comes_back_whole(data: bytes) -> None:
    value = read(data).value
    again = canonical(read(dci().write(value).value).value)
    assert {k: v for k, v in again.items() if k != "sender"} == {
        k: v for k, v in canonical(value).items() if k != "sender"
    }


def test_the_schema_of_what_is_written_admits_a_signature_only_as_a_compact_jws() -> None:
    schema = json.loads(resources.files("mappings.crvs_dci").joinpath("on_search.schema.json").read_bytes())
    assert schema["additionalProperties"] is False
    assert "signature" not in schema["required"]
    assert schema["properties"]["signature"]["pattern"].startswith("^[A-Za-z0-9_-]+")
