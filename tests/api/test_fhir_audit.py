"""Who did and saw what with a child's referral, searched for in FHIR (formats/health.md 9.3, 4.2)."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from fhir.resources.R4B.bundle import Bundle

from tests.api.fhir_calls import CANARY, FHIR, call, sent
from tests.gateway.house import House
from tests.gateway.manifests import HEALTH, STRANGER, WELFARE


def searched(house: House, agency: str, patient: str) -> httpx.Response:
    answer = call(house, agency, "GET", "/AuditEvent", params={"patient": patient})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(FHIR)
    Bundle.model_validate(answer.json())
    return answer


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.json()["total"] == len(answer.json().get("entry", []))
    return [each["resource"] for each in answer.json().get("entry", [])]


def looked(house: House) -> int:
    return [kind for kind, _ in house.entries()].count("read")


@pytest.mark.parametrize("written", ["{}", "Patient/{}"])
def test_a_sender_finds_what_happened_and_its_own_look(house: House, written: str) -> None:
    name = sent(house, concern={"types": ["NEGLECT"], "narrative": CANARY})
    asked = written.format(name)
    found = events(searched(house, HEALTH, asked))
    for each in found:
        AuditEvent.model_validate(each)

    query = next(e["query"] for e in found[-1]["entity"] if "query" in e)
    assert found[-1]["subtype"][0]["code"] == "search-type"
    assert base64.b64decode(query).decode().replace("%2F", "/") == f"AuditEvent?patient={asked}"
    assert all({"reference": f"Patient/{name}"} in [e.get("what") for e in each["entity"]] for each in found)
    assert CANARY not in str(found)


def test_a_receiver_finds_its_own_part_under_its_own_name(house: House) -> None:
    name = sent(house)
    ref = house.ref_of(WELFARE, HEALTH, name)
    mine, theirs = events(searched(house, HEALTH, name)), events(searched(house, WELFARE, ref))

    assert 0 < len(theirs) < len(mine)
    assert name not in str(theirs)


@pytest.mark.parametrize("agency", [STRANGER, WELFARE])
def test_who_is_no_party_finds_nothing_and_learns_nothing(house: House, agency: str) -> None:
    name, looks = sent(house), looked(house)
    there, nowhere = searched(house, agency, name), searched(house, agency, "rb-00000000000000000000")

    assert there.content == nowhere.content
    assert events(there) == []
    assert looked(house) == looks


def test_a_search_for_nobody_is_refused(house: House) -> None:
    assert call(house, HEALTH, "GET", "/AuditEvent").status_code == 422
    assert call(house, HEALTH, "GET", "/AuditEvent", params={"patient": "x" * 200}).status_code == 422
