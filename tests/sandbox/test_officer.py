"""The simulated officer: logs in at a gateway with the agency's own credentials and answers in its language."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from lxml import etree

from conformance.sandbox.credentials import IDENTITIES
from conformance.sandbox.nadra.rules import XSD
from conformance.sandbox.police.messages import FIR_XSD
from tests.sandbox.caller import Caller, new_id
from tests.sandbox.conftest import Start
from tests.sandbox.documents import police_xml
from tests.sandbox.pretend_gateway import PretendGateway, pretending

REFERENCES = {
    "nadra": "R-CORRELATION-1",
    "police": "R/POLICE 1",
    "health": "LHR-DHQ-2026-000123",
    "school": "edu-7f3c-0001",
    "welfare": "R-WELFARE-1",
}


@pytest.fixture
def gateway(gateway_port: int, sandbox: Path) -> Iterator[PretendGateway]:
    with pretending(gateway_port, sandbox) as one:
        yield one


def steer(caller: Caller, verb: str, **wanted: Any) -> Any:
    answer = caller.http.post(f"/_sandbox/{verb}", json=wanted)
    return answer.json() if answer.is_success else answer.status_code


def answered(caller: Caller, gateway: PretendGateway, decision: str, reason: str = "") -> Any:
    """Send a valid document, let the officer answer it, and read what the gateway got."""
    caller.send(caller.valid())
    message_id = caller.received()["effects"][0]["message_id"]
    result = steer(caller, "answer", message_id=message_id, decision=decision, reason=reason)
    assert result["status"] == 202
    assert result["message_id"] == gateway.mail[-1].idempotency_key
    return json.loads(gateway.mail[-1].body)


def eventually(true: Callable[[], bool]) -> None:
    """Wait for something that a task of the simulator does by itself; the test's own limit ends it."""
    while not true():
        time.sleep(0.02)


def test_every_agency_answers_under_its_own_name_at_the_reference_it_was_given(
    agency: Caller, gateway: PretendGateway
) -> None:
    agency.send(agency.valid())
    message_id = agency.received()["effects"][0]["message_id"]
    result = steer(agency, "answer", message_id=message_id, decision="ACCEPT")
    (mail,) = gateway.mail
    assert result["status"] == 202
    assert mail.client == IDENTITIES[agency.name].client_id
    assert mail.path == f"/v1/referrals/{REFERENCES[agency.name]}/replies"
    assert mail.content_type == result["content_type"]
    assert agency.http.get("/_sandbox/answers").json()["answers"][0]["decision"] == "ACCEPT"


def test_one_login_serves_many_answers_and_a_401_asks_for_another(start: Start, gateway: PretendGateway) -> None:
    school = start("school")
    answered(school, gateway, "ACKNOWLEDGE")
    gateway.answers = [401]
    answered(school, gateway, "ACCEPT")
    assert gateway.logins == ["sis-pb-01", "sis-pb-01"]


def test_a_school_decides_in_its_own_states(start: Start, gateway: PretendGateway) -> None:
    school = start("school")
    rejected = answered(school, gateway, "REJECT", "NO_CAPACITY")
    accepted = answered(school, gateway, "ACCEPT")
    assert (rejected["state"], rejected["reject_code"]) == ("REJECTED", "NO_CAPACITY")
    assert accepted["state"] == "ACCEPTED"
    assert accepted["school"] == {"scheme": "pk-sindh-semis", "code": "499990001"}
    assert accepted["conditions"] == ["MISSING_B_FORM"]
    assert school.get(f"/sis/v1/reenrolment-requests/{accepted['request_id']}").json()["state"] == "ACCEPTED"


def test_a_school_never_asks_back(start: Start, gateway: PretendGateway) -> None:
    school = start("school")
    school.send(school.valid())
    message_id = school.received()["effects"][0]["message_id"]
    assert steer(school, "answer", message_id=message_id, decision="ASK") == 409
    assert gateway.mail == []


def test_the_police_answer_in_the_syntax_they_were_asked_in(start: Start, gateway: PretendGateway) -> None:
    police = start("police")
    update = answered(police, gateway, "REJECT", "OUT_OF_AREA")
    assert (update["message_type"], update["state"], update["reason_code"]) == (
        "STATUS_UPDATE",
        "REJECTED",
        "OUT_OF_AREA",
    )
    assert update["references"][0]["scheme"] == "pk-etag"
    message_id = new_id("police")
    police.send(police_xml(message_id))
    steer(police, "answer", message_id=message_id, decision="COMPLETE")
    root = etree.fromstring(gateway.mail[-1].body)
    assert FIR_XSD.validate(root)
    assert (root.findtext("{*}State"), root.findtext("{*}RefMessageID")) == ("COMPLETED", message_id)
    assert gateway.mail[-1].path == "/v1/referrals/R-XML-1/replies"


@pytest.mark.parametrize(
    ("decision", "status", "business"),
    [("ACCEPT", "accepted", "accepted"), ("REJECT", "rejected", "declined"), ("COMPLETE", "completed", "completed")],
)
def test_a_hospital_answers_with_a_valid_message_around_the_task(
    start: Start, gateway: PretendGateway, decision: str, status: str, business: str
) -> None:
    health = start("health")
    message = answered(health, gateway, decision, "NO_CAPACITY" if decision == "REJECT" else "")
    Bundle.model_validate(message)
    task = next(one["resource"] for one in message["entry"] if one["resource"]["resourceType"] == "Task")
    assert message["type"] == "message"
    assert (task["status"], task["businessStatus"]["coding"][0]["code"]) == (status, business)
    assert ("statusReason" in task) == (decision == "REJECT")
    assert "for" not in task
    assert "Misali" not in json.dumps(message)


def test_welfare_answers_canonically(start: Start, gateway: PretendGateway) -> None:
    welfare = start("welfare")
    reply = answered(welfare, gateway, "REJECT", "NO_CAPACITY")
    assert set(reply) == {"type", "message_id", "in_reply_to", "ref", "kind", "state", "reason", "at"}
    assert (reply["type"], reply["kind"], reply["state"]) == ("reply", "REJECT", "REJECTED")
    assert "reason" not in answered(welfare, gateway, "ACCEPT")


@pytest.mark.parametrize(
    ("decision", "code", "status"),
    [
        ("ACKNOWLEDGE", "100", None),
        ("ACCEPT", "100", "NOTIFIED"),
        ("COMPLETE", "100", "REGISTERED"),
        ("REJECT", "905", None),
    ],
)
def test_the_registry_answers_with_its_own_document(
    start: Start, gateway: PretendGateway, decision: str, code: str, status: str | None
) -> None:
    nadra = start("nadra")
    nadra.send(nadra.valid())
    message_id = nadra.received()["effects"][0]["message_id"]
    steer(nadra, "answer", message_id=message_id, decision=decision, reason="IDENTITY_MISMATCH")
    root = etree.fromstring(gateway.mail[0].body)
    birth = root.find(".//BIRTH_REGISTRATION")
    assert XSD.validate(root), XSD.error_log
    assert root.findtext(".//CODE") == code
    assert (None if birth is None else birth.get("status")) == status
    assert (root.find(".//CRMS_NUMBER") is not None) == (decision == "COMPLETE")


def test_an_unknown_message_or_decision_is_refused(agency: Caller) -> None:
    assert steer(agency, "answer", message_id="nothing", decision="ACCEPT") == 409
    assert steer(agency, "answer", message_id="nothing", decision="MAYBE") == 422


def test_automatic_answers_keep_one_id_until_the_gateway_is_ready(start: Start, gateway: PretendGateway) -> None:
    police = start("police")
    gateway.answers = [404, 503]
    steer(police, "autoanswer", decision="ACCEPT")
    call = police.valid()
    police.send(call)
    police.send(call)
    eventually(lambda: len(gateway.mail) == 3)
    assert len({mail.idempotency_key for mail in gateway.mail}) == 1
    assert len({mail.body for mail in gateway.mail}) == 1


def test_automatic_answers_can_be_turned_off(start: Start, gateway: PretendGateway) -> None:
    police = start("police")
    steer(police, "autoanswer", decision="ACCEPT")
    steer(police, "autoanswer", decision=None)
    police.send(police.valid())
    steer(police, "answer", message_id=police.received()["effects"][0]["message_id"], decision="REJECT")
    assert [json.loads(mail.body)["state"] for mail in gateway.mail] == ["REJECTED"]


def test_a_sample_is_submitted_as_it_is_or_under_a_fresh_id(start: Start, gateway: PretendGateway) -> None:
    police = start("police")
    asis = steer(police, "submit", sample="fir-9-year-old")
    fresh = steer(police, "submit", sample="fir-9-year-old.xml", fresh=True)
    first, second = gateway.mail
    assert (asis["status"], asis["location"]) == (202, "/v1/referrals/R-1")
    assert (first.path, first.content_type) == ("/v1/referrals", "application/vnd.raabta.fir+xml")
    assert first.idempotency_key == "0f9d1c1e-1111-4a11-8a11-000000000101"
    assert fresh["message_id"] == second.idempotency_key != first.idempotency_key
    assert second.body.replace(fresh["message_id"].encode(), asis["message_id"].encode()) == first.body
    assert steer(police, "submit", sample="nothing") == 404


def test_a_given_document_is_submitted_with_its_media_type(start: Start, gateway: PretendGateway) -> None:
    welfare = start("welfare")
    result = steer(welfare, "submit", body='{"message_id": "m-1"}', content_type="application/json")
    assert (result["status"], result["message_id"], gateway.mail[0].body) == (202, "m-1", b'{"message_id": "m-1"}')


def test_a_gateway_that_is_away_is_told_as_status_zero(start: Start) -> None:
    police = start("police")
    result = steer(police, "submit", sample="fir-9-year-old")
    assert result["status"] == 0
    assert "could not be reached" in result["body"]


def test_every_sample_is_what_it_says(agency: Caller, gateway: PretendGateway) -> None:
    names = agency.http.get("/_sandbox/samples").json()["samples"]
    for name in names:
        assert steer(agency, "submit", sample=name)["status"] == 202
    assert [mail.client for mail in gateway.mail] == [IDENTITIES[agency.name].client_id] * len(names)
    samples = Path(__file__).parents[2] / "conformance" / "sandbox" / agency.name / "samples"
    for file in samples.glob("*.xml"):
        if not file.name.startswith("broken"):
            schema = FIR_XSD if agency.name == "police" else XSD
            assert schema.validate(etree.parse(str(file)).getroot()), file.name
