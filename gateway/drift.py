"""Drift: what agencies' documents hold that the mappings do not know, counted from the first day.

An agency changes its system and tells nobody: a new code, a new field, a field that no longer comes. Each such place is
counted for each agency and format, in the transaction that takes or refuses the document. Paths only, never values
(:mod:`mappings.engine.places`); and no more than :data:`MOST_PLACES` of them, so that nobody can fill the table.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select

from gateway.clock import instant
from gateway.store.committer import Committer
from gateway.store.tables import drift
from gateway.store.upsert import upsert
from mappings.engine.findings import Finding
from mappings.engine.lineage import Translation
from mappings.engine.places import UNSPOKEN, place

log = logging.getLogger(__name__)

MOST_PLACES = 500
"""Places kept for each agency and format; what comes after is counted under ``?``."""


class Drift(StrEnum):
    """How a document differs from what its mapping knows."""

    UNKNOWN_CODE = "unknown_code"
    MISSING_FIELD = "missing_field"
    NEW_FIELD = "new_field"


_BY_CODE = {
    "UNKNOWN_CODE": Drift.UNKNOWN_CODE,
    "MISSING_REQUIRED": Drift.MISSING_FIELD,
    "UNKNOWN_FIELD": Drift.NEW_FIELD,
}

Sighting = tuple[Drift, str]
"""What was seen, and at which place of theirs."""


@dataclass(frozen=True)
class Place:
    """One place that differs, as often as it was seen; instants are RFC 3339 UTC."""

    agency: str
    format: str
    kind: str
    path: str
    first_seen: str
    last_seen: str
    count: int

    def as_json(self) -> dict[str, Any]:
        """Return the place as JSON values."""
        return asdict(self)


def in_findings(findings: Iterable[Finding]) -> frozenset[Sighting]:
    """Return what findings say of drift, each place once."""
    return frozenset((_BY_CODE[f.code], place(f.path)) for f in findings if f.code in _BY_CODE)


def in_readings(readings: Iterable[Translation[Any]]) -> frozenset[Sighting]:
    """Return what the readings of one document show, each place once: findings, and fields that no rule read."""
    seen: set[Sighting] = set()
    for reading in readings:
        seen |= in_findings(reading.warnings)
        seen |= {(Drift.NEW_FIELD, place(path)) for path in reading.leftover}
    return frozenset(seen)


def note(connection: Connection, agency: str, format_id: str, seen: Iterable[Sighting], now: float) -> None:
    """Count what one document showed, inside the transaction that takes or refuses it."""
    sightings = sorted(set(seen))
    if not sightings:
        return
    mine = select(drift.c.kind, drift.c.path).where(drift.c.agency == agency, drift.c.format == format_id)
    known = {(Drift(row.kind), row.path) for row in connection.execute(mine)}
    counted: set[Sighting] = set()
    for kind, path in sightings:
        fits = (kind, path) in known or len(known) < MOST_PLACES
        sighting = (kind, path if fits else UNSPOKEN)
        counted.add(sighting)
        if sighting not in known:
            known.add(sighting)
            log.warning("drift.new", extra={"kind": kind.value})
    _count(connection, agency, format_id, counted, now)


def note_later(committer: Committer, agency: str, format_id: str, seen: Iterable[Sighting], now: float) -> None:
    """Count it at the end of the work item's batch: these rows are those of every document of the agency."""
    found = frozenset(seen)
    if found:
        committer.later(("drift", agency, format_id), lambda c: note(c, agency, format_id, found, now))


def _count(connection: Connection, agency: str, format_id: str, counted: set[Sighting], now: float) -> None:
    first = upsert(connection, drift)
    again = first.on_conflict_do_update(
        index_elements=["agency", "format", "kind", "path"],
        set_={"last_seen": first.excluded.last_seen, "count": drift.c.count + 1},
    )
    same = {"agency": agency, "format": format_id, "first_seen": now, "last_seen": now, "count": 1}
    connection.execute(again, [{**same, "kind": kind.value, "path": path} for kind, path in sorted(counted)])


def places(connection: Connection, agency: str | None = None) -> list[Place]:
    """Return every place, the newest first; of one agency or of all."""
    wanted = select(drift).order_by(drift.c.first_seen.desc(), drift.c.agency, drift.c.kind, drift.c.path)
    if agency is not None:
        wanted = wanted.where(drift.c.agency == agency)
    return [
        Place(
            r["agency"],
            r["format"],
            r["kind"],
            r["path"],
            instant(r["first_seen"]),
            instant(r["last_seen"]),
            r["count"],
        )
        for r in connection.execute(wanted).mappings()
    ]


def counts(connection: Connection) -> list[tuple[str, str, str, int, int]]:
    """Return (agency, format, kind, number of places, number of sightings), for metrics: no path, no value."""
    columns = (drift.c.agency, drift.c.format, drift.c.kind)
    wanted = select(*columns, func.count(), func.sum(drift.c.count)).group_by(*columns).order_by(*columns)
    return [(r[0], r[1], r[2], int(r[3]), int(r[4])) for r in connection.execute(wanted)]
