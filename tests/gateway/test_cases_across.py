"""Numbered cases of formats/nadra.md 8 whose end lies in another language: the register's entry, told to a hospital.

What words keep and what the floor takes away is tested apart (tests/mappings, tests/policy); here is what comes out.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.dryrun import DryDocument, Request, translate
from mappings.engine.mapping import canonical
from mappings.library import library
from mappings.referral import Referral
from mappings.samples import golden_samples
from tests.mappings.nadra_documents import D3, DATES, FATHER, IDS, REGISTRATION, STATUS, birth, d2, response

AT = "2026-03-02T06:00:00Z"


def dated(element: str) -> str:
    free = "<REGISTRATION_DATE>2024-04-11</REGISTRATION_DATE>"
    return d2(('<DATE_OF_BIRTH precision="DAY">7-3-2016</DATE_OF_BIRTH>', element), (DATES, free))


def told(text: str, target: str = "health_fhir") -> DryDocument:
    """Return what an agency of the target's kind is told of the register's entry, without any agreement."""
    source, mapping = library()["nadra_crms"], library()[target]
    (document,) = translate(source, mapping, text.encode(), Request(kind=mapping.kind, at=AT)).documents
    return document


def resources(document: DryDocument, kind: str) -> list[dict[str, Any]]:
    entries = json.loads(document.body)["entry"]
    return [e["resource"] for e in entries if e["resource"]["resourceType"] == kind]


def withheld(document: DryDocument) -> dict[str, str]:
    return {each.path: each.rule for each in document.translation.withheld}


@pytest.mark.parametrize(
    ("element", "birth_date", "estimated"),
    [
        ('<DATE_OF_BIRTH precision="YEAR">2016</DATE_OF_BIRTH>', "2016", False),
        ('<DATE_OF_BIRTH precision="ESTIMATED">1-1-2016</DATE_OF_BIRTH>', "2016", True),
    ],
)
def test_case_5_a_birth_known_to_the_year_is_that_year_to_a_hospital_and_to_a_school(
    element: str, birth_date: str, estimated: bool
) -> None:
    (patient,) = resources(told(dated(element)), "Patient")
    assert patient["birthDate"] == birth_date
    assert ("_birthDate" in patient) == estimated

    (reading,) = library()["nadra_crms"].read(dated(element).encode())
    asked = library()["school_sis"].read(_request())[0].value
    child = {**canonical(asked)["child"], **canonical(reading.value)["child"], "sex": "FEMALE"}
    child.pop("identifiers")
    written = library()["school_sis"].write(Referral.model_validate({**canonical(asked), "child": child}))
    student = json.loads(written.value)["student"]
    assert (student["date_of_birth"], student["dob_estimated"]) == ("2016-01-01", True)
    again = library()["school_sis"].read(written.value)[0].value
    assert again.child.birth_date == "2016"


def _request() -> bytes:
    return dict(golden_samples(library()["school_sis"]))["reenrolment_request.json"]


def test_case_6_no_father_object_of_an_unknown_father_reaches_anybody() -> None:
    document = told(d2((FATHER, '<FATHER status="UNKNOWN"/>')))

    said = [r["relationship"][0]["coding"][0]["code"] for r in resources(document, "RelatedPerson")]
    assert said == ["mother"]


def test_case_7_assigned_names_stay_with_the_register() -> None:
    document = told(D3)
    names = [name for related in resources(document, "RelatedPerson") for name in related.get("name", ())]

    assert [name["text"] for name in names] == ["Head, Example Children's Home"]
    (reading,) = library()["nadra_crms"].read(D3.encode())
    kept = [p for p in reading.value.persons if p.status == "ASSIGNED"]
    assert kept
    assert all(name.encode() not in document.body for p in kept for name in (p.name, p.name_ur) if name)


def test_case_8_a_refugee_card_reaches_neither_police_nor_school() -> None:
    text = d2(('<ID type="CNIC">3999900000122</ID>', '<ID type="POR">PK-TEST-000077</ID>'))
    source = library()["nadra_crms"]
    for kind in ("POLICE", "EDUCATION"):
        (document,) = translate(source, library()["health_fhir"], text.encode(), Request(kind=kind, at=AT)).documents
        assert b"PK-TEST-000077" not in document.body
        assert any("identifiers" in path for path in withheld(document))


def test_case_17_after_an_adoption_only_the_adopters_are_named() -> None:
    guardian = '<GUARDIAN><NAME xml:lang="en">Sohrab Farzi</NAME><AUTHORITY>COURT</AUTHORITY></GUARDIAN>'
    remarks = "<REMARKS>Guardian court Farziabad, 14-9-2022</REMARKS>"
    document = told(response(STATUS, IDS, birth(REGISTRATION + guardian + remarks, kind="ADOPTED")))

    assert b"Sohrab Farzi" in document.body
    assert b"Gulrez" not in document.body
    assert "گلریز".encode() not in document.body
    assert b"Guardian court" not in document.body
    assert withheld(document)["persons[0].name"] == "birth-father-after-adoption"
