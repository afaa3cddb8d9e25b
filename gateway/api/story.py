"""``/v1/referrals/{id}/story``: what happened to one referral. Reading it is an entry too."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from gateway import views
from gateway.api.caller import Caller, ScopedRouter, who
from gateway.api.referrals import problems
from gateway.api.state import desk
from gateway.ledger.story import Story, story
from gateway.problems import FHIR
from gateway.room import Room
from gateway.store import referrals
from gateway.trace.audit_events import audit_bundle
from gateway.trace.standing import standing

router = ScopedRouter(tags=["trace"])
_IDLE = {"Cache-Control": "no-store"}


@router.scoped(
    "GET",
    "/v1/referrals/{id}/story",
    "trace.read",
    operation_id="getStory",
    responses={**problems(401, 403, 404), 200: {"content": {FHIR: {"schema": {"type": "object"}}}}},
)
async def told(request: Request, me: Annotated[Caller, Depends(who)], id: str) -> Response:  # noqa: A002 - the contract's name
    """Tell the story of a referral the caller is party to; a receiver hears only its own part.

    With ``Accept: application/fhir+json`` as a Bundle of AuditEvents (IHE BALP).
    """
    room = desk(request).room
    real = await run_in_threadpool(views.real_id, room, me.agency, id)
    await views.note_reading(room, me.agency, real, "story", "raabta", request=me.request)
    told_lines, name, sent_it = await run_in_threadpool(part_of, room, me.agency.id, real, id)
    if FHIR in request.headers.get("accept", ""):
        bundle = audit_bundle(told_lines, name, desk(request).settings.gateway.base_url)
        return JSONResponse(bundle, headers=_IDLE, media_type=FHIR)
    body = told_lines.as_json()
    if sent_it and (stands := await run_in_threadpool(_standing, room, real)):
        body["standing"] = stands
    return JSONResponse({**body, "referral": name}, headers=_IDLE)


def _standing(room: Room, real: str) -> list[dict[str, Any]]:
    """Return how the referral stands at each receiver, for its sender: what comes next, and nothing of withholdings."""
    with room.store.readers.connection() as connection:
        found = standing(room, connection, real, withheld=False)
    return [] if found is None else found.as_json()["receivers"]


def part_of(room: Room, agency: str, real: str, name: str) -> tuple[Story, str, bool]:
    """Return an agency's part of a story (the sender's is the whole), its name for the referral, and if it sent it."""
    with room.store.readers.connection() as connection:
        whole = story(connection, real)
        row = referrals.by_id(connection, real)
        mine = row is not None and row["sender"] == agency
        refs = {p["agency"]: p["ref"] for p in referrals.parties(connection, real)}
    return whole if mine else _own_part(whole, agency), refs.get(agency, name), mine


def _own_part(whole: Story, agency: str) -> Story:
    """Return the lines that concern one receiver: an agency never learns of another's part."""
    deliveries = tuple(d for d in whole.deliveries if d.recipient == agency)
    ids = {d.id for d in deliveries}
    lines = tuple(
        line
        for line in whole.lines
        if line.actor == agency or line.delivery in ids or (line.fields or {}).get("agency") == agency
    )
    return Story(whole.referral, lines, deliveries)
