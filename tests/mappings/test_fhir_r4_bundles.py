"""Bundles by R4's general rules: types, addresses, links, and what references lead to inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.mappings.fhir_r4_documents import Json, bundle, document, entry, said


def result(kind: str = "Patient", mode: str = "match", **fields: Any) -> Json:
    return {**entry(kind, "a", **fields), "search": {"mode": mode}}


def message(*entries: Json) -> Json:
    head = entry(
        "MessageHeader", "m", eventUri="urn:x:y", source={"endpoint": "urn:x"}, focus=[{"reference": "Task/t"}]
    )
    return bundle("message", head, *entries)


def test_sound_bundles_of_every_type_are_no_alarms() -> None:
    task = entry("Task", "t", status="requested", intent="order")
    post = {**entry("Patient", "p"), "request": {"method": "POST", "url": "Patient"}}
    answered = {"response": {"status": "201"}}
    for sound in (
        document(),
        message(task),
        bundle("collection", entry("Patient", "p")),
        bundle("transaction", post),
        bundle("batch", {k: v for k, v in post.items() if k != "fullUrl"}),
        bundle("transaction-response", answered),
        bundle("history", {**post, **answered}, {**post, **answered}, total=2),
        bundle(
            "searchset", result(), total=1, link=[{"relation": "self", "url": "https://his.example.pk/fhir/Patient"}]
        ),
    ):
        assert said(sound) == [], sound["type"]


@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (lambda b: b.pop("identifier"), ("FHIR_BDL_9", "/identifier")),
        (lambda b: b["identifier"].pop("system"), ("FHIR_BDL_9", "/identifier")),
        (lambda b: b.pop("timestamp"), ("FHIR_BDL_10", "/timestamp")),
        (lambda b: b["entry"].reverse(), ("FHIR_BDL_11", "/entry")),
        (lambda b: b["entry"].pop(1), ("FHIR_NOT_IN_BUNDLE", "/entry/0/resource/subject/reference")),
        (lambda b: b["entry"][1].pop("fullUrl"), ("FHIR_NO_FULL_URL", "/entry/1/fullUrl")),
        (lambda b: b["entry"][1].update(fullUrl="Patient/misali"), ("FHIR_NOT_ABSOLUTE", "/entry/1/fullUrl")),
        (
            lambda b: b["entry"][1].update(fullUrl="https://his.example.pk/fhir/Patient/other"),
            ("FHIR_FULL_URL_DIFFERS", "/entry/1/fullUrl"),
        ),
        (
            lambda b: b["entry"][1].update(fullUrl="https://his.example.pk/fhir/Group/misali"),
            ("FHIR_FULL_URL_DIFFERS", "/entry/1/fullUrl"),
        ),
        (
            lambda b: b["entry"][1].update(fullUrl="https://his.example.pk/fhir/Patient/misali/_history/1"),
            ("FHIR_BDL_8", "/entry/1/fullUrl"),
        ),
        (lambda b: b["entry"].append(b["entry"][1]), ("FHIR_BDL_7", "/entry/3/fullUrl")),
        (lambda b: b["entry"][1].update(request={"method": "GET", "url": "x"}), ("FHIR_BDL_3", "/entry/1/request")),
        (lambda b: b["entry"][1].update(response={"status": "200"}), ("FHIR_BDL_4", "/entry/1/response")),
        (lambda b: b["entry"][1].update(search={"mode": "match"}), ("FHIR_BDL_2", "/entry/1/search")),
        (lambda b: b["entry"].append({"fullUrl": "urn:x:y"}), ("FHIR_BDL_5", "/entry/3")),
        (lambda b: b.update(total=3), ("FHIR_BDL_1", "/total")),
        (lambda b: b.update(link=[{"relation": "self", "url": "urn:x"}] * 2), ("FHIR_LINK_TWICE", "/link/1/relation")),
        (
            lambda b: b["entry"][0]["resource"].update(section=[{"section": [{"entry": [{"reference": "List/9"}]}]}]),
            ("FHIR_NOT_IN_BUNDLE", "/entry/0/resource/section/0/section/0/entry/0/reference"),
        ),
        (
            lambda b: b["entry"][0]["resource"].update(section=[{"title": "empty"}]),
            ("FHIR_CMP_1", "/entry/0/resource/section/0"),
        ),
    ],
)
def test_a_document_keeps_the_rules_of_bundles(change: Callable[[Json], object], finding: tuple[str, str]) -> None:
    spoiled = document()
    change(spoiled)
    assert finding in said(spoiled)


def test_a_message_begins_with_its_header_and_holds_its_focus() -> None:
    assert said(message()) == [("FHIR_NOT_IN_BUNDLE", "/entry/0/resource/focus/0/reference")]
    assert ("FHIR_BDL_12", "/entry") in said(bundle("message", entry("Patient", "p")))


def test_a_reference_to_two_versions_is_ambiguous_and_one_to_a_version_is_not() -> None:
    def two(reference: str) -> list[tuple[str, str]]:
        versions = [entry("List", "l", meta={"versionId": n}, status="current", mode="working") for n in ("1", "2")]
        return said(document(*versions, section=[{"entry": [{"reference": reference}]}]))

    at = "/entry/0/resource/section/0/entry/0/reference"
    assert two("List/l") == [("FHIR_AMBIGUOUS_REFERENCE", at)]
    assert two("List/l/_history/2") == []
    assert two("List/l/_history/3") == [("FHIR_NOT_IN_BUNDLE", at)]


def test_what_a_reference_leads_to_inside_a_bundle_has_the_type_that_may_stand_there() -> None:
    observation = entry("Observation", "o", status="final", code={"text": "x"}, subject={"reference": "urn:uuid:x"})
    number = "urn:uuid:0f9b2a10-0000-4000-8000-000000000009"
    observation["resource"]["subject"]["reference"] = number
    medicine = {"fullUrl": number, "resource": {"resourceType": "Medication"}}
    found = said(bundle("collection", observation, medicine))
    assert found == [("FHIR_WRONG_TARGET", "/entry/0/resource/subject/reference")]


def test_outside_documents_and_messages_a_reference_may_lead_out() -> None:
    observation = entry("Observation", "o", status="final", code={"text": "x"}, subject={"reference": "Patient/9"})
    assert said(bundle("collection", observation)) == []


@pytest.mark.parametrize(
    ("kind", "mode", "url", "code"),
    [
        ("Patient", "outcome", "https://his.example.pk/fhir/Patient?name=x", "FHIR_SEARCH_MODE"),
        ("Observation", "match", "https://his.example.pk/fhir/Patient?name=x", "FHIR_SEARCH_MODE"),
        ("Observation", "match", "https://his.example.pk/fhir?_type=Patient,Group", "FHIR_SEARCH_MODE"),
        ("Observation", "include", "https://his.example.pk/fhir/Patient?name=x", ""),
        ("Patient", "match", "https://his.example.pk/fhir?_type=Patient,Group", ""),
        ("Patient", "match", "https://his.example.pk/fhir/anything", ""),
    ],
)
def test_results_of_a_search_are_what_they_say(kind: str, mode: str, url: str, code: str) -> None:
    extra: Json = {"status": "final", "code": {"text": "x"}} if kind == "Observation" else {}
    found = said(bundle("searchset", result(kind, mode, **extra), link=[{"relation": "self", "url": url}]))
    assert [name for name, _ in found] == ([code] if code else [])


def test_a_result_of_a_search_has_an_id() -> None:
    nameless = result()
    del nameless["resource"]["id"]
    assert said(bundle("searchset", nameless)) == [("FHIR_RESULT_WITHOUT_ID", "/entry/0/resource/id")]


def test_bundles_inside_parameters_are_bundles() -> None:
    inside = bundle("collection", {"resource": {"resourceType": "Patient"}})
    found = said({"resourceType": "Parameters", "parameter": [{"name": "a", "resource": inside}]})
    assert found == [("FHIR_NO_FULL_URL", "/parameter/0/resource/entry/0/fullUrl")]
