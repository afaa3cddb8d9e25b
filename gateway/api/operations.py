"""Is it alive, is it ready, and how it is doing; no personal data, no names of cases."""

from __future__ import annotations

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import Connection, func, select

from gateway import drift
from gateway.api.caller import OPEN, ScopedRouter
from gateway.api.state import desk
from gateway.store.errors import StoreError
from gateway.store.tables import delivery

router = ScopedRouter(tags=["operations"])


@router.scoped("GET", "/healthz", OPEN, operation_id="healthz")
async def healthz() -> JSONResponse:
    """Say that the process answers."""
    return JSONResponse({"status": "ok"})


@router.scoped("GET", "/readyz", OPEN, operation_id="readyz")
def readyz(request: Request) -> JSONResponse:
    """Say whether referrals can be accepted now."""
    store = desk(request).room.store
    try:
        with store.readers.connection() as connection:
            connection.execute(select(1))
    except StoreError:
        return JSONResponse({"status": "store unavailable"}, 503)
    alive = store.committer.alive
    return JSONResponse({"status": "ready" if alive else "stopped"}, 200 if alive else 503)


@router.scoped("GET", "/metrics", OPEN, operation_id="metrics")
def metrics(request: Request) -> Response:
    """Give counts in Prometheus' text format."""
    at = desk(request)
    registry = CollectorRegistry()
    counts = Gauge("raabta_deliveries", "Deliveries by recipient and state", ["recipient", "state"], registry=registry)
    oldest = Gauge("raabta_oldest_open_seconds", "Age of the oldest open delivery", ["recipient"], registry=registry)
    waiting = Gauge("raabta_commits_waiting", "Items waiting for a commit", registry=registry)
    waiting.set(at.room.store.committer.waiting)
    by = select(delivery.c.recipient, delivery.c.state, func.count(), func.min(delivery.c.created))
    with at.room.store.readers.connection() as connection:
        for recipient, state, count, first in connection.execute(by.group_by(delivery.c.recipient, delivery.c.state)):
            counts.labels(recipient, state).set(count)
            if state == "OPEN":
                oldest.labels(recipient).set(max(0.0, at.room.clock.now() - first))
        _drift(registry, connection)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _drift(registry: CollectorRegistry, connection: Connection) -> None:
    """Give how many places of agencies' documents the mappings do not know; not which."""
    labels = ["agency", "format", "kind"]
    places = Gauge("raabta_drift_places", "Places the mapping does not know", labels, registry=registry)
    seen = Gauge("raabta_drift_sightings", "Documents that showed them, added up", labels, registry=registry)
    for agency, format_id, kind, number, sightings in drift.counts(connection):
        places.labels(agency, format_id, kind).set(number)
        seen.labels(agency, format_id, kind).set(sightings)
