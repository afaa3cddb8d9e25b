"""The registry of connected agencies: who is connected, who is suspended. Every change is an entry.

What an agency is stands in its file, which a person writes; the database remembers the file's digest, so that each
change is entered at the first start that sees it, and holds what an operator decided meanwhile.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select, update

from gateway.clock import instant
from gateway.delivery import endpoints
from gateway.errors import IllegalMove, NotFound
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Value
from gateway.room import Room
from gateway.store.tables import agency
from gateway.store.upsert import upsert

SUSPENDED = "SUSPENDED"
"""Why nothing is sent to a suspended agency."""


@dataclass(frozen=True)
class Filed:
    """An agency's file as this start found it."""

    digest: str
    """SHA-256, hex."""
    agreements: int


def note_files(room: Room, connection: Connection, files: Mapping[str, Filed]) -> None:
    """Enter every agency that is new, changed or gone since the last start."""
    known = {row["id"]: row for row in connection.execute(select(agency)).mappings()}
    for name, filed in files.items():
        before = known[name]["digest"] if name in known else None
        if before == filed.digest:
            continue
        fields: dict[str, Value] = {"agency": name.lower(), "config": filed.digest, "agreements": filed.agreements}
        kind = EventType.AGENCY_CHANGED if before else EventType.AGENCY_ADDED
        room.journal.append(Event(kind, "gateway", fields={**fields, "before": before} if before else fields))
        _keep(room, connection, name, digest=filed.digest)
    for name in sorted(known.keys() - files.keys()):
        if known[name]["digest"] is not None:
            room.journal.append(Event(EventType.AGENCY_REMOVED, "gateway", fields={"agency": name.lower()}))
            _keep(room, connection, name, digest=None)


def _keep(room: Room, connection: Connection, name: str, *, digest: str | None) -> None:
    values = {"digest": digest, "changed": room.clock.now()}
    row = upsert(connection, agency).values(id=name, suspended=0, **values)
    connection.execute(row.on_conflict_do_update(index_elements=[agency.c.id], set_=values))


def standing(connection: Connection) -> dict[str, RowMapping]:
    """Return what the database knows of each agency."""
    return {row["id"]: row for row in connection.execute(select(agency)).mappings()}


def suspend(room: Room, connection: Connection, name: str, reason: str, actor: str) -> None:
    """Let an agency neither call nor be sent to, until :func:`resume`; what waits for it waits.

    Raises:
        NotFound: nobody is registered under that id.
        IllegalMove: it is suspended already.
    """
    _decide(room, connection, name, suspended=1, reason=reason)
    endpoints.pause(connection, name, SUSPENDED)
    fields: dict[str, Value] = {"agency": name.lower(), "reason": reason}
    room.journal.append(Event(EventType.AGENCY_SUSPENDED, actor, fields=fields))


def resume(room: Room, connection: Connection, name: str, actor: str) -> bool:
    """Let a suspended agency take part again; False: it was not suspended.

    Raises:
        NotFound: nobody is registered under that id.
    """
    try:
        _decide(room, connection, name, suspended=0, reason=None)
    except IllegalMove:
        return False
    endpoints.resume(connection, name)
    room.journal.append(Event(EventType.AGENCY_RESUMED, actor, fields={"agency": name.lower()}))
    return True


def _decide(room: Room, connection: Connection, name: str, *, suspended: int, reason: str | None) -> None:
    known = room.directory.find(name)
    if known is None or known.id != name:
        raise NotFound
    changed = update(agency).where(agency.c.id == name, agency.c.suspended == 1 - suspended)
    values = {"suspended": suspended, "reason": reason, "changed": room.clock.now()}
    if connection.execute(changed.values(**values)).rowcount == 0:
        raise IllegalMove


def keys_replaced(room: Room, name: str, what: str, digest: str, actor: str) -> None:
    """Enter that an agency logs in with other keys or another secret; ``digest`` is over what is now believed."""
    fields: dict[str, Value] = {"agency": name.lower(), "what": what, "keys": digest}
    room.journal.append(Event(EventType.AGENCY_KEYS_REPLACED, actor, fields=fields))


def signing_key_made(room: Room, before: str, after: str, active_from: float, actor: str) -> None:
    """Enter that access tokens are signed with another key from a moment on; kids enter as their digests."""
    fields: dict[str, Value] = {
        "purpose": "access-tokens",
        "before": hashlib.sha256(before.encode()).hexdigest(),
        "after": hashlib.sha256(after.encode()).hexdigest(),
        "active": instant(active_from),
    }
    room.journal.append(Event(EventType.KEY_ROTATED, actor, fields=fields))
