"""Receipts of the doors that speak plain REST, and one attempt at such a door."""

import pytest
from adapter_peer import Peer, Step, answer
from adapter_samples import MESSAGE_ID

BODY = b'{"message_id":"x"}'
OTHER_ID = "5c1f9e0e-3c1e-4b63-9c0b-5a3c1d2e0002"


def police_receipt(result: str = "ACCEPTED", message_id: str = MESSAGE_ID, status: int = 202, **more: object) -> Step:
    receipt = {"ReceiptID": "rcp-000001", "RefMessageID": message_id, "ResultCode": result, **more}
    data = {"e_tag": "FT-21/11/2026-0001", "receipt": receipt}
    return answer(status, {"status": True, "code": "OK", "message": "received", "data": data})


def school_receipt(message_id: str = MESSAGE_ID, status: int = 202, **more: object) -> Step:
    return answer(status, {"request_id": message_id, "receipt_id": "rcp-000001", "state": "RECEIVED", **more})


def welfare_receipt(message_id: str = MESSAGE_ID, status: int = 202, **more: object) -> Step:
    return answer(status, {"receipt_id": "CP-000001", "message_id": message_id, "state": "RECEIVED", **more})


RECEIPTS = {"police": police_receipt, "school": school_receipt, "welfare": welfare_receipt}
REFS = {"police": "FT-21/11/2026-0001", "school": "rcp-000001", "welfare": "CP-000001"}
PATHS = {
    "police": ("/police/v1/referrals", f"/police/v1/messages/{MESSAGE_ID}/receipt"),
    "school": ("/sis/v1/reenrolment-requests", f"/sis/v1/reenrolment-requests/{MESSAGE_ID}"),
    "welfare": ("/cpcmrs/v1/referrals", f"/cpcmrs/v1/messages/{MESSAGE_ID}"),
}
QUICK = "[limits]\ntotal_seconds = 5\n"
each_door = pytest.mark.parametrize("adapter", ["police", "school", "welfare"])


async def sent(make, envelope, adapter: str, *steps: Step, body: bytes = BODY, **changes: object):
    async with Peer(*steps, rest=answer(404, {})) as peer:
        outcome = await make(adapter, peer, top=QUICK).send(envelope(body, **changes))
    return outcome, peer.requests
