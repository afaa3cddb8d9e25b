"""``/v1/agencies``: who is connected under which agreements, and an operator's verbs; every act is an entry."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from auth.errors import KeyRefused
from auth.remote_keys import MAX_BYTES
from gateway import operators, registry
from gateway.api.body import read_body
from gateway.api.caller import Caller, ScopedRouter, who
from gateway.api.referrals import problems
from gateway.api.state import Desk, desk
from gateway.clock import instant
from gateway.delivery import endpoints
from gateway.errors import IllegalMove, UnknownLanguage

router = ScopedRouter(tags=["agencies"])
Me = Annotated[Caller, Depends(who)]
_IDLE = {"Cache-Control": "no-store"}
_KEY_SETS = frozenset({"application/json", "application/jwk-set+json"})


class Suspension(BaseModel):
    """Why an agency is suspended."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")] = "OPERATOR"
    """A code for the ledger."""


class Resumption(BaseModel):
    """How an agency is sent to again."""

    model_config = ConfigDict(extra="forbid")

    rate: Annotated[float, Field(gt=0, le=1_000)] | None = None
    """Messages a second until it has caught up; without it as fast as it takes them."""


@router.scoped("GET", "/v1/agencies", "agency.read", operation_id="listAgencies", responses=problems(401, 403))
def listed(request: Request, me: Me) -> Response:
    """List connected agencies with their agreements, and whether each may take part now."""
    at = desk(request)
    with at.room.store.readers.connection() as connection:
        known, paused = registry.standing(connection), endpoints.paused(connection)
    items = [
        {**told, "suspended": bool(known[told["id"]]["suspended"]) if told["id"] in known else False}
        | ({"paused": paused[told["id"]]} if told["id"] in paused else {})
        for told in at.agencies.shown(at.room.today())
    ]
    return JSONResponse({"items": items}, headers=_IDLE)


@router.scoped(
    "POST", "/v1/agencies/{id}/suspension", "agency.operate", operation_id="suspendAgency",
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def suspended(request: Request, me: Me, id: str, act: Suspension) -> Response:  # noqa: A002 - the contract's name
    """Let an agency neither call nor be sent to, until it is resumed; what waits for it waits."""
    at = desk(request)
    work = at.room.store.committer.submit(lambda c: registry.suspend(at.room, c, id, act.reason, me.agency.id))
    await asyncio.wrap_future(work)
    at.standing.forget()
    return JSONResponse({"id": id, "suspended": True}, headers=_IDLE)


@router.scoped(
    "POST", "/v1/agencies/{id}/resume", "agency.operate", operation_id="resumeAgency",
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def resumed(
    request: Request,
    me: Me,
    id: str,  # noqa: A002 - the contract's name
    act: Resumption | None = None,
) -> Response:
    """Let an agency take part again that was suspended, or send to it again after it refused our login or was gone."""
    at = desk(request)

    def work(connection: Any) -> None:
        if not registry.resume(at.room, connection, id, me.agency.id):
            operators.resume(at.room, connection, id, me.agency.id)
        if act is not None and act.rate is not None:
            endpoints.pace(connection, id, act.rate, at.room.clock.now())

    await asyncio.wrap_future(at.room.store.committer.submit(work))
    at.standing.forget()
    at.wake()
    return JSONResponse({"id": id, "suspended": False, "paused": False}, headers=_IDLE)


@router.scoped(
    "POST", "/v1/agencies/{id}/keys", "agency.operate", operation_id="replaceKeys",
    responses=problems(400, 401, 403, 404, 413, 415, 422),
)  # fmt: skip
async def keys_replaced(request: Request, me: Me, id: str) -> Response:  # noqa: A002 - the contract's name
    """Replace the public keys an agency logs in with (a JWK Set); old keys are refused from then on."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _KEY_SETS:
        raise UnknownLanguage
    at, raw = desk(request), await read_body(request, MAX_BYTES)
    digest = await run_in_threadpool(at.agencies.replace_keys, id, raw)
    await _entered(at, id, "keys", digest, me)
    return JSONResponse({"id": id, "keys": digest}, headers=_IDLE)


@router.scoped(
    "POST", "/v1/agencies/{id}/secret", "agency.operate", operation_id="replaceSecret",
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def secret_replaced(request: Request, me: Me, id: str) -> Response:  # noqa: A002 - the contract's name
    """Make an agency a new secret and tell it once; only its hash is kept, and the old one is refused from then on."""
    at = desk(request)
    secret, digest = await run_in_threadpool(at.agencies.new_secret, id)
    await _entered(at, id, "secret", digest, me)
    return JSONResponse({"id": id, "secret": secret}, headers=_IDLE)


async def _entered(at: Desk, name: str, what: str, digest: str, me: Caller) -> None:
    room = at.room
    work = room.store.committer.submit(lambda _: registry.keys_replaced(room, name, what, digest, me.agency.id))
    await asyncio.wrap_future(work)


@router.scoped(
    "POST", "/v1/keys/rotation", "agency.operate", operation_id="rotateKeys", responses=problems(401, 403, 422)
)
async def signing_key_rotated(request: Request, me: Me) -> Response:
    """Make a new key for access tokens: published now, in force later, beside the old one until its tokens ended."""
    at = desk(request)
    before = at.keys.signing_key(at.room.clock.now()).kid
    try:
        key = await run_in_threadpool(at.keys.rotate)
    except KeyRefused:
        raise IllegalMove("ROTATION_PENDING") from None
    work = at.room.store.committer.submit(
        lambda _: registry.signing_key_made(at.room, before, key.kid, key.active_from, me.agency.id)
    )
    await asyncio.wrap_future(work)
    return JSONResponse({"kid": key.kid, "active_from": instant(key.active_from)}, headers=_IDLE)
