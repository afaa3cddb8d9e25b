"""Resources that are wrong in ways no official case shows, and sound ones that look odd: rules, and no exceptions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mappings.fhir_r4_documents import bundle, narrative, observation, patient, said

SUBJECT = {"reference": "Patient/misali"}
UNKNOWN = {"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}
TEXT = {"text": "Invented"}


def of(kind: str, **fields: Any) -> dict[str, Any]:
    return {"resourceType": kind, **fields}


def entry(**fields: Any) -> dict[str, Any]:
    return {"fullUrl": "urn:uuid:0f9b2a10-0000-4000-8000-000000000001", **fields}


def statement(**dosage: Any) -> dict[str, Any]:
    return of("MedicationStatement", status="active", medicationCodeableConcept=TEXT, subject=SUBJECT, dosage=[dosage])


WRONG: dict[str, dict[str, Any]] = {
    "a primitive's companion with an id alone": patient(_birthDate={"id": "a"}),
    "nulls in step that say nothing": patient(name=[{"given": ["A", None], "_given": [None, None]}]),
    "a companion with an id beside a null": patient(name=[{"given": ["A", None], "_given": [None, {"id": "b"}]}]),
    "a companion in a list beside a single value": patient(gender="male", _gender=[{"extension": [UNKNOWN]}]),
    "a reference with a space": patient(managingOrganization={"reference": "Organization/1 2"}),
    "a reference to a type R4 has not": patient(managingOrganization={"reference": "Organisation/1"}),
    "a reference to an impossible id": patient(managingOrganization={"reference": "Organization/a_b!"}),
    "a currency in words": of("Invoice", status="issued", totalNet={"value": 1, "currency": "RUPEES"}),
    "a unit of UCUM with a space": observation(
        valueQuantity={"value": 1, "system": "http://unitsofmeasure.org", "code": "kilo gram"}
    ),
    "a minute without seconds": observation(effectiveDateTime="2026-03-02T10:00Z"),
    "a moment without a zone": observation(effectiveDateTime="2026-03-02T10:00:00"),
    "a range upside down": observation(valueRange={"low": {"value": 5}, "high": {"value": 1}}),
    "half a ratio": observation(valueRatio={"numerator": {"value": 5}}),
    "an offset and a meal": statement(timing={"repeat": {"offset": 5, "when": ["C"]}}),
    "a duration without a unit": statement(timing={"repeat": {"duration": 1}}),
    "two choices of one element": statement(asNeededBoolean=True, asNeededCodeableConcept=TEXT),
    "a plan's activity told twice": of(
        "CarePlan", status="active", intent="plan", subject=SUBJECT,
        activity=[{"reference": {"display": "Invented"}, "detail": {"status": "scheduled"}}],
    ),
    "an empty list with an item": of(
        "List", status="current", mode="working", entry=[{"item": SUBJECT}], emptyReason=TEXT
    ),
    "two questions of one name": of(
        "Questionnaire", status="active", item=[{"linkId": "1", "type": "string", "text": "A"}] * 2
    ),
    "half a position": of("Location", position={"latitude": 1}),
    "a slot without an end": of(
        "Slot", schedule={"reference": "Schedule/1"}, status="free", start="2026-01-01T00:00:00Z"
    ),
    "an attachment without its type": patient(photo=[{"data": "AAAA"}]),
    "a statement about nothing": of(
        "Provenance", target=[], recorded="2026-03-02T00:00:00Z", agent=[{"who": {"display": "A"}}]
    ),
    "an entry about nothing": bundle("collection", {}),
    "a call in a collection": bundle("collection", entry(resource=patient(), request={"method": "GET", "url": "x"})),
}  # fmt: skip
SOUND: dict[str, dict[str, Any]] = {
    "a value that is only absent": patient(_birthDate={"extension": [UNKNOWN]}),
    "names out of step": patient(name=[{"given": [None, "A"], "_given": [{"extension": [UNKNOWN]}, None]}]),
    "an id beside a value": patient(birthDate="2016", _birthDate={"id": "a"}),
    "a leap second": observation(effectiveInstant="2016-12-31T23:59:60Z"),
    "the first zone of the day": observation(effectiveDateTime="2026-03-02T23:59:59.123456+14:00"),
    "a small number": observation(
        valueQuantity={"value": 1e-5, "system": "http://unitsofmeasure.org", "code": "10*3/uL{cells}"}
    ),
    "a search that found nothing and says so": bundle(
        "searchset",
        {"search": {"mode": "outcome"}, "resource": of(
            "OperationOutcome", issue=[{"severity": "warning", "code": "informational"}])},
        total=0,
    ),
    "a conditional reference": patient(managingOrganization={"reference": "Organization?identifier=https://x.org|1"}),
    "a reference to another server's version": patient(
        managingOrganization={"reference": "https://x.org/a/b/fhir/Organization/1/_history/3"}
    ),
    "a reference of no server": patient(managingOrganization={"reference": "urn:oid:1.2.3"}),
    "a reference by number": patient(
        managingOrganization={"type": "Organization", "identifier": {"system": "https://x.org", "value": "1"}}
    ),
    "what is contained points back": of(
        "Condition", subject=SUBJECT, extension=[{"url": "https://x.org/p", "valueReference": {"reference": "#p"}}],
        contained=[of("Provenance", id="p", target=[{"reference": "#"}], recorded="2026-03-02T00:00:00Z",
                      agent=[{"who": {"display": "A"}}])],
    ),
    "white space in base64": of("Binary", contentType="application/pdf; charset=utf-8", data="AAAA\r\n AAAA"),
    "rupees": of("Invoice", status="issued", totalNet={"value": 1, "currency": "PKR"}),
    "a deletion without a resource": bundle("transaction", {"request": {"method": "DELETE", "url": "Patient/1"}}),
    "a period of one day": patient(name=[{"text": "A", "period": {"start": "2026-01-02", "end": "2026-01-02"}}]),
    "a narrative from right to left": narrative('<p lang="ur" dir="rtl">مثالی<br/><b>بنت</b></p>'),
    "a list that is empty for a reason": of("List", status="current", mode="snapshot", emptyReason=TEXT),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_breaks_r4_is_found_whatever_its_type(name: str) -> None:
    assert said(WRONG[name]) != []


@pytest.mark.parametrize("name", SOUND)
def test_what_is_only_unusual_is_no_alarm(name: str) -> None:
    assert said(SOUND[name]) == []
