"""``/v1/translations``: a dry run. Nothing is stored but that it was asked."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from gateway import languages
from gateway.api.body import read_body
from gateway.api.caller import Caller, ScopedRouter, who
from gateway.api.referrals import problems
from gateway.api.state import desk
from gateway.dryrun import DryRun, dry_run
from gateway.errors import NotAcceptable, NotUnderstood
from gateway.ledger.events import Event, EventType
from mappings.engine.findings import Finding
from mappings.vocabulary import Purpose

router = ScopedRouter(tags=["translations"])


@router.scoped(
    "POST", "/v1/translations", "translate", operation_id="translate",
    responses=problems(400, 401, 403, 406, 413, 415, 422),
)  # fmt: skip
async def translate(
    request: Request,
    me: Annotated[Caller, Depends(who)],
    to: Annotated[str | None, Query(max_length=64, pattern="^[a-z0-9_]+$")] = None,
    to_agency: Annotated[str | None, Query(max_length=80)] = None,
    purpose: Annotated[Purpose | None, Query()] = None,
) -> Response:
    """Translate a document and store nothing: the document, or with the report media type the account of it."""
    at = desk(request)
    source = languages.spoken(request.headers.get("content-type"))
    accept = request.headers.get("accept", "*/*")
    target = languages.format_named(to) if to else None
    if to and (target is None or "write" not in target.directions):
        raise NotAcceptable
    if target is None:
        canonical = languages.format_named("raabta")
        report = languages.REPORT in accept
        target = canonical if report or canonical is None else languages.wanted(accept, canonical)
    if target is None:
        raise NotAcceptable
    body = await read_body(request, min(source.limits.octets, at.settings.limits.body))
    run: DryRun = await run_in_threadpool(
        dry_run, at.room, source, target, body, sender=me.agency, media_type=languages.binding(accept, target),
        to_agency=to_agency, purpose=purpose.value if purpose else None,
    )  # fmt: skip
    fields = {"source": source.format, "target": target.format}
    event = Event(EventType.TRANSLATION_REQUESTED, me.agency.id, None, None, fields)
    await asyncio.wrap_future(at.room.store.committer.submit(lambda _: at.room.journal.append(event)))
    return _answer(run, accept)


def _answer(run: DryRun, accept: str) -> Response:
    headers = {"Cache-Control": "no-store"}
    if languages.REPORT in accept:
        reports: list[dict[str, Any]] = [each.report for each in run.documents]
        return JSONResponse({"documents": reports}, media_type=languages.REPORT, headers=headers)
    if len(run.documents) > 1:
        raise NotUnderstood("SEVERAL_CHILDREN", [Finding("SEVERAL_CHILDREN", "")])
    return Response(run.documents[0].body, media_type=run.media_type, headers=headers)
