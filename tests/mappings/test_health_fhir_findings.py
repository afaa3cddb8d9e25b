"""What a hospital saw and measured, Tasks that ask to stop, and resources of which only a number can be kept."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from mappings.clinical import Clinical, Component, Finding, Measure
from mappings.engine.errors import Refusal
from mappings.health_fhir import systems
from tests.mappings.health_documents import data, declined, errors, health, read, referral, resource

Json = dict[str, Any]
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
OBSERVATION = "/entry/4/resource"


def with_observation(**fields: Any) -> bytes:
    """Return example 11.1 with another result in its one observation."""
    bundle = referral()
    seen = resource(bundle, "Observation")
    del seen["valueString"]
    seen.update(fields)
    return data(bundle)


def finding(**fields: Any) -> Finding:
    found: Finding = read(with_observation(**fields)).clinical.findings[0]
    return found


def leftover(document: bytes) -> tuple[str, ...]:
    (translation,) = health().read(document)
    return translation.leftover


def written(value: Any) -> Json:
    """Return the observation a referral with one finding is written as."""
    base = read(data(referral()))
    held = base.model_copy(update={"clinical": Clinical(findings=(value,))})
    translation = health().write(held)
    (back,) = read(translation.value).clinical.findings
    assert back == value
    seen: Json = resource(copy.deepcopy(translation.tree), "Observation")
    return seen


def test_a_measured_amount_keeps_number_unit_and_which_side_of_it() -> None:
    amount = {"value": 18.5, "comparator": "<", "unit": "kilogram", "system": UCUM, "code": "kg"}
    found = finding(valueQuantity=amount)
    assert found.measure == Measure(number=18.5, comparator="BELOW", unit="kilogram", unit_system=UCUM, unit_code="kg")
    assert written(found)["valueQuantity"] == amount


def test_a_comparator_nobody_knows_is_refused_and_not_lost() -> None:
    """Less than five, read as five, is another finding."""
    found = errors(with_observation(valueQuantity={"value": 5, "comparator": "~"}))
    assert found == [("UNKNOWN_CODE", f"{OBSERVATION}/valueQuantity/comparator")]


@pytest.mark.parametrize("number", [1e13, -1e13, 1e308, 2**62])
def test_a_number_that_would_not_come_back_as_it_went_is_refused(number: float) -> None:
    assert errors(with_observation(valueQuantity={"value": number})) == [
        ("INVALID_VALUE", f"{OBSERVATION}/valueQuantity/value")
    ]


def test_a_coded_result_keeps_codes_and_words() -> None:
    concept = {"coding": [{"system": LOINC, "code": "LA6576-8", "display": "Positive"}], "text": "Found"}
    found = finding(valueCodeableConcept=concept)
    assert [(c.system, c.code, c.display) for c in found.result_codes] == [(LOINC, "LA6576-8", "Positive")]
    assert written(found)["valueCodeableConcept"] == concept


def test_the_parts_of_an_observation_are_read_each_with_its_result() -> None:
    parts = [
        {"code": {"text": "Systolic"}, "valueQuantity": {"value": 110, "unit": "mmHg"}},
        {"code": {"coding": [{"system": LOINC, "code": "8462-4"}]}, "valueString": "not heard"},
    ]
    found = finding(component=parts)
    assert [p.label for p in found.components] == ["Systolic", None]
    assert found.components[0].measure == Measure(number=110, unit="mmHg")
    assert [c.code for c in found.components[1].codes] == ["8462-4"]
    assert written(found)["component"] == parts


@pytest.mark.parametrize("day", ["2026", "2026-03", "2026-03-02"])
def test_a_finding_of_a_day_stays_one_of_a_day(day: str) -> None:
    found = finding(effectiveDateTime=day)
    assert (found.observed_at, found.observed_on) == (None, day)
    assert written(found)["effectiveDateTime"] == day


def test_lineage_of_a_day_names_its_place() -> None:
    (translation,) = health().read(with_observation(effectiveDateTime="2026-03"))
    by_ours = {line.ours: line.theirs for line in translation.lines}
    assert by_ours["clinical.findings[0].observed_on"] == f"{OBSERVATION}/effectiveDateTime"


def test_several_notes_of_an_observation_are_one_remark() -> None:
    assert finding(note=[{"text": "a"}, {"text": "b"}]).note == "a\n\nb"


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"valueInteger": 3}, f"{OBSERVATION}/valueInteger"),
        ({"valueBoolean": True}, f"{OBSERVATION}/valueBoolean"),
        ({"dataAbsentReason": {"text": "refused"}}, f"{OBSERVATION}/dataAbsentReason/text"),
        ({"bodySite": {"text": "arm"}}, f"{OBSERVATION}/bodySite/text"),
        ({"interpretation": [{"text": "high"}]}, f"{OBSERVATION}/interpretation/0/text"),
        (
            {"component": [{"code": {"text": "a"}, "valueInteger": 3}]},
            f"{OBSERVATION}/component/0/valueInteger",
        ),
        (
            {"valueCodeableConcept": {"coding": [{"code": "x", "display": "no system"}]}},
            f"{OBSERVATION}/valueCodeableConcept/coding/0/code",
        ),
    ],
)
def test_a_result_our_language_cannot_hold_is_listed_at_its_place(fields: Json, path: str) -> None:
    assert path in leftover(with_observation(**fields))


@pytest.mark.parametrize(
    "value",
    [
        Finding(kind="OBSERVATION", status="FINAL", text="a", measure=Measure(number=1)),
        Finding(kind="OBSERVATION", status="FINAL", measure=Measure(number=1), result_text="b"),
        Finding(kind="OBSERVATION", status="FINAL", components=(Component(text="a", result_text="b"),)),
        Finding(kind="OBSERVATION", status="FINAL", measure=Measure(number=1, unit_code="kg")),
        Finding(kind="OBSERVATION", status="FINAL", observed_at="2026-03-02T05:12:00Z", observed_on="2026"),
    ],
)
def test_what_r4_has_no_room_for_is_refused_and_not_dropped(value: Finding) -> None:
    held = read(data(referral())).model_copy(update={"clinical": Clinical(findings=(value,))})
    with pytest.raises(Refusal) as refused:
        health().write(held)
    assert [f.code for f in refused.value.findings] == ["CANNOT_HOLD"]


def test_a_part_with_the_code_of_the_whole_is_refused() -> None:
    code = {"system": LOINC, "code": "8462-4"}
    whole = {"kind": "OBSERVATION", "status": "FINAL", "codes": [code], "text": "a", "components": [{"codes": [code]}]}
    held = read(data(referral())).model_copy(update={"clinical": Clinical(findings=(Finding.model_validate(whole),))})
    with pytest.raises(Refusal) as refused:
        health().write(held)
    assert [(f.code, f.ours) for f in refused.value.findings] == [("CANNOT_HOLD", "clinical.findings.components.codes")]


def other(kind: str, **fields: Any) -> bytes:
    """Return example 11.1 with one more entry about the child."""
    bundle = referral()
    child = {"reference": "urn:uuid:0f9b2a10-0000-4000-8000-000000000003"}
    added = {"resourceType": kind, "subject": child, **fields}
    url = "urn:uuid:0f9b2a10-0000-4000-8000-000000000088"
    bundle["entry"].append({"fullUrl": url, "resource": added, "request": {"method": "POST", "url": kind}})
    return data(bundle)


@pytest.mark.parametrize(
    ("kind", "fields", "path"),
    [
        ("Encounter", {"status": "finished", "class": {"code": "EMER"}}, "/entry/10/resource/class/code"),
        ("Flag", {"status": "active", "code": {"text": "Invented"}}, "/entry/10/resource/code/text"),
        (
            "Communication",
            {"status": "completed", "payload": [{"contentString": "?"}]},
            "/entry/10/resource/payload/0/contentString",
        ),
        (
            "DocumentReference",
            {"status": "current", "content": [{"attachment": {"title": "Report"}}]},
            "/entry/10/resource/content/0/attachment/title",
        ),
    ],
)
def test_a_resource_without_a_place_in_our_language_is_listed_leaf_by_leaf(kind: str, fields: Json, path: str) -> None:
    assert path in leftover(other(kind, **fields))


def test_the_medico_legal_number_is_read_from_its_report() -> None:
    number = {"system": f"{systems.SID}/medico-legal", "value": "MLC-0001/26"}
    report = other("DocumentReference", status="current", content=[{"attachment": {"title": "x"}}], identifier=[number])
    (translation,) = health().read(report)
    assert translation.value.clinical.medico_legal_ref == "MLC-0001/26"
    by_ours = {line.ours: line.theirs for line in translation.lines}
    assert by_ours["clinical.medico_legal_ref"] == "/entry/10/resource/identifier/0/value"


def abort(status: str, **fields: Any) -> Json:
    """Return example 11.2 as a Task that asks to stop the work of the first Task."""
    bundle = declined()
    task = resource(bundle, "Task")
    del task["businessStatus"], task["statusReason"]
    task["code"]["coding"][0]["code"] = "abort"
    first = {"system": systems.TASK, "value": "LHR-DHQ-2026-000123-T1"}
    task.update({"status": status, "focus": {"identifier": first}, **fields})
    return bundle


def test_a_task_that_asks_to_stop_is_a_withdrawal_of_its_referral() -> None:
    """Number 11: after work began the sender asks by a second Task."""
    reply = read(data(abort("requested")))
    assert (reply.kind, reply.state, reply.ref) == ("WITHDRAW", "REVOKED", "LHR-DHQ-2026-000123")


def test_a_refused_abort_leaves_the_work_going_on() -> None:
    """Number 11: abort rejected leaves in-progress."""
    reply = read(data(abort("rejected", statusReason={"text": "The child is in our care"})))
    assert (reply.kind, reply.state) == ("PROGRESS", "IN_SERVICE")


def test_an_abort_says_nothing_else_by_its_business_status() -> None:
    state = {"coding": [{"system": systems.STATE, "code": "completed"}]}
    assert errors(data(abort("requested", businessStatus=state))) == [
        ("FHIR_STATE_CONTRADICTION", "/entry/1/resource/businessStatus")
    ]


def test_an_abort_of_a_task_of_another_numbering_is_refused() -> None:
    bundle = abort("requested")
    resource(bundle, "Task")["focus"]["identifier"]["value"] = "17"
    with pytest.raises(Refusal) as refused:
        health().read(data(bundle))
    assert [f.code for f in refused.value.findings] == ["INVALID_IDENTIFIER"]


def test_a_new_referral_is_no_abort() -> None:
    bundle = referral()
    resource(bundle, "Task")["code"]["coding"][0]["code"] = "abort"
    assert errors(data(bundle)) == [("FHIR_PROFILE_VALUE", "/entry/1/resource/code")]
