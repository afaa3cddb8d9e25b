"""What is refused, where, and under which code: formats/health.md 6.1, 9.1, 9.6 and section 10."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mappings.engine.findings import Finding, sentence
from mappings.fhir_r4.walk import fhirpath
from mappings.health_fhir import systems
from mappings.health_fhir.issues import ISSUE_TYPES, expression, issue_type
from mappings.health_fhir.terminology import verhoeff
from tests.mappings.health_documents import (
    add_related,
    data,
    declined,
    errors,
    health,
    read,
    referral,
    resource,
    spoiled,
    warnings,
)

Json = dict[str, Any]
SR, TASK, PATIENT, RELATED, OBSERVATION, CONSENT = (f"/entry/{n}/resource" for n in range(6))


def _set(kind: str, **fields: Any) -> Callable[[Json], object]:
    return lambda bundle: resource(bundle, kind).update(fields)


def _drop(kind: str, name: str) -> Callable[[Json], object]:
    return lambda bundle: resource(bundle, kind).pop(name)


def _condition(bundle: Json, **fields: Any) -> None:
    person = add_related(bundle)
    person.clear()
    child = {"reference": "urn:uuid:0f9b2a10-0000-4000-8000-000000000003"}
    person.update(resourceType="Condition", subject=child, code={"text": "Invented"}, **fields)
    bundle["entry"][-1]["request"]["url"] = "Condition"


def _status_of(code: str) -> Json:
    system = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
    return {"coding": [{"system": system, "code": code}]}


def _codes(*codes: str, system: str = systems.ICD_10) -> Callable[[Json], object]:
    first = {"system": systems.CONCERN, "code": "physical-abuse-suspected"}
    listed = [first, *({"system": system, "code": code} for code in codes)]
    return _set("ServiceRequest", reasonCode=[{"coding": listed}])


def test_an_unknown_resource_type_is_a_finding_and_no_crash() -> None:
    """Number 1."""
    document = spoiled(referral(), lambda b: b["entry"][3].update(resource={"resourceType": "NopeType"}))
    assert errors(document) == [("FHIR_UNKNOWN_RESOURCE", f"{RELATED}/resourceType")]
    assert issue_type(Finding("FHIR_UNKNOWN_RESOURCE", "")) == "structure"


@pytest.mark.parametrize("status", ["in-progress", "on-hold", "ready", "entered-in-error", "completed"])
def test_every_task_status_of_r4_is_a_code(status: str) -> None:
    """Number 2: the metadata of fhir.resources ends after four codes."""
    found = errors(spoiled(referral(), _set("Task", status=status)))
    assert found == [("FHIR_PROFILE_VALUE", f"{TASK}/status")]


def test_a_task_status_r4_does_not_know_is_refused() -> None:
    """Number 2."""
    assert errors(spoiled(referral(), _set("Task", status="bogus"))) == [("UNKNOWN_CODE", f"{TASK}/status")]


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
    found = errors(spoiled(referral(), _codes(code, system=system)))
    assert found == [(finding, f"{SR}/reasonCode/0/coding/1/code")]
    assert issue_type(Finding(finding, "")) == "code-invalid"


@pytest.mark.parametrize("code", ["T74.1", "T74.9", "Y06.1", "Y07.3", "Z04.5", "S52.5"])
def test_whos_codes_pass_and_are_carried_untouched(code: str) -> None:
    """Number 3: T74.1 never becomes "confirmed"."""
    value = read(spoiled(referral(), _codes(code)))
    assert [c.code for c in value.clinical.reason_codes] == [code]
    assert value.concern.verification == "SUSPECTED"


def test_a_snomed_number_with_a_wrong_check_digit_is_warned_about() -> None:
    assert verhoeff("162596006")
    assert verhoeff("836881000000105")
    assert not verhoeff("104586100000100")
    document = spoiled(referral(), _codes("162596007", system=systems.SNOMED))
    assert warnings(document) == ["FHIR_CHECK_DIGIT"]
    assert warnings(spoiled(referral(), _codes("162596006", system=systems.SNOMED))) == []


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
    assert errors(spoiled(referral(), _set(kind, **fields))) == [("FHIR_FORBIDDEN_KEY", path)]


@pytest.mark.parametrize("nothing", [None, [], {}, ""])
def test_nothing_is_no_value(nothing: Any) -> None:
    assert ("FHIR_EMPTY", f"{PATIENT}/gender") in errors(spoiled(referral(), _set("Patient", gender=nothing)))


def test_a_null_may_keep_step_with_an_extension() -> None:
    given = {"given": [None], "_given": [{"extension": [{"url": "urn:x:y", "valueCode": "z"}]}], "text": "Misali"}
    assert errors(spoiled(referral(), _set("Patient", name=[given]))) == []


@pytest.mark.parametrize(("length", "good"), [(64, True), (65, False), (70, False)])
def test_an_id_has_64_characters_at_most(length: int, good: bool) -> None:
    found = errors(spoiled(referral(), _set("Patient", id="a" * length)))
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
    assert finding in errors(spoiled(referral(), _set(kind, **fields)))


def test_a_sentence_never_repeats_a_value() -> None:
    document = spoiled(referral(), _set("Patient", gender="canary-4711", birthDate="canary-4712", canary4713=1))
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
    assert ("MISSING_REQUIRED", f"{path}/{name}") in errors(spoiled(referral(), _drop(kind, name)))


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
    assert errors(spoiled(referral(), _set(kind, **fields))) == [finding]


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
        (_set("Task", lastModified="2026-03-02T11:24:04+05:00"), ("FHIR_INV_1", f"{TASK}/lastModified")),
        (
            lambda b: (_set("ServiceRequest", orderDetail=[{"text": "x"}])(b), _drop("ServiceRequest", "code")(b)),
            ("FHIR_PRR_1", f"{SR}/orderDetail"),
        ),
        (
            _set("Observation", dataAbsentReason={"text": "not asked"}),
            ("FHIR_OBS_6", f"{OBSERVATION}/dataAbsentReason"),
        ),
        (_drop("Consent", "policy"), ("FHIR_PPC_1", f"{CONSENT}/policy")),
        (_set("Patient", extension=[{"url": "urn:x:y"}]), ("FHIR_EXT_1", f"{PATIENT}/extension/0")),
        (
            lambda b: _condition(
                b,
                verificationStatus=_status_of("entered-in-error"),
                clinicalStatus={
                    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
                },
            ),
            ("FHIR_CON_5", "/entry/10/resource/clinicalStatus"),
        ),
        (_condition, ("MISSING_REQUIRED", "/entry/10/resource/verificationStatus")),
        (
            lambda b: _condition(b, verificationStatus=_status_of("maybe")),
            ("UNKNOWN_CODE", "/entry/10/resource/verificationStatus"),
        ),
    ],
)
def test_an_invariant_is_enforced(change: Callable[[Json], object], finding: tuple[str, str]) -> None:
    assert finding in errors(spoiled(referral(), change))


def test_inv_1_compares_instants_and_not_texts() -> None:
    """06:24:06Z is later than 11:24:05+05:00, although its text is smaller."""
    assert errors(spoiled(referral(), _set("Task", lastModified="2026-03-02T06:24:06Z"))) == []


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
    document = spoiled(referral(), _set("RelatedPerson", patient={"reference": reference}))
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
    assert errors(spoiled(referral(), _set("Task", owner=hospital))) == [
        ("FHIR_PARTIES_DIFFER", f"{TASK}/owner/reference")
    ]
    assert errors(spoiled(referral(), _set("Task", requester=bureau))) == [
        ("FHIR_PARTIES_DIFFER", f"{TASK}/requester/reference")
    ]


def test_labels_are_one_a_resource_and_the_highest_on_the_bundle() -> None:
    two = [{"system": systems.CONFIDENTIALITY, "code": code} for code in ("V", "R")]
    assert errors(spoiled(referral(), _set("Patient", meta={"security": two}))) == [
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
