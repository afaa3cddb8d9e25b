"""Writing DCI messages strictly, and what the extension keeps of the register's own entry (design/decisions.md 4)."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any
from uuid import UUID

import pytest

from mappings.engine import laws
from mappings.engine.lineage import How
from mappings.engine.mapping import Value, canonical
from mappings.nadra_crms.outcomes import OUTCOMES
from mappings.referral import Record, Referral
from mappings.reply import Reply
from tests.mappings.crvs_documents import (
    AT,
    D4,
    D5,
    RECORD,
    RESPONSE,
    changed,
    crms,
    dated,
    dci,
    not_written,
    read,
    record,
    refused,
    response,
    tree_of,
    without_record,
    written,
)

MODELS = {"record": Record, "referral": Referral, "reply": Reply}


def files(package: str) -> list[str]:
    return sorted(f.name for f in resources.files(package).joinpath("samples").iterdir())


def sample(name: str, package: str = "mappings.crvs_dci") -> bytes:
    return resources.files(package).joinpath("samples", name).read_bytes()


def fullest(name: str, package: str = "mappings.crvs_dci") -> Value:
    tree = json.loads(sample(name, package))
    return MODELS[tree["type"]].model_validate(tree)


FULLEST = [name for name in files("mappings.crvs_dci") if name.startswith("fullest.")]
GOLDEN = [name for name in files("mappings.crvs_dci") if not name.startswith("fullest.")]
OF_CRMS = [name for name in files("mappings.nadra_crms") if name.endswith(".xml")]
CARRIED = [name for name in OF_CRMS if name in {"registration.xml", "foundling.xml", "lookup.xml"}]
ANSWERS = [name for name in OF_CRMS if name in {"not-found.xml", "receipt.xml"}]


def entry(**changes: Any) -> Record:
    """Return the record of D5 with top-level sections replaced."""
    return Record.model_validate({**tree_of(D5), **changes})


def lookup(**changes: Any) -> Referral:
    """Return the referral of D4 with top-level sections replaced (None takes one out)."""
    merged = {**tree_of(D4), **changes}
    return Referral.model_validate({key: value for key, value in merged.items() if value is not None})


@pytest.mark.parametrize("name", FULLEST)
def test_the_fullest_document_drops_nothing_and_comes_back_whole(name: str) -> None:
    value = fullest(name)
    translation = dci().write(value)
    assert translation.dropped == ()
    assert translation.document == name.split(".")[1]
    for law in (laws.round_trip, laws.valid, laws.accounted):
        assert law(dci(), value) == []


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_sample_is_in_normal_form(name: str) -> None:
    assert laws.stable(dci(), sample(name)) == []
    assert read(sample(name)).warnings == ()


@pytest.mark.parametrize("name", [*CARRIED, *ANSWERS])
def test_what_the_register_says_in_xml_survives_dci_byte_for_byte(name: str) -> None:
    (theirs,) = crms().read(sample(name, "mappings.nadra_crms"))
    message = dci().write(dated(theirs.value)).value
    assert dci().validate(message) == []
    assert crms().write(read(message).value).value == sample(name, "mappings.nadra_crms")


@pytest.mark.parametrize("name", ["fullest.registration.json", "fullest.answer.json"])
def test_every_leaf_the_register_carries_survives_dci(name: str) -> None:
    value = fullest(name, "mappings.nadra_crms")
    message = dci().write(dated(value))
    assert message.dropped == ()
    assert crms().write(read(message.value).value).value == crms().write(value).value


def test_without_the_extension_the_lost_fields_are_reported() -> None:
    full = written(dated(fullest("fullest.registration.json", "mappings.nadra_crms")))
    bare = changed(full, lambda t: record(t).pop("raabta_extension"))
    lost = tree_of(full)["registration"].keys() - tree_of(bare)["registration"].keys()
    assert lost >= {"office", "applicant", "certificate", "twins", "remarks", "kind", "status", "residence"}
    assert {f.code for f in read(bare).warnings} == {"DCI_ROLE"}
    back = crms().write(read(bare).value, allow_partial=True)
    assert not back.complete
    missing = {f.ours for f in back.warnings if f.code == "PARTIAL"}
    assert missing >= {
        "registration.status",
        "registration.kind",
        "registration.office.area",
        "registration.applicant.relation",
        "child.birth_date",
        "status",
    }


def test_a_record_is_written_in_the_strict_form() -> None:
    message = written(entry())
    header, answer, one = message["header"], response(message), record(message)
    assert "signature" not in message
    assert list(header) == [
        "version",
        "message_id",
        "message_ts",
        "action",
        "status",
        "total_count",
        "completed_count",
        "sender_id",
        "is_msg_encrypted",
    ]
    assert (header["action"], header["status"], header["total_count"]) == ("on-search", "succ", 1)
    assert header["message_ts"] == answer["timestamp"] == "2026-01-15T09:30:01+05:00"
    assert message["message"]["transaction_id"] == "9901003999900000172"
    assert answer["data"]["reg_event_type"] == "spdci-common:RegistryEventType:LiveBirth"
    assert one["name"] == {"given_name": "Zarmina Azmaishi", "surname": ""}
    assert one["parent1_identifier"] == {"identifier_type": "UIN", "identifier_value": "3999900000111"}
    assert one["raabta_extension"]["parents"][0] == {
        "role": "FATHER",
        "status": "DECLARED",
        "id_type": "CNIC",
        "names": [{"lang": "ur", "value": "گلریز آزمائشی"}],
    }


def test_ids_derive_from_the_transaction_and_never_change() -> None:
    first, again = dci().write(entry()).value, dci().write(entry()).value
    assert first == again
    other = written(entry(message_id="9901003999900000173"))
    assert UUID(json.loads(first)["header"]["message_id"]).version == 5
    assert other["header"]["message_id"] != json.loads(first)["header"]["message_id"]


@pytest.mark.parametrize(
    ("child", "date", "own"),
    [
        ({"birth_date": "2016-03-07"}, "2016-03-07", {"birth_date_precision": "DAY"}),
        ({"birth_date": "2016"}, None, {"birth_date": "2016", "birth_date_precision": "YEAR"}),
        ({"birth_date": "2016-03"}, None, {"birth_date": "2016-03", "birth_date_precision": "MONTH"}),
        (
            {"birth_date": "2016", "birth_date_estimated": True},
            None,
            {"birth_date": "2016", "birth_date_precision": "ESTIMATED"},
        ),
        (
            {"birth_date": "2016-03-07", "birth_date_estimated": True},
            None,
            {"birth_date": "2016-03-07", "birth_date_precision": "ESTIMATED"},
        ),
    ],
)
def test_case_5_a_partial_birth_stands_in_the_extension_and_no_day_is_invented(
    child: dict[str, Any], date: str | None, own: dict[str, str]
) -> None:
    value = entry(child={"name": "Zarmina Azmaishi", **child})
    one = record(written(value))
    assert one.get("birth_date") == date
    found = one["raabta_extension"]
    assert {key: found[key] for key in ("birth_date", "birth_date_precision") if key in found} == own
    assert tree_of(dci().write(value).value)["child"] == {"name": "Zarmina Azmaishi", **child}


def test_case_8_a_refugee_card_stands_in_the_extension_and_never_as_a_uin() -> None:
    mother = {
        "relation": "MOTHER",
        "status": "DECLARED",
        "identifiers": [{"scheme": "pk-por", "value": "PK-TEST-000077"}],
    }
    value = entry(persons=[mother])
    one = record(written(value))
    assert "parent2_identifier" not in one
    assert one["raabta_extension"]["parents"] == [
        {"role": "MOTHER", "status": "DECLARED", "id_type": "POR", "identifier_value": "PK-TEST-000077"}
    ]
    assert tree_of(dci().write(value).value)["persons"] == [mother]


def test_case_9_a_number_of_azad_kashmir_is_a_uin() -> None:
    father = {"relation": "FATHER", "identifiers": [{"scheme": "pk-cnic", "value": "8999900000213"}]}
    one = record(written(entry(persons=[father])))
    assert one["parent1_identifier"]["identifier_value"] == "8999900000213"


def test_a_child_with_an_urdu_name_only_keeps_it() -> None:
    value = entry(child={"name_ur": "زرمینہ آزمائشی"})
    assert record(written(value))["name"] == {"given_name": "زرمینہ آزمائشی", "surname": ""}
    assert tree_of(dci().write(value).value)["child"] == {"name_ur": "زرمینہ آزمائشی"}


def test_a_second_father_is_dropped_with_a_reason() -> None:
    persons = [{"relation": "FATHER", "name": "Gulrez Azmaishi"}, {"relation": "FATHER", "name": "Farzi Rashid"}]
    translation = dci().write(entry(persons=persons))
    assert b"Farzi Rashid" not in translation.value
    assert "persons[1].name" in {drop.path for drop in translation.dropped}


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
