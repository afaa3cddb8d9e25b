"""``/console/login``: people log in at an OpenID provider and get a session; every page says whom it is for.

A page without its roles cannot be registered (:class:`PageRouter`). What changes something carries the session's token
against forgery (:attr:`gateway.sessions.Session.csrf`), as ``csrf`` in its form or in ``X-CSRF-Token``; other sites
cannot make a browser send the cookie with it either (SameSite=Lax).
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from auth.errors import IdTokenRefused
from gateway import sessions
from gateway.api.body import read_body
from gateway.api.refusals import page
from gateway.api.state import Desk, desk
from gateway.errors import Forged, NotFound, NotLoggedIn, NotThisRole
from gateway.sessions import Attempt, IdentityProvider, Role, Session
from gateway.trust import ConsoleSection

HOME = "/console/"
ANYBODY = "anybody"
"""The role of a page that needs none: the way in. Spelled out, never implied."""

_TARGET = re.compile(r"/console/[A-Za-z0-9/_-]{0,200}(?:\?[A-Za-z0-9=&_.%-]{0,200})?")
_LOGIN_SECONDS = 600
_FORM = 65_536
_SAFE = frozenset({"GET", "HEAD"})
_IDLE = {"Cache-Control": "no-store"}


def signed_in(*roles: Role) -> Callable[[Request], Awaitable[Session]]:
    """Return the dependency that admits people who have one of some roles.

    Who has no session is sent to log in, or refused where something would be changed; ``request.state.form`` holds the
    fields of a form that came from a page of ours.
    """

    async def admit(request: Request) -> Session:
        at = desk(request)
        secret = request.cookies.get(_cookie(at, "session"), "")
        found = await run_in_threadpool(sessions.find, at.room, secret) if secret else None
        if found is None:
            if request.method in _SAFE:
                raise HTTPException(303, headers={"Location": f"/console/login?next={quote(_asked(request))}", **_IDLE})
            raise NotLoggedIn
        request.state.session = found
        if request.method not in _SAFE:
            request.state.form = await _form(request, found.csrf)
        if not found.roles & set(roles):
            raise NotThisRole
        return found

    return admit


async def session_of(request: Request) -> Session:
    """Return the session of whoever a page has admitted."""
    found: Session = request.state.session
    return found


class PageRouter(APIRouter):
    """A router whose pages all name the roles they are for."""

    def page(self, method: str, path: str, *roles: Role | str, **options: Any) -> Callable[[Any], Any]:
        """Register a page.

        Args:
            method: HTTP method.
            path: path template.
            roles: who may open it, or :data:`ANYBODY` alone.
            options: passed on to FastAPI.
        """
        if not roles:
            raise TypeError("A page names the roles it is for.")
        known = [Role(role) for role in roles if role != ANYBODY]
        return self.api_route(
            path, methods=[method], dependencies=[Depends(signed_in(*known))] if known else [],
            openapi_extra={"x-role": " ".join(roles)}, include_in_schema=False, **options,
        )  # fmt: skip


router = PageRouter()


@router.page("GET", "/console/login", ANYBODY)
async def login(request: Request, target: Annotated[str, Query(alias="next", max_length=500)] = HOME) -> Response:
    """Send a person to the provider."""
    at = desk(request)
    provider, _ = _open(at)
    attempt = Attempt.begin()
    try:
        where = await provider.address(_redirect(at), attempt.state, attempt.nonce, attempt.verifier)
    except IdTokenRefused as error:
        return _failed(request, error)
    answer = RedirectResponse(where, 303, _IDLE)
    _set(at, answer, "login", f"{attempt.secret}{_fit(target)}", _LOGIN_SECONDS)
    return answer


@router.page("GET", "/console/callback", ANYBODY)
async def returned(
    request: Request,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2_048)] = "",
) -> Response:
    """Take a person in who comes back from the provider."""
    at = desk(request)
    provider, section = _open(at)
    secret, slash, path = request.cookies.get(_cookie(at, "login"), "").partition("/")
    attempt = Attempt(secret)
    if not secret or not hmac.compare_digest(attempt.state.encode(), state.encode()):
        sessions.refuse(at.room, "STATE")
        return _way_out(request, NotLoggedIn())
    try:
        claims = await provider.person(code, _redirect(at), attempt.nonce, attempt.verifier)
    except IdTokenRefused as error:
        return _failed(request, error)
    roles = sessions.roles_of(claims, section)
    if not roles:
        sessions.refuse(at.room, "NO_ROLE")
        return _way_out(request, NotThisRole())
    actor = sessions.actor_of(at.room, section.issuer, str(claims["sub"]))
    work = at.room.store.committer.submit(
        lambda connection: sessions.open_session(at.room, connection, actor, roles, section.minutes)
    )
    answer = RedirectResponse(_fit(slash + path), 303, _IDLE)
    _set(at, answer, "session", await asyncio.wrap_future(work), section.minutes * 60)
    _forget(at, answer, "login")
    return answer


@router.page("POST", "/console/logout", *Role)
async def logout(request: Request, who: Annotated[Session, Depends(session_of)]) -> Response:
    """End a session."""
    at = desk(request)
    secret = request.cookies[_cookie(at, "session")]
    await asyncio.wrap_future(
        at.room.store.committer.submit(lambda connection: sessions.close(at.room, connection, secret, who.actor))
    )
    answer = RedirectResponse(HOME, 303, _IDLE)
    _forget(at, answer, "session")
    return answer


def _open(at: Desk) -> tuple[IdentityProvider, ConsoleSection]:
    """Return where people log in; without a configured provider there are no consoles."""
    if at.provider is None or at.settings.console is None:
        raise NotFound
    return at.provider, at.settings.console


def _redirect(at: Desk) -> str:
    return f"{at.settings.gateway.base_url}/console/callback"


def _asked(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return _fit(request.url.path + query)


def _fit(target: str) -> str:
    """Return a page of ours to go to: never another site, whatever was asked for."""
    return target if _TARGET.fullmatch(target) and "//" not in target else HOME


def _failed(request: Request, error: IdTokenRefused) -> Response:
    sessions.refuse(desk(request).room, error.reason.name)
    return _way_out(request, NotLoggedIn())


def _way_out(request: Request, error: NotLoggedIn | NotThisRole) -> Response:
    """Say that it did not work, and where to try again."""
    answer = page(request, error)
    _forget(desk(request), answer, "login")
    return answer


async def _form(request: Request, csrf: str) -> dict[str, str]:
    """Return the fields of a form that came from a page of ours; a repeated field keeps its last value.

    Raises:
        Forged: it does not carry the session's token.
        TooLarge: it is larger than any form of ours.
    """
    body = await read_body(request, _FORM)
    try:
        fields = dict(parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100, errors="strict"))
    except ValueError:
        raise Forged from None
    shown = request.headers.get("x-csrf-token") or fields.get("csrf", "")
    if not hmac.compare_digest(shown.encode(), csrf.encode()):
        raise Forged
    return fields


def _secure(at: Desk) -> bool:
    return at.settings.gateway.base_url.startswith("https://")


def _cookie(at: Desk, name: str) -> str:
    """Return a cookie's name; over TLS with the prefix that keeps neighbouring hosts from setting it (RFC 6265bis)."""
    return f"{'__Host-' if _secure(at) else ''}raabta-{name}"


def _set(at: Desk, answer: Response, name: str, value: str, seconds: int) -> None:
    answer.set_cookie(
        _cookie(at, name), value, seconds, path="/", httponly=True, samesite="lax", secure=_secure(at)
    )  # fmt: skip


def _forget(at: Desk, answer: Response, name: str) -> None:
    answer.delete_cookie(_cookie(at, name), path="/", httponly=True, samesite="lax", secure=_secure(at))
