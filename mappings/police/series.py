"""Message ids: of a document's further children, and of messages whose own id is no UUID."""

from __future__ import annotations

from uuid import UUID, uuid5

_SPACE = UUID("6f1d2a56-3c1e-5c8f-9a51-2f0b6d5c7e10")
"""Namespace of ids derived for police documents."""


def message_id_of(message_id: str, position: int) -> str:
    """Return the message id of a document's child: the first keeps the document's, others are derived (UUIDv5)."""
    return message_id if position == 0 else str(uuid5(_SPACE, f"{message_id}#child-{position + 1}"))


def as_uuid(message_id: str) -> str:
    """Return a message id that is a UUID: itself, or one derived from it."""
    try:
        UUID(message_id)
    except ValueError:
        return str(uuid5(_SPACE, message_id))
    return message_id if len(message_id) == 36 else str(UUID(message_id))
