"""``/v1/ledger`` and ``/v1/referrals/{id}/evidence``: what proves that nobody changed the record.

Checkpoints and proofs hold hashes only and are for everybody who is connected: each agency can be a witness. Entries
say who did what with which referral; only an operator is given them, and an agency the evidence of what it has sent.
"""

from __future__ import annotations

import asyncio
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from gateway import operators, views
from gateway.api.caller import Caller, ScopedRouter, who
from gateway.api.evidence import evidence_file
from gateway.api.referrals import problems
from gateway.api.state import desk
from gateway.errors import NotFound
from gateway.evidence import MEDIA_TYPE
from gateway.ledger.checkpoint import Signer, read_checkpoint
from gateway.ledger.events import Event, EventType
from gateway.ledger.proofs import prove_consistency, prove_inclusion, tlog_proof, tlog_update
from gateway.ledger.signing import latest_checkpoint
from gateway.ledger.verify import exported
from gateway.room import Room
from gateway.routing import Agency
from gateway.store import referrals
from gateway.store.tables import entry, salt

router = ScopedRouter(tags=["ledger"])
Me = Annotated[Caller, Depends(who)]
_IDLE = {"Cache-Control": "no-store"}
_ZIP = {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}}


@router.scoped(
    "GET", "/v1/ledger/key", "ledger.read", operation_id="getLedgerKey", response_class=PlainTextResponse,
    responses=problems(401, 403),
)  # fmt: skip
def key(request: Request) -> Response:
    """Give the public key checkpoints are signed with, as https://c2sp.org/signed-note writes it."""
    return PlainTextResponse(desk(request).signer.verifier.text + "\n", headers=_IDLE)


@router.scoped(
    "GET", "/v1/ledger/checkpoint", "ledger.read", operation_id="getCheckpoint", response_class=PlainTextResponse,
    responses=problems(401, 403, 404),
)  # fmt: skip
def newest(request: Request) -> Response:
    """Give the newest signed checkpoint (https://c2sp.org/tlog-checkpoint)."""
    with desk(request).room.store.readers.connection() as connection:
        return PlainTextResponse(_note(latest_checkpoint(connection)), headers=_IDLE)


def _note(found: str | None) -> str:
    if found is None:
        raise NotFound
    return found


def _size(note: str, signer: Signer) -> int:
    return read_checkpoint(note, [signer.verifier]).size


@router.scoped(
    "GET", "/v1/ledger/proofs/{seq}", "ledger.read", operation_id="proveEntry", response_class=PlainTextResponse,
    responses=problems(401, 403, 404, 422),
)  # fmt: skip
def proof(request: Request, seq: int) -> Response:
    """Prove that entry `seq` is in the signed ledger (https://c2sp.org/tlog-proof); 404 until it is signed."""
    at = desk(request)
    with at.room.store.readers.connection() as connection:
        note = _note(latest_checkpoint(connection))
        try:
            path = prove_inclusion(connection, seq, _size(note, at.signer))
        except IndexError:
            raise NotFound from None
    return PlainTextResponse(tlog_proof(seq, path, note), headers=_IDLE)


@router.scoped(
    "GET", "/v1/ledger/consistency", "ledger.read", operation_id="proveConsistency",
    response_class=PlainTextResponse, responses=problems(401, 403, 404, 422),
)  # fmt: skip
def consistency(
    request: Request, since: Annotated[int, Query(alias="from", ge=0, description="Size of the checkpoint you hold.")]
) -> Response:
    """Prove that the ledger has only grown since a checkpoint, in the form a witness takes
    (https://c2sp.org/tlog-witness).
    """  # noqa: D205 - one sentence
    at = desk(request)
    with at.room.store.readers.connection() as connection:
        note = _note(latest_checkpoint(connection))
        try:
            path = prove_consistency(connection, since, _size(note, at.signer))
        except IndexError:
            raise NotFound from None
    return PlainTextResponse(tlog_update(since, path, note), headers=_IDLE)


@router.scoped(
    "GET", "/v1/ledger/entries", "ledger.read", operation_id="listEntries", responses=problems(401, 403, 422)
)
async def entries(
    request: Request,
    me: Me,
    start: Annotated[int, Query(ge=0, description="Number of the first entry.")] = 0,
    limit: Annotated[int, Query(ge=1, le=256)] = 100,
) -> Response:
    """List the leaf hashes of entries; an operator is given the entries themselves, and that is entered."""
    at = desk(request)
    whole = operators.owner(me.agency) is None
    if whole:
        await note_look(at.room, me.agency, "ledger")
    items = await run_in_threadpool(_entries, at.room, start, limit, whole=whole)
    more = {"next": start + limit} if len(items) == limit else {}
    return JSONResponse({"items": items, **more}, headers=_IDLE)


def _entries(room: Room, start: int, limit: int, *, whole: bool) -> list[dict[str, Any]]:
    wanted = select(entry, salt.c.salt).join(salt, isouter=True).where(entry.c.idx >= start)
    with room.store.readers.connection() as connection:
        rows = connection.execute(wanted.order_by(entry.c.idx).limit(limit)).mappings()
        return [exported(row) if whole else {"seq": row["idx"], "leaf": row["leaf"].hex()} for row in rows]


class Looked(StrEnum):
    """What the operator of a machine may look at without asking the gateway: beside it, in its database."""

    STORY = "command.story"
    EXPLANATION = "command.explanation"
    VALUES = "command.values"
    EVIDENCE = "command.evidence"


class Look(BaseModel):
    """A look at one referral, at one of its deliveries, or at the whole ledger."""

    model_config = ConfigDict(extra="forbid")

    what: Looked
    referral: UUID | None = None
    """The gateway's own id."""
    delivery: UUID | None = None


@router.scoped(
    "POST", "/v1/ledger/looks", "ledger.read", operation_id="enterLook",
    responses=problems(400, 401, 403, 404, 413, 415, 422, 503),
)  # fmt: skip
async def looked(request: Request, me: Me, said: Look) -> Response:
    """Enter that the operator looks at the record on the gateway's own machine; operators only."""
    if operators.owner(me.agency) is not None:
        raise NotFound
    referral, delivery = (None if it is None else str(it) for it in (said.referral, said.delivery))
    await note_look(desk(request).room, me.agency, said.what.value, referral, delivery)
    return JSONResponse({"entered": True}, headers=_IDLE)


async def note_look(
    room: Room, agency: Agency, what: str, referral: str | None = None, delivery: str | None = None
) -> None:
    """Enter that somebody looked at the record itself."""
    event = Event(EventType.READ, agency.id, referral, delivery, {"what": what})
    await asyncio.wrap_future(room.store.committer.submit(lambda _: room.journal.append(event)))


@router.scoped(
    "GET", "/v1/referrals/{id}/evidence", "evidence.read", operation_id="getEvidence",
    responses={**problems(401, 403, 404), **_ZIP},
)  # fmt: skip
async def taken(request: Request, me: Me, id: str) -> Response:  # noqa: A002 - the contract's name
    """Take away what proves the story of a referral: for its sender and for operators; a receiver hears 404."""
    room = desk(request).room
    real = await run_in_threadpool(_whose, room, me.agency, id)
    return await handed(request, me.agency, real)


@router.scoped(
    "GET", "/v1/ledger/evidence", "evidence.read", operation_id="getLedgerEvidence",
    responses={**problems(401, 403, 404), **_ZIP},
)  # fmt: skip
async def whole_ledger(request: Request, me: Me) -> Response:
    """Take away the whole ledger; operators only."""
    if operators.owner(me.agency) is not None:
        raise NotFound
    return await handed(request, me.agency, None)


def _whose(room: Room, agency: Agency, name: str) -> str:
    with room.store.readers.connection() as connection:
        if operators.owner(agency) is None:
            found = referrals.anywhere(connection, name)
        else:
            real = views.real_id(room, agency, name)
            row = referrals.by_id(connection, real)
            found = real if row is not None and row["sender"] == agency.id else None
    if found is None:
        raise NotFound
    return found


async def handed(request: Request, agency: Agency, referral: str | None) -> Response:
    """Enter that evidence is taken away, and hand it over."""
    at = desk(request)
    await note_look(at.room, agency, "evidence", referral)
    return await evidence_file(at, referral, _IDLE)
