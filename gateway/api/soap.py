"""``/soap/nadra``: the civil register's dialect in front of the same intake and replies (formats/nadra.md 7.1)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from gateway import languages, replies, soap
from gateway.api.body import read_body
from gateway.api.caller import OPEN, Caller, ScopedRouter, who
from gateway.api.referrals import file_document
from gateway.api.state import Desk, desk
from gateway.errors import GatewayError, NotAllowed, NotFound, UnknownLanguage
from gateway.problems import status_of
from mappings.engine.mapping import Mapping
from mappings.reply import Reply

router = ScopedRouter(tags=["soap"])
_IDLE = {"Cache-Control": "no-store"}
_XML: dict[int | str, dict[str, Any]] = {
    200: {"description": "The register's answer; its CODE says how it went", "content": {"text/xml": {}}},
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
        name = await _taken(at, me, body, mapping)
        code = "100"
    except GatewayError as error:
        if soap.is_fault(error) or status_of(error) >= 500:
            return _fault(request, media_type, error)
        name, code = None, soap.code_of(error)
    told = mapping.write(Reply.model_validate(soap.receipt(call, code, name))).value
    return Response(soap.answered(call, told), media_type=media_type, headers=_IDLE)


async def _taken(at: Desk, me: Caller, body: bytes, mapping: Mapping) -> str:
    """Return the name of the referral a document made, or answered."""
    (reading, *_) = languages.read(mapping, body)
    if not isinstance(reading.value, Reply):
        return (await file_document(at, me, body, mapping, None))[0].ref
    if not me.claims.allows("reply.write"):
        raise NotAllowed
    taken = await replies.receive(at.room, me.agency, reading.value.ref or "", body, mapping, me.request)
    at.wake()
    return taken.ref


def _fault(request: Request, media_type: str, error: GatewayError) -> Response:
    ours = status_of(error) >= 500
    named = soap.MEDIA_TYPES[media_type]
    told = soap.fault(named, error.code, error.title, str(request.state.request_id), ours=ours)
    return Response(told, 500, media_type=media_type if named else "text/xml", headers=_IDLE)
