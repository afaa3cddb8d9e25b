"""One valid document for each agency, written by hand from the format pages; the people are invented."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

SAMPLES = Path(__file__).parents[2] / "conformance" / "sandbox"


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    def with_body(self, body: bytes) -> "Call":
        return replace(self, body=body)

    def with_json(self, **changed: Any) -> "Call":
        document = json.loads(self.body)
        return self.with_body(json.dumps({**document, **changed}, ensure_ascii=False).encode())

    def with_headers(self, **headers: str) -> "Call":
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(self, headers={**self.headers, **named})


def valid_call(name: str, message_id: str, text: str, user: tuple[str, str]) -> Call:
    if name == "nadra":
        return nadra_call("SubmitBirthNotification", message_id, notification(text), user)
    document, path, media_type = {
        "police": (police_referral(message_id, text), "/police/v1/referrals", "application/json"),
        "health": (bundle(message_id, text), "/fhir", "application/fhir+json; fhirVersion=4.0"),
        "school": (school_request(message_id, text), "/sis/v1/reenrolment-requests", "application/json"),
        "welfare": (canonical(message_id, text), "/cpcmrs/v1/referrals", "application/json"),
    }[name]
    headers = {"Content-Type": media_type, "Idempotency-Key": message_id}
    return Call("POST", path, json.dumps(document, ensure_ascii=False).encode(), headers)


def police_referral(message_id: str, name: str) -> dict[str, Any]:
    return {
        "message_id": message_id, "message_type": "REFERRAL", "tier": "T1", "sender": "RAABTA",
        "referral_ref": "R/POLICE 1", "urgency": "24H", "categories": ["PHYS"],
        "child": {"person_name": name, "age": "9 سال", "sus_gender": "مرد", "person_cnic": "39999-0000303-3"},
        "caregiver_is_accused": False, "whereabouts": "HOSPITAL", "requested_action": "INVESTIGATE",
        "reply_by": "2026-11-23T12:00:00+05:00", "consent": {"basis": "BEST_INTEREST"},
        "focal_point": {"agency": "welfare", "role": "CASE_WORKER", "phone": "03990000001"},
    }  # fmt: skip


POLICE_XML = """<FIRDocument xmlns="urn:raabta:police-fir:1" schemaVersion="1.0">
  <Header><MessageID>{id}</MessageID><MessageTypeCode>REFERRAL</MessageTypeCode>
    <MessageDateTime>2026-03-15T21:05:00+05:00</MessageDateTime><SenderSystemID>RAABTA</SenderSystemID>
    <ReceiverSystemID>PB-PSRMS</ReceiverSystemID><DisclosureTierCode>T1</DisclosureTierCode>
    <IncidentDisseminationLevelCode>RED</IncidentDisseminationLevelCode></Header>
  <Person id="p1"><RoleCode>VICTIM</RoleCode><PersonFullName script="Latn">{name}</PersonFullName></Person>
  <ChildProtection><UrgencyCode>24H</UrgencyCode><CaregiverIsAccusedIndicator>false</CaregiverIsAccusedIndicator>
    <CurrentWhereaboutsCode>HOSPITAL</CurrentWhereaboutsCode></ChildProtection>
  <Referral><ReferralRef>R-XML-1</ReferralRef><RequestedActionCode>INVESTIGATE</RequestedActionCode>
    <Consent basis="BEST_INTEREST"/><FocalPoint role="CASE_WORKER"/></Referral>
</FIRDocument>"""


def police_xml(message_id: str, name: str = "Misali Farzi") -> Call:
    body = POLICE_XML.format(id=message_id, name=name).encode()
    headers = {"Content-Type": "application/vnd.raabta.fir+xml", "Idempotency-Key": message_id}
    return Call("POST", "/police/v1/referrals", body, headers)


def school_request(message_id: str, name: str) -> dict[str, Any]:
    sample = (SAMPLES / "school/samples/reenrolment-request.json").read_text(encoding="utf-8")
    request: dict[str, Any] = json.loads(sample)
    return {**request, "request_id": message_id, "student": {**request["student"], "name": name}}


def canonical(message_id: str, name: str) -> dict[str, Any]:
    return {"type": "referral", "message_id": message_id, "ref": "R-WELFARE-1", "child": {"name": name}}


def bundle(message_id: str, name: str) -> dict[str, Any]:
    sample = (SAMPLES / "health/samples/referral-to-welfare.json").read_text(encoding="utf-8")
    whole: dict[str, Any] = json.loads(sample)
    whole["identifier"]["value"] = message_id
    patient = next(one["resource"] for one in whole["entry"] if one["resource"]["resourceType"] == "Patient")
    patient["name"] = [{"text": name}]
    return whole


def notification(name: str) -> str:
    return (
        '<BIRTH_REGISTRATION status="NOTIFIED" kind="LATE"><CHILD>'
        f'<NAME xml:lang="en">{name}</NAME><GENDER>MALE</GENDER>'
        '<DATE_OF_BIRTH precision="DAY">02-11-2016</DATE_OF_BIRTH></CHILD>'
        '<FATHER status="DECLARED"><NAME xml:lang="en">Farzi Rashid</NAME>'
        '<ID type="CNIC">3999900003011</ID></FATHER>'
        '<MOTHER status="UNKNOWN"/></BIRTH_REGISTRATION>'
    )


def nadra_document(message_id: str, content: str, user: tuple[str, str]) -> str:
    return (
        f"<CIVIL_REGISTRATION><USER_VERIFICATION><USERNAME>{user[0]}</USERNAME><PASSWORD>{user[1]}</PASSWORD>"
        f"</USER_VERIFICATION><REQUEST_DATA><TRANSACTION_ID>{message_id}</TRANSACTION_ID><SESSION_ID></SESSION_ID>"
        "<AREA_NAME>punjab</AREA_NAME><PURPOSE_CODE>CHILD_PROTECTION_REFERRAL</PURPOSE_CODE>"
        f"<LEGAL_BASIS>TEST-ORDER-0001</LEGAL_BASIS>{content}</REQUEST_DATA></CIVIL_REGISTRATION>"
    )


def nadra_call(operation: str, message_id: str, content: str, user: tuple[str, str], *, legacy: bool = False) -> Call:
    inner = nadra_document(message_id, content, user)
    headers = {"SOAPAction": f'"urn:raabta:nadra-crms:1/{operation}"', "Content-Type": "application/xml"}
    if not legacy:
        return Call("POST", "/nadra/crms/v1/soap", inner.encode(), headers)
    envelope = (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
        f' xmlns:c="urn:raabta:nadra-crms:1"><soapenv:Body>'
        f"<c:{operation}><c:franchizeID>9901</c:franchizeID><c:xml_request_data><![CDATA["
        f'<?xml version="1.0" encoding="utf-16"?>{inner}]]></c:xml_request_data></c:{operation}>'
        "</soapenv:Body></soapenv:Envelope>"
    )
    headers["Content-Type"] = "text/xml; charset=utf-8"
    return Call("POST", "/nadra/crms/v1/soap", envelope.encode(), headers)
