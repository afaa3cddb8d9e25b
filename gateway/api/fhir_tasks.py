"""``/fhir/r4/Task``: how referrals stand, and answers to them by changing a Task (formats/health.md 9.2, 9.3)."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from gateway import facade, languages, replies
from gateway.api.body import read_body
from gateway.api.caller import Caller, ScopedRouter
from gateway.api.fhir import BASE, IDLE, Me, base, changed, resource, shown, spoken
from gateway.api.fhir_preferences import Return, dry_run
from gateway.api.referrals import cursor_of, position_of, problems, since
from gateway.api.state import Desk, desk
from gateway.errors import (
    Gone,
    NotAcceptable,
    NotAllowed,
    NotFound,
    NotUnderstood,
    PreconditionFailed,
    PreconditionRequired,
    UnknownLanguage,
)
from gateway.ledger.kinds import Kind, fits
from gateway.problems import FHIR
from gateway.recall import taking_back
from gateway.store import referrals
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding
from mappings.engine.json_reader import Limits, read_json, write_json

router = ScopedRouter(tags=["fhir"])
_PATCH = "application/json-patch+json"
_LIMITS = Limits(octets=65_536, depth=16, items=50)


@router.scoped(
    "GET", f"{BASE}/Task/{{id}}", "system/Task.r", operation_id="fhirReadTask", responses=problems(401, 403, 404, 410)
)
async def read_task(request: Request, me: Me, id: str) -> Response:  # noqa: A002 - the contract's name
    """Read the Task of a referral: how it stands."""
    return resource(*await shown(desk(request), me, "Task", id))


@router.scoped(
    "GET", f"{BASE}/Task", "system/Task.rs", operation_id="fhirSearchTask", responses=problems(400, 401, 403, 422)
)
async def search_task(
    request: Request,
    me: Me,
    status: Annotated[str | None, Query(max_length=40, pattern="^[a-z-]+$")] = None,
    owner: Annotated[str | None, Query(max_length=120)] = None,
    updated: Annotated[str | None, Query(alias="_lastUpdated", max_length=42, pattern="^g[te]")] = None,
    count: Annotated[int, Query(alias="_count", ge=1, le=50)] = 20,
    cursor: Annotated[str | None, Query(alias="_cursor", max_length=200)] = None,
) -> Response:
    """Search the caller's own Tasks; with ``owner`` only those it is to work on."""
    if owner is not None and owner.removeprefix("Organization/") != me.agency.id:
        raise NotAllowed
    at, after = desk(request), position_of(cursor)
    asked = f"Task?{request.url.query}"
    wanted = facade.states_of(status) if status else None
    with at.room.store.readers.connection() as connection:
        rows = referrals.listed(
            connection, me.agency.id, state=None, since=since(updated[2:] if updated else None), after=after,
            limit=count + 1,
        )  # fmt: skip
    fit = [
        row
        for row in rows[:count]
        if (wanted is None or row["state"] in wanted) and (owner is None or row["role"] == "RECIPIENT")
    ]
    tasks = [task for row in fit if (task := await _listed(at, me, row["ref"], asked)) is not None]
    this = f"{base(at)}/Task"
    following = f"{this}?_cursor={cursor_of(rows[count - 1]['n'])}&_count={count}" if rows[count:] else None
    if following and status:
        following += f"&status={status}"
    told = facade.page(base(at), tasks, this, following, left_out=len(fit) - len(tasks))
    return JSONResponse(told, headers=IDLE, media_type=FHIR)


async def _listed(at: Desk, me: Caller, name: str, asked: str) -> dict[str, Any] | None:
    """Return a Task for a page, or none: it was erased or taken back, or FHIR cannot hold it."""
    try:
        return (await shown(at, me, "Task", name, asked if fits(Kind.QUERY, asked) else "Task?"))[0]
    except (Gone, NotAcceptable, NotFound):
        return None


@router.scoped(
    "PATCH", f"{BASE}/Task/{{id}}", "system/Task.u", operation_id="fhirPatchTask",
    responses=problems(400, 401, 403, 404, 412, 413, 415, 422, 428),
)  # fmt: skip
async def patch_task(request: Request, me: Me, id: str) -> Response:  # noqa: A002 - the contract's name
    """Answer a referral by changing its Task: status, business status and reason, by JSON Patch (RFC 6902)."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _PATCH:
        raise UnknownLanguage
    operations, _ = _strict(await read_body(request, _LIMITS.octets))
    at = desk(request)
    task = await _matched(request, at, me, id)
    return await _changed(request, at, me, id, facade.patched(task, operations))


@router.scoped(
    "PUT", f"{BASE}/Task/{{id}}", "system/Task.u", operation_id="fhirUpdateTask",
    responses=problems(400, 401, 403, 404, 412, 413, 415, 422, 428),
)  # fmt: skip
async def put_task(request: Request, me: Me, id: str) -> Response:  # noqa: A002 - the contract's name
    """Answer a referral by sending its Task back changed; only status, business status and reason are taken."""
    spoken(request)
    sent, _ = _strict(await read_body(request, _LIMITS.octets))
    if not isinstance(sent, dict) or sent.get("resourceType") != "Task" or sent.get("id") != id:
        raise NotUnderstood(findings=[Finding("INVALID_VALUE", "/id")])
    at = desk(request)
    await _matched(request, at, me, id)
    return await _changed(request, at, me, id, sent)


def _strict(body: bytes) -> tuple[Any, list[Finding]]:
    try:
        return read_json(body, _LIMITS)
    except Refusal as refusal:
        raise NotUnderstood(findings=refusal.findings) from None


async def _matched(request: Request, at: Desk, me: Caller, name: str) -> dict[str, Any]:
    """Return the Task as it stands, if that is the version the caller has seen (RFC 9110 13.1.1, RFC 6585)."""
    asked = request.headers.get("if-match")
    task, view = await shown(at, me, "Task", name)
    if asked is None:
        raise PreconditionRequired
    if asked.strip() not in (f'W/"{view.version}"', f'"{view.version}"'):
        raise PreconditionFailed
    return task


async def _changed(request: Request, at: Desk, me: Caller, name: str, task: dict[str, Any]) -> Response:
    if facade.cancels(task) and await run_in_threadpool(_sent, at, me, name):
        return await _withdrawn(request, me, name, 200)
    reply = facade.answer(task, name, str(uuid.UUID(at.room.clock.new_id())))
    taken = await replies.receive(at.room, me.agency, name, write_json(reply), languages.ours(), me.request)
    at.wake()
    outcome = facade.information(taken.warnings, "The answer was taken.")
    return await changed(request, me, name, Return.REPRESENTATION, outcome)


def _sent(at: Desk, me: Caller, name: str) -> bool:
    with at.room.store.readers.connection() as connection:
        party = referrals.visible(connection, me.agency.id, name)
    return party is not None and party["role"] == "SENDER"


@router.scoped(
    "POST", f"{BASE}/Task", "system/Task.c", operation_id="fhirAbortTask", status_code=201,
    responses=problems(400, 401, 403, 404, 410, 413, 415, 422, 503),
)  # fmt: skip
async def abort(request: Request, me: Me) -> Response:
    """Take a referral back by a Task with code abort, whose focus is the referral's Task or ServiceRequest."""
    spoken(request)
    sent, _ = _strict(await read_body(request, _LIMITS.octets))
    if not isinstance(sent, dict):
        raise NotUnderstood(findings=[Finding("MALFORMED", "")])
    name, at = facade.aborted(sent), desk(request)
    if dry_run(request):
        if not await run_in_threadpool(_sent, at, me, name):
            raise NotFound
        told = facade.information([], "The referral would be taken back.")
        return JSONResponse(told, headers=IDLE, media_type=FHIR)
    answer = await _withdrawn(request, me, name, 201)
    answer.headers["Location"] = f"{base(at)}/Task/{name}"
    return answer


async def _withdrawn(request: Request, me: Caller, name: str, status: int) -> Response:
    at = desk(request)
    change = await taking_back.withdraw(at.room, me.agency, name, taking_back.WithdrawalReason.OTHER)
    at.wake()
    outcome = facade.information([], f"The referral was taken back, from {len(change.recalled)} receivers.")
    return await changed(request, me, name, Return.REPRESENTATION, outcome, status)
