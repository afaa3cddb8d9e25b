"""FHIR R4: what is contained, where references lead, HL7's constraints, and every resource type."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mappings.fhir_r4_documents import URL, observation, patient, said


@pytest.mark.parametrize(
    ("contained", "finding"),
    [
        ([{"resourceType": "Organization", "id": "o", "name": "N"}], ("FHIR_DOM_3", "/contained/0")),
        ([{"resourceType": "Organization", "name": "N"}], ("MISSING_REQUIRED", "/contained/0/id")),
        (
            [{"resourceType": "Organization", "id": "hospital", "name": "N", "meta": {"versionId": "1"}}],
            ("FHIR_DOM_4", "/contained/0/meta/versionId"),
        ),
        (
            [{"resourceType": "Organization", "id": "hospital", "name": "N", "meta": {"security": [{"code": "R"}]}}],
            ("FHIR_DOM_5", "/contained/0/meta/security"),
        ),
        (
            [{"resourceType": "Organization", "id": "hospital", "name": "N"}] * 2,
            ("FHIR_CONTAINED_TWICE", "/contained/1/id"),
        ),
        ([{"resourceType": "Location", "id": "hospital"}], ("FHIR_WRONG_TARGET", "/managingOrganization/reference")),
        (
            [{"resourceType": "Organization", "id": "other", "name": "N"}],
            ("FHIR_DANGLING_REFERENCE", "/managingOrganization/reference"),
        ),
        (
            [
                {
                    "resourceType": "Organization",
                    "id": "hospital",
                    "name": "N",
                    "contained": [{"resourceType": "Location", "id": "l"}],
                }
            ],
            ("FHIR_DOM_2", "/contained/0/contained"),
        ),
    ],
)
def test_a_contained_resource_belongs_to_its_container(contained: list[Any], finding: tuple[str, str]) -> None:
    found = said(patient(contained=contained, managingOrganization={"reference": "#hospital"}))
    assert finding in found


def test_a_contained_resource_may_refer_to_its_container() -> None:
    inside = {"resourceType": "RelatedPerson", "id": "farzi", "patient": {"reference": "#"}}
    assert said(patient(contained=[inside])) == []
    inside["patient"] = {"reference": "#farzi"}
    assert ("FHIR_WRONG_TARGET", "/contained/0/patient/reference") in said(patient(contained=[inside]))


@pytest.mark.parametrize(
    ("subject", "finding"),
    [
        ({"reference": "Medication/1"}, [("FHIR_WRONG_TARGET", "/subject/reference")]),
        ({"reference": "https://his.example.pk/fhir/Medication/1"}, [("FHIR_WRONG_TARGET", "/subject/reference")]),
        ({"reference": "Patient/1", "type": "Group"}, [("FHIR_WRONG_TARGET", "/subject/type")]),
        ({"type": "Medication", "display": "x"}, [("FHIR_WRONG_TARGET", "/subject/type")]),
        (
            {"type": "http://hl7.org/fhir/StructureDefinition/Medication", "display": "x"},
            [("FHIR_WRONG_TARGET", "/subject/type")],
        ),
        ({"type": "https://his.example.pk/fhir/StructureDefinition/kitchen", "display": "x"}, []),
        ({"type": "Patient"}, [("FHIR_EMPTY", "/subject")]),
        ({"reference": "Patient/1/_history/2", "type": "Patient"}, []),
        ({"reference": "https://his.example.pk/fhir/Patient/1"}, []),
        ({"reference": "urn:uuid:0f9b2a10-0000-4000-8000-000000000001"}, []),
        ({"identifier": {"value": "1"}}, []),
    ],
)
def test_a_reference_leads_to_a_type_that_may_stand_there(subject: Any, finding: list[tuple[str, str]]) -> None:
    assert said(observation(subject=subject)) == finding


@pytest.mark.parametrize(
    ("fields", "finding"),
    [
        ({"valueString": "a", "dataAbsentReason": {"text": "b"}}, ("FHIR_OBS_6", "/dataAbsentReason")),
        ({"valueQuantity": {"value": 1, "code": "kg"}}, ("FHIR_QTY_3", "/valueQuantity")),
        ({"valueQuantity": {"value": "1"}}, ("WRONG_TYPE", "/valueQuantity/value")),
        ({"referenceRange": [{"appliesTo": [{"text": "a"}]}]}, ("FHIR_OBS_3", "/referenceRange/0")),
        ({"valueRange": {"low": {"value": 2}, "high": {"value": 1}}}, ("FHIR_RNG_2", "/valueRange")),
        ({"valueRatio": {"numerator": {"value": 2}}}, ("FHIR_RAT_1", "/valueRatio")),
        ({"effectiveTiming": {"repeat": {"period": 1}}}, ("FHIR_TIM_2", "/effectiveTiming/repeat")),
        (
            {
                "valueString": "a",
                "code": {"coding": [{"code": "x"}]},
                "component": [{"code": {"coding": [{"code": "x"}]}}],
            },
            ("FHIR_OBS_7", ""),
        ),
    ],
)
def test_hl7s_constraints_are_judged_where_they_stand(fields: dict[str, Any], finding: tuple[str, str]) -> None:
    assert finding in said(observation(**fields))


@pytest.mark.parametrize(
    ("resource", "finding"),
    [
        ({"resourceType": "Parameters", "parameter": [{"name": "a"}]}, ("FHIR_PARAMETERS_INV_1", "/parameter/0")),
        (
            {
                "resourceType": "Parameters",
                "parameter": [{"name": "a", "valueCode": "b", "part": [{"name": "c", "valueCode": "d"}]}],
            },
            ("FHIR_PARAMETERS_INV_1", "/parameter/0"),
        ),
        ({"resourceType": "Parameters", "parameter": [{"valueCode": "b"}]}, ("MISSING_REQUIRED", "/parameter/0/name")),
        ({"resourceType": "Organization", "active": True}, ("FHIR_ORG_1", "")),
        (
            {"resourceType": "Organization", "name": "N", "telecom": [{"system": "phone", "use": "home"}]},
            ("FHIR_ORG_3", "/telecom/0"),
        ),
        (
            {"resourceType": "Questionnaire", "status": "draft", "item": [{"linkId": "1", "type": "group"}]},
            ("FHIR_QUE_1", "/item/0"),
        ),
        (
            {
                "resourceType": "Condition",
                "subject": {"reference": "Patient/1"},
                "verificationStatus": {"coding": [{"system": "urn:x", "code": "confirmed"}]},
            },
            ("UNKNOWN_CODE", "/verificationStatus"),
        ),
        ({"resourceType": "List", "status": "current", "mode": "working", "entry": []}, ("FHIR_EMPTY", "/entry")),
    ],
)
def test_every_resource_type_of_r4_is_known(resource: dict[str, Any], finding: tuple[str, str]) -> None:
    assert finding in said(resource)


def test_an_empty_parameters_is_one() -> None:
    assert said({"resourceType": "Parameters"}) == []


@pytest.mark.parametrize("value", ["x", 7, True, None, [], {}, ["x"], {"x": 1}, [{"x": "y"}], [[]], [None]])
def test_any_element_of_any_shape_ends_as_a_finding(value: Any) -> None:
    """No place of a resource can make the rules fail otherwise than by findings."""
    sound = patient(
        meta={"profile": ["urn:x"]},
        text={"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">a</div>'},
        contained=[{"resourceType": "Organization", "id": "o", "name": "N"}],
        extension=[{"url": f"{URL}/patient-nationality", "extension": [{"url": "code", "valueCode": "x"}]}],
        identifier=[{"system": "urn:x", "value": "1", "period": {"start": "2026"}}],
        managingOrganization={"reference": "#o", "type": "Organization"},
        photo=[{"contentType": "image/png", "data": "QUJD", "size": 3}],
    )
    for key, kept in list(sound.items()):
        sound[key] = value
        assert said(sound) is not None
        inner = kept[0] if isinstance(kept, list) else kept
        if isinstance(inner, dict):
            sound[key] = kept
            for name, below in list(inner.items()):
                inner[name] = value
                assert said(sound) is not None
                inner[name] = below
        sound[key] = kept
