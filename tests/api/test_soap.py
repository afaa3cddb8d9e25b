"""The SOAP door: the register's dialect in three styles, its codes, its Faults."""

import httpx
import pytest
from lxml import etree

from gateway.soap import OPERATIONS, V11, V12
from mappings.library import library
from mappings.reply import Reply
from tests.gateway.house import House
from tests.gateway.manifests import NADRA, WELFARE

C = "urn:raabta:nadra-crms:1"
TYPES = {"legacy": "text/xml", "legacy12": "application/soap+xml", "plain": "application/xml"}
CANARY = "Kanarienvogel-5512"


def document(transaction: str, name: str = "Farzi Bachi") -> str:
    return f"""<CIVIL_REGISTRATION><REQUEST_DATA><TRANSACTION_ID>{transaction}</TRANSACTION_ID>
<AREA_NAME>punjab</AREA_NAME><PURPOSE_CODE>CHILD_PROTECTION_REFERRAL</PURPOSE_CODE>
<LEGAL_BASIS>MANDATORY_REPORT LAW:PB-PDNCA-2004</LEGAL_BASIS><BIRTH_REGISTRATION status="NOTIFIED">
<OFFICE><UNION_COUNCIL xml:lang="en">UC Farzi</UNION_COUNCIL><DISTRICT xml:lang="en">Farziabad</DISTRICT>
<AREA_NAME>PUNJAB</AREA_NAME></OFFICE>
<APPLICANT><NAME xml:lang="en">Namuna</NAME><RELATION>OTHER</RELATION></APPLICANT>
<CHILD><NAME xml:lang="en">{name}</NAME><GENDER>FEMALE</GENDER><DATE_OF_BIRTH precision="DAY">7-3-2016</DATE_OF_BIRTH>
</CHILD><FATHER status="UNKNOWN"/><MOTHER status="UNKNOWN"/></BIRTH_REGISTRATION></REQUEST_DATA></CIVIL_REGISTRATION>"""


def wrapped(style: str, inner: str, operation: str = "SubmitBirthNotification") -> bytes:
    if style == "plain":
        return inner.encode()
    namespace = V12 if style == "legacy12" else V11
    envelope = etree.Element(f"{{{namespace}}}Envelope")
    call = etree.SubElement(etree.SubElement(envelope, f"{{{namespace}}}Body"), f"{{{C}}}{operation}")
    etree.SubElement(call, f"{{{C}}}franchizeID").text = "9901"
    etree.SubElement(call, f"{{{C}}}xml_request_data").text = '<?xml version="1.0" encoding="utf-16"?>' + inner
    return bytes(etree.tostring(envelope))


def post(house: House, body: bytes, style: str = "legacy", agency: str = WELFARE) -> httpx.Response:
    headers = {"Content-Type": f"{TYPES[style]}; charset=utf-8"}
    return house.call(agency, "POST", "/soap/nadra", content=body, headers=headers)


def said(answer: httpx.Response) -> Reply:
    """Return what an answer says, read by the register's own mapping."""
    assert answer.status_code == 200, answer.text
    (reading,) = library()["nadra_crms"].read(answer.content)
    assert isinstance(reading.value, Reply)
    return reading.value


def code(reply: Reply) -> str | None:
    return reply.outcome.code if reply.outcome else None


@pytest.mark.parametrize(("style", "number"), [("legacy", 1), ("legacy12", 2), ("plain", 3)])
def test_a_document_is_answered_in_its_own_style(house: House, style: str, number: int) -> None:
    transaction = f"990100399990000010{number}"
    answer = post(house, wrapped(style, document(transaction)), style)

    reply = said(answer)
    assert answer.headers["content-type"].startswith(TYPES[style])
    assert (code(reply), reply.in_reply_to) == ("100", transaction)
    assert (b"Envelope" in answer.content) == (style != "plain")
    assert reply.ref
    assert house.call(WELFARE, "GET", f"/v1/referrals/{reply.ref}").status_code == 200


def test_a_repeat_is_the_same_answer_and_another_body_is_175(house: House) -> None:
    first = post(house, wrapped("legacy", document("9901003999900000201")))
    again = post(house, wrapped("legacy", document("9901003999900000201")))
    other = post(house, wrapped("legacy", document("9901003999900000201", "Misali Bachi")))

    assert said(first).ref == said(again).ref
    assert code(said(other)) == "175"


def test_what_is_wrong_inside_is_a_code_and_not_a_fault(house: House) -> None:
    broken = post(house, wrapped("legacy", "<CIVIL_REGISTRATION><REQUEST_DATA>"))
    wrong = post(house, wrapped("legacy", document("9901003999900000301").replace("7-3-2016", "31-2-2016")))

    assert code(said(broken)) == "910"
    assert code(said(wrong)) == "906"


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize("style", ["legacy", "legacy12"])
@pytest.mark.parametrize(
    "spoil",
    [
        lambda style, body: body[:-20],
        lambda style, body: BOMB.encode() + body,
        lambda style, body: wrapped(style, document("9901003999900000401"), "DropEverything"),
        lambda style, body: b"x" * 300_000,
        lambda style, body: b"<html/>",
    ],
    ids=["cut", "doctype", "operation", "large", "html"],
)
def test_an_envelope_that_cannot_be_read_is_a_fault_of_the_client(house: House, style: str, spoil: object) -> None:
    body = wrapped(style, document("9901003999900000401", CANARY))

    answer = post(house, spoil(style, body), style)  # type: ignore[operator]  # one of the five above

    namespace = V12 if style == "legacy12" else V11
    root = etree.fromstring(answer.content)
    assert answer.status_code == 500
    assert root.find(f"{{{namespace}}}Body/{{{namespace}}}Fault") is not None
    assert b"soap:Sender" in answer.content or b"soap:Client" in answer.content
    assert CANARY not in answer.text
    assert answer.headers["x-request-id"] in answer.text


@pytest.mark.parametrize(("style", "namespace"), [("legacy", V11), ("legacy12", V12)])
@pytest.mark.parametrize("shown", [{}, {"Authorization": "Bearer no.such.token"}, {"Authorization": "Basic bm9ib2R5"}])
def test_missing_or_bad_credentials_are_a_fault_that_says_how_to_come_in(
    house: House, style: str, namespace: str, shown: dict[str, str]
) -> None:
    headers = {"Content-Type": f"{TYPES[style]}; charset=utf-8", **shown}
    answer = house.http.post("/soap/nadra", content=wrapped(style, document("9901003999900000501")), headers=headers)

    fault = etree.fromstring(answer.content).find(f"{{{namespace}}}Body/{{{namespace}}}Fault")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (401, TYPES[style])
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert fault is not None
    assert "soap:Sender" in answer.text or "soap:Client" in answer.text
    assert answer.headers["x-request-id"] in answer.text


def test_a_token_that_does_not_allow_it_and_another_media_type_are_faults_too(house: House) -> None:
    token = house.token(WELFARE, "referral.read")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/xml"}
    narrow = house.http.post("/soap/nadra", content=wrapped("legacy", document("9901003999900000502")), headers=headers)
    headers = {"Content-Type": "application/json"}
    other = house.call(WELFARE, "POST", "/soap/nadra", content=b"{}", headers=headers)

    assert [narrow.status_code, other.status_code] == [403, 415]
    assert all(
        etree.fromstring(each.content).find(f"{{{V11}}}Body/{{{V11}}}Fault") is not None for each in (narrow, other)
    )


def test_an_answer_about_nothing_we_know_is_151(house: House) -> None:
    body = (
        "<CIVIL_REGISTRATION><RESPONSE_DATA><RESPONSE_STATUS><CODE>100</CODE><MESSAGE>successful</MESSAGE>"
        "</RESPONSE_STATUS><TRANSACTION_ID>9901000000000000031</TRANSACTION_ID><REFERRAL_REF>nobody</REFERRAL_REF>"
        "<NOTIFICATION_NUMBER>BN-99990001</NOTIFICATION_NUMBER></RESPONSE_DATA></CIVIL_REGISTRATION>"
    )
    assert code(said(post(house, body.encode(), "plain", NADRA))) == "151"


def test_the_wsdl_names_every_operation_and_where_it_is(house: House) -> None:
    answer = house.http.get("/soap/nadra?wsdl")

    root = etree.fromstring(answer.content)
    named = root.xpath("//*[local-name()='portType']/*[local-name()='operation']/@name")
    assert tuple(named) == OPERATIONS
    assert root.xpath("//*[local-name()='address']/@location") == [f"{house.url}/soap/nadra"]
    assert house.http.get("/soap/nadra").status_code == 404
