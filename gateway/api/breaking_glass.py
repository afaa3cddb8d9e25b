"""``/v1/referrals/{id}/break-glass`` and ``/v1/break-glass``: an emergency, and whoever judges it afterwards."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import RowMapping

from gateway import break_glass
from gateway.api.caller import Caller, ScopedRouter, who
from gateway.api.referrals import cursor_of, position_of, problems
from gateway.api.state import desk
from gateway.break_glass import LONGEST, Emergency, Verdict
from gateway.clock import instant
from gateway.operators import OPERATOR

router = ScopedRouter(tags=["break-glass"])
Me = Annotated[Caller, Depends(who)]
_IDLE = {"Cache-Control": "no-store"}


class Breaking(BaseModel):
    """Who overrides a withholding, and why."""

    model_config = ConfigDict(extra="forbid")

    officer: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
    """The agency's own code of the officer, for example `duty-17`; never a name."""
    reason: Emergency
    note: Annotated[str, Field(min_length=10, max_length=2_000)]
    """Why, in words; sealed with the referral."""
    minutes: Annotated[int, Field(ge=1, le=LONGEST)] = 60


class Review(BaseModel):
    """What an auditor makes of an override."""

    model_config = ConfigDict(extra="forbid")

    verdict: Verdict
    note: Annotated[str, Field(max_length=2_000)] = ""
    """Why, in words; sealed with the referral."""


@router.scoped(
    "POST", "/v1/referrals/{id}/break-glass", "break-glass", status_code=201, operation_id="breakGlass",
    responses=problems(400, 401, 403, 404, 410, 413, 415, 422, 503),
)  # fmt: skip
async def broken(request: Request, me: Me, id: str, said: Breaking) -> Response:  # noqa: A002 - the contract's name
    """Widen one's own view of a referral for a while; it is entered, and judged afterwards."""
    room = desk(request).room
    work = room.store.committer.submit(
        lambda connection: break_glass.break_glass(
            room, connection, me.agency, id, said.officer, said.reason, said.note, said.minutes
        )
    )
    return JSONResponse(await asyncio.wrap_future(work), 201, _IDLE)


@router.scoped(
    "GET", "/v1/break-glass", "break-glass.review", operation_id="listBrokenGlass", responses=problems(401, 403, 422)
)
def listed(
    request: Request,
    me: Me,
    open_only: Annotated[bool, Query(alias="open")] = True,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """List overrides nobody has judged yet, or all; an agency sees those of the referrals it has sent."""
    reviewer = None if me.agency is OPERATOR else me.agency.id
    with desk(request).room.store.readers.connection() as connection:
        rows = break_glass.listed(connection, reviewer, open_only=open_only, after=position_of(cursor), limit=limit + 1)
    more = {"next": cursor_of(rows[limit - 1]["n"])} if len(rows) > limit else {}
    return JSONResponse({"items": [_shown(row) for row in rows[:limit]], **more}, headers=_IDLE)


def _shown(row: RowMapping) -> dict[str, Any]:
    shown = {name: row[name] for name in ("id", "agency", "officer", "reason", "reviewer", "verdict")}
    shown |= {name: instant(row[at]) for name, at in (("at", "created"), ("until", "expires"))}
    if row["reviewed_at"] is not None:
        shown["reviewed_at"] = instant(row["reviewed_at"])
    return {name: value for name, value in shown.items() if value is not None}


@router.scoped(
    "POST", "/v1/break-glass/{id}/review", "break-glass.review", operation_id="reviewBrokenGlass",
    responses=problems(400, 401, 403, 404, 413, 415, 422, 503),
)  # fmt: skip
async def reviewed(request: Request, me: Me, id: str, said: Review) -> Response:  # noqa: A002 - as above
    """Judge an override: it leaves the list. Nobody judges their own agency's."""
    room = desk(request).room
    every = me.agency is OPERATOR
    work = room.store.committer.submit(
        lambda connection: break_glass.review(room, connection, id, me.agency.id, said.verdict, said.note, every=every)
    )
    await asyncio.wrap_future(work)
    return JSONResponse({"id": id, "verdict": said.verdict.value}, headers=_IDLE)
