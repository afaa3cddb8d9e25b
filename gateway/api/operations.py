"""Is it alive, is it ready, and how it is doing; no personal data, no names of cases."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import Connection, select

from gateway import drift
from gateway.api.caller import OPEN, ScopedRouter
from gateway.api.state import desk
from gateway.backlog import backlog
from gateway.delivery import measures
from gateway.store.errors import StoreError

router = ScopedRouter(tags=["operations"])
_PHASES = {"CLOSED": 0, "HALF_OPEN": 1, "OPEN": 2}


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
    waiting = Gauge("raabta_commits_waiting", "Items waiting for a commit", registry=registry)
    waiting.set(at.room.store.committer.waiting + at.tray.waiting)
    with at.room.store.readers.connection() as connection:
        _waiting(registry, backlog(connection, at.room.clock.now()))
        _drift(registry, connection)
    return Response(generate_latest(registry) + generate_latest(measures.REGISTRY), media_type=CONTENT_TYPE_LATEST)


def _waiting(registry: CollectorRegistry, lines: list[dict[str, Any]]) -> None:
    """Give what waits for each agency and what holds it; the only label beside the state is the agency's id."""
    counts = Gauge("raabta_deliveries", "Deliveries that are open or dead", ["recipient", "state"], registry=registry)
    oldest = Gauge("raabta_oldest_open_seconds", "Age of the oldest open delivery", ["recipient"], registry=registry)
    held = Gauge("raabta_held_deliveries", "Open deliveries behind a dead one", ["recipient"], registry=registry)
    breaker = Gauge("raabta_breaker", "0 closed, 1 one probe is on its way, 2 open", ["recipient"], registry=registry)
    paused = Gauge("raabta_paused", "1: nothing is sent until a person resumes it", ["recipient"], registry=registry)
    for line in lines:
        recipient = line["recipient"]
        for state in ("OPEN", "DEAD"):
            if line[state.lower()]:
                counts.labels(recipient, state).set(line[state.lower()])
        oldest.labels(recipient).set(line["oldest_seconds"])
        held.labels(recipient).set(line["held_behind"])
        breaker.labels(recipient).set(_PHASES[line["breaker"]])
        paused.labels(recipient).set(int(line["paused"]))


def _drift(registry: CollectorRegistry, connection: Connection) -> None:
    """Give how many places of agencies' documents the mappings do not know; not which."""
    labels = ["agency", "format", "kind"]
    places = Gauge("raabta_drift_places", "Places the mapping does not know", labels, registry=registry)
    seen = Gauge("raabta_drift_sightings", "Documents that showed them, added up", labels, registry=registry)
    for agency, format_id, kind, number, sightings in drift.counts(connection):
        places.labels(agency, format_id, kind).set(number)
        seen.labels(agency, format_id, kind).set(sightings)
