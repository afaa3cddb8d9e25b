"""Answers without an entry, and the register's decisions (formats/nadra.md 7.4, 7.5; case 18)."""

from __future__ import annotations

from uuid import UUID

import pytest

from mappings.nadra_crms.outcomes import OUTCOMES
from mappings.reply import Reply
from tests.mappings.nadra_documents import (
    BIRTH,
    CHILD,
    FATHER,
    IDS,
    MOTHER,
    ROOT,
    STATUS,
    answer,
    birth,
    not_written,
    read,
    refused,
    response,
    tree,
    written,
)

CODE = f"{ROOT}/RESPONSE_DATA[1]/RESPONSE_STATUS[1]/CODE[1]"
RECEIPT = "<NOTIFICATION_NUMBER>BN-99990001</NOTIFICATION_NUMBER>"
REF = "<REFERRAL_REF>R-2026-0001</REFERRAL_REF>"


def test_a_receipt_acknowledges_the_notification_under_the_registers_number() -> None:
    value = tree(answer("100", RECEIPT, REF))
    assert value["type"] == "reply"
    assert (value["kind"], value["state"]) == ("ACKNOWLEDGE", "ACKNOWLEDGED")
    assert value["references"] == [{"scheme": "pk-notification", "value": "BN-99990001"}]
    assert value["in_reply_to"] == "9901000000000000099"
    assert value["ref"] == "R-2026-0001"
    assert value["outcome"] == {"code": "100", "business_status": "accepted"}


@pytest.mark.parametrize(
    ("codes", "kind", "state", "reason", "outcome"),
    [
        (("142", "151", "901"), "REJECT", "REJECTED", "IDENTITY_NOT_FOUND", "not-found"),
        (("902",), "ASK", "INFO_NEEDED", "IDENTITY_CONFLICT", "ambiguous"),
        (("107", "115", "184", "906", "908", "910"), "REJECT", "REJECTED", "INCOMPLETE", "invalid-request"),
        (("104", "201"), "INFORM", None, None, "session"),
        (("106",), "REJECT", "REJECTED", "OTHER", "forbidden"),
        (("904",), "REJECT", "REJECTED", "NOT_ELIGIBLE", "forbidden"),
        (("175",), "REJECT", "REJECTED", "DUPLICATE", "duplicate"),
        (("300", "317", "318"), "INFORM", None, "NO_CAPACITY", "deferred"),
        (("108", "109"), "INFORM", None, None, "upstream-down"),
        (("905",), "REJECT", "REJECTED", "IDENTITY_MISMATCH", "mismatch"),
    ],
)
def test_case_18_every_code_has_its_outcome(
    codes: tuple[str, ...], kind: str, state: str | None, reason: str | None, outcome: str
) -> None:
    for code in codes:
        value = tree(answer(code))
        assert (value["kind"], value.get("state"), value.get("reason")) == (kind, state, reason)
        assert value["outcome"] == {"code": code, "business_status": outcome}


def test_case_18_unknown_and_empty_codes_are_never_read_as_anything() -> None:
    assert refused(answer("999")) == {("UNKNOWN_CODE", CODE)}
    assert refused(answer("907")) == {("UNKNOWN_CODE", CODE)}
    assert refused(answer("")) == {("MISSING_REQUIRED", f"{ROOT}/RESPONSE_DATA[1]/RESPONSE_STATUS[1]/CODE[1]")}


def test_only_success_leaves_the_referral_open_without_a_no() -> None:
    for code, outcome in OUTCOMES.items():
        assert (outcome.kind.value == "ACKNOWLEDGE") == (code == "100")


def test_the_registers_standard_sentence_says_no_more_than_its_code() -> None:
    text = answer("901").replace("as the register says", "no registration found")
    assert "reason_text" not in tree(text)
    assert tree(answer("901"))["reason_text"] == "as the register says"


def test_a_repeat_has_the_same_id_and_news_another_one() -> None:
    first, again = read(answer("100", RECEIPT, REF)).value, read(answer("100", REF, RECEIPT)).value
    news = read(answer("901")).value
    assert first.message_id == again.message_id != news.message_id
    assert UUID(str(first.message_id)).version == 5


@pytest.mark.parametrize(
    ("status", "kind", "state"),
    [
        ("NOTIFIED", "ACCEPT", "ACCEPTED"),
        ("REGISTERED", "COMPLETE", "COMPLETED"),
        ("CORRECTED", "COMPLETE", "COMPLETED"),
        ("CANCELLED", "FAIL", "NOT_COMPLETED"),
    ],
)
def test_a_decision_on_a_referral_is_an_answer_by_the_state_of_the_entry(status: str, kind: str, state: str) -> None:
    number = "<CRMS_NUMBER>B999901-26-00001</CRMS_NUMBER>"
    text = response(STATUS, IDS, REF, RECEIPT, birth(number + CHILD + FATHER + MOTHER, status=status))
    value = tree(text)
    assert (value["type"], value["kind"], value["state"]) == ("reply", kind, state)
    assert value["references"] == [
        {"scheme": "pk-notification", "value": "BN-99990001"},
        {"scheme": "pk-crms", "value": "B999901-26-00001"},
    ]
    assert f"{BIRTH}/CHILD[1]/NAME[1]" in read(text).leftover


def match(number: str, name: str, born: str) -> str:
    fields = {"CHILD_NUMBER": number, "CHILD_NAME": name, "DATE_OF_BIRTH": born}
    return answer("100", f"<MATCH>{''.join(f'<{k}>{v}</{k}>' for k, v in fields.items())}</MATCH>", REF)


@pytest.mark.parametrize(
    ("fields", "reason", "whole"),
    [
        (("YES", "YES", "YES"), None, "match"),
        (("YES", "CLOSE", "YES"), None, "close"),
        (("YES", "CLOSE", "NOT_HELD"), None, "close"),
        (("YES", "YES", "NOT_HELD"), None, "not-held"),
        (("YES", "CLOSE", "NO"), "IDENTITY_MISMATCH", "mismatch"),
    ],
)
def test_a_verification_is_an_answer_with_a_code_for_each_field_and_no_record(
    fields: tuple[str, str, str], reason: str | None, whole: str
) -> None:
    text = match(*fields)
    value = tree(text)
    assert (value["type"], value["kind"], value["state"]) == ("reply", "COMPLETE", "COMPLETED")
    assert value["references"] == [
        {"scheme": "match:child-number", "value": fields[0]},
        {"scheme": "match:child-name", "value": fields[1]},
        {"scheme": "match:date-of-birth", "value": fields[2]},
    ]
    assert value.get("reason") == reason
    assert value["outcome"] == {"code": "100", "business_status": whole}
    assert read(written(read(text).value)).value == read(text).value
    assert read(text).leftover == ()


def test_a_match_says_one_of_four_words_of_every_field() -> None:
    place = f"{ROOT}/RESPONSE_DATA[1]/MATCH[1]"
    assert refused(match("YES", "MAYBE", "NO")) == {("UNKNOWN_CODE", f"{place}/CHILD_NAME[1]")}
    partial = "<MATCH><CHILD_NUMBER>YES</CHILD_NUMBER><CHILD_NAME>YES</CHILD_NAME></MATCH>"
    assert refused(answer("100", partial)) == {("MISSING_REQUIRED", f"{place}/DATE_OF_BIRTH")}


def test_case_19_a_match_beside_a_record_or_a_failure_releases_nothing() -> None:
    whole = "<MATCH><CHILD_NUMBER>YES</CHILD_NUMBER></MATCH>"
    entry = birth("<CRMS_NUMBER>B999901-26-00001</CRMS_NUMBER>" + CHILD + FATHER + MOTHER, status="NOTIFIED")
    assert ("NADRA_910", CODE) in refused(response(STATUS, IDS, whole, entry))
    assert ("NADRA_910", CODE) in refused(answer("905", whole))


@pytest.mark.parametrize("code", sorted(OUTCOMES))
def test_every_answer_is_written_back_to_what_was_read(code: str) -> None:
    text = answer(code, RECEIPT if code == "100" else "", REF)
    value = read(text).value
    assert read(written(value)).value == value


def test_an_answer_is_written_with_the_standard_sentence_of_its_code() -> None:
    reply = Reply.model_validate({"in_reply_to": "9901000000000000099", "outcome": {"code": "901"}})
    assert "<CODE>901</CODE><MESSAGE>no registration found</MESSAGE>" in written(reply)


def test_a_reply_without_a_code_of_the_register_cannot_be_said() -> None:
    silent = Reply.model_validate({"in_reply_to": "9901000000000000099", "kind": "ACCEPT"})
    assert ("MISSING_REQUIRED", "/RESPONSE_DATA/RESPONSE_STATUS/CODE", "outcome.code") in not_written(silent)
    foreign = Reply.model_validate({"in_reply_to": "9901000000000000099", "outcome": {"code": "200"}})
    assert {code for code, _, _ in not_written(foreign)} == {"UNMAPPED_CODE"}
    hollow = Reply.model_validate({"in_reply_to": "9901000000000000099", "outcome": {"code": "100"}})
    assert not_written(hollow) == {("NADRA_910", CODE, "")}
