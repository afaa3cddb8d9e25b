"""Reading DCI messages: the page's examples, every form its implementations send, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mappings.engine import laws
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


def into_message(tree: dict[str, Any], key: str) -> None:
    tree[key] = tree["message"].pop(key)


def single(holder: Callable[[dict[str, Any]], dict[str, Any]], key: str) -> Change:
    def change(tree: dict[str, Any]) -> None:
        node = holder(tree)
        (node[key],) = node[key]

    return change


def one_identifier(tree: dict[str, Any]) -> None:
    record(tree)["identifier"] = record(tree)["identifier"][0]


def message(tree: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = tree["message"]
    return found


def test_d4_asks_for_the_entry_under_a_certificate_number() -> None:
    value = tree_of(D4)
    assert value["type"] == "referral"
    assert value["message_id"] == "9901003999900000172"
    assert value["ref"] == "ref-1"
    assert value["authored_at"] == "2026-01-15T04:30:00Z"
    assert value["requested"] == {"service": "CIVIL_REGISTRATION", "action": "LOOK_UP"}
    assert value["child"] == {"identifiers": [{"scheme": "pk-crms", "value": "B999901-16-00017"}]}
    assert value["consent"] == {"order_ref": "test", "obtained_at": "2026-01-15T04:00:00Z"}
    assert read(D4).leftover == ()
    assert read(D4).warnings == ()


def test_d5_says_what_d2_says_as_far_as_the_example_holds_it() -> None:
    value = tree_of(D5)
    assert value["type"] == "record"
    assert value["message_id"] == "9901003999900000172"
    assert value["child"] == {
        "name": "Zarmina Azmaishi",
        "name_ur": "زرمینہ آزمائشی",
        "sex": "FEMALE",
        "birth_date": "2016-03-07",
        "identifiers": [{"scheme": "pk-bform", "value": "3999900000134"}],
    }
    assert [(p["relation"], p["status"], p["identifiers"]) for p in value["persons"]] == [
        ("FATHER", "DECLARED", [{"scheme": "pk-cnic", "value": "3999900000111"}]),
        ("MOTHER", "DECLARED", [{"scheme": "pk-cnic", "value": "3999900000122"}]),
    ]
    assert value["registration"]["crms_number"] == "B999901-16-00017"
    assert value["registration"]["birthplace"] == {"kind": "HOSPITAL", "name": "Farzi Test Hospital"}
    assert value["sender"] == {"agency": "crvs.test", "kind": "CIVIL_REG"}
    assert read(D5).leftover == ()
    assert read(D5).warnings == ()


@pytest.mark.parametrize("document", [D4, D5], ids=["D4", "D5"])
def test_every_value_of_the_examples_is_accounted_for(document: dict[str, Any]) -> None:
    assert laws.reading_accounted(dci(), json.dumps(document).encode()) == []
    assert dci().validate(json.dumps(document).encode()) == []


LOOSE: list[Any] = [
    pytest.param(D4, lambda t: message(t).update(transaction_id=9901003999900000172),
                 ("DCI_FORM", "/message/transaction_id"), id="transaction_id-integer"),
    pytest.param(D5, lambda t: into_message(t, "search_response"),
                 ("DCI_PLACE", "/search_response"), id="search_response-at-top"),
    pytest.param(D4, lambda t: into_message(t, "search_request"),
                 ("DCI_PLACE", "/search_request"), id="search_request-at-top"),
    pytest.param(D4, lambda t: into_message(t, "transaction_id"),
                 ("DCI_PLACE", "/transaction_id"), id="transaction_id-at-top"),
    pytest.param(D5, single(message, "search_response"),
                 ("DCI_FORM", "/message/search_response"), id="search_response-object"),
    pytest.param(D4, single(message, "search_request"),
                 ("DCI_FORM", "/message/search_request"), id="search_request-object"),
    pytest.param(D5, single(lambda t: response(t)["data"], "reg_records"),
                 ("DCI_FORM", f"{RESPONSE}/data/reg_records"), id="reg_records-object"),
    pytest.param(D5, lambda t: response(t)["data"].update(reg_type="ocrvs:registry_type:birth"),
                 ("DCI_WORD", f"{RESPONSE}/data/reg_type"), id="reg_type-opencrvs"),
    pytest.param(D5, lambda t: response(t)["data"].update(reg_event_type="REGISTER"),
                 ("DCI_WORD", f"{RESPONSE}/data/reg_event_type"), id="reg_event_type-REGISTER"),
    pytest.param(D4, lambda t: t["message"]["search_request"][0]["search_criteria"].update(
        reg_event_type="live_birth"), ("DCI_WORD", f"{REQUEST}/search_criteria/reg_event_type"), id="live_birth"),
    pytest.param(D5, lambda t: t["header"].update(action="search"),
                 ("DCI_WORD", "/header/action"), id="action-search-of-an-answer"),
    pytest.param(D5, lambda t: t["header"].update(status="processed"),
                 ("DCI_WORD", "/header/status"), id="status-processed"),
    pytest.param(D5, lambda t: t["header"].update(total_count="1"),
                 ("DCI_FORM", "/header/total_count"), id="total_count-text"),
    pytest.param(D5, lambda t: response(t)["pagination"].update(total_count="1"),
                 ("DCI_FORM", f"{RESPONSE}/pagination/total_count"), id="pagination-text"),
    pytest.param(D5, lambda t: record(t).update(birth_date="2016-03-07T00:00:00"),
                 ("DCI_FORM", f"{RECORD}/birth_date"), id="birth_date-zoneless-datetime"),
    pytest.param(D5, lambda t: record(t).update(registration_date="2016-04-11T09:15:00.000"),
                 ("DCI_FORM", f"{RECORD}/registration_date"), id="registration_date-zoneless-datetime"),
    pytest.param(D5, lambda t: response(t).update(locale="en"),
                 ("DCI_WORD", f"{RESPONSE}/locale"), id="locale-of-two-letters"),
    pytest.param(D5, lambda t: t.update(signature='Signature: keyId="crvs|1|ed25519",signature="bm8="'),
                 ("DCI_FORM", "/signature"), id="signature-of-http"),
    pytest.param(D5, lambda t: record(t).update(parent1_identifier=[record(t)["parent1_identifier"]]),
                 ("DCI_FORM", f"{RECORD}/parent1_identifier"), id="parent1_identifier-list"),
]  # fmt: skip
"""What DCI's implementations send otherwise, and the warning that says so (formats/nadra.md 5.1)."""


@pytest.mark.parametrize(("document", "change", "warning"), LOOSE)
def test_case_24_what_dci_says_in_another_way_reads_the_same_with_a_warning(
    document: dict[str, Any], change: Change, warning: tuple[str, str]
) -> None:
    data = changed(document, change)
    assert tree_of(data) == tree_of(document)
    assert warnings(data) == [warning]


@pytest.mark.parametrize(("document", "change", "warning"), LOOSE)
def test_case_24_it_is_written_back_in_the_strict_form(
    document: dict[str, Any], change: Change, warning: tuple[str, str]
) -> None:
    loose, strict = read(changed(document, change)).value, read(document).value
    out = dci().write(loose).value
    assert out == dci().write(strict).value
    assert dci().validate(out) == []


def test_case_24_one_identifier_as_an_object_is_read() -> None:
    data = changed(D5, one_identifier)
    assert tree_of(data)["registration"]["crms_number"] == "B999901-16-00017"
    assert "identifiers" not in tree_of(data)["child"]
    assert warnings(data) == [("DCI_FORM", f"{RECORD}/identifier")]


def test_a_failed_status_of_one_kit_is_a_refusal() -> None:
    value = tree_of(without_record("failed"))
    assert (value["kind"], value["outcome"]["code"]) == ("REJECT", "rjct")


@pytest.mark.parametrize(
    ("key", "word", "code"),
    [
        ("reg_event_type", "spdci-common:RegistryEventType:Death", "UNEXPECTED_VALUE"),
        ("reg_type", "ns:org:RegistryType:Social", "UNEXPECTED_VALUE"),
        ("reg_record_type", "spdci-extensions-dci:Marriage", "UNEXPECTED_VALUE"),
    ],
)
def test_another_register_or_event_is_refused_not_taken_for_a_birth(key: str, word: str, code: str) -> None:
    data = changed(D5, lambda t: response(t)["data"].update({key: word}))
    assert refused(data) == {(code, f"{RESPONSE}/data/{key}")}


def test_an_unknown_sex_is_refused_and_a_moment_with_a_zone_is_no_birth_date() -> None:
    assert refused(changed(D5, lambda t: record(t).update(sex="f"))) == {("UNKNOWN_CODE", f"{RECORD}/sex")}
    zoned = changed(D5, lambda t: record(t).update(birth_date="2016-03-07T00:00:00Z"))
    assert refused(zoned) == {("INVALID_DATE", f"{RECORD}/birth_date")}


def test_several_records_are_several_readings_each_at_its_place() -> None:
    def twin(tree: dict[str, Any]) -> None:
        other = json.loads(json.dumps(record(tree)))
        other["identifier"][0]["identifier_value"] = "B999901-16-00018"
        other["identifier"][1]["identifier_value"] = "3999900000136"
        response(tree)["data"]["reg_records"].append(other)

    first, second = dci().read(changed(D5, twin))
    numbers = [t.value.registration.crms_number for t in (first, second)]
    assert numbers == ["B999901-16-00017", "B999901-16-00018"]
    places = {line.theirs for line in second.lines if "identifier_value" in line.theirs}
    assert f"{RESPONSE}/data/reg_records/1/identifier/0/identifier_value" in places
    assert f"{RESPONSE}/data/reg_records/1/parent1_identifier/identifier_value" in places


def test_an_empty_response_beside_a_full_one_is_not_silently_lost() -> None:
    data = changed(D5, lambda t: t["message"]["search_response"].append({"reference_id": "ref-2", "status": "succ"}))
    assert ("DCI_EMPTY_BESIDE", "/message/search_response/1") in warnings(data)


def test_the_signature_reaches_neither_the_value_nor_the_account() -> None:
    data = changed(D5, lambda t: t.update(signature="canary.canary.canary"))
    reading = read(data)
    assert "canary" not in json.dumps([reading.report(), reading.tree, tree_of(data)], ensure_ascii=False)
    assert refused(changed(D5, lambda t: t.update(signature={"alg": "none"}))) == {("WRONG_TYPE", "/signature")}


def test_an_encrypted_message_is_refused() -> None:
    data = changed(D5, lambda t: t["header"].update(is_msg_encrypted=True))
    assert refused(data) == {("DCI_ENCRYPTED", "/header/is_msg_encrypted")}


def test_without_the_extension_the_first_parent_is_the_father_with_a_warning() -> None:
    data = changed(D5, lambda t: record(t).pop("raabta_extension"))
    assert [(p["relation"], p["identifiers"][0]["value"]) for p in tree_of(data)["persons"]] == [
        ("FATHER", "3999900000111"),
        ("MOTHER", "3999900000122"),
    ]
    assert "status" not in tree_of(data)["persons"][0]
    assert warnings(data) == [
        ("DCI_ROLE", f"{RECORD}/parent1_identifier"),
        ("DCI_ROLE", f"{RECORD}/parent2_identifier"),
    ]
    assert tree_of(data)["child"]["name"] == "Zarmina Azmaishi"


def test_a_name_without_the_extension_is_filed_by_its_script() -> None:
    def urdu(tree: dict[str, Any]) -> None:
        del record(tree)["raabta_extension"]
        record(tree)["name"] = {"given_name": "زرمینہ", "surname": "آزمائشی"}

    child = tree_of(changed(D5, urdu))["child"]
    assert child["name_ur"] == "زرمینہ آزمائشی"
    assert "name" not in child
    assert "family_name" not in child


def test_a_surname_that_a_register_holds_apart_stays_apart() -> None:
    def split(tree: dict[str, Any]) -> None:
        del record(tree)["raabta_extension"]
        record(tree)["name"] = {"given_name": "Zarmina", "second_name": "Gul", "surname": "Azmaishi"}

    child = tree_of(changed(D5, split))["child"]
    assert (child["name"], child["given_name"], child["family_name"]) == ("Zarmina Gul Azmaishi", "Zarmina", "Azmaishi")


def test_fields_that_nobody_reads_are_leftovers() -> None:
    def more(tree: dict[str, Any]) -> None:
        record(tree)["death_date"] = "2020-01-01"
        record(tree)["identifier"].append({"identifier_type": "MRN", "identifier_value": "canary-1"})
        record(tree)["raabta_extension"]["parents"][0]["hobby"] = "canary-2"
        record(tree)["raabta_extension"]["blood_group"] = "canary-3"

    data = changed(D5, more)
    assert set(read(data).leftover) == {
        f"{RECORD}/death_date",
        f"{RECORD}/identifier/2/identifier_value",
        f"{EXTENSION}/parents/0/hobby",
        f"{EXTENSION}/blood_group",
    }
    assert "canary" not in json.dumps(read(data).report())
