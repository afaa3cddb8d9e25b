"""The police simulator: JSON and XML referrals, status updates, receipts, codes."""

from typing import Any
from uuid import uuid4

import pytest
from lxml import etree

from conformance.sandbox.police.messages import FIR_XSD
from tests.sandbox.caller import Caller
from tests.sandbox.conftest import Start
from tests.sandbox.documents import Call, police_xml

CANARY = "Canary Azmaishi"


@pytest.fixture
def police(start: Start) -> Caller:
    return start("police")


def test_a_referral_gets_an_e_tag_and_a_receipt(police: Caller) -> None:
    call = police.valid()
    answer = police.send(call)
    body = answer.json()
    assert answer.status_code == 202
    assert (body["status"], body["code"], body["message"]) == (True, "OK", "received")
    assert body["data"]["e_tag"].startswith("FT-")
    assert body["data"]["e_tag"].endswith("-0001")
    receipt = body["data"]["receipt"]
    assert receipt["RefMessageID"] == call.headers["Idempotency-Key"]
    assert receipt["ResultCode"] == "ACCEPTED"
    assert receipt["ReceivedDateTime"].endswith("+05:00")


def test_a_repeat_is_answered_as_a_duplicate_with_the_same_tag(police: Caller) -> None:
    call = police.valid()
    first, second = police.send(call), police.send(call)
    assert second.status_code == 200
    assert second.json()["data"]["e_tag"] == first.json()["data"]["e_tag"]
    assert second.json()["data"]["receipt"]["ResultCode"] == "DUPLICATE"


def test_a_conflict_has_its_code(police: Caller) -> None:
    call = police.valid()
    police.send(call)
    answer = police.send(call.with_json(urgency="72H"))
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (409, "POL-E09", False)


def test_an_xml_caller_gets_valid_xml_receipts(police: Caller) -> None:
    call = police_xml(str(uuid4()))
    first, second = police.send(call), police.send(call)
    root = etree.fromstring(first.content)
    assert (first.status_code, second.status_code) == (202, 200)
    assert FIR_XSD.validate(root)
    assert root.findtext(".//{*}ETagID", "").startswith("FT-")
    assert etree.fromstring(second.content).findtext(".//{*}ResultCode") == "DUPLICATE"


def test_the_receipt_can_be_asked_for(police: Caller) -> None:
    call = police.valid()
    police.send(call)
    found = police.get(f"/police/v1/messages/{call.headers['Idempotency-Key']}/receipt")
    missing = police.get(f"/police/v1/messages/{uuid4()}/receipt")
    assert found.json()["data"]["receipt"]["ResultCode"] == "ACCEPTED"
    assert missing.status_code == 404


@pytest.mark.parametrize(
    ("changed", "code", "path"),
    [
        ({"unknown_key": CANARY}, "POL-E02", ""),
        ({"urgency": CANARY}, "POL-E02", "/urgency"),
        ({"reply_by": "2026-02-31T10:00:00+05:00"}, "POL-E05", "/reply_by"),
        ({"child": {}}, "POL-E02", "/child"),
        ({"child": {"person_name": CANARY, "person_cnic": "39999-000123-1"}}, "POL-E06", "/child/person_cnic"),
        ({"child": {"person_name": None}}, "POL-E02", "/child/person_name"),
        ({"consent": {"basis": "MANDATORY_REPORT"}}, "POL-E02", "/consent"),
        ({"focal_point": {"role": "x"}}, "POL-E13", "/focal_point/role"),
        ({"message_type": "FIR"}, "POL-E02", "/message_type"),
        ({"message_id": "1"}, "POL-E02", "/message_id"),
    ],
)
def test_an_invalid_referral_is_refused_by_place_and_never_by_value(
    police: Caller, changed: dict[str, Any], code: str, path: str
) -> None:
    answer = police.send(police.valid().with_json(**changed))
    assert answer.status_code == 422
    assert answer.json()["code"] == code
    assert {"code": code, "path": path} in answer.json()["data"]
    assert "Canary" not in answer.text
    assert "000123" not in answer.text
    assert police.received()["effects"] == []


@pytest.mark.parametrize(
    ("old", "new", "status", "code"),
    [
        ("<FIRDocument", '<!DOCTYPE FIRDocument [<!ENTITY x "y">]><FIRDocument', 400, "POL-E01"),
        ("</FIRDocument>", "", 400, "POL-E01"),
        ("2026-03-15T21:05:00", "2026-02-31T21:05:00", 422, "POL-E05"),
        (">VICTIM<", ">CANARY<", 422, "POL-E13"),
        ("<Person id", "<Extra>CANARY</Extra><Person id", 422, "POL-E02"),
        (">REFERRAL<", ">FIR<", 422, "POL-E02"),
    ],
)
def test_an_invalid_xml_referral_is_refused(police: Caller, old: str, new: str, status: int, code: str) -> None:
    call = police_xml(str(uuid4()))
    answer = police.send(call.with_body(call.body.replace(old.encode(), new.encode())))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "CANARY" not in answer.text
    assert police.received()["effects"] == []


def test_repeated_keys_are_refused(police: Caller) -> None:
    call = police.valid()
    answer = police.send(call.with_body(call.body.replace(b"{", b'{"urgency": "24H", ', 1)))
    assert (answer.status_code, answer.json()["code"]) == (400, "POL-E01")


def test_news_about_a_fir_is_received_in_both_languages(police: Caller) -> None:
    news = {
        "message_id": str(uuid4()), "message_type": "STATUS_UPDATE", "ref_message_id": str(uuid4()),
        "referral_ref": "R-1", "state": "ACCEPTED", "at": "2026-11-22T10:00:00Z",
    }  # fmt: skip
    path = "/police/v1/status-updates"
    json_call = Call("POST", path, b"{}", {"Content-Type": "application/json"}).with_json(**news)
    xml = (
        f'<StatusUpdate xmlns="urn:raabta:police-fir:1"><MessageID>{uuid4()}</MessageID><RefMessageID>{uuid4()}'
        "</RefMessageID><State>REJECTED</State><ReasonCode>NO_CAPACITY</ReasonCode>"
        "<UpdatedDateTime>2026-11-22T10:00:00Z</UpdatedDateTime></StatusUpdate>"
    )
    xml_call = Call("POST", path, xml.encode(), {"Content-Type": "application/vnd.raabta.fir+xml"})
    assert police.send(json_call).status_code == 202
    assert "e_tag" not in police.send(json_call).json()["data"]
    assert police.send(xml_call).status_code == 202
    assert police.send(json_call.with_json(state="UNHEARD_OF")).status_code == 422
    assert [one["operation"] for one in police.received()["effects"]] == ["status-update", "status-update"]
