"""``/soap/nadra``: the civil register's dialect in front of the same intake and replies (formats/nadra.md 7.1)."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from gateway import languages, replies, soap
from gateway.api.body import read_body
from gateway.api.caller import OPEN, Caller, ScopedRouter, who
from gateway.api.referrals import file_document
from gateway.api.state import Desk, desk
from gateway.errors import GatewayError, NotAllowed, NotFound, UnknownLanguage
from gateway.lookups import answered
from gateway.problems import status_of
from mappings.engine.errors import Refusal
from mappings.engine.mapping import Mapping, Value
from mappings.referral import Record, Referral
from mappings.reply import Reply

router = ScopedRouter(tags=["soap"])
PATIENCE = 20.0
"""Seconds a question waits for its register: most clients of SOAP wait for thirty."""
PAUSE = 0.25
"""Seconds between two looks whether it has answered."""
_IDLE = {"Cache-Control": "no-store"}
_XML: dict[int | str, dict[str, Any]] = {
    200: {"description": "The register's answer; its CODE says how it went", "content": {"text/xml": {}}},
    401: {"description": "A Fault: a valid access token is needed", "content": {"text/xml": {}}},
    403: {"description": "A Fault: the token does not allow this", "content": {"text/xml": {}}},
    500: {"description": "A Fault: the envelope cannot be read", "content": {"text/xml": {}}},
}


@router.scoped("GET", "/soap/nadra", OPEN, operation_id="soapDescription")
def described(request: Request) -> Response:
    """Give the WSDL, with ``?wsdl``."""
    if "wsdl" not in {name.lower() for name in request.query_params}:
        raise NotFound
    told = soap.wsdl(f"{desk(request).settings.gateway.base_url}/soap/nadra")
    return Response(told, media_type="text/xml", headers={"Cache-Control": "max-age=3600"})


@router.scoped("POST", "/soap/nadra", "referral.write", operation_id="soapNadra", responses=_XML)
async def called(request: Request, me: Annotated[Caller, Depends(who)]) -> Response:
    """Take a document in the register's dialect, in SOAP 1.1 or 1.2 or alone, and answer in the same style."""
    at, mapping = desk(request), languages.format_named("nadra_crms")
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if mapping is None or media_type not in soap.MEDIA_TYPES:
        raise UnknownLanguage
    try:
        body = await read_body(request, min(mapping.limits.octets, at.settings.limits.body))
        call = soap.read_call(body, soap.MEDIA_TYPES[media_type], mapping.limits)
    except GatewayError as error:
        return _fault(request, media_type, error)
    try:
        told = await _answer(at, me, body, mapping, call)
    except GatewayError as error:
        if soap.is_fault(error) or status_of(error) >= 500:
            return _fault(request, media_type, error)
        told = Reply.model_validate(soap.receipt(call, soap.code_of(error), None))
    try:
        written = mapping.write(told).value
    except Refusal:
        # What is left of the register's answer for this kind of agency is none.
        written = mapping.write(Reply.model_validate(soap.receipt(call, "904", None))).value
    return Response(soap.answered(call, written), media_type=media_type, headers=_IDLE)


async def _answer(at: Desk, me: Caller, body: bytes, mapping: Mapping, call: soap.Call) -> Record | Reply:
    """Return the answer to a document: a receipt, or what the register has answered to a question."""
    (reading, *_) = languages.read(mapping, body)
    value = reading.value
    if reading.document == soap.LAST_RESULT and isinstance(value, Referral):
        numbers = [each.value for each in value.child.identifiers if each.value]
        looked = await run_in_threadpool(answered, at.room, me.agency, str(value.message_id), *numbers[:1])
        if looked.answer is not None:
            return soap.result(call, looked.answer, looked.ref)
        code, name = ("300", None) if looked.waiting else ("100", looked.ref)
        return Reply.model_validate(soap.receipt(call, code, name))
    taken = await _taken(at, me, body, mapping, value)
    if reading.document in soap.QUESTIONS and isinstance(value, Referral):
        return await _awaited(at, me, str(value.message_id), call)
    return Reply.model_validate(soap.receipt(call, "100", taken))


async def _awaited(at: Desk, me: Caller, transaction: str, call: soap.Call) -> Record | Reply:
    """Wait for a register's answer as long as a caller does; what comes later is told as the last result."""
    until = at.room.clock.monotonic() + PATIENCE
    while True:
        looked = await run_in_threadpool(answered, at.room, me.agency, transaction)
        if looked.answer is not None:
            return soap.result(call, looked.answer, looked.ref)
        if not looked.waiting:
            return Reply.model_validate(soap.receipt(call, "108", None))
        if at.room.clock.monotonic() >= until:
            return Reply.model_validate(soap.receipt(call, "300", None))
        await asyncio.sleep(PAUSE)


async def _taken(at: Desk, me: Caller, body: bytes, mapping: Mapping, value: Value) -> str:
    """Return the name of the referral a document made, or answered."""
    if not isinstance(value, Reply):
        return (await file_document(at, me, body, mapping, None))[0].ref
    if not me.claims.allows("reply.write"):
        raise NotAllowed
    taken = await replies.receive(at.room, me.agency, value.ref or "", body, mapping, me.request)
    at.wake()
    return taken.ref


def _fault(request: Request, media_type: str, error: GatewayError) -> Response:
    ours = status_of(error) >= 500
    named = soap.MEDIA_TYPES[media_type]
    told = soap.fault(named, error.code, error.title, str(request.state.request_id), ours=ours)
    return Response(told, 500, media_type=media_type if named else "text/xml", headers=_IDLE)
