"""The police's door: its receipts in JSON and XML."""

import pytest
from adapter_peer import Step, answer
from adapter_receipts import OTHER_ID, police_receipt, sent
from adapter_samples import MESSAGE_ID

from adapters.base import Delivered, Refused, Unavailable, Unknown

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("result", "duplicate"),
    [("ACCEPTED", False), ("ACCEPTED_WITH_WARNINGS", False), ("HELD_FOR_REVIEW", False), ("DUPLICATE", True)],
)
async def test_police_results_that_mean_they_have_it(make, envelope, result, duplicate):
    outcome, _ = await sent(make, envelope, "police", police_receipt(result, status=200))
    assert isinstance(outcome, Delivered)
    assert outcome.duplicate is duplicate


async def test_a_police_receipt_may_write_our_id_in_capitals(make, envelope):
    outcome, _ = await sent(make, envelope, "police", police_receipt(message_id=MESSAGE_ID.upper()))
    assert isinstance(outcome, Delivered)


@pytest.mark.parametrize(
    ("step", "outcome"),
    [
        (police_receipt("REJECTED", Issue=[{"code": "POL-E07", "severity": "E"}]), Refused(202, "POL-E07")),
        (police_receipt("REJECTED"), Refused(202, "REJECTED")),
        (answer(422, {"status": False, "code": "POL-E02"}), Refused(422, "POL-E02")),
        (answer(409, {"status": False, "code": "POL-E09"}), Refused(409, "POL-E09")),
        (answer(403, {"status": False, "code": "POL-E07"}), Refused(403, "POL-E07")),
        (answer(403, {"status": False, "code": "POL-E08"}), Refused(403, "POL-E08")),
        (answer(403, {"status": False, "code": "POL-E14"}), Unavailable(403, "CREDENTIALS", pause=True)),
        (answer(502, {"status": False, "code": "POL-E16"}), Unavailable(502, "POL-E16", transport_fault=True)),
        (answer(200, {"status": False, "code": "POL-E16"}), Unavailable(200, "POL-E16", transport_fault=True)),
        (answer(200, {"status": False, "code": "POL-E14"}), Unavailable(200, "CREDENTIALS", pause=True)),
        (answer(200, {"status": False, "code": "POL-E05"}), Refused(200, "POL-E05")),
        (answer(200, b'\xef\xbb\xbf{"status":false,"code":"POL-E05"}'), Refused(200, "POL-E05")),
    ],
)
async def test_police_refusals(make, envelope, step, outcome):
    assert (await sent(make, envelope, "police", step))[0] == outcome


@pytest.mark.parametrize("code", ["Misali Azmaishi", "", None, 5, "POL-X01"])
async def test_a_police_refusal_without_a_code_of_theirs_is_no_answer(make, envelope, code):
    step = answer(200, {"status": False, "code": code})
    assert (await sent(make, envelope, "police", step, step))[0] == Unknown("PEER_PROTOCOL", 200)


def receipts_xml(
    result: str = "ACCEPTED",
    message_id: str = MESSAGE_ID,
    issue: str = "",
    media: str = "application/vnd.raabta.fir+xml",
) -> Step:
    document = (
        '<?xml version="1.0" encoding="UTF-8"?><Receipts xmlns="urn:raabta:police-fir:1">'
        f"<Receipt><ReceiptID>rcp-0009</ReceiptID><RefMessageID>{OTHER_ID}</RefMessageID><ResultCode>REJECTED</ResultCode></Receipt>"
        f"<Receipt><ReceiptID>rcp-0001</ReceiptID><RefMessageID>{message_id}</RefMessageID>"
        f"<ResultCode>{result}</ResultCode>{issue}<ETagID>FT-21/11/2026-0007</ETagID></Receipt></Receipts>"
    )  # fmt: skip
    return answer(202, document.encode(), media)


XML = {"body": b"<FIRDocument/>", "media_type": "application/vnd.raabta.fir+xml"}


@pytest.mark.parametrize("media", ["application/vnd.raabta.fir+xml", "text/xml; charset=utf-8", "application/xml"])
async def test_an_xml_receipt_delivers_an_xml_document(make, envelope, media):
    outcome, [request] = await sent(make, envelope, "police", receipts_xml(media=media), **XML)
    assert isinstance(outcome, Delivered)
    assert outcome.receipt_ref == "FT-21/11/2026-0007"
    assert request.headers["content-type"] == "application/vnd.raabta.fir+xml"


async def test_an_xml_rejection_names_its_code(make, envelope):
    step = receipts_xml("REJECTED", issue='<Issue code="POL-E07" severity="E"/>')
    assert (await sent(make, envelope, "police", step, **XML))[0] == Refused(202, "POL-E07")


@pytest.mark.parametrize(
    "document",
    [
        b'<!DOCTYPE Receipts [<!ENTITY x "ACCEPTED">]><Receipts xmlns="urn:raabta:police-fir:1"/>',
        b"<Receipts", b"", b"\xff\xfe<", b"<Receipts/>", '<Receipts/>'.encode("utf-16"),
    ],
)  # fmt: skip
async def test_hostile_or_broken_xml_is_no_receipt(make, envelope, document):
    step = answer(200, document, "application/xml")
    assert (await sent(make, envelope, "police", step, step, **XML))[0] == Unknown("PEER_PROTOCOL", 200)


# ------------------------------------------------------------------ school
