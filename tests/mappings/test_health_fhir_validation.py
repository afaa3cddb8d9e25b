"""What is refused, where, and under which code: formats/health.md 6.1, 9.1, 9.6 and section 10."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mappings.engine.findings import Finding
from mappings.health_fhir import systems
from mappings.health_fhir.issues import issue_type
from mappings.health_fhir.terminology import verhoeff
from tests.mappings.health_documents import (
    data,
    errors,
    health,
    read,
    referral,
    spoiled,
    warnings,
)
from tests.mappings.health_spoiling import (
    CONSENT,
    OBSERVATION,
    PATIENT,
    RELATED,
    SR,
    TASK,
    Json,
    add_condition,
    dropping,
    reasons,
    setting,
    verification,
)


def test_an_unknown_resource_type_is_a_finding_and_no_crash() -> None:
    """Number 1."""
    document = spoiled(referral(), lambda b: b["entry"][3].update(resource={"resourceType": "NopeType"}))
    assert errors(document) == [("FHIR_UNKNOWN_RESOURCE", f"{RELATED}/resourceType")]
    assert issue_type(Finding("FHIR_UNKNOWN_RESOURCE", "")) == "structure"


@pytest.mark.parametrize("status", ["in-progress", "on-hold", "ready", "entered-in-error", "completed"])
def test_every_task_status_of_r4_is_a_code(status: str) -> None:
    """Number 2: the metadata of fhir.resources ends after four codes."""
    found = errors(spoiled(referral(), setting("Task", status=status)))
    assert found == [("FHIR_PROFILE_VALUE", f"{TASK}/status")]


def test_a_task_status_r4_does_not_know_is_refused() -> None:
    """Number 2."""
    assert errors(spoiled(referral(), setting("Task", status="bogus"))) == [("UNKNOWN_CODE", f"{TASK}/status")]


@pytest.mark.parametrize(
    ("code", "system", "finding"),
    [
        ("T76.1", systems.ICD_10, "FHIR_NOT_MALTREATMENT"),
        ("T76", systems.ICD_10, "FHIR_NOT_MALTREATMENT"),
        ("T76.12XA", systems.ICD_10, "FHIR_NOT_MALTREATMENT"),
        ("T74.12", systems.ICD_10, "FHIR_WRONG_EDITION"),
        ("T74.4", systems.ICD_10, "FHIR_WRONG_EDITION"),
        ("Z04.71", systems.ICD_10, "FHIR_WRONG_EDITION"),
        ("T74.12XA", systems.ICD_10, "FHIR_WRONG_EDITION"),
        ("t74.1", systems.ICD_10_CM, "FHIR_WRONG_EDITION"),
    ],
)
def test_a_code_is_judged_by_its_system(code: str, system: str, finding: str) -> None:
    """Number 3."""
    found = errors(spoiled(referral(), reasons(code, system=system)))
    assert found == [(finding, f"{SR}/reasonCode/0/coding/1/code")]
    assert issue_type(Finding(finding, "")) == "code-invalid"


@pytest.mark.parametrize("code", ["T74.1", "T74.9", "Y06.1", "Y07.3", "Z04.5", "S52.5"])
def test_whos_codes_pass_and_are_carried_untouched(code: str) -> None:
    """Number 3: T74.1 never becomes "confirmed"."""
    value = read(spoiled(referral(), reasons(code)))
    assert [c.code for c in value.clinical.reason_codes] == [code]
    assert value.concern.verification == "SUSPECTED"


def test_a_snomed_number_with_a_wrong_check_digit_is_warned_about() -> None:
    assert verhoeff("162596006")
    assert verhoeff("836881000000105")
    assert not verhoeff("104586100000100")
    document = spoiled(referral(), reasons("162596007", system=systems.SNOMED))
    assert warnings(document) == ["FHIR_CHECK_DIGIT"]
    assert warnings(spoiled(referral(), reasons("162596006", system=systems.SNOMED))) == []


@pytest.mark.parametrize(
    ("kind", "fields", "path"),
    [
        ("Task", {"for_fhir": {"reference": "urn:uuid:0f9b2a10-0000-4000-8000-000000000003"}}, TASK),
        ("Patient", {"birthDate__ext": {"id": "a"}}, PATIENT),
        ("Patient", {"resource_type": "Patient"}, PATIENT),
        ("Patient", {"fhir_comments": ["x"]}, PATIENT),
    ],
)
def test_python_names_on_the_wire_are_refused(kind: str, fields: Json, path: str) -> None:
    assert errors(spoiled(referral(), setting(kind, **fields))) == [("FHIR_FORBIDDEN_KEY", path)]


@pytest.mark.parametrize("nothing", [None, [], {}, ""])
def test_nothing_is_no_value(nothing: Any) -> None:
    assert ("FHIR_EMPTY", f"{PATIENT}/gender") in errors(spoiled(referral(), setting("Patient", gender=nothing)))


def test_a_null_may_keep_step_with_an_extension() -> None:
    given = {"given": [None], "_given": [{"extension": [{"url": "urn:x:y", "valueCode": "z"}]}], "text": "Misali"}
    assert errors(spoiled(referral(), setting("Patient", name=[given]))) == []


@pytest.mark.parametrize(("length", "good"), [(64, True), (65, False), (70, False)])
def test_an_id_has_64_characters_at_most(length: int, good: bool) -> None:
    found = errors(spoiled(referral(), setting("Patient", id="a" * length)))
    assert found == ([] if good else [("FHIR_BAD_ID", f"{PATIENT}/id")])


@pytest.mark.parametrize(
    ("kind", "fields", "finding"),
    [
        ("Task", {"authoredOn": "2026-03-02T11:24:05"}, ("INVALID_DATE", f"{TASK}/authoredOn")),
        ("Patient", {"birthDate": "2026-02-30"}, ("INVALID_DATE", f"{PATIENT}/birthDate")),
        ("Patient", {"birthDate": "07-03-2016"}, ("INVALID_DATE", f"{PATIENT}/birthDate")),
        ("Patient", {"shoeSize": 31}, ("UNKNOWN_FIELD", f"{PATIENT}/shoeSize")),
        ("Patient", {"<script>": 31}, ("UNKNOWN_FIELD", f"{PATIENT}/?")),
        ("Patient", {"name": {"text": "Misali"}}, ("WRONG_TYPE", f"{PATIENT}/name")),
        ("Observation", {"valueBoolean": True}, ("INVALID_VALUE", OBSERVATION)),
        ("Patient", {"gender": "khwaja sira"}, ("UNKNOWN_CODE", f"{PATIENT}/gender")),
        ("Observation", {"status": "done"}, ("UNKNOWN_CODE", f"{OBSERVATION}/status")),
    ],
)
def test_what_r4_does_not_allow_is_refused(kind: str, fields: Json, finding: tuple[str, str]) -> None:
    assert finding in errors(spoiled(referral(), setting(kind, **fields)))


def test_a_sentence_never_repeats_a_value() -> None:
    document = spoiled(referral(), setting("Patient", gender="canary-4711", birthDate="canary-4712", canary4713=1))
    printed = json.dumps([f.as_json() for f in health().validate(document)])
    assert "canary-47" not in printed


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("ServiceRequest", "priority"),
        ("ServiceRequest", "authoredOn"),
        ("ServiceRequest", "requester"),
        ("ServiceRequest", "performer"),
        ("ServiceRequest", "code"),
        ("ServiceRequest", "meta"),
        ("Task", "groupIdentifier"),
        ("Task", "restriction"),
        ("Task", "owner"),
        ("Task", "intent"),
    ],
)
def test_what_the_profile_demands_must_be_there(kind: str, name: str) -> None:
    path = SR if kind == "ServiceRequest" else TASK
    assert ("MISSING_REQUIRED", f"{path}/{name}") in errors(spoiled(referral(), dropping(kind, name)))


@pytest.mark.parametrize(
    ("kind", "fields", "finding"),
    [
        ("ServiceRequest", {"doNotPerform": True}, ("FHIR_NOT_ALLOWED", f"{SR}/doNotPerform")),
        ("ServiceRequest", {"intent": "plan"}, ("FHIR_PROFILE_VALUE", f"{SR}/intent")),
        ("ServiceRequest", {"status": "completed"}, ("FHIR_PROFILE_VALUE", f"{SR}/status")),
        ("Patient", {"photo": [{"title": "x"}]}, ("FHIR_NOT_ALLOWED", f"{PATIENT}/photo")),
        ("Task", {"priority": "routine"}, ("FHIR_PROFILE_VALUE", f"{TASK}/priority")),
        (
            "Patient",
            {"contained": [{"resourceType": "RelatedPerson", "id": "x", "patient": {"reference": "#"}}]},
            ("FHIR_NOT_ALLOWED", f"{PATIENT}/contained"),
        ),
        (
            "ServiceRequest",
            {"modifierExtension": [{"url": "urn:x:y", "valueBoolean": True}]},
            ("FHIR_MODIFIER_EXTENSION", f"{SR}/modifierExtension"),
        ),
        (
            "ServiceRequest",
            {"reasonCode": [{"text": "Only words"}]},
            ("FHIR_NO_CONCERN", f"{SR}/reasonCode/0/coding"),
        ),
        (
            "Patient",
            {"identifier": [{"system": f"{systems.SID}/nadra-bform", "value": "12345"}]},
            ("INVALID_IDENTIFIER", f"{PATIENT}/identifier/0/value"),
        ),
    ],
)
def test_what_the_profile_forbids_is_refused(kind: str, fields: Json, finding: tuple[str, str]) -> None:
    assert errors(spoiled(referral(), setting(kind, **fields))) == [finding]


@pytest.mark.parametrize("kind", ["ServiceRequest", "Task", "Patient", "Provenance"])
def test_each_of_the_four_pillars_stands_once(kind: str) -> None:
    bundle = referral()
    index = next(i for i, e in enumerate(bundle["entry"]) if e["resource"]["resourceType"] == kind)
    twin = {**bundle["entry"][index], "fullUrl": "urn:uuid:0f9b2a10-0000-4000-8000-000000000099"}
    bundle["entry"].append(twin)
    assert ("FHIR_SURPLUS_RESOURCE", "/entry/10") in errors(data(bundle))


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda e: e.pop("request"), ("FHIR_BDL_3", "/entry/0/request")),
        (lambda e: e["request"].update(method="DELETE"), ("FHIR_PROFILE_VALUE", "/entry/0/request/method")),
        (lambda e: e["request"].update(url="Patient"), ("FHIR_REQUEST_URL", "/entry/0/request/url")),
        (
            lambda e: e.update(fullUrl="urn:uuid:0f9b2a10-0000-4000-8000-000000000002"),
            ("FHIR_BDL_7", "/entry/1/fullUrl"),
        ),
    ],
)
def test_entries_of_a_transaction_keep_its_rules(change: Callable[[Json], object], finding: tuple[str, str]) -> None:
    assert finding in errors(spoiled(referral(), lambda b: change(b["entry"][0])))


def test_a_full_url_names_no_version_and_no_foreign_host() -> None:
    versioned = spoiled(referral(), lambda b: b["entry"][3].update(fullUrl="https://x.example/P/1/_history/2"))
    assert errors(versioned) == [("FHIR_BDL_8", "/entry/3/fullUrl")]
    foreign = spoiled(referral(), lambda b: b["entry"][3].update(fullUrl="https://x.example/RelatedPerson/1"))
    assert errors(foreign) == [("FHIR_FULL_URL", "/entry/3/fullUrl")]


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (setting("Task", lastModified="2026-03-02T11:24:04+05:00"), ("FHIR_INV_1", f"{TASK}/lastModified")),
        (
            lambda b: (
                setting("ServiceRequest", orderDetail=[{"text": "x"}])(b),
                dropping("ServiceRequest", "code")(b),
            ),
            ("FHIR_PRR_1", f"{SR}/orderDetail"),
        ),
        (
            setting("Observation", dataAbsentReason={"text": "not asked"}),
            ("FHIR_OBS_6", f"{OBSERVATION}/dataAbsentReason"),
        ),
        (dropping("Consent", "policy"), ("FHIR_PPC_1", f"{CONSENT}/policy")),
        (setting("Patient", extension=[{"url": "urn:x:y"}]), ("FHIR_EXT_1", f"{PATIENT}/extension/0")),
        (
            lambda b: add_condition(
                b,
                verificationStatus=verification("entered-in-error"),
                clinicalStatus={
                    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
                },
            ),
            ("FHIR_CON_5", "/entry/10/resource/clinicalStatus"),
        ),
        (add_condition, ("MISSING_REQUIRED", "/entry/10/resource/verificationStatus")),
        (
            lambda b: add_condition(b, verificationStatus=verification("maybe")),
            ("UNKNOWN_CODE", "/entry/10/resource/verificationStatus"),
        ),
    ],
)
def test_an_invariant_is_enforced(change: Callable[[Json], object], finding: tuple[str, str]) -> None:
    assert finding in errors(spoiled(referral(), change))


def test_inv_1_compares_instants_and_not_texts() -> None:
    """06:24:06Z is later than 11:24:05+05:00, although its text is smaller."""
    assert errors(spoiled(referral(), setting("Task", lastModified="2026-03-02T06:24:06Z"))) == []


@pytest.mark.parametrize("modified", ["2026-03-02T06:24:06.12", "2026-03-02T06:24:0612345"])
def test_an_instant_without_its_zone_is_found_and_compared_with_nothing(modified: str) -> None:
    assert errors(spoiled(referral(), setting("Task", lastModified=modified))) == [
        ("INVALID_DATE", f"{TASK}/lastModified")
    ]
