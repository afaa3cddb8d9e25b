"""Names that two parties share, and nobody else can compare: references of referrals, ids of messages."""

from __future__ import annotations

import hashlib
import uuid

from gateway.clock import uuid_text
from gateway.room import ReadingRoom

DELIVERIES = uuid.UUID("6e0a1a4e-6a0c-5c43-9a3e-0b5b8f2d7c11")
"""Name space of message ids: one for each (referral, receiver), the same whenever it is computed."""

_SPACE = DELIVERIES.bytes


def reference(room: ReadingRoom, referral_id: str, agency: str) -> str:
    """Return the name one receiver knows a referral by: opaque, and of no use to any other receiver."""
    return f"rb-{room.pseudonym('ref', referral_id, agency)}"


def message_id(referral_id: str, agency: str) -> str:
    """Return the message id of a referral for one receiver, a UUIDv5: constant through every retry."""
    return uuid_text(hashlib.sha1(_SPACE + f"{referral_id}/{agency}".encode(), usedforsecurity=False).digest(), 5)
