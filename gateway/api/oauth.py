"""The gateway's own authorization server for agencies that call it (RFC 6749 4.4, RFC 8414, RFC 9068)."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from auth.endpoint import (
    introspection_response,
    jwks_response,
    metadata_response,
    revocation_response,
    token_response,
)
from auth.issuer import TokenIssuer
from auth.requests import Answer, Presented
from gateway.api.body import read_body
from gateway.api.caller import OPEN, ScopedRouter
from gateway.api.presenting import presented
from gateway.api.referrals import problems
from gateway.api.state import desk
from gateway.errors import UnknownLanguage

router = ScopedRouter(tags=["oauth"])
_FORM = 16_384
_IDLE = {"Cache-Control": "no-store"}
_UNREADABLE = {"error": "invalid_request", "error_description": "The form cannot be read."}


def _json(answer: Answer) -> JSONResponse:
    return JSONResponse(answer.body, answer.status, answer.headers)


Answering = Callable[[TokenIssuer, list[tuple[str, str]], Presented], Answer]


async def _answered(request: Request, answering: Answering) -> JSONResponse:
    """Read a form and answer it in a thread, for the answer may wait for a disk or for a client's key set."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        raise UnknownLanguage
    body = await read_body(request, _FORM)
    at = desk(request)
    try:
        form = parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=50, errors="strict")
    except ValueError:
        return JSONResponse(_UNREADABLE, 400, _IDLE)
    return _json(await run_in_threadpool(answering, at.issuer, form, presented(request, at.settings.tls)))


@router.scoped("POST", "/oauth/token", OPEN, operation_id="token", responses=problems(400, 401, 413, 415))
async def token(request: Request) -> JSONResponse:
    """Give an access token to a registered client."""
    return await _answered(request, token_response)


@router.scoped("POST", "/oauth/introspect", OPEN, operation_id="introspect", responses=problems(400, 401, 413, 415))
async def introspect(request: Request) -> JSONResponse:
    """Tell a client about a token of its own agency (RFC 7662); the client authenticates as at the token endpoint."""
    return await _answered(request, introspection_response)


@router.scoped("POST", "/oauth/revoke", OPEN, operation_id="revoke", responses=problems(400, 401, 413, 415))
async def revoke(request: Request) -> JSONResponse:
    """Take a token back from the client it was given to (RFC 7009)."""
    return await _answered(request, revocation_response)


@router.scoped("GET", "/oauth/jwks", OPEN, operation_id="jwks")
async def jwks(request: Request) -> JSONResponse:
    """Publish the keys that access tokens are signed with."""
    at = desk(request)
    return _json(await run_in_threadpool(jwks_response, at.keys, at.room.clock.now()))


@router.scoped("GET", "/.well-known/oauth-authorization-server", OPEN, operation_id="authorizationServer")
async def authorization_server(request: Request) -> JSONResponse:
    """Describe the authorization server (RFC 8414)."""
    return _json(metadata_response(desk(request).identity))
