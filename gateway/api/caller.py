"""Who calls: an access token becomes a Caller, once, and every route says which scope it needs.

A route without a scope cannot be registered (:class:`ScopedRouter`), so nothing is open by forgetting.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from auth.endpoint import challenge
from auth.errors import CredentialRefused, ProofRefused
from auth.verifier import Claims
from gateway.api.body import read_body
from gateway.api.presenting import presented
from gateway.api.scopes import OPERATORS_OWN
from gateway.api.state import Desk, desk
from gateway.errors import NotAllowed, NotAuthenticated, NotUnderstood
from gateway.ledger.kinds import Kind, fits
from gateway.operators import OPERATOR
from gateway.routing import Agency
from gateway.spans import caused_by
from mappings.engine.errors import Refusal
from mappings.engine.json_reader import Limits, read_json

SMALL = Limits(octets=32_768, depth=8, items=100)
"""Bounds of the bodies that are no document: reasons, notes, verdicts."""
OPEN = "open"
"""The scope of a route that needs none: keys, metadata, health. Spelled out, never implied."""


@dataclass(frozen=True)
class Caller:
    """An authenticated agency."""

    agency: Agency
    client_id: str
    claims: Claims
    request: str | None = None
    """The request's id, if it is a UUID: what callers make up otherwise may hold anything, and is not entered."""


class Unauthenticated(NotAuthenticated):
    """A valid access token is needed."""

    def __init__(self, challenge: dict[str, str]) -> None:
        self.challenge = challenge
        super().__init__()


class OutOfScope(NotAllowed):
    """The token does not hold the scope this needs."""

    def __init__(self, challenge: dict[str, str]) -> None:
        self.challenge = challenge
        super().__init__()


def requires(scope: str) -> Callable[[Request], Awaitable[Caller]]:
    """Return the dependency that admits callers whose token holds a scope, or each of several joined by spaces."""

    async def admit(request: Request) -> Caller:
        at: Desk = desk(request)
        claims = await _claims(at, request)
        at.limits.spend(claims.client_id)
        if not claims.allows(scope):
            raise OutOfScope(challenge("insufficient_scope", scope, _scheme(request)))
        agency = OPERATOR if claims.agency == OPERATOR.id else at.room.directory.find(claims.agency)
        if agency is None:
            raise Unauthenticated(challenge("invalid_token", scheme=_scheme(request)))
        if scope in OPERATORS_OWN and agency is not OPERATOR:
            raise OutOfScope(challenge("insufficient_scope", scheme=_scheme(request)))
        caller = Caller(agency, claims.client_id, claims, _uuid(request))
        request.state.caller = caller
        return caller

    return admit


def _uuid(request: Request) -> str | None:
    name = str(request.state.request_id).lower()
    return name if fits(Kind.ID, name) else None


async def _claims(at: Desk, request: Request) -> Claims:
    shown = presented(request, at.settings.tls)
    where = at.settings.gateway.base_url + request.scope.get("raw_path", b"").decode("latin-1")
    try:
        # A thread only for what was not admitted a moment ago: keys, revocations or proofs may have to be looked up.
        known = at.access.recall(shown)
        return known if known is not None else await run_in_threadpool(at.access.admit, shown, request.method, where)
    except ProofRefused:
        raise Unauthenticated(challenge("invalid_dpop_proof", scheme="DPoP")) from None
    except CredentialRefused:
        error = None if shown.authorization is None else "invalid_token"
        raise Unauthenticated(challenge(error, scheme=_scheme(request))) from None


def _scheme(request: Request) -> str:
    """Return the scheme to answer a caller in: the one it used."""
    return "DPoP" if request.headers.get("authorization", "")[:5].lower() == "dpop " else "Bearer"


async def who(request: Request) -> Caller:
    """Return the caller a scoped route has admitted."""
    found: Caller = request.state.caller
    return found


class DirectRoute(APIRoute):
    """A route that hands its endpoint the request and the caller, and resolves nothing else: the busiest are such.

    What FastAPI puts around an endpoint for its dependencies is left out; refusals reach the application's handlers.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._admit = requires((self.openapi_extra or {})["x-scope"])
        self.app = self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        with caused_by(request.headers):
            answer: Response = await self.endpoint(request, await self._admit(request))
        await answer(scope, receive, send)


class StrictRoute(APIRoute):
    """A route that reads the small JSON bodies FastAPI parses as strictly as every other: bounded, each member once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request (FastAPI's own place to change it)."""
        answer = super().get_route_handler()
        if self.body_field is None:
            return answer

        async def strictly(request: Request) -> Response:
            body = await read_body(request, SMALL.octets)
            if body.strip():
                try:
                    read_json(body, SMALL)
                except Refusal as refusal:
                    raise NotUnderstood(findings=refusal.findings) from None
            request._body = body  # noqa: SLF001 - Starlette's own place for a body that was read already
            return await answer(request)

        return strictly


class ScopedRouter(APIRouter):
    """A router whose routes all name their scope; the OpenAPI document shows it as ``x-scope``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=StrictRoute, **options)

    def scoped(self, method: str, path: str, scope: str, **options: Any) -> Callable[[Any], Any]:
        """Register a route.

        Args:
            method: HTTP method.
            path: path template.
            scope: scope a caller needs, several joined by spaces, or :data:`OPEN`.
            options: passed on to FastAPI.
        """
        dependencies = [Depends(requires(scope))] if scope != OPEN else []
        extra = _extra(scope)
        return self.api_route(path, methods=[method], dependencies=dependencies, openapi_extra=extra, **options)

    def direct(
        self, method: str, path: str, scope: str, parameters: list[dict[str, Any]], **options: Any
    ) -> Callable[[Any], Any]:
        """Register a :class:`DirectRoute`; `parameters` are those its endpoint reads itself, as OpenAPI says them."""
        extra = {**_extra(scope), "parameters": parameters}

        def register(endpoint: Any) -> Any:
            self.add_api_route(
                path, endpoint, methods=[method], openapi_extra=extra, route_class_override=DirectRoute, **options
            )
            return endpoint

        return register


def _extra(scope: str) -> dict[str, Any]:
    return {"x-scope": scope, **({"security": [{"oauth": scope.split()}]} if scope != OPEN else {})}
