"""A Bundle's references, parties, labels and versions, and hostile bytes (formats/health.md 9.1, 9.6 and 10)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mappings.engine.findings import Finding, sentence
from mappings.fhir_r4.walk import fhirpath
from mappings.health_fhir import systems
from mappings.health_fhir.issues import ISSUE_TYPES, expression, issue_type
from tests.mappings.health_documents import (
    add_related,
    data,
    declined,
    errors,
    health,
    referral,
    spoiled,
)
from tests.mappings.health_spoiling import (
    PATIENT,
    RELATED,
    TASK,
    Json,
    setting,
)


@pytest.mark.parametrize(
    ("reference", "code"),
    [
        ("urn:uuid:0f9b2a10-0000-4000-8000-0000000000ff", "FHIR_DANGLING_REFERENCE"),
        ("Patient/88", "FHIR_DANGLING_REFERENCE"),
        ("https://his.example.pk/fhir/Patient/88", "FHIR_DANGLING_REFERENCE"),
        ("#x", "FHIR_DANGLING_REFERENCE"),
        ("urn:uuid:0f9b2a10-0000-4000-8000-000000000004", "FHIR_SELF_REFERENCE"),
        ("urn:uuid:0f9b2a10-0000-4000-8000-000000000008", "FHIR_WRONG_TARGET"),
    ],
)
def test_a_reference_leads_to_the_right_thing_inside(reference: str, code: str) -> None:
    """Number 17: dangling, another case's patient, ``#x`` without contained, itself."""
    document = spoiled(referral(), setting("RelatedPerson", patient={"reference": reference}))
    found = errors(document)
    assert (code, f"{RELATED}/patient/reference") in found
    assert {path for _, path in found} == {f"{RELATED}/patient/reference"}


def test_an_entry_nothing_connects_is_refused() -> None:
    bundle = referral()
    url = "urn:uuid:0f9b2a10-0000-4000-8000-000000000077"
    stray = {"resourceType": "Organization", "name": "Nobody's"}
    bundle["entry"].append({"fullUrl": url, "resource": stray, "request": {"method": "POST", "url": "Organization"}})
    assert errors(data(bundle)) == [("FHIR_UNCONNECTED", "/entry/10")]


def test_an_entry_is_connected_in_either_direction() -> None:
    bundle = referral()
    add_related(bundle, name=[{"text": "Namuna"}])
    assert errors(data(bundle)) == []


def test_request_and_task_name_the_same_agencies() -> None:
    hospital = {"reference": "urn:uuid:0f9b2a10-0000-4000-8000-000000000008"}
    bureau = {"reference": "urn:uuid:0f9b2a10-0000-4000-8000-000000000009"}
    assert errors(spoiled(referral(), setting("Task", owner=hospital))) == [
        ("FHIR_PARTIES_DIFFER", f"{TASK}/owner/reference")
    ]
    assert errors(spoiled(referral(), setting("Task", requester=bureau))) == [
        ("FHIR_PARTIES_DIFFER", f"{TASK}/requester/reference")
    ]


def test_labels_are_one_a_resource_and_the_highest_on_the_bundle() -> None:
    two = [{"system": systems.CONFIDENTIALITY, "code": code} for code in ("V", "R")]
    assert errors(spoiled(referral(), setting("Patient", meta={"security": two}))) == [
        ("FHIR_CONFIDENTIALITY", f"{PATIENT}/meta/security")
    ]
    low = spoiled(referral(), lambda b: b["meta"]["security"][0].update(code="R"))
    assert errors(low) == [("FHIR_HIGH_WATER", "/meta/security")]


@pytest.mark.parametrize(
    "resource_",
    [
        {"resourceType": "ReferralRequest", "status": "active", "intent": "order"},
        {"resourceType": "ServiceRequest", "status": "active", "intent": "order", "reason": [{"concept": 1}]},
        {
            "resourceType": "ServiceRequest", "status": "active", "intent": "order",
            "code": {"concept": {"text": "x"}}, "subject": {"display": "x"},
        },
    ],
)  # fmt: skip
def test_another_version_of_fhir_is_never_half_parsed(resource_: Json) -> None:
    """Number 16: STU3's ReferralRequest, R5's CodeableReference."""
    found = errors(spoiled(referral(), lambda b: b["entry"][0].update(resource=resource_)))
    assert found
    assert {code for code, _ in found} <= {"FHIR_UNKNOWN_RESOURCE", "UNKNOWN_FIELD", "MISSING_REQUIRED"}


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b'{"resourceType":"Bundle","type":"transaction","type":"message"}', "DUPLICATE_KEY"),
        (b'{"resourceType":"Bundle","entry":' + b"[" * 500 + b"]" * 500 + b"}", "TOO_DEEP"),
        (b'{"resourceType":"Binary","data":"' + b"A" * 1_100_000 + b'"}', "TOO_LARGE"),
        (b'{"resourceType":"Bundle","type":"transaction","total":NaN}', "BAD_NUMBER"),
        (b'{"resourceType":"Bundle","type":"transaction"', "MALFORMED"),
        (b'{"resourceType":"Patient"}', "UNKNOWN_DOCUMENT"),
        (b'{"resourceType":"Bundle","type":"batch"}', "UNKNOWN_DOCUMENT"),
        (b'{"resourceType":"Bundle","type":["transaction"]}', "UNKNOWN_DOCUMENT"),
        (b"[]", "UNKNOWN_DOCUMENT"),
    ],
)
def test_hostile_bytes_are_refused_before_any_model(document: bytes, code: str) -> None:
    """Number 17."""
    assert [found for found, _ in errors(document)] == [code]


@pytest.mark.parametrize("count", [201, 10_000])
def test_too_many_entries_are_refused(count: int) -> None:
    """Number 17."""
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": [{"fullUrl": "urn:x"}] * count}
    assert errors(data(bundle)) == [("TOO_MANY", "/entry")]


@pytest.mark.parametrize(
    "entry", ["x", 1, True, [1], {"resource": "x"}, {"resource": []}, {"resource": {"resourceType": 1}}]
)
def test_entries_of_any_shape_end_as_findings(entry: Any) -> None:
    assert errors(spoiled(referral(), lambda b: b.update(entry=[entry])))
    assert errors(spoiled(declined(), lambda b: b["entry"].append(entry)))


@pytest.mark.parametrize("value", ["x", 7, True, ["x"], {"x": 1}, [{"x": "y"}], [[]]])
def test_any_element_of_any_shape_ends_as_a_finding(value: Any) -> None:
    """No place of a Bundle can make the reader fail otherwise than by findings."""
    for bundle in (referral(), declined()):
        for entry in bundle["entry"]:
            for key in list(entry["resource"]):
                kept = entry["resource"][key]
                entry["resource"][key] = value
                health().validate(data(bundle))
                entry["resource"][key] = kept


def test_every_finding_has_sentences_in_two_languages() -> None:
    for code in ISSUE_TYPES:
        english, urdu = sentence(code)
        assert english.isascii()
        assert not urdu.isascii()


@pytest.mark.parametrize(
    ("code", "issue"),
    [
        ("FHIR_BDL_3", "invariant"),
        ("FHIR_PARAMETERS_INV_1", "invariant"),
        ("FHIR_SDF_8A", "invariant"),
        ("FHIR_AMBIGUOUS_REFERENCE", "multiple-matches"),
        ("FHIR_EXTENSION_PLACE", "extension"),
        ("FHIR_XHTML_ROOT", "structure"),
    ],
)
def test_a_finding_is_said_as_an_issue_type_of_fhir(code: str, issue: str) -> None:
    assert issue_type(Finding(code, "")) == issue


def test_a_pointer_becomes_a_fhirpath_of_letters_only() -> None:
    assert fhirpath("/entry/0/resource/_birthDate/extension/1") == ("Bundle.entry[0].resource.birthDate.extension[1]")
    assert expression(Finding("INVALID_VALUE", "/entry/0/?/<b>/a b/name")) == "Bundle.entry[0].name"


def test_no_module_imports_the_default_package_of_fhir_resources() -> None:
    """Its default is R5: a bare import would refuse every referral."""
    roots = [Path(__file__).parents[2] / name for name in ("gateway", "adapters", "mappings", "auth", "conformance")]
    lines = [
        (file.name, line)
        for root in roots
        for file in root.rglob("*.py")
        for line in file.read_text("utf-8").splitlines()
        if line.strip().startswith(("from fhir", "import fhir"))
    ]
    assert lines
    assert [pair for pair in lines if not pair[1].strip().startswith("from fhir.resources.R4B")] == []
