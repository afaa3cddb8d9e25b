"""What a dry run presumes: the names a gateway would give a document at its door.

A stored referral has a sender its token names, a reference and a case. A document that is only tried has none of them:
they are derived from what it says (UUIDv5 of its message id, or of its bytes where it has none): the same document gets
the same names, and they are shown in the report as routed (design/decisions.md 1 and 9).
"""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from mappings.engine.mapping import Mapping, Value, canonical
from mappings.referral import Record, Referral
from mappings.reply import Reply

_NAMES = uuid.UUID("b0a3f0c7-8a0e-5d0b-9a43-3d7a1e6c5f20")
"""Name space of everything presumed."""


def presumed(value: Value, source: Mapping, sender: dict[str, str], data: bytes, child: int) -> Value:
    """Return a value with the names it would have in a gateway; what it says itself stays.

    Args:
        value: as it was read.
        source: the mapping that read it.
        sender: ``agency``, ``kind`` and ``name`` of who sends it, where known; wins over what the document says, as a
            token does.
        data: the document, to name one that has no message id.
        child: which child of the document it is about, from 0.
    """
    tree = canonical(value)
    _sender(tree, sender, source.kind, known_only=isinstance(value, Record))
    own = tree.get("message_id")
    tree["message_id"] = _message_id(own) if own else _derived(f"{hashlib.sha256(data).hexdigest()}/{child}")
    if isinstance(value, Referral | Reply):
        about = tree.get("in_reply_to") or own or tree["message_id"]
        tree.setdefault("ref", f"rb-{_derived(f'ref/{about}').replace('-', '')[:20]}")
    if isinstance(value, Referral):
        tree.setdefault("case_ref", _derived(f"case/{tree['ref']}"))
    return type(value).model_validate(tree)


def _sender(tree: dict[str, Any], sender: dict[str, str], kind: str, *, known_only: bool) -> None:
    """Name the sender: by its token, or else by its kind, as a receiver is without ``--to-agency``."""
    party = {**tree.get("sender", {}), **sender}
    if kind:
        party.setdefault("kind", kind)
    if "kind" in party and not known_only:
        party.setdefault("agency", party["kind"].lower())
    if party:
        tree["sender"] = party


def _message_id(own: str) -> str:
    """Return an id every format can hold: a gateway's own are UUIDs."""
    try:
        return str(uuid.UUID(own))
    except ValueError:
        return _derived(own)


def _derived(name: str) -> str:
    return str(uuid.uuid5(_NAMES, name))
