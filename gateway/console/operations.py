"""``/console/agencies``, ``agreements``, ``ledger``: how the whole is doing, and the proof that nobody changed it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from gateway.api.sessions import PageRouter, session_of
from gateway.api.state import Desk, desk
from gateway.console.health import HEIGHT, WIDTH, health
from gateway.console.pages import EVERYBODY, READERS, note, page
from gateway.console.referrals import handed
from gateway.ledger.checkpoint import CheckpointRefused
from gateway.ledger.proofs import size_of
from gateway.ledger.signing import latest_checkpoint
from gateway.ledger.verify import Verdict, verify
from gateway.routing import Agency
from gateway.sessions import Session
from gateway.witnesses import doors_memory

router = PageRouter()
Who = Annotated[Session, Depends(session_of)]
SOON = 60
"""Days before an agreement ends in which the page warns."""


@router.page("GET", "/console/agencies", *EVERYBODY)
async def agencies(request: Request, who: Who) -> Response:
    """Show how each agency is doing."""
    at = desk(request)
    await note(at, who, "console.agencies")

    def look() -> list[Any]:
        with at.room.store.readers.connection() as connection:
            return health(connection, (each.id for each in at.room.directory.all()), at.room.clock.now())

    named = {each.id: each for each in at.room.directory.all()}
    found = await run_in_threadpool(look)
    return page(request, who, "agencies.html", found=found, named=named, width=WIDTH, height=HEIGHT)


@router.page("GET", "/console/agreements", *EVERYBODY)
async def agreements(request: Request, who: Who) -> Response:
    """Show every data-sharing agreement and when it ends."""
    at = desk(request)
    await note(at, who, "console.agreements")
    rows = [line for agency in at.room.directory.all() for line in _agreements(agency, at.room.today())]
    return page(request, who, "agreements.html", rows=sorted(rows, key=lambda row: int(row["left"])))


def _agreements(agency: Agency, today: date) -> list[dict[str, Any]]:
    return [
        {
            "agency": agency,
            "agreement": each,
            "left": (each.valid_until - today).days,
            "look": "bad" if each.valid_until < today else "wait" if (each.valid_until - today).days < SOON else "good",
        }
        for each in agency.agreements
    ]


@router.page("GET", "/console/ledger", *EVERYBODY)
async def ledger(request: Request, who: Who) -> Response:
    """Show how far the ledger is signed, and what each witness has seen."""
    at = desk(request)
    await note(at, who, "console.ledger")
    return page(request, who, "ledger.html", verdict=None, **await run_in_threadpool(_status, at))


@router.page("POST", "/console/ledger", *EVERYBODY)
async def verified(request: Request, who: Who) -> Response:
    """Recompute every entry and every root, and name what is wrong."""
    at = desk(request)
    await note(at, who, "console.verification")

    def look() -> Verdict:
        with at.room.store.readers.connection() as connection:
            return verify(connection, [at.signer.verifier])

    verdict = await run_in_threadpool(look)
    return page(request, who, "ledger.html", verdict=verdict, **await run_in_threadpool(_status, at))


@router.page("GET", "/console/ledger/evidence", *READERS)
async def taken(request: Request, who: Who) -> Response:
    """Take the whole ledger away."""
    return await handed(desk(request), who, None)


def _status(at: Desk) -> dict[str, Any]:
    folder = at.settings.path(at.settings.gateway.keys) / "witnesses"
    doors = doors_memory(folder, [each.id for each in at.room.directory.all()], at.signer.verifier)
    with at.room.store.readers.connection() as connection:
        entries, newest = size_of(connection), latest_checkpoint(connection)
    seen = {}
    for name, witness in doors.witnesses.items():
        try:
            seen[name] = witness.seen().size
        except CheckpointRefused:
            seen[name] = 0
    return {"entries": entries, "note": newest, "key": at.signer.verifier.text, "seen": seen}
