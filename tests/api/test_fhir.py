"""FHIR's own manners: what a hospital's client meets at /fhir/r4, judged by fhir.resources for R4."""

import json
import uuid
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.operationoutcome import OperationOutcome
from fhir.resources.R4B.patient import Patient
from fhir.resources.R4B.servicerequest import ServiceRequest
from fhir.resources.R4B.task import Task

from tests.api.fhir_calls import CANARY, FHIR, bundle, call, etag, patch, post, received, sent, stated, token
from tests.gateway.house import House, child, referral
from tests.gateway.manifests import HEALTH, SCHOOL, STRANGER, WELFARE

TYPES = "ServiceRequest Task Patient Organization Consent Condition Provenance PractitionerRole"


@pytest.fixture(scope="module")
def sender(house: House) -> str:
    """Return a token with a scope for each type inside a transaction."""
    return token(house, HEALTH, " ".join(["system/Task.c", "system/ServiceRequest.c"]))


def test_what_the_server_can_do_is_said_in_r4(house: House) -> None:
    answer = house.http.get("/fhir/r4/metadata")

    told = CapabilityStatement.model_validate(answer.json())
    assert answer.headers["content-type"].startswith(FHIR)
    assert told.fhirVersion == "4.0.1"
    assert {each.type for each in told.rest[0].resource} == {"Task", "ServiceRequest", "Patient", "AuditEvent"}


def test_smart_configuration_is_json_whatever_was_asked_for(house: House) -> None:
    answer = house.http.get("/fhir/r4/.well-known/smart-configuration", headers={"Accept": "text/html"})

    told = answer.json()
    assert answer.headers["content-type"] == "application/json"
    assert told["token_endpoint"] == f"{house.url}/oauth/token"
    assert {"client-confidential-asymmetric", "permission-v2"} <= set(told["capabilities"])
    assert {"RS384", "ES384"} <= set(told["token_endpoint_auth_signing_alg_values_supported"])
    assert "client_credentials" in told["grant_types_supported"]
    assert "plain" not in told["code_challenge_methods_supported"]


def test_a_transaction_is_taken_and_the_same_again_is_the_same(house: House) -> None:
    body = bundle(WELFARE)
    first, again = post(house, HEALTH, body), post(house, HEALTH, body)

    told = Bundle.model_validate(first.json())
    assert (told.type, len(told.entry)) == ("transaction-response", len(json.loads(body)["entry"]))
    assert {each.response.status for each in told.entry} == {"201 Created"}
    assert again.headers["location"] == first.headers["location"]
    assert {each["response"]["status"] for each in again.json()["entry"]} == {"200 OK"}


def test_the_same_message_id_with_another_body_is_a_conflict(house: House) -> None:
    said = json.loads(bundle(WELFARE))
    post(house, HEALTH, json.dumps(said).encode())
    said["timestamp"] = "2026-03-15T21:06:00+05:00"

    answer = post(house, HEALTH, json.dumps(said).encode())

    assert answer.status_code == 409
    assert OperationOutcome.model_validate(answer.json()).issue[0].code == "conflict"


def test_who_prefers_an_outcome_gets_one(house: House) -> None:
    answer = post(house, HEALTH, bundle(WELFARE), Prefer="return=OperationOutcome").json()

    Bundle.model_validate(answer)
    outcomes = [e["response"]["outcome"] for e in answer["entry"] if "outcome" in e["response"]]
    assert [each["resourceType"] for each in outcomes] == ["OperationOutcome"]


def test_each_type_inside_a_transaction_needs_its_scope(house: House, sender: str) -> None:
    headers = {"Authorization": f"Bearer {sender}", "Content-Type": FHIR}
    answer = house.http.post("/fhir/r4", content=bundle(WELFARE), headers=headers)

    assert answer.status_code == 403
    assert answer.json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(("kind", "model"), [("Task", Task), ("ServiceRequest", ServiceRequest), ("Patient", Patient)])
@pytest.mark.parametrize("agency", [HEALTH, WELFARE])
def test_a_party_reads_each_resource_alone_and_no_reference_leads_nowhere(
    house: House, kind: str, model: type[Any], agency: str
) -> None:
    mine = sent(house)
    name = mine if agency == HEALTH else house.ref_of(WELFARE, HEALTH, mine)

    answer = call(house, agency, "GET", f"/{kind}/{name}")

    told = answer.json()
    model.model_validate(told)
    assert (told["id"], told["meta"]["versionId"]) == (name, answer.headers["etag"].strip('W/"'))
    assert "urn:uuid" not in answer.text
    for reference in json.dumps(told).split('"reference": "')[1:]:
        assert reference.split('"')[0].split("/")[1] == name


@pytest.mark.parametrize("kind", ["Task", "ServiceRequest", "Patient"])
def test_who_is_no_party_is_told_there_is_nothing(house: House, kind: str) -> None:
    name = sent(house)

    other, nobody = call(house, SCHOOL, "GET", f"/{kind}/{name}"), call(house, SCHOOL, "GET", f"/{kind}/nobody")

    assert other.status_code == nobody.status_code == 404
    assert OperationOutcome.model_validate(other.json()).issue[0].code == "not-found"
    ids = other.headers["x-request-id"], nobody.headers["x-request-id"]
    assert other.text.replace(ids[0], "") == nobody.text.replace(ids[1], "")


def test_a_search_pages_through_ones_own_tasks_only(house: House) -> None:
    names = {received(house) for _ in range(3)}
    found: list[str] = []
    path = f"/Task?owner=Organization/{WELFARE}&_count=2"
    while path:
        page = call(house, WELFARE, "GET", path)
        told = Bundle.model_validate(page.json())
        assert told.type == "searchset"
        found += [each.resource.id for each in told.entry or []]
        links = {each["relation"]: each["url"] for each in page.json()["link"]}
        path = links.get("next", "").partition("/fhir/r4")[2]
    assert names <= set(found)
    assert len(found) == len(set(found))


def test_a_search_is_not_spoilt_by_a_referral_that_cannot_be_shown(house: House) -> None:
    mine = house.submit(STRANGER, referral(WELFARE))["id"]
    name = house.ref_of(WELFARE, STRANGER, mine)
    assert name in call(house, WELFARE, "GET", "/Task?_count=50").text
    assert house.call(STRANGER, "POST", f"/v1/referrals/{mine}/withdrawal", json={}).status_code == 202

    answer = call(house, WELFARE, "GET", "/Task?_count=50")

    Bundle.model_validate(answer.json())
    assert answer.status_code == 200
    assert name not in answer.text
    (said,) = [each["resource"] for each in answer.json()["entry"] if each["search"]["mode"] == "outcome"]
    assert (said["resourceType"], said["issue"][0]["code"]) == ("OperationOutcome", "incomplete")


def test_a_search_for_what_is_anothers_is_refused_and_by_status_narrows(house: House) -> None:
    name = received(house)

    assert call(house, WELFARE, "GET", f"/Task?owner=Organization/{HEALTH}").status_code == 403
    assert call(house, WELFARE, "GET", "/Task?_count=51").status_code == 422
    assert call(house, WELFARE, "GET", "/Task?_lastUpdated=gtnonsense").status_code == 422
    patch(house, name, etag(house, name), stated("accepted"))
    accepted = call(house, WELFARE, "GET", "/Task?status=accepted&_count=50").json()
    assert name in [each["resource"]["id"] for each in accepted["entry"]]
    assert {each["resource"]["status"] for each in accepted["entry"]} == {"accepted"}


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", FHIR, 400),
        (b'{"resourceType":"Bundle","resourceType":"Bundle"}', FHIR, 400),
        (b'{"resourceType":"Bundle","entry":7}', FHIR, 400),
        (b"[" * 5000, FHIR, 422),
        (
            b'{"resourceType":"Bundle","type":"transaction","entry":[{"resource":{"resourceType":"No"}}]}',
            FHIR,
            422,
        ),
        (b"{}", "application/json", 415),
        (b"{}", f"{FHIR}; fhirVersion=5.0", 415),
        (b"{}", "application/fhir+xml", 415),
    ],
)
def test_what_is_no_document_of_ours_is_refused_with_an_outcome(
    house: House, body: bytes, media_type: str, status: int
) -> None:
    answer = call(house, HEALTH, "POST", "", content=body, headers={"Content-Type": media_type})

    assert answer.status_code == status, answer.text
    told = OperationOutcome.model_validate(answer.json())
    assert told.issue[0].diagnostics == answer.headers["x-request-id"]


def test_a_refusal_repeats_no_value(house: House) -> None:
    said = json.loads(bundle(WELFARE, child=child(name=CANARY)))
    said["entry"].append({"fullUrl": f"urn:uuid:{uuid.uuid4()}", "resource": {"resourceType": "Task", "x": CANARY}})

    answer = post(house, HEALTH, json.dumps(said).encode())

    assert answer.status_code in {400, 422}
    assert CANARY not in answer.text
