"""The gateway's own authorization server for agencies that call it (RFC 6749 4.4, RFC 8414, RFC 9068)."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from auth.endpoint import jwks_response, metadata_response, token_response
from auth.issuer import Answer
from gateway.api.body import read_body
from gateway.api.caller import OPEN, ScopedRouter
from gateway.api.referrals import problems
from gateway.api.state import desk
from gateway.errors import UnknownLanguage

router = ScopedRouter(tags=["oauth"])
_FORM = 16_384


def _json(answer: Answer) -> JSONResponse:
    return JSONResponse(answer.body, answer.status, answer.headers)


@router.scoped("POST", "/oauth/token", OPEN, operation_id="token", responses=problems(400, 401, 413, 415))
async def token(request: Request) -> JSONResponse:
    """Give an access token to a registered client."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise UnknownLanguage
    body = await read_body(request, _FORM)
    form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=50)
    answer = await run_in_threadpool(token_response, desk(request).issuer, form, request.headers.get("authorization"))
    return _json(answer)


@router.scoped("GET", "/oauth/jwks", OPEN, operation_id="jwks")
async def jwks(request: Request) -> JSONResponse:
    """Publish the keys that access tokens are signed with."""
    at = desk(request)
    return _json(await run_in_threadpool(jwks_response, at.keys, at.room.clock.now()))


@router.scoped("GET", "/.well-known/oauth-authorization-server", OPEN, operation_id="authorizationServer")
async def authorization_server(request: Request) -> JSONResponse:
    """Describe the authorization server (RFC 8414)."""
    return _json(metadata_response(desk(request).identity))
