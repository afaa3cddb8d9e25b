"""Rotation of the key-encryption key: a new one wraps every referral's key, and no sealed byte is touched."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.errors import KeysKeptElsewhere
from gateway.ledger.events import Event, EventType
from gateway.room import Room
from gateway.vault.errors import KeptElsewhere


@dataclass(frozen=True)
class Rewrapped:
    """What a rotation did."""

    before: str
    after: str
    keys: int
    """Referrals' keys that were wrapped anew."""

    def as_json(self) -> dict[str, str | int]:
        """Return it as JSON values."""
        return {"before": self.before, "after": self.after, "keys": self.keys}


def rotate(room: Room, actor: str) -> Rewrapped:
    """Make a new key-encryption key the current one, and wrap every key under it; blocks.

    Raises:
        KeysKeptElsewhere: a credential or key service holds the keys; rotate there, restart, and rewrap.
    """
    before = room.vault.kek
    try:
        room.vault.rotate()
    except KeptElsewhere:
        raise KeysKeptElsewhere from None
    return _all(room, actor, before)


def rewrap(room: Room, actor: str) -> Rewrapped:
    """Wrap every key that stands under another key-encryption key than the current one; blocks."""
    return _all(room, actor, room.vault.kek)


def _all(room: Room, actor: str, before: str) -> Rewrapped:
    """Rewrap in short transactions, so that accepting goes on; the last one enters the rotation."""
    keys = 0
    while done := room.store.committer.run(room.vault.rewrap):
        keys += done
    after = room.vault.kek
    fields: dict[str, str | int | list[str]] = {"before": before, "after": after, "keys": keys}
    room.store.committer.run(lambda _: room.journal.append(Event(EventType.VAULT_REWRAPPED, actor, fields=fields)))
    return Rewrapped(before, after, keys)
