"""Who calls: a bearer token becomes a Caller, once, and every route says which scope it needs.

A route without a scope cannot be registered (:class:`ScopedRouter`), so nothing is open by forgetting.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request

from auth.endpoint import bearer_challenge
from auth.errors import TokenRefused
from auth.verifier import Claims, bearer_token
from gateway.api.state import Desk, desk
from gateway.errors import NotAllowed, NotAuthenticated
from gateway.operators import OPERATOR
from gateway.routing import Agency

OPEN = "open"
"""The scope of a route that needs none: keys, metadata, health. Spelled out, never implied."""


@dataclass(frozen=True)
class Caller:
    """An authenticated agency."""

    agency: Agency
    client_id: str
    claims: Claims


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


def requires(scope: str) -> Callable[[Request], Caller]:
    """Return the dependency that admits callers whose token holds a scope."""

    def admit(request: Request) -> Caller:
        at: Desk = desk(request)
        try:
            claims = at.verifier.verify(bearer_token(request.headers.get("authorization")))
        except TokenRefused:
            sent = "authorization" in request.headers
            raise Unauthenticated(bearer_challenge("invalid_token" if sent else None)) from None
        if not claims.allows(scope):
            raise OutOfScope(bearer_challenge("insufficient_scope", scope))
        agency = OPERATOR if claims.agency == OPERATOR.id else at.room.directory.find(claims.agency)
        if agency is None:
            raise Unauthenticated(bearer_challenge("invalid_token"))
        caller = Caller(agency, claims.client_id, claims)
        request.state.caller = caller
        return caller

    return admit


def who(request: Request) -> Caller:
    """Return the caller a scoped route has admitted."""
    found: Caller = request.state.caller
    return found


class ScopedRouter(APIRouter):
    """A router whose routes all name their scope; the OpenAPI document shows it as ``x-scope``."""

    def scoped(self, method: str, path: str, scope: str, **options: Any) -> Callable[[Any], Any]:
        """Register a route.

        Args:
            method: HTTP method.
            path: path template.
            scope: scope a caller needs, or :data:`OPEN`.
            options: passed on to FastAPI.
        """
        extra = {"x-scope": scope, **({"security": [{"oauth": [scope]}]} if scope != OPEN else {})}
        dependencies = [Depends(requires(scope))] if scope != OPEN else []
        return self.api_route(path, methods=[method], dependencies=dependencies, openapi_extra=extra, **options)
