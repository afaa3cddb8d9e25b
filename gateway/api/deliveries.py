"""``/v1/deliveries``: what is on its way, what is stuck, and an operator's verbs for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from gateway import operators, redirection
from gateway.api.caller import Caller, ScopedRouter, who
from gateway.api.referrals import cursor_of, position_of, problems
from gateway.api.state import Desk, desk
from gateway.backlog import backlog
from gateway.clock import instant
from gateway.delivery import endpoints
from gateway.delivery.states import DeliveryState
from gateway.errors import NotFound

router = ScopedRouter(tags=["deliveries"])
Me = Annotated[Caller, Depends(who)]
_IDLE = {"Cache-Control": "no-store"}


class Act(BaseModel):
    """Why an operator acts."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{1,39}$")] = "OPERATOR"
    """A code for the ledger."""
    note: Annotated[str, Field(min_length=1, max_length=2_000)]
    """Words; they are sealed with the referral and enter no log."""


class Redirection(Act):
    """Why, and whom to ask instead."""

    to: Annotated[str, Field(min_length=1, max_length=80)]
    """Id of the other agency."""


@router.scoped(
    "GET", "/v1/deliveries", "delivery.read", operation_id="listDeliveries", responses=problems(401, 403, 422)
)
def listed(
    request: Request,
    me: Me,
    state: Annotated[DeliveryState | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """List deliveries in the order they were enqueued."""
    with desk(request).room.store.readers.connection() as connection:
        rows = operators.listed(
            connection,
            sender=operators.owner(me.agency),
            state=state.value if state else None,
            after=position_of(cursor),
            limit=limit + 1,
        )
        paused = endpoints.paused(connection)
    more = {"next": cursor_of(rows[limit - 1]["n"])} if len(rows) > limit else {}
    items = [operators.shown(row) for row in rows[:limit]]
    return JSONResponse(
        {"items": items, "paused": paused if operators.owner(me.agency) is None else {}, **more}, headers=_IDLE
    )


@router.scoped(
    "GET", "/v1/deliveries/backlog", "delivery.operate", operation_id="showBacklog", responses=problems(401, 403, 404)
)
def waiting(request: Request, me: Me) -> Response:
    """Show what waits for each agency, how long, and what holds it; an operator sees all, others nothing of this."""
    if operators.owner(me.agency) is not None:
        raise NotFound
    room = desk(request).room
    with room.store.readers.connection() as connection:
        return JSONResponse({"items": backlog(connection, room.clock.now())}, headers=_IDLE)


@router.scoped(
    "GET", "/v1/deliveries/{id}", "delivery.read", operation_id="getDelivery", responses=problems(401, 403, 404)
)
def shown(request: Request, me: Me, id: str) -> Response:  # noqa: A002 - the contract's name
    """Show one delivery with its attempts."""
    with desk(request).room.store.readers.connection() as connection:
        row, made = operators.one(connection, id, sender=operators.owner(me.agency))
    attempts = [
        {
            "n": each["n"],
            "at": instant(each["at"]),
            "ms": each["ms"],
            "outcome": each["outcome"],
            "status": each["status"],
            "error": each["error"],
        }
        for each in made
    ]
    return JSONResponse({**operators.shown(row), "history": attempts}, headers=_IDLE)


async def _done(at: Desk, work: Callable[[Connection], None], answer: dict[str, Any]) -> Response:
    await asyncio.wrap_future(at.room.store.committer.submit(work))
    at.wake()
    return JSONResponse(answer, headers=_IDLE)


@router.scoped(
    "POST", "/v1/deliveries/{id}/redelivery", "delivery.operate", operation_id="redeliver",
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def redelivered(request: Request, me: Me, id: str, act: Act) -> Response:  # noqa: A002 - the contract's name
    """Send a dead delivery again, under the same message id."""
    at, why = desk(request), operators.Why(act.reason, act.note)
    return await _done(at, lambda c: operators.redeliver(at.room, c, id, why, me.agency), {"id": id, "state": "OPEN"})


@router.scoped(
    "POST", "/v1/deliveries/{id}/discard", "delivery.operate", operation_id="discard",
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def discarded(request: Request, me: Me, id: str, act: Act) -> Response:  # noqa: A002 - the contract's name
    """Decide that a delivery is never sent; later messages of the case go on."""
    at, why = desk(request), operators.Why(act.reason, act.note)
    return await _done(at, lambda c: operators.discard(at.room, c, id, why, me.agency), {"id": id, "state": "SKIPPED"})


@router.scoped(
    "POST", "/v1/deliveries/{id}/redirection", "delivery.operate", operation_id="redirect",
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
async def redirected(request: Request, me: Me, id: str, act: Redirection) -> Response:  # noqa: A002 - the contract's name
    """Give up a dead delivery and send its referral to another agency, as that agency's agreement permits."""
    at, why = desk(request), operators.Why(act.reason, act.note)
    work = at.room.store.committer.submit(lambda c: redirection.redirect(at.room, c, id, act.to, why, me.agency))
    fresh = await asyncio.wrap_future(work)
    at.wake()
    return JSONResponse({"id": id, "state": "SKIPPED", "redirected": fresh}, headers=_IDLE)
