"""``/fhir/r4/AuditEvent``: who did and saw what with a child's referral, as a search (formats/health.md 9.3)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from gateway import views
from gateway.api.caller import ScopedRouter
from gateway.api.fhir import BASE, IDLE, Me, base
from gateway.api.referrals import problems
from gateway.api.state import desk
from gateway.api.story import part_of
from gateway.errors import NotFound
from gateway.ledger.kinds import Kind, fits
from gateway.problems import FHIR
from gateway.trace.audit_events import audit_bundle, found_events

router = ScopedRouter(tags=["fhir"])


@router.scoped(
    "GET", f"{BASE}/AuditEvent", "system/AuditEvent.rs", operation_id="fhirSearchAuditEvent",
    responses=problems(400, 401, 403, 422),
)  # fmt: skip
async def search_audit(
    request: Request, me: Me, patient: Annotated[str, Query(max_length=120, description="Patient/{id}, or the id")]
) -> Response:
    """Show the caller's part of what happened to the referral of one child; this look is an entry too.

    Whoever is no party to it finds nothing, as if there were no such child.
    """
    at, name = desk(request), patient.removeprefix("Patient/")
    this = f"{base(at)}/AuditEvent?patient={name}"
    asked = f"AuditEvent?{request.url.query}"
    try:
        real = await run_in_threadpool(views.real_id, at.room, me.agency, name)
    except NotFound:
        return JSONResponse(found_events(None, f"{base(at)}/AuditEvent"), headers=IDLE, media_type=FHIR)
    query = asked if fits(Kind.QUERY, asked) else "AuditEvent?"
    await views.note_reading(at.room, me.agency, real, "story", "health_fhir", request=me.request, query=query)
    told, ours, _ = await run_in_threadpool(part_of, at.room, me.agency.id, real, name)
    bundle = audit_bundle(told, ours, at.settings.gateway.base_url)
    return JSONResponse(found_events(bundle, this), headers=IDLE, media_type=FHIR)
