"""Erase a referral: destroy the key of everything sealed about it, and whatever else could be held against a guess.

What remains is that somebody sent something to whom, when, and how it ended: the ledger's entries lose their fields and
salts, and every proof still holds. Neither database, write-ahead log nor a backup can be read again; what receivers
have is theirs, so a referral is withdrawn first where they shall give it up.
"""

from __future__ import annotations

import time
import uuid
from typing import Any

from sqlalchemy import Connection, select, update

from gateway.delivery import operations
from gateway.delivery.states import DeliveryState
from gateway.errors import Gone, NotFound
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Value
from gateway.room import Room
from gateway.store import referrals
from gateway.store.tables import attempt, delivery, document, inbound, notice, party, referral
from mappings.vocabulary import State

ERASED = "ERASED"
_OPEN = frozenset({
    State.HELD, State.DEAD_LETTER, State.READY, State.SENT, State.DELIVERED, State.ACKNOWLEDGED, State.INFO_NEEDED,
    State.ACCEPTED, State.IN_SERVICE,
})  # fmt: skip
"""States in which somebody would still be waited for."""
_TRIES = 50
_PAUSE = 0.1


def erase(room: Room, connection: Connection, name: str, reason: str, actor: str, note: str = "") -> str:
    """Erase the referral anybody calls ``name``, in the caller's transaction; returns the gateway's own id of it.

    Clear the log afterwards (:func:`clear_log`).

    Args:
        room: the gateway.
        connection: a writing connection.
        name: a reference, or our id.
        reason: code for the ledger.
        actor: who orders it.
        note: why, in words: nothing keeps them but their keyed digest, by which they can be shown to be those given.

    Raises:
        NotFound: there is no such referral.
        Gone: it was erased before.
    """
    found = referrals.anywhere(connection, name)
    if found is None:
        raise NotFound
    now = room.clock.now()
    for each in connection.execute(_unsent(found)).scalars().all():
        operations.skip(connection, each, ERASED, now)
    if not room.vault.destroy(connection, found, now):
        raise Gone
    _blank(room, connection, found)
    _close(connection, found, now)
    entries = room.journal.redact(connection, found)
    fields: dict[str, Value] = {"reason": reason, "entries": entries}
    if note:
        fields["note"] = room.vault.fingerprint(note.encode()).hex()
    room.journal.append(Event(EventType.REFERRAL_ERASED, actor, found, None, fields))
    return found


def _unsent(referral_id: str) -> Any:
    live = [DeliveryState.OPEN.value, DeliveryState.DEAD.value]
    return select(delivery.c.id).where(delivery.c.referral == referral_id, delivery.c.state.in_(live))


def _blank(room: Room, connection: Connection, referral_id: str) -> None:
    """Overwrite ciphertext, other parties' references, digests without a key, and keys that could hold a name."""
    mine = delivery.c.referral == referral_id
    connection.execute(update(document).where(document.c.referral == referral_id).values(sealed=b"", nonce=b""))
    connection.execute(update(delivery).where(mine).values(peer_ref=None, body_digest=None))
    ids = select(delivery.c.id).where(mine)
    connection.execute(update(attempt).where(attempt.c.delivery.in_(ids)).values(peer_ref=None))
    row = referrals.by_id(connection, referral_id)
    if row is not None and not _opaque(row["idem"]):
        name = f"erased-{room.pseudonym('idem', row['sender'], row['idem'])}"
        connection.execute(update(referral).where(referral.c.id == referral_id).values(idem=name))
    answers = select(inbound.c.agency, inbound.c.message_id).where(inbound.c.referral == referral_id)
    for agency, message in connection.execute(answers).all():
        if not _opaque(message):
            known = (inbound.c.agency == agency, inbound.c.message_id == message)
            name = f"erased-{room.pseudonym('inbound', agency, message)}"
            connection.execute(update(inbound).where(*known).values(message_id=name))


def _opaque(key: str) -> bool:
    """Tell whether a key is a UUID: it holds nobody's name, and a repeat is still recognised."""
    try:
        return str(uuid.UUID(key)) == key.lower()
    except ValueError:
        return False


def _close(connection: Connection, referral_id: str, now: float) -> None:
    """Wait for nobody any more."""
    waited = (party.c.referral == referral_id, party.c.state.in_([state.value for state in _OPEN]))
    connection.execute(update(party).where(*waited).values(state=State.CLOSED.value, updated=now))
    owed = (notice.c.referral == referral_id, notice.c.answered_at.is_(None))
    connection.execute(update(notice).where(*owed).values(answered_at=now, answer=ERASED))
    row = referrals.by_id(connection, referral_id)
    if row is not None and row["state"] in {state.value for state in _OPEN}:
        referrals.set_states(connection, {referral_id: State.CLOSED.value}, now)


def clear_log(room: Room) -> bool:
    """Empty the write-ahead log, in which erased bytes could still stand; blocks. False: readers kept it from it.

    A reader that began before the erasure holds the log back; a few seconds are enough for any of ours.
    """
    for _ in range(_TRIES):
        if room.store.truncate_log():
            return True
        time.sleep(_PAUSE)
    return False
