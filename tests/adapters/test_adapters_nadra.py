from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from adapter_peer import DROP, HANG, HTML, Peer, Request, Step, answer
from adapter_samples import MESSAGE_ID, NADRA_OPTIONS, SECRET
from lxml import etree

from adapters.base import Delivered, Refused, Unavailable, Unknown
from adapters.nadra.hours import until_open

pytestmark = pytest.mark.anyio
TRANSACTION = "9901003999900000172"
BODY = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<CIVIL_REGISTRATION version="1.0"><REQUEST_DATA>'
    f"<TRANSACTION_ID>{TRANSACTION}</TRANSACTION_ID><SESSION_ID>9901000000000000555</SESSION_ID>"
    "<CRMS_NUMBER>B999901-16-00017</CRMS_NUMBER><AREA_NAME>punjab</AREA_NAME>"
    "<PURPOSE_CODE>REGISTER_BIRTH</PURPOSE_CODE><LEGAL_BASIS>TEST-ORDER-0001</LEGAL_BASIS>"
    "</REQUEST_DATA></CIVIL_REGISTRATION>"
).encode()
NS = "urn:raabta:nadra-crms:1"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PLAIN = NADRA_OPTIONS.replace("[options]\n", '[options]\nbody_style = "plain"\n')


def inner(code: str, more: str = "", transaction: str = TRANSACTION) -> str:
    named = f"<TRANSACTION_ID>{transaction}</TRANSACTION_ID>" if transaction else ""
    return (
        f"<CIVIL_REGISTRATION><RESPONSE_DATA><RESPONSE_STATUS><CODE>{code}</CODE><MESSAGE>m</MESSAGE></RESPONSE_STATUS>"
        f"{named}{more}</RESPONSE_DATA></CIVIL_REGISTRATION>"
    )


def soap(code: str, more: str = "", operation: str = "GetBirthRegistration", transaction: str = TRANSACTION) -> Step:
    """Answer as the legacy style does: escaped text, a declaration that lies, carriage returns."""
    text = '<?xml version="1.0" encoding="utf-16"?>\r\n' + inner(code, more, transaction)
    escaped = escape(text, {"\r": "&#xD;"})
    document = (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><{operation}Response xmlns="{NS}">'
        f"<{operation}Result>{escaped}</{operation}Result></{operation}Response></s:Body></s:Envelope>"
    )
    return answer(200, document.encode(), "text/xml; charset=utf-8")


def replay(code: str, more: str = "") -> Step:
    return soap(code, more, "GetLastResult")


def fault(code: str, status: int = 500) -> Step:
    document = (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Body><s:Fault><faultcode>s:{code}</faultcode><faultstring>x</faultstring>'
        "</s:Fault></s:Body></s:Envelope>"
    )
    return answer(status, document.encode(), "text/xml")


async def sent(make, envelope, *steps: Step, body: bytes = BODY, options: str = NADRA_OPTIONS, **changes: object):
    async with Peer(*steps, rest=answer(503)) as peer:
        door = make("nadra", peer, top="[limits]\ntotal_seconds = 5\n", options=options)
        outcome = await door.send(envelope(body, **{"document": "lookup", **changes}))
    return outcome, peer.requests


def unwrapped(request: Request, operation: str = "GetBirthRegistration") -> etree._Element:
    call = etree.fromstring(request.body).find(f"{{{SOAP}}}Body/{{{NS}}}{operation}")
    assert call.findtext(f"{{{NS}}}franchizeID") == "9901"
    return etree.fromstring(call.findtext(f"{{{NS}}}xml_request_data").encode())


async def test_a_legacy_request_holds_the_document_as_text_with_credentials_first(make, envelope):
    outcome, [request] = await sent(make, envelope, soap("100"))
    assert isinstance(outcome, Delivered)
    assert request.path == "/nadra/crms/v1/soap"
    assert request.headers["content-type"] == "text/xml; charset=utf-8"
    assert request.headers["soapaction"] == f'"{NS}/GetBirthRegistration"'
    assert request.headers["idempotency-key"] == MESSAGE_ID
    root = unwrapped(request)
    assert [child.tag for child in root] == ["USER_VERIFICATION", "REQUEST_DATA"]
    assert root.findtext("USER_VERIFICATION/USERNAME") == "gateway_test"
    assert root.findtext("USER_VERIFICATION/PASSWORD") == SECRET
    assert root.findtext("REQUEST_DATA/CRMS_NUMBER") == "B999901-16-00017"


async def test_a_plain_request_is_the_document_alone(make, envelope):
    answered = answer(200, inner("100").encode(), "application/xml; charset=utf-8")
    outcome, [request] = await sent(make, envelope, answered, options=PLAIN)
    assert isinstance(outcome, Delivered)
    assert request.headers["content-type"] == "application/xml; charset=utf-8"
    assert request.headers["soapaction"] == f'"{NS}/GetBirthRegistration"'
    root = etree.fromstring(request.body)
    assert [child.tag for child in root] == ["USER_VERIFICATION", "REQUEST_DATA"]


async def test_both_styles_give_the_same_answer_to_the_words(make, envelope):
    name = '<NAME xml:lang="ur">زرمینہ آزمائشی</NAME>'
    more = f'<BIRTH_REGISTRATION status="REGISTERED"><CHILD>{name}</CHILD></BIRTH_REGISTRATION>'
    legacy, _ = await sent(make, envelope, soap("100", more))
    plain, _ = await sent(make, envelope, answer(200, inner("100", more).encode(), "application/xml"), options=PLAIN)
    assert legacy.answer == plain.answer
    assert legacy.answer_media_type == plain.answer_media_type == "application/vnd.raabta.crms+xml"
    assert "زرمینہ" in legacy.answer.decode()
    assert b"utf-16" not in legacy.answer


async def test_credentials_in_the_document_are_replaced(make, envelope):
    body = BODY.replace(
        b"<REQUEST_DATA>", b"<USER_VERIFICATION><USERNAME>x</USERNAME></USER_VERIFICATION><REQUEST_DATA>"
    )
    _, [request] = await sent(make, envelope, soap("100"), body=body)
    users = unwrapped(request).findall("USER_VERIFICATION")
    assert [user.findtext("USERNAME") for user in users] == ["gateway_test"]


async def test_markup_in_a_password_stays_text(make, envelope, monkeypatch):
    async with Peer(soap("100")) as peer:
        door = make("nadra", peer)
        monkeypatch.setenv("RAABTA_TEST_SECRET", "]]></PASSWORD><X a='1'>&")
        await door.send(envelope(BODY, document="lookup"))
    assert unwrapped(peer.requests[0]).findtext("USER_VERIFICATION/PASSWORD") == "]]></PASSWORD><X a='1'>&"


async def test_a_notification_uses_its_operation_and_its_number_is_the_reference(make, envelope):
    step = soap("100", "<NOTIFICATION_NUMBER>BN-99990001</NOTIFICATION_NUMBER>", "SubmitBirthNotification")
    outcome, [request] = await sent(make, envelope, step, document="notification")
    assert outcome.receipt_ref == "BN-99990001"
    assert request.headers["soapaction"] == f'"{NS}/SubmitBirthNotification"'


@pytest.mark.parametrize("code", ["100", "142", "151", "901", "902", "903", "905", "907"])
async def test_what_the_registry_says_is_for_the_words_to_read(make, envelope, code):
    outcome, _ = await sent(make, envelope, soap(code))
    assert isinstance(outcome, Delivered)
    assert outcome.receipt_ref == TRANSACTION
    assert f"<CODE>{code}</CODE>".encode() in outcome.answer


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("107", Refused(200, "INVALID_REQUEST_107")), ("115", Refused(200, "INVALID_REQUEST_115")),
        ("184", Refused(200, "INVALID_REQUEST_184")), ("906", Refused(200, "INVALID_REQUEST_906")),
        ("908", Refused(200, "INVALID_REQUEST_908")), ("909", Refused(200, "INVALID_REQUEST_909")),
        ("910", Refused(200, "INVALID_REQUEST_910")), ("175", Refused(200, "DUPLICATE_175")),
        ("106", Refused(200, "FORBIDDEN_106", permanent=False)),
        ("904", Refused(200, "FORBIDDEN_904", permanent=False)),
        ("108", Unavailable(200, "UPSTREAM_DOWN_108", transport_fault=True)),
        ("109", Unavailable(200, "UPSTREAM_DOWN_109", transport_fault=True)),
        ("999", Refused(200, "UPSTREAM_UNKNOWN_999", permanent=False)),
        ("", Refused(200, "UPSTREAM_UNKNOWN", permanent=False)),
        ("Misali", Refused(200, "UPSTREAM_UNKNOWN", permanent=False)),
    ],
)  # fmt: skip
async def test_codes_are_judged_by_the_table(make, envelope, code, outcome):
    found, requests = await sent(make, envelope, soap(code))
    assert found == outcome
    assert len(requests) == 1


@pytest.mark.parametrize("code", ["300", "317", "318"])
async def test_closed_hours_defer_to_the_next_morning(make, envelope, code):
    # The test's clock stands at Monday 19:13:20 in Karachi.
    outcome, _ = await sent(make, envelope, soap(code))
    assert outcome == Unavailable(200, f"DEFERRED_{code}", 13 * 3600 + 46 * 60 + 40.0)


@pytest.mark.parametrize("code", ["104", "201"])
async def test_an_ended_session_is_retried_once_without_it(make, envelope, code):
    outcome, [first, second] = await sent(make, envelope, soap(code), soap("100"))
    assert isinstance(outcome, Delivered)
    assert unwrapped(first).findtext("REQUEST_DATA/SESSION_ID") == "9901000000000000555"
    assert unwrapped(second).findtext("REQUEST_DATA/SESSION_ID") == ""
    assert unwrapped(second).findtext("REQUEST_DATA/TRANSACTION_ID") == TRANSACTION


async def test_a_session_that_ends_twice_is_left_for_later(make, envelope):
    outcome, requests = await sent(make, envelope, soap("201"), soap("104"))
    assert outcome == Unavailable(200, "SESSION_104")
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (fault("Client"), Refused(500, "SOAP_CLIENT")),
        (fault("Server"), Unavailable(500, "SOAP_SERVER", transport_fault=True)),
        (fault("Server", 200), Unavailable(200, "SOAP_SERVER", transport_fault=True)),
        (answer(500, b"oops", "text/plain"), Unavailable(500, "UPSTREAM_DOWN", transport_fault=True)),
        (answer(503, b"", "text/xml", Retry_After="6"), Unavailable(503, "UPSTREAM_DOWN", 6.0, transport_fault=True)),
        (answer(413, b"", "text/xml"), Refused(413, "HTTP_413")),
    ],
)
async def test_what_holds_no_answer_is_judged_by_fault_or_status(make, envelope, step, outcome):
    found, requests = await sent(make, envelope, step)
    assert found == outcome
    assert len(requests) == 1


DOUBTS = [
    HTML,
    DROP,
    HANG,
    answer(200, b"", "text/xml"),
    answer(200, b"<x", "text/xml"),
    soap("100", operation="SearchBirthRegistration"),
    soap("100", transaction="9901000000000000001"),
    answer(200, b'<!DOCTYPE x [<!ENTITY e "100">]><x/>', "text/xml"),
]


@pytest.mark.parametrize("doubt", DOUBTS)
async def test_a_doubt_is_settled_by_the_last_result(make, envelope, doubt):
    outcome, [_, question] = await sent(make, envelope, doubt, replay("100"))
    assert isinstance(outcome, Delivered)
    assert question.headers["soapaction"] == f'"{NS}/GetLastResult"'
    root = unwrapped(question, "GetLastResult")
    assert root.findtext("USER_VERIFICATION/USERNAME") == "gateway_test"
    asked = {child.tag: child.text for child in root.find("REQUEST_DATA")}
    assert asked == {
        "TRANSACTION_ID": TRANSACTION, "SESSION_ID": "9901000000000000555", "AREA_NAME": "punjab",
        "PURPOSE_CODE": "REGISTER_BIRTH", "LEGAL_BASIS": "TEST-ORDER-0001",
    }  # fmt: skip


async def test_no_last_result_means_that_it_was_not_received(make, envelope):
    outcome, _ = await sent(make, envelope, DROP, soap("151", operation="GetLastResult", transaction=""))
    assert outcome == Unavailable(None, "NOT_RECEIVED", transport_fault=True)


@pytest.mark.parametrize("silence", [DROP, HTML, fault("Server"), replay("108"), replay("300"), answer(503)])
async def test_a_doubt_that_is_not_cleared_remains(make, envelope, silence):
    outcome, requests = await sent(make, envelope, HTML, silence)
    assert outcome == Unknown("PEER_PROTOCOL", 200)
    assert len(requests) == 2


async def test_a_taken_id_on_a_later_attempt_is_our_own_earlier_one(make, envelope):
    outcome, _ = await sent(make, envelope, soap("175"), replay("100"), attempt=2)
    assert isinstance(outcome, Delivered)
    assert outcome.duplicate


async def test_a_taken_id_that_has_no_stored_answer_is_refused(make, envelope):
    outcome, _ = await sent(make, envelope, soap("175"), replay("151"), attempt=2)
    assert outcome == Refused(200, "DUPLICATE_175")


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<x/>", b"<CIVIL_REGISTRATION/>", BODY.replace(b"9901003999900000172", b"17"), BODY[:-10],
        b'<!DOCTYPE CIVIL_REGISTRATION [<!ENTITY x "y">]>' + BODY.split(b"\n", 1)[1],
    ],
)  # fmt: skip
async def test_a_document_that_is_no_request_is_not_sent(make, envelope, body):
    outcome, requests = await sent(make, envelope, body=body)
    assert outcome == Refused(None, "DOCUMENT_INVALID")
    assert requests == []


@pytest.mark.parametrize("changes", [{"document": "verification"}, {"kind": "reply"}])
async def test_a_document_without_an_operation_is_not_sent(make, envelope, changes):
    outcome, requests = await sent(make, envelope, **changes)
    assert outcome == Refused(None, "DOCUMENT_NOT_TAKEN")
    assert requests == []


async def test_a_password_that_went_missing_pauses_the_endpoint(make, envelope, monkeypatch):
    async with Peer() as peer:
        door = make("nadra", peer)
        monkeypatch.delenv("RAABTA_TEST_SECRET")
        assert await door.send(envelope(BODY, document="lookup")) == Unavailable(None, "CREDENTIALS", pause=True)
    assert peer.connections == 0


@pytest.mark.parametrize(
    ("moment", "office", "quota"),
    [
        ("2026-11-23T07:00+05:00", "2026-11-23T09:00+05:00", "2026-11-24T09:00+05:00"),
        ("2026-11-23T09:00+05:00", "2026-11-24T09:00+05:00", "2026-11-24T09:00+05:00"),
        ("2026-11-23T18:00+05:00", "2026-11-24T09:00+05:00", "2026-11-24T09:00+05:00"),
        ("2026-11-27T17:30+05:00", "2026-11-30T09:00+05:00", "2026-11-30T09:00+05:00"),
        ("2026-11-28T03:00+05:00", "2026-11-30T09:00+05:00", "2026-11-30T09:00+05:00"),
        ("2026-11-29T23:59+05:00", "2026-11-30T09:00+05:00", "2026-11-30T09:00+05:00"),
        # Still Thursday in Greenwich, already Friday in Karachi.
        ("2026-11-26T20:00+00:00", "2026-11-27T09:00+05:00", "2026-11-30T09:00+05:00"),
    ],
)
async def test_the_registry_opens_at_nine_on_working_days_in_karachi(moment, office, quota):
    now = datetime.fromisoformat(moment).timestamp()
    opens = [datetime.fromtimestamp(now + until_open(now, next_day=day), UTC) for day in (False, True)]
    assert opens == [datetime.fromisoformat(office), datetime.fromisoformat(quota)]
