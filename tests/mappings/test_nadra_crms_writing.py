"""Writing the civil register's documents (formats/nadra.md 7.2, 7.3), and reading them back."""

from __future__ import annotations

import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from mappings.engine import laws
from mappings.engine.lineage import How
from mappings.engine.mapping import Value
from mappings.nadra_crms.converters import transaction_id
from mappings.referral import Record, Referral
from tests.mappings.nadra_documents import (
    BIRTH,
    D1,
    D3,
    MESSAGE_ID,
    NOTIFIED,
    ROOT,
    crms,
    d2,
    legacy,
    not_written,
    read,
    record,
    referral,
    tree,
    warnings,
    written,
)

OURS = etree.XMLSchema(etree.XML(resources.files("mappings.nadra_crms").joinpath("schema.xsd").read_bytes()))
SANDBOX = Path(__file__).parents[2] / "conformance" / "sandbox" / "nadra" / "civil_registration.xsd"
BFORM = {"scheme": "pk-bform", "value": "3999900000134"}
CERTIFICATE = {"scheme": "pk-crms", "value": "B999901-16-00017"}


def samples() -> list[str]:
    folder = resources.files("mappings.nadra_crms").joinpath("samples")
    return sorted(f.name for f in folder.iterdir())


def sample(name: str) -> bytes:
    return resources.files("mappings.nadra_crms").joinpath("samples", name).read_bytes()


def fullest(name: str) -> Value:
    import json

    from mappings.reply import Reply

    value = json.loads(sample(name))
    model = {"record": Record, "referral": Referral, "reply": Reply}[value["type"]]
    return model.model_validate(value)


FULLEST = [name for name in samples() if name.startswith("fullest.")]
GOLDEN = [name for name in samples() if name.endswith(".xml")]


@pytest.mark.parametrize("text", [D1, d2(), legacy(d2()), D3], ids=["D1", "D2", "D2-legacy", "D3"])
def test_the_published_examples_are_written_back_to_the_same_value(text: str) -> None:
    value = read(text).value
    again = written(value)
    assert read(again).value == value
    assert OURS.validate(etree.fromstring(again.encode())), OURS.error_log
    assert laws.round_trip(crms(), value) == []
    assert laws.reading_accounted(crms(), text.encode()) == []


@pytest.mark.parametrize("name", FULLEST)
def test_the_fullest_document_drops_nothing_and_comes_back_whole(name: str) -> None:
    value = fullest(name)
    translation = crms().write(value)
    assert translation.dropped == ()
    assert {line.how for line in translation.lines} <= {How.CARRIED, How.CONSTANT, How.SELECTOR, How.DERIVED}
    assert laws.round_trip(crms(), value) == []
    assert laws.valid(crms(), value) == []
    assert laws.accounted(crms(), value) == []
    assert translation.document == name.split(".")[1]


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_sample_is_in_normal_form(name: str) -> None:
    assert laws.stable(crms(), sample(name)) == []
    assert warnings(sample(name)) == []


@pytest.mark.parametrize("name", [*FULLEST, *GOLDEN])
def test_what_is_written_satisfies_the_simulated_registers_schema_too(name: str) -> None:
    text = written(fullest(name)) if name in FULLEST else sample(name).decode()
    theirs = etree.XMLSchema(etree.parse(str(SANDBOX)))
    assert theirs.validate(etree.fromstring(text.encode())), theirs.error_log


def test_a_notification_holds_exactly_what_the_register_may_know() -> None:
    secret: dict[str, Any] = {
        "concern": {"types": ["PHYSICAL_ABUSE"], "narrative": "canary-narrative"},
        "case_ref": "canary-case",
        "reporter": {"name": "canary-reporter"},
        "incident": {"number": "99/26"},
        "risk": {"level": "HIGH"},
    }
    translation = crms().write(referral(**secret))
    text = translation.value.decode()
    assert "canary" not in text
    assert "99/26" not in text
    assert {drop.path for drop in translation.dropped} >= {"concern.narrative", "case_ref", "reporter.name"}
    assert all(drop.reason for drop in translation.dropped)
    assert "USER_VERIFICATION" not in text


def test_a_notification_is_written_in_the_registers_words() -> None:
    text = written(referral())
    assert f"<TRANSACTION_ID>{transaction_id(MESSAGE_ID)}</TRANSACTION_ID>" in text
    assert "<AREA_NAME>sindh</AREA_NAME><PURPOSE_CODE>CHILD_PROTECTION_REFERRAL</PURPOSE_CODE>" in text
    assert "<LEGAL_BASIS>BEST_INTEREST</LEGAL_BASIS><REFERRAL_REF>R-2026-0001</REFERRAL_REF>" in text
    assert '<BIRTH_REGISTRATION status="NOTIFIED">' in text
    assert '<DATE_OF_BIRTH precision="DAY">02-11-2019</DATE_OF_BIRTH>' in text
    assert '<FATHER status="UNKNOWN"/>' in text


@pytest.mark.parametrize(
    ("child", "element"),
    [
        ({"birth_date": "2016"}, '<DATE_OF_BIRTH precision="YEAR">2016</DATE_OF_BIRTH>'),
        ({"birth_date": "2016-03"}, '<DATE_OF_BIRTH precision="MONTH">03-2016</DATE_OF_BIRTH>'),
        (
            {"birth_date": "2016", "birth_date_estimated": True},
            '<DATE_OF_BIRTH precision="ESTIMATED">2016</DATE_OF_BIRTH>',
        ),
        (
            {"birth_date": "2016-03-07", "birth_date_estimated": True},
            '<DATE_OF_BIRTH precision="ESTIMATED">07-03-2016</DATE_OF_BIRTH>',
        ),
        (
            {"birth_date": "2016-01-01", "birth_date_estimated": False},
            '<DATE_OF_BIRTH precision="DAY">01-01-2016</DATE_OF_BIRTH>',
        ),
    ],
)
def test_a_birth_is_written_as_far_as_it_is_known(child: dict[str, Any], element: str) -> None:
    value = referral(child={"name": "Bilal Namuna", "sex": "MALE", "location": {"province": "SD"}, **child})
    text = written(value)
    assert element in text
    back = tree(text)["child"]
    assert back["birth_date"] == child["birth_date"]
    assert back.get("birth_date_estimated", False) is child.get("birth_date_estimated", False)


def test_an_estimated_first_of_january_is_declared_to_lose_its_day() -> None:
    child = {"name": "Bilal Namuna", "sex": "MALE", "location": {"province": "SD"}, "birth_date": "2016-01-01"}
    value = referral(child={**child, "birth_date_estimated": True})
    translation = crms().write(value)
    assert next(li.how for li in translation.lines if li.ours == "child.birth_date") is How.COARSENED
    assert tree(translation.value)["child"]["birth_date"] == "2016"
    assert laws.round_trip(crms(), value) == []


def test_a_parent_who_is_not_spoken_of_is_withheld_and_never_called_unknown() -> None:
    text = written(referral(persons=[{"relation": "FATHER", "name": "Farzi Rashid"}]))
    assert '<FATHER status="DECLARED"><NAME xml:lang="en">Farzi Rashid</NAME></FATHER>' in text
    assert '<MOTHER status="WITHHELD"/>' in text
    nobody = written(referral(persons=None))
    assert '<FATHER status="WITHHELD"/><MOTHER status="WITHHELD"/>' in nobody
    assert laws.round_trip(crms(), referral(persons=None)) == []
    assert laws.accounted(crms(), referral(persons=None)) == []


def test_a_mother_who_is_the_guardian_stays_the_mother() -> None:
    persons = [
        {"relation": "MOTHER", "roles": ["GUARDIAN"], "status": "DECLARED", "name": "Shirin Namuna"},
        {"relation": "GRANDFATHER", "roles": ["GUARDIAN"], "name": "Misal Namuna", "custody": {"kind": "COURT"}},
    ]
    text = written(referral(persons=persons))
    assert '<MOTHER status="DECLARED"><NAME xml:lang="en">Shirin Namuna</NAME></MOTHER>' in text
    assert '<GUARDIAN><NAME xml:lang="en">Misal Namuna</NAME><AUTHORITY>COURT</AUTHORITY></GUARDIAN>' in text
    assert "GRANDFATHER" not in text


def test_numbers_of_hospitals_schools_and_unhcr_are_not_told_to_the_register() -> None:
    numbers = [
        {"scheme": "hospital-mrn", "value": "canary-1"},
        {"scheme": "unhcr-individual", "value": "canary-2"},
        {"scheme": "pk-nicop", "value": "3999900000122"},
    ]
    mother = {"relation": "MOTHER", "status": "DECLARED", "name": "Shirin Namuna", "identifiers": numbers}
    text = written(referral(persons=[mother]))
    assert '<ID type="NICOP">3999900000122</ID>' in text
    assert "canary" not in text


@pytest.mark.parametrize(
    ("consent", "text"),
    [
        ({"basis": "BEST_INTEREST"}, "BEST_INTEREST"),
        ({"basis": "MANDATORY_REPORT", "statute_id": "PDNCA-2004"}, "MANDATORY_REPORT LAW:PDNCA-2004"),
        ({"basis": "COURT_ORDER", "order_ref": "Order 7 of 2026"}, "COURT_ORDER Order 7 of 2026"),
        ({"order_ref": "TEST-ORDER-0001"}, "TEST-ORDER-0001"),
        ({"basis": "COURT_ORDER", "statute_id": "X-1", "order_ref": "7/26"}, "COURT_ORDER LAW:X-1 7/26"),
    ],
)
def test_the_legal_basis_is_one_text_that_reads_back_to_its_parts(consent: dict[str, str], text: str) -> None:
    out = written(referral(consent=consent))
    assert f"<LEGAL_BASIS>{text}</LEGAL_BASIS>" in out
    assert tree(out)["consent"] == consent


def test_a_legal_basis_that_could_not_be_read_back_is_refused() -> None:
    place = f"{ROOT}/REQUEST_DATA[1]/LEGAL_BASIS"
    assert not_written(referral(consent={"order_ref": "COURT_ORDER 7"})) == {("CANNOT_HOLD", place, "consent.basis")}
    assert not_written(referral(consent=None)) == {("MISSING_REQUIRED", place, "consent.basis")}


def test_a_transaction_id_is_derived_from_the_message_and_never_changes() -> None:
    number = transaction_id(MESSAGE_ID)
    assert re.fullmatch(r"9901\d{15}", number)
    assert number == transaction_id(MESSAGE_ID) != transaction_id(MESSAGE_ID.replace("c1", "c2"))
    assert transaction_id("1234567890123456789") == "1234567890123456789"
    assert written(referral()) == written(referral())
    line = next(line for line in crms().write(referral()).lines if line.ours == "message_id")
    assert line.how is How.COARSENED


def test_a_missing_value_is_refused_with_our_name_and_theirs() -> None:
    bare = referral(child={"name": "Bilal Namuna", "birth_date": "2019"})
    assert not_written(bare) == {
        ("MISSING_REQUIRED", "/REQUEST_DATA/AREA_NAME", "child.location.province"),
        ("MISSING_REQUIRED", "/REQUEST_DATA/BIRTH_REGISTRATION/CHILD/GENDER", "child.sex"),
    }
    nameless = referral(child={"sex": "MALE", "birth_date": "2019", "location": {"province": "SD"}})
    assert not_written(nameless) == {("MISSING_REQUIRED", f"{NOTIFIED}/CHILD[1]/NAME", "child.name")}
    father = record(persons=[p for p in tree(d2())["persons"] if p["relation"] == "MOTHER"])
    assert not_written(father) == {("MISSING_REQUIRED", f"{BIRTH}/FATHER", "persons")}


def test_an_incomplete_document_is_written_only_when_that_is_allowed() -> None:
    bare = referral(child={"sex": "MALE"}, consent=None)
    translation = crms().write(bare, allow_partial=True)
    assert not translation.complete
    assert {f.code for f in translation.warnings} == {"PARTIAL"}
    assert b"<GENDER>MALE</GENDER>" in translation.value


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"registration": {"remarks": "x" * 501}}, "CANNOT_HOLD"),
        ({"registration": {"birthplace": {"name": "Farzi Test Hospital"}}}, "MISSING_REQUIRED"),
        ({"registration": {"certificate": {"issued_on": "2024-02-12"}}}, "MISSING_REQUIRED"),
        ({"registration": {"applicant": {"relation": "AUNT", "name": "N", "id_value": "1"}}}, "MISSING_REQUIRED"),
        (
            {"registration": {"applicant": {"relation": "AUNT", "name": "N", "id_scheme": "pk-cnic", "id_value": "1"}}},
            "NADRA_107",
        ),
        ({"registration": {"applicant": {"name": "N"}}}, "MISSING_REQUIRED"),
        ({"registration": {"office": {"union_council": "UC Farzi", "district": "D"}}}, "MISSING_REQUIRED"),
        ({"registration": {"residence": {"mobile": "123"}}}, "CANNOT_HOLD"),
        ({"persons": [{"relation": "FATHER", "name": "x" * 121}]}, "CANNOT_HOLD"),
        ({"persons": [{"relation": "FATHER", "nationality": "Pakistan"}]}, "CANNOT_HOLD"),
        ({"ref": " "}, "CANNOT_HOLD"),
    ],
)
def test_what_the_schema_cannot_hold_is_refused_not_cut(change: dict[str, Any], code: str) -> None:
    assert {found for found, _, _ in not_written(referral(**change))} == {code}


def test_other_services_are_not_written_in_this_language() -> None:
    assert not_written(referral(requested={"service": "EDUCATION"})) == {("CANNOT_WRITE", "", "")}
    assert not_written(Record()) == {("CANNOT_WRITE", "", "")}


def test_white_space_at_the_ends_of_a_text_is_declared_lost() -> None:
    value = referral(persons=[{"relation": "FATHER", "status": "DECLARED", "name": " Farzi Rashid "}])
    line = next(li for li in crms().write(value).lines if li.ours == "persons[0].name")
    assert line.how is How.COARSENED
    assert laws.round_trip(crms(), value) == []
