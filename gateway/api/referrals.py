"""``/v1/referrals``: send one, look at one, list one's own, answer one."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Annotated, Any

import orjson
from fastapi import Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from gateway import intake, languages, replies, views
from gateway.acceptance import Accepted
from gateway.api.body import read_body
from gateway.api.caller import Caller, ScopedRouter, who
from gateway.api.state import Desk, desk
from gateway.clock import instant, seconds
from gateway.errors import GatewayError, NotUnderstood
from gateway.problems import PROBLEM
from gateway.spans import span
from gateway.store import referrals
from mappings.engine.findings import Finding
from mappings.engine.mapping import Mapping
from mappings.vocabulary import State

router = ScopedRouter(tags=["referrals"])
Me = Annotated[Caller, Depends(who)]
KEY = {
    "name": "idempotency-key",
    "in": "header",
    "required": False,
    "description": "The same key and body get the same answer.",
    "schema": {"type": "string", "maxLength": 128, "pattern": "^[!-~]+$"},
}
_KEY = re.compile(r"[!-~]{1,128}")
_IDLE = {"Cache-Control": "no-store"}

_MOST = 2**53
"""Row numbers stay below this."""
_SHOWN = 0.001
"""Seconds: instants are shown rounded to this, so that one who asks with what was shown misses nothing."""


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of refusals; whoever needs a token may also have called too often."""
    body = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told = sorted({*statuses, 429} if 401 in statuses else statuses)
    return {status: {"description": "Refused", "content": body} for status in told}


@router.direct(
    "POST", "/v1/referrals", "referral.write", [KEY], status_code=202, operation_id="submitReferral",
    responses=problems(400, 401, 403, 409, 413, 415, 422, 503),
)  # fmt: skip
async def submit(request: Request, me: Me) -> Response:
    """Accept a referral in any language the gateway reads; 202 means it is stored and will be delivered."""
    at = desk(request)
    mapping = languages.spoken(request.headers.get("content-type"))
    body = await read_body(request, min(mapping.limits.octets, at.settings.limits.body))
    accepted = await file_document(at, me, body, mapping, _key(request))
    answers = [_accepted(each) for each in accepted]
    first = {**answers[0], "linked": answers[1:]} if len(answers) > 1 else answers[0]
    headers = {**_IDLE, "Location": f"/v1/referrals/{accepted[0].ref}"}
    return Response(orjson.dumps(first), 202, headers, media_type="application/json")


async def file_document(at: Desk, me: Caller, body: bytes, mapping: Mapping, key: str | None) -> tuple[Accepted, ...]:
    """Take a document in, whatever door it came by; a refusal is entered, and raised again."""
    submission = intake.Submission(me.agency, body, mapping, key, me.request)
    try:
        with span("accept", sender=me.agency.id, format=mapping.format):
            accepted = await at.tray.file(intake.prepare(at.room, submission))
    except GatewayError as error:
        code = error.findings[0].code if error.findings else error.code
        await run_in_threadpool(intake.refused, at.room, submission, code, error.findings)
        raise
    at.wake()
    return accepted


def _key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and _KEY.fullmatch(key) is None:
        raise NotUnderstood("BAD_REQUEST", [Finding("INVALID_VALUE", "idempotency-key")])
    return key


def _accepted(each: Accepted) -> dict[str, Any]:
    return {
        "id": each.ref,
        "state": each.state,
        "deliveries": list(each.deliveries),
        "warnings": [finding.as_json() for finding in each.warnings],
        "repeated": each.again,
    }


@router.scoped(
    "GET", "/v1/referrals", "referral.read", operation_id="listReferrals", responses=problems(400, 401, 403, 422)
)
def listed(
    request: Request,
    me: Me,
    state: Annotated[State | None, Query()] = None,
    updated_since: Annotated[str | None, Query(max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """List the caller's own referrals, without any personal value, in the order of acceptance."""
    after = position_of(cursor)
    changed = since(updated_since)
    with desk(request).room.store.readers.connection() as connection:
        rows = referrals.listed(
            connection, me.agency.id, state=state.value if state else None, since=changed, after=after, limit=limit + 1
        )
    more = rows[limit:]
    items = [
        {
            "id": row["ref"],
            "role": row["role"],
            "state": row["state"],
            "accepted_at": instant(row["created"]),
            "updated_at": instant(row["updated"]),
        }
        for row in rows[:limit]
    ]
    next_cursor = {"next": cursor_of(rows[limit - 1]["n"])} if more else {}
    return JSONResponse({"items": items, **next_cursor}, headers=_IDLE)


def cursor_of(position: int) -> str:
    """Return an opaque cursor to a position in a list."""
    return base64.urlsafe_b64encode(json.dumps({"n": position}).encode()).decode()


def position_of(cursor: str | None) -> int:
    """Return the position a cursor stands for; refuses one that is not ours."""
    if cursor is None:
        return 0
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor.encode()))["n"]
    except (binascii.Error, ValueError, KeyError, TypeError):
        position = None
    if type(position) is not int or not 0 <= position < _MOST:
        raise NotUnderstood("BAD_CURSOR", [Finding("INVALID_VALUE", "cursor")])
    return position


def since(text: str | None) -> float | None:
    """Return the moment a list begins at, or none; refuses what is no instant."""
    if text is None:
        return None
    try:
        return seconds(text) - _SHOWN
    except ValueError:
        raise NotUnderstood("BAD_TIME", [Finding("INVALID_DATE", "updated_since")]) from None


@router.scoped(
    "GET", "/v1/referrals/{id}", "referral.read", operation_id="getReferral",
    responses=problems(401, 403, 404, 406, 410),
)  # fmt: skip
async def shown(request: Request, me: Me, id: str) -> Response:  # noqa: A002 - the contract's name
    """Show a referral as the caller may see it, in the language asked for."""
    room = desk(request).room
    accept = request.headers.get("accept")
    view = await run_in_threadpool(views.look, room, me.agency, id, accept)
    real = await run_in_threadpool(views.real_id, room, me.agency, id)
    await views.note_reading(room, me.agency, real, "referral", "raabta", emergency=view.emergency, request=me.request)
    tag = _tag(view)
    headers = {**_IDLE, "ETag": tag, "Vary": "Accept", "Raabta-State": view.state}
    if tag in {each.strip() for each in request.headers.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=headers)
    if view.media_type == "application/json":
        return JSONResponse(view.summary, headers=headers)
    return Response(view.document, media_type=view.media_type, headers=headers)


def _tag(view: views.View) -> str:
    """Return a view's entity tag: its version, in one language (two languages of one version are two entities)."""
    language = view.media_type.partition("/")[2].partition(";")[0]
    widened = "-emergency" if view.emergency else ""
    return f'"{view.version}-{language}{widened}"'


@router.scoped(
    "POST", "/v1/referrals/{id}/replies", "reply.write", operation_id="replyToReferral",
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 503),
)  # fmt: skip
async def answer(request: Request, me: Me, id: str) -> Response:  # noqa: A002 - the contract's name
    """Answer a referral: acknowledge, accept, reject, ask, report; in the caller's own language or ours."""
    at = desk(request)
    mapping = languages.spoken(request.headers.get("content-type"))
    body = await read_body(request, min(mapping.limits.octets, at.settings.limits.body))
    taken = await replies.receive(at.room, me.agency, id, body, mapping, me.request)
    at.wake()
    told = {
        "id": taken.ref,
        "state": taken.state,
        "warnings": [finding.as_json() for finding in taken.warnings],
        "repeated": taken.again,
    }
    return JSONResponse(told, 200 if taken.again else 202, _IDLE)
