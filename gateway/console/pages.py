"""How a page is made: its language, its frame, its headers; and the entry that somebody looked."""

from __future__ import annotations

import asyncio
import re
from functools import cache, partial
from importlib import resources
from typing import Annotated, Any

from fastapi import Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from gateway.api.sessions import ANYBODY, PageRouter
from gateway.api.state import Desk, desk
from gateway.console import words
from gateway.ledger.events import Event, EventType
from gateway.sessions import Role, Session
from gateway.trace.urdu import told

router = PageRouter()
EVERYBODY = (Role.AUDITOR, Role.OPERATOR, Role.ADMINISTRATOR)
READERS = (Role.AUDITOR, Role.ADMINISTRATOR)
"""Who may see how a document was made, and take evidence away."""
ACTORS = (Role.OPERATOR, Role.ADMINISTRATOR)
"""Who may decide about deliveries; an auditor changes nothing."""
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {"Cache-Control": "no-store", "Content-Security-Policy": POLICY, "X-Frame-Options": "DENY"}
_COOKIE = "raabta-language"
_TARGET = r"^/console/[A-Za-z0-9/_-]{0,200}$"
_YEAR = 31_536_000


@cache
def environment() -> Environment:
    """Return the environment of the console's templates: everything is escaped, nothing may be missing."""
    loader = ChoiceLoader([PackageLoader("gateway.console", "templates"), PackageLoader("gateway.trace", "templates")])
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.globals.update(told=told, look=words.look)
    return made


def language_of(request: Request) -> str:
    """Return the language a person has chosen, or the browser asks for: ``en`` or ``ur``."""
    chosen = request.cookies.get(_COOKIE, "")
    if chosen in words.LANGUAGES:
        return chosen
    return "ur" if request.headers.get("accept-language", "").lower().startswith("ur") else "en"


def page(request: Request, who: Session | None, template: str, status: int = 200, **values: Any) -> Response:
    """Return a page in the language of whoever looks; only what went wrong is told to somebody unknown."""
    language, at = language_of(request), desk(request)
    roles = who.roles if who else frozenset[Role]()
    body = (
        environment()
        .get_template(template)
        .render(
            **values,
            who=who,
            roles={role.value for role in roles},
            can_act=bool(roles & set(ACTORS)),
            can_read=bool(roles & set(READERS)),
            language=language,
            urdu=language == "ur",
            path=request.url.path,
            back=request.url.path if request.method == "GET" and re.match(_TARGET, request.url.path) else "/console/",
            sandbox=at.settings.gateway.environment == "sandbox",
            t=partial(words.phrase, language=language),
            state_name=partial(words.state, language=language),
        )
    )
    return Response(body, status, {**HEADERS, "Content-Language": language}, "text/html; charset=utf-8")


async def note(at: Desk, who: Session, what: str, referral: str | None = None) -> None:
    """Enter that somebody looked; returns once it is stored."""
    event = Event(EventType.READ, who.actor, referral, None, {"what": what})
    await asyncio.wrap_future(at.room.store.committer.submit(lambda _: at.room.journal.append(event)))


@router.page("GET", "/console/style.css", ANYBODY)
def style() -> Response:
    """Give the style sheet of every page."""
    text = "".join(
        resources.files(package).joinpath(name).read_text("utf-8")
        for package, name in (("gateway.trace", "story.css"), ("gateway.console", "console.css"))
    )
    return Response(text, headers={"Cache-Control": "max-age=3600"}, media_type="text/css; charset=utf-8")


@router.page("GET", "/console/icon.svg", ANYBODY)
def icon() -> Response:
    """Give the sign that browsers show beside a title."""
    text = resources.files("gateway.console").joinpath("icon.svg").read_text("utf-8")
    return Response(text, headers={"Cache-Control": "max-age=3600"}, media_type="image/svg+xml")


@router.page("GET", "/console/language/{language}", ANYBODY)
def choose(
    language: Annotated[str, Path(pattern="^(en|ur)$")],
    target: Annotated[str, Query(alias="next", pattern=_TARGET)] = "/console/",
) -> Response:
    """Remember the language, and go back to the page."""
    answer = RedirectResponse(target, 303, HEADERS)
    answer.set_cookie(_COOKIE, language, _YEAR, path="/console", httponly=True, samesite="lax")
    return answer
