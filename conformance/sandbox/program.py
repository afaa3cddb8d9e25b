"""Joins one agency's language with the shared machinery into an ASGI application."""

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from conformance.sandbox import control, starting
from conformance.sandbox.agency import Agency
from conformance.sandbox.endpoint import respond
from conformance.sandbox.faults import Script
from conformance.sandbox.gateway_login import GatewayClient
from conformance.sandbox.guard import CONTROL, Guard
from conformance.sandbox.officer import Officer
from conformance.sandbox.outbox import Outbox
from conformance.sandbox.seeded import population
from conformance.sandbox.settings import AGENCIES, AgencySettings
from conformance.sandbox.store import Store
from conformance.sandbox.tokens import TokenEndpoint, Tokens


class AgencyModule(Protocol):
    """What every `conformance.sandbox.<name>.app` module offers."""

    def make(self, settings: AgencySettings, store: Store) -> Agency:
        """Make the agency over its own store."""


@dataclass(frozen=True, slots=True)
class Program:
    """One simulator, ready to be served; `guard` is the ASGI application, `officer` who writes its letters."""

    guard: Guard
    store: Store
    officer: Officer


def agency_module(name: str) -> AgencyModule:
    """Import one agency's module only when it is wanted: FHIR models take a second to load."""
    if name not in AGENCIES:
        raise ValueError("no such agency")
    return cast("AgencyModule", importlib.import_module(f"conformance.sandbox.{name}.app"))


def build(settings: AgencySettings, data: Path) -> Program:
    """Build one simulator; its memory is `data/<name>.sqlite`."""
    store = Store(data / f"{settings.name}.sqlite")
    agency = agency_module(settings.name).make(settings, store)
    script, tokens = Script(), Tokens(settings.token_seconds)
    script.plan(list(settings.faults))
    client = GatewayClient(settings.login)
    outbox = Outbox(store, client)
    officer = Officer(agency, store, client, Path(__file__).parent / settings.name, population(settings.seed))
    app = _application(agency, officer, outbox, store)
    app.include_router(TokenEndpoint(settings, store, tokens, agency.scope).router())
    app.include_router(control.router(agency, store, script, officer, settings.issuer))
    app.include_router(starting.router(officer, outbox, store))
    app.include_router(agency.router())
    guard = Guard(app, agency, store, script, tokens)
    guard.on_effect = officer.notice
    return Program(guard, store, officer)


def _application(agency: Agency, officer: Officer, outbox: Outbox, store: Store) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        sending = asyncio.create_task(outbox.run())
        yield
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        await officer.stop()
        store.close()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)

    async def refuse(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if request.url.path.startswith(CONTROL) and isinstance(error, HTTPException):
            return Response(str(error.detail), status, media_type="text/plain")
        return respond(agency.refusal(status))

    app.add_exception_handler(HTTPException, refuse)
    app.add_exception_handler(Exception, refuse)
    return app
