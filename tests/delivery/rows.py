"""Rows that lanes need before there can be a delivery, for tests."""

from sqlalchemy import Connection, insert

from gateway.delivery.lanes import Message
from gateway.delivery.states import DeliveryKind
from gateway.store.tables import referral
from tests.clocks import FixedClock


def add_referral(connection: Connection, clock: FixedClock, case: str = "case-1") -> str:
    """Store an empty referral and return its id."""
    identifier = clock.new_id()
    row = {
        "id": identifier,
        "sender": "cpu-lahore",
        "idem": identifier,
        "fingerprint": b"\x00" * 32,
        "case_key": case,
        "format": "raabta",
        "mapping_digest": "0" * 64,
        "state": "READY",
        "priority": "ROUTINE",
        "created": clock.now(),
        "updated": clock.now(),
    }
    connection.execute(insert(referral), [row])
    return identifier


def message(
    clock: FixedClock, referral_id: str, *, dest: str = "police", case: str = "case-1", urgent: bool = False
) -> Message:
    """Build a message of a case to a destination."""
    return Message(
        id=clock.new_id(),
        message_id=clock.new_id(),
        referral=referral_id,
        case_key=case,
        recipient=dest,
        purpose="protection",
        kind=DeliveryKind.REFERRAL,
        urgent=urgent,
    )
