"""``/console/``: find a referral, follow its story, see how each document was made, take the evidence away."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import suppress
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from gateway.api.evidence import evidence_file
from gateway.api.sessions import PageRouter, session_of
from gateway.api.state import Desk, desk
from gateway.clock import instant
from gateway.console import search
from gateway.console.pages import EVERYBODY, HEADERS, READERS, note, page
from gateway.errors import NotFound
from gateway.explain import Explanation, explain
from gateway.ledger.events import Event, EventType
from gateway.ledger.story import story
from gateway.operators import one
from gateway.sessions import Session
from gateway.store import referrals
from gateway.trace.diagram import diagram
from gateway.trace.standing import standing
from gateway.vault.documents import DocumentKind, put
from mappings.vocabulary import State

router = PageRouter()
Who = Annotated[Session, Depends(session_of)]


@router.page("GET", "/console/", *EVERYBODY)
async def found(
    request: Request,
    who: Who,
    ref: Annotated[str, Query(max_length=80)] = "",
    agency: Annotated[str, Query(max_length=80)] = "",
    state: Annotated[str, Query(max_length=40)] = "",
    since: Annotated[str, Query(alias="from", max_length=10)] = "",
    until: Annotated[str, Query(alias="to", max_length=10)] = "",
    before: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
) -> Response:
    """Find referrals by reference, agency, state and day."""
    at = desk(request)
    wanted = search.Wanted(ref.strip(), agency, state, _day(since), _day(until), before)
    await note(at, who, "console.referrals")

    def look() -> list[Any]:
        with at.room.store.readers.connection() as connection:
            return search.find(connection, wanted)

    rows = await run_in_threadpool(look)
    shown = [{**row, "created": instant(row["created"])} for row in rows[: search.PAGE]]
    asked = {name: value for name, value in (("ref", ref), ("agency", agency), ("state", state), ("from", since),
                                             ("to", until)) if value}  # fmt: skip
    return page(
        request, who, "referrals.html", rows=shown, asked=asked, states=[each.value for each in State],
        agencies=[each.id for each in at.room.directory.all()],
        older=rows[search.PAGE - 1]["n"] if len(rows) > search.PAGE else None,
    )  # fmt: skip


def _day(text: str) -> date | None:
    """Return a day as a form sends it; what is none is no condition."""
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None


@router.page("GET", "/console/referrals/{id}", *EVERYBODY)
async def told(request: Request, who: Who, id: str) -> Response:  # noqa: A002 - the path's name
    """Tell the story of one referral."""
    at = desk(request)
    real = await run_in_threadpool(_real, at, id)
    await note(at, who, "console.story", real)

    def look() -> dict[str, Any]:
        with at.room.store.readers.connection() as connection:
            whole = story(connection, real)
            stands = standing(at.room, connection, real)
            row = referrals.by_id(connection, real)
            return {"story": whole, "stands": stands, "row": row, "diagram": diagram(whole)}

    return page(request, who, "story.page.html", **await run_in_threadpool(look))


def _real(at: Desk, name: str) -> str:
    with at.room.store.readers.connection() as connection:
        found_id = referrals.anywhere(connection, name)
    if found_id is None:
        raise NotFound
    return found_id


@router.page("GET", "/console/referrals/{id}/evidence", *READERS)
async def taken(request: Request, who: Who, id: str) -> Response:  # noqa: A002 - the path's name
    """Take the evidence of a referral away."""
    at = desk(request)
    return await handed(at, who, await run_in_threadpool(_real, at, id))


async def handed(at: Desk, who: Session, referral: str | None) -> Response:
    """Enter that evidence is taken away, sign what is there, and hand it over."""
    await note(at, who, "evidence", referral)
    return await evidence_file(at, referral, HEADERS)


@router.page("GET", "/console/deliveries/{id}/lineage", *READERS)
async def lineage(request: Request, who: Who, id: str) -> Response:  # noqa: A002 - the path's name
    """Show source and translation side by side: which rule made which value, without the values."""
    at = desk(request)
    row = await run_in_threadpool(_delivery, at, id)
    await note(at, who, "console.lineage", row["referral"])
    account = await run_in_threadpool(_explained, at, id)
    return page(request, who, "lineage.html", row=row, found=account, values=False)


@router.page("POST", "/console/deliveries/{id}/lineage", *READERS)
async def values(request: Request, who: Who, id: str) -> Response:  # noqa: A002 - the path's name
    """Show the values too, for a reason that is sealed with the referral; the look is an entry."""
    at = desk(request)
    row = await run_in_threadpool(_delivery, at, id)
    reason = request.state.form.get("reason", "").strip()
    if not 10 <= len(reason) <= 2_000:
        account = await run_in_threadpool(_explained, at, id)
        return page(request, who, "lineage.html", 422, row=row, found=account, values=False)
    digest = hashlib.sha256(at.room.vault.fingerprint(reason.encode())).hexdigest()

    def enter(connection: Any) -> None:
        room = at.room
        put(
            connection, room.vault, id=room.clock.new_id(), referral=row["referral"], case=row["referral"],
            kind=DocumentKind.NOTE, media_type="text/plain", body=reason.encode(), now=room.clock.now(),
        )  # fmt: skip
        fields = {"what": "console.values", "note": digest}
        room.journal.append(Event(EventType.READ, who.actor, row["referral"], row["id"], fields))

    await asyncio.wrap_future(at.room.store.committer.submit(enter))
    account = await run_in_threadpool(_explained, at, id)
    return page(request, who, "lineage.html", row=row, found=account, values=True)


def _delivery(at: Desk, name: str) -> Any:
    with at.room.store.readers.connection() as connection:
        return one(connection, name, sender=None)[0]


def _explained(at: Desk, name: str) -> Explanation:
    with at.room.store.readers.connection() as connection:
        return explain(at.room, connection, name)
