"""What a receiver was told, leaf by leaf, kept under the referral's own key.

A later change is held against it (:mod:`gateway.recall`), and a person can say which fields were released to whom
(formats/case-management.md 6.5 case 15). It is stored with the intention to send, before the bytes leave: what may have
been told is in it, also if we die while sending. Erasing the referral erases it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from gateway.delivery.lanes import Claimed
from gateway.delivery.outgoing import Composed
from gateway.room import ReadingRoom
from gateway.store.tables import delivery
from gateway.vault.documents import DocumentKind, every, put
from mappings.engine.mapping import canonical
from mappings.engine.trees import dotted, leaf_places, root
from mappings.labels import Label, Node, leaves

Leaf = tuple[str, str]
"""Generic path and value as JSON; positions in lists do not count, for they differ from copy to copy."""
_INDEX = re.compile(r"\[\d+\]")


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
    value = composed.projection.value
    tree: dict[str, Any] = canonical(value)
    model: type[Node] = type(value)
    labels = leaves(model)
    dropped = {drop.path for drop in composed.translation.dropped}
    told = set()
    for hit in leaf_places(tree, root(tree)):
        path = dotted(hit.trail)
        generic = _INDEX.sub("[]", path)
        if path not in dropped and labels[generic].label is not Label.ADMINISTRATIVE:
            told.add((generic, json.dumps(hit.value, sort_keys=True)))
    return frozenset(told)


def note(room: ReadingRoom, connection: Connection, head: Claimed, composed: Composed) -> None:
    """Seal what a message is about to tell; a retry that tells the same adds nothing."""
    if head.attempts and _sent_last(connection, head.id) == composed.envelope.body_digest:
        return
    body = {"delivery": head.id, "recipient": head.recipient, "leaves": sorted(leaves_of(composed))}
    put(
        connection, room.vault, id=room.clock.new_id(), referral=head.referral, case=head.referral,
        kind=DocumentKind.TOLD, media_type="application/json", body=json.dumps(body).encode(), now=room.clock.now(),
    )  # fmt: skip


def _sent_last(connection: Connection, delivery_id: str) -> str | None:
    found: str | None = connection.execute(select(delivery.c.body_digest).where(delivery.c.id == delivery_id)).scalar()
    return found


def told(room: ReadingRoom, connection: Connection, referral_id: str) -> list[Told]:
    """Return everything receivers were told of a referral, oldest first. Raises `Erased`."""
    found = []
    for document in every(connection, room.vault, referral_id, DocumentKind.TOLD):
        body = json.loads(document.body)
        kept = frozenset((path, value) for path, value in body["leaves"])
        found.append(Told(document.created, body["delivery"], body["recipient"], kept))
    return found
