"""``/v1/referrals/{id}/erasure`` and ``/v1/vault/…``: an operator destroys a key, or wraps all of them anew."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from gateway import erasure, rewrapping
from gateway.api.caller import Caller, ScopedRouter, who
from gateway.api.referrals import problems
from gateway.api.state import desk

router = ScopedRouter(tags=["vault"])
Me = Annotated[Caller, Depends(who)]
_IDLE = {"Cache-Control": "no-store"}


class Erasure(BaseModel):
    """Why a referral is erased."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")] = "OPERATOR"
    """A code for the ledger."""
    note: Annotated[str, Field(max_length=2_000)] = ""
    """Words; only their keyed digest is kept."""


@router.scoped(
    "POST", "/v1/referrals/{id}/erasure", "referral.erase", operation_id="eraseReferral",
    responses=problems(400, 401, 403, 404, 410, 413, 415, 422, 503),
)  # fmt: skip
async def erased(request: Request, me: Me, id: str, said: Erasure) -> Response:  # noqa: A002 - the contract's name
    """Destroy the key of everything sealed about a referral; its trace remains, and every proof holds."""
    room = desk(request).room
    work = room.store.committer.submit(
        lambda connection: erasure.erase(room, connection, id, said.reason, me.agency.id, said.note)
    )
    await asyncio.wrap_future(work)
    cleared = await run_in_threadpool(erasure.clear_log, room)
    return JSONResponse({"erased": True, "log_cleared": cleared}, headers=_IDLE)


@router.scoped(
    "POST", "/v1/vault/rotation", "vault.operate", operation_id="rotateVaultKey", responses=problems(401, 403, 422, 503)
)
async def rotated(request: Request, me: Me) -> Response:
    """Make a new key-encryption key and wrap every referral's key under it."""
    done = await run_in_threadpool(rewrapping.rotate, desk(request).room, me.agency.id)
    return JSONResponse(done.as_json(), headers=_IDLE)


@router.scoped(
    "POST", "/v1/vault/rewrapping", "vault.operate", operation_id="rewrapVaultKeys", responses=problems(401, 403, 503)
)
async def rewrapped(request: Request, me: Me) -> Response:
    """Wrap every referral's key under the key-encryption key that is current now."""
    done = await run_in_threadpool(rewrapping.rewrap, desk(request).room, me.agency.id)
    return JSONResponse(done.as_json(), headers=_IDLE)
