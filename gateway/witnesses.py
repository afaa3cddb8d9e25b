"""Every door is a witness of the ledger: it keeps the last checkpoint it saw and refuses one that does not continue it.

What a door has seen stands in a file of its own, outside the database. A database that was rewritten, or put back to an
earlier day, is therefore found out within seconds by every door, and that is entered and logged; deliveries go on,
because no child waits for an inquiry. On an agency's own machine `raabta ledger witness` does the same with what
`GET /v1/ledger/consistency` answers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from gateway.ledger.checkpoint import CheckpointRefused, VerifierKey, read_checkpoint
from gateway.ledger.events import Event, EventType
from gateway.ledger.proofs import StoredNodes, tlog_update
from gateway.ledger.signing import latest_checkpoint
from gateway.ledger.tree import consistency_proof
from gateway.ledger.witness import HistoryRefused, Witness
from gateway.room import Room

log = logging.getLogger(__name__)


@dataclass
class Doors:
    """The doors' memories, and what each has refused already: a refusal is told once."""

    witnesses: Mapping[str, Witness]
    key: VerifierKey
    told: dict[str, int] = field(default_factory=dict)


def doors_memory(folder: Path, agencies: Iterable[str], key: VerifierKey) -> Doors:
    """Return the memory of every door, a file for each in a folder."""
    return Doors({name: Witness(folder / f"{name}.note", [key]) for name in agencies}, key)


def show_witnesses(room: Room, doors: Doors) -> tuple[str, ...]:
    """Show the newest checkpoint to every door and return those that refuse it; each refusal is entered, once."""
    with room.store.readers.connection() as connection:
        refused = _refusals(connection, doors)
    fresh = {name: size for name, size in refused.items() if doors.told.get(name) != size}
    for name, size in fresh.items():
        log.critical("ledger.refused", extra={"agency": name, "size": size})
        event = Event(EventType.CHECKPOINT_REFUSED, "gateway", fields={"witness": name, "seen": size})
        room.store.committer.run(partial(_enter, room, event))
    doors.told.update(fresh)
    return tuple(refused)


def _enter(room: Room, event: Event, _: Connection) -> None:
    room.journal.append(event)


def _refusals(connection: Connection, doors: Doors) -> dict[str, int]:
    """Return the doors that refuse, with the size each had seen."""
    note = latest_checkpoint(connection)
    if note is None:
        return {}
    size, nodes, refused = read_checkpoint(note, [doors.key]).size, StoredNodes(connection), {}
    for name, witness in doors.witnesses.items():
        seen = 0
        try:
            seen = witness.seen().size
            witness.show(tlog_update(seen, consistency_proof(nodes, seen, size), note))
        except (HistoryRefused, CheckpointRefused, IndexError):
            refused[name] = seen
    return refused
