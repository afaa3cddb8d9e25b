"""What a receiver was told, leaf by leaf, kept under the referral's own key.

A later change is held against it (:mod:`gateway.recall`), and a person can say which fields were released to whom
(formats/case-management.md 6.5 case 15). It is stored with the intention to send, before the bytes leave: what may have
been told is in it, also if we die while sending. Erasing the referral erases it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring_ascii
from typing import Any

import orjson
from sqlalchemy import Connection, select

from gateway.delivery.lanes import Claimed
from gateway.delivery.outgoing import Composed
from gateway.room import ReadingRoom
from gateway.store.tables import delivery
from gateway.vault.documents import DocumentKind, Draft, every, put_all
from mappings.labels import Label, Node, leaves
from mappings.referral import Referral

Leaf = tuple[str, str]
"""Generic path and value as JSON; positions in lists do not count, for they differ from copy to copy."""


@dataclass(frozen=True)
class Told:
    """What one attempt told."""

    at: float
    delivery: str
    recipient: str
    leaves: frozenset[Leaf]

    @property
    def paths(self) -> frozenset[str]:
        """Generic paths of what was told."""
        return frozenset(path for path, _ in self.leaves)


def leaves_of(composed: Composed) -> frozenset[Leaf]:
    """Return what a message tells beside bookkeeping: its leaves, less those its language cannot hold."""
    return _leaves(composed.projection.tree, _dropped(composed), type(composed.projection.value))


def _dropped(composed: Composed) -> list[str]:
    return [drop.path for drop in composed.translation.dropped]


def _leaves(tree: dict[str, Any], dropped: Sequence[str], model: type[Node]) -> frozenset[Leaf]:
    known, left_out = leaves(model), frozenset(dropped)
    return frozenset(
        (generic, _json(told))
        for generic, place, told in _told_in(tree)
        if place not in left_out and not (generic in known and known[generic].label is Label.ADMINISTRATIVE)
    )


def _told_in(node: dict[str, Any], generic: str = "", place: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield every leaf of a tree: its generic path, its place, its value; also one that the model knows no more."""
    for key, value in node.items():
        if not isinstance(value, list):
            told = [(f"{generic}{key}", f"{place}{key}", value)]
        else:
            told = [(f"{generic}{key}[]", f"{place}{key}[{index}]", item) for index, item in enumerate(value)]
        for path, here, one in told:
            if isinstance(one, dict):
                yield from _told_in(one, f"{path}.", f"{here}.")
            else:
                yield path, here, one


def _json(value: Any) -> str:
    return encode_basestring_ascii(value) if type(value) is str else json.dumps(value)


def account(head: Claimed, composed: Composed) -> bytes:
    """Return what a referral's message is about to tell, as it is sealed; its leaves are told apart when asked for."""
    told, dropped = composed.projection.tree, _dropped(composed)
    return orjson.dumps({"delivery": head.id, "recipient": head.recipient, "tree": told, "dropped": dropped})


def note(room: ReadingRoom, connection: Connection, sent: Sequence[tuple[Claimed, str, bytes]]) -> None:
    """Seal what messages are about to tell (head, digest of the body, account); a retry of the same adds nothing."""
    drafts = [
        Draft(room.clock.new_id(), head.referral, "application/json", body)
        for head, digest, body in sent
        if not head.attempts or _sent_last(connection, head.id) != digest
    ]
    if drafts:
        put_all(connection, room.vault, DocumentKind.TOLD, drafts, room.clock.now())


def _sent_last(connection: Connection, delivery_id: str) -> str | None:
    found: str | None = connection.execute(select(delivery.c.body_digest).where(delivery.c.id == delivery_id)).scalar()
    return found


def told(room: ReadingRoom, connection: Connection, referral_id: str) -> list[Told]:
    """Return everything receivers were told of a referral, oldest first. Raises `Erased`."""
    found = []
    for document in every(connection, room.vault, referral_id, DocumentKind.TOLD):
        body = json.loads(document.body)
        if "leaves" in body:  # as the version before sealed it
            kept = frozenset((path, value) for path, value in body["leaves"])
        else:
            kept = _leaves(body["tree"], body["dropped"], Referral)
        found.append(Told(document.created, body["delivery"], body["recipient"], kept))
    return found
