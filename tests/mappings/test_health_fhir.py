"""New referrals in FHIR: the published example 11.1 both ways, and what stands in a Bundle we write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from mappings.engine.laws import accounted, reading_accounted, round_trip, stable, valid
from mappings.health_fhir import systems
from mappings.samples import fullest_samples, golden_samples
from tests.mappings.health_documents import (
    data,
    fullest,
    health,
    read,
    referral,
    written,
)

WHO_IS_WHO = {
    "ServiceRequest": ["V", "SDV", "NOREUSE", "THREAT"],
    "Patient": ["V", "SDV", "NOREUSE", "THREAT"],
    "RelatedPerson": ["V", "SDV", "NOREUSE", "THREAT"],
    "Observation": ["V", "SDV", "NOREUSE", "THREAT"],
    "Condition": ["V", "SDV", "NOREUSE", "THREAT"],
    "Task": ["R", "SDV"],
    "Consent": ["R"],
    "Organization": [],
    "PractitionerRole": [],
    "Provenance": [],
}


def test_11_1_reads_as_the_referral_it_is() -> None:
    value = read(data(referral()))
    assert value.message_id == "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0001"
    assert (value.ref, value.case_ref) == ("LHR-DHQ-2026-000123", "CASE-2026-0778")
    assert value.priority == "EMERGENCY"
    assert value.authored_at == "2026-03-02T06:24:05Z"
    assert (value.requested.service, value.requested.action) == ("CASE_MANAGEMENT", "ASSESS")
    assert value.requested.reply_by == "2026-03-02T07:24:05Z"
    assert (value.sender.agency, value.sender.officer) == ("health:lhr-dhq", "Dr. Namuna")
    assert [party.agency for party in value.recipients] == ["welfare:pb-cpb"]
    assert (value.consent.basis, value.consent.expires_on) == ("BEST_INTEREST", "2026-06-02")


def test_11_1_reads_child_people_and_findings() -> None:
    value = read(data(referral()))
    assert (value.child.name, value.child.name_ur) == ("Misali Bint-e-Farzi", "مثالی بنتِ فرضی")
    assert (value.child.sex, value.child.birth_date) == ("FEMALE", "2017-05")
    assert [(i.scheme, i.value) for i in value.child.identifiers] == [("pk-bform", "3999900000012")]
    assert [(p.relation, p.name) for p in value.persons] == [("MOTHER", "Farzi Begum")]
    assert [(f.kind, f.status) for f in value.clinical.findings] == [("OBSERVATION", "FINAL")]
    assert [c.code for c in value.clinical.reason_codes] == ["PJ20", "T74.1"]


def test_lineage_names_true_places_of_the_bundle() -> None:
    bundle = referral()
    (translation,) = health().read(data(bundle))
    by_ours = {line.ours: line.theirs for line in translation.lines if line.ours and line.theirs}
    assert by_ours["child.name_ur"] == "/entry/2/resource/name/1/text"
    assert by_ours["concern.types[0]"] == "/entry/0/resource/reasonCode/0/coding/0/code"
    assert by_ours["clinical.reason_codes[1].code"] == "/entry/0/resource/reasonCode/0/coding/2/code"
    assert by_ours["sender.agency"] == "/entry/7/resource/identifier/0/value"
    assert by_ours["sender.system"] == "/entry/9/resource/agent/1/who/identifier/value"
    for place in by_ours.values():
        node: Any = bundle
        for part in place.split("/")[1:]:
            node = node[int(part)] if isinstance(node, list) else node[part]
        assert isinstance(node, str | bool | int | float)


def test_11_1_survives_the_way_there_and_back() -> None:
    value = read(data(referral()))
    back = read(health().write(value).value)
    assert back == value


@pytest.mark.parametrize("name", ["fullest.referral.json", "fullest.record.json", "fullest.status.json"])
def test_the_fullest_document_keeps_every_law(name: str) -> None:
    (value,) = [v for n, v in fullest_samples(health()) if n == name]
    document = health().write(value).value
    assert read(document) == value
    assert round_trip(health(), value) == []
    assert accounted(health(), value) == []
    assert valid(health(), value) == []
    assert reading_accounted(health(), document) == []


def test_golden_samples_are_in_normal_form() -> None:
    names = []
    for name, document in golden_samples(health()):
        names.append(name)
        assert stable(health(), document) == []
    assert names == ["record.json", "referral.json", "status.json"]


def test_the_same_referral_gives_the_same_bytes() -> None:
    assert health().write(fullest()).value == health().write(fullest()).value


def test_fhir_resources_accepts_what_is_written() -> None:
    bundle = Bundle.model_validate_json(health().write(fullest()).value)
    assert [entry.resource.get_resource_type() for entry in bundle.entry][:3] == ["ServiceRequest", "Task", "Patient"]


def test_written_entries_are_labelled_and_the_bundle_carries_the_highest() -> None:
    bundle = written(fullest())
    for entry in bundle["entry"]:
        labels = entry["resource"].get("meta", {}).get("security", [])
        assert [label["code"] for label in labels] == WHO_IS_WHO[entry["resource"]["resourceType"]]
    assert bundle["meta"]["security"] == [{"system": systems.CONFIDENTIALITY, "code": "V"}]


def test_written_entries_are_posted_and_looked_up_by_number() -> None:
    bundle = written(fullest())
    requests = {e["resource"]["resourceType"]: e["request"] for e in bundle["entry"]}
    assert all(request["method"] == "POST" for request in requests.values())
    assert requests["ServiceRequest"]["ifNoneExist"] == f"identifier={systems.REFERRAL}|RF-7Q2M-0001"
    assert requests["Task"]["ifNoneExist"] == f"identifier={systems.TASK}|RF-7Q2M-0001-T1"
    assert requests["Patient"]["ifNoneExist"] == f"identifier={systems.SID}/nadra-bform|39999-0000001-2"
    assert "ifNoneExist" not in requests["RelatedPerson"]


def test_no_written_resource_has_a_narrative_or_a_null() -> None:
    text = health().write(fullest()).value.decode()
    assert "null" not in text
    assert all("text" not in entry["resource"] for entry in json.loads(text)["entry"])
