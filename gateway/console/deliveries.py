"""``/console/deliveries``: what is on its way, what waits for a person, and an operator's decision about it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection, select
from starlette.concurrency import run_in_threadpool

from gateway import operators, redirection
from gateway.api.sessions import PageRouter, session_of
from gateway.api.state import Desk, desk
from gateway.clock import instant
from gateway.console.pages import ACTORS, EVERYBODY, HEADERS, note, page
from gateway.delivery.states import DeliveryState
from gateway.errors import IllegalMove, NotFound, UnknownRecipient
from gateway.operators import Why
from gateway.routing import Agency
from gateway.sessions import Session
from gateway.store.tables import delivery

router = PageRouter()
Who = Annotated[Session, Depends(session_of)]
PAGE = 50


@router.page("GET", "/console/deliveries", *EVERYBODY)
async def listed(
    request: Request,
    who: Who,
    state: Annotated[DeliveryState | None, Query()] = None,
    before: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
) -> Response:
    """List deliveries, the newest first."""
    at = desk(request)
    await note(at, who, "console.deliveries")
    rows = await run_in_threadpool(_rows, at, state.value if state else None, before)
    return page(
        request, who, "deliveries.html", rows=[operators.shown(row) for row in rows[:PAGE]],
        state=state.value if state else "", older=rows[PAGE - 1]["n"] if len(rows) > PAGE else None,
    )  # fmt: skip


def _rows(at: Desk, state: str | None, before: int | None) -> list[Any]:
    asked = select(delivery).order_by(delivery.c.n.desc()).limit(PAGE + 1)
    if state is not None:
        asked = asked.where(delivery.c.state == state)
    if before is not None:
        asked = asked.where(delivery.c.n < before)
    with at.room.store.readers.connection() as connection:
        return list(connection.execute(asked).mappings())


@router.page("GET", "/console/deliveries/{id}", *EVERYBODY)
async def shown(
    request: Request,
    who: Who,
    id: str,  # noqa: A002 - the path's name
    done: Annotated[str, Query(pattern="^(replay|skip|redirect)?$")] = "",
) -> Response:
    """Show one delivery with its attempts, and what may be decided about it."""
    return await _shown(request, who, id, done=done)


async def _shown(request: Request, who: Session, name: str, *, done: str = "", refused: bool = False) -> Response:
    at = desk(request)

    def look() -> tuple[Any, list[Any]]:
        with at.room.store.readers.connection() as connection:
            return operators.one(connection, name, sender=None)

    row, made = await run_in_threadpool(look)
    await note(at, who, "console.delivery", row["referral"])
    return page(
        request, who, "delivery.html", 409 if refused else 200, row=operators.shown(row), referral=row["referral"],
        attempts=[{**each, "at": instant(each["at"])} for each in made], done=done, refused=refused,
        agencies=[each.id for each in at.room.directory.all() if each.id != row["recipient"]],
    )  # fmt: skip


_Verb = Callable[[Desk, Connection, str, Why, Agency, str], object]
_VERBS: dict[str, _Verb] = {
    "replay": lambda at, c, name, why, actor, _: operators.redeliver(at.room, c, name, why, actor),
    "skip": lambda at, c, name, why, actor, _: operators.discard(at.room, c, name, why, actor),
    "redirect": lambda at, c, name, why, actor, to: redirection.redirect(at.room, c, name, to, why, actor),
}


@router.page("POST", "/console/deliveries/{id}/{verb}", *ACTORS)
async def decided(request: Request, who: Who, id: str, verb: str) -> Response:  # noqa: A002 - the path's name
    """Send a dead delivery again, give it up, or ask another agency; a reason in words is needed."""
    at, act, form = desk(request), _VERBS.get(verb), request.state.form
    reason = form.get("reason", "").strip()
    if act is None:
        raise NotFound
    if not 3 <= len(reason) <= 2_000:
        return await _shown(request, who, id, refused=True)
    why = Why("OPERATOR", reason)
    actor = _as(who)
    work = at.room.store.committer.submit(lambda c: act(at, c, id, why, actor, form.get("to", "")))
    try:
        await asyncio.wrap_future(work)
    except (IllegalMove, UnknownRecipient):
        return await _shown(request, who, id, refused=True)
    at.wake()
    return RedirectResponse(f"/console/deliveries/{id}?done={verb}", 303, HEADERS)


def _as(who: Session) -> Agency:
    """Return the operator under the person's own name: the ledger says who decided."""
    return operators.person(who.actor)
