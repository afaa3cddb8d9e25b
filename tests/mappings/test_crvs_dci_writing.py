"""Writing DCI messages strictly, and what the extension keeps of the register's own entry (design/decisions.md 4)."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any
from uuid import UUID

import pytest

from mappings.engine import laws
from mappings.engine.mapping import Value
from mappings.referral import Record, Referral
from mappings.reply import Reply
from tests.mappings.crvs_documents import (
    changed,
    crms,
    dated,
    dci,
    entry,
    read,
    record,
    response,
    tree_of,
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
