"""Every error becomes a problem document, or an OperationOutcome for FHIR callers; nothing else ever leaves."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from gateway.errors import Busy, GatewayError, NotUnderstood
from gateway.problems import FHIR, PROBLEM, outcome, plain, problem, status_of
from gateway.store.errors import StoreError
from mappings.engine.findings import Finding

log = logging.getLogger(__name__)
_MOST_PLACES = 20
"""A refusal is short, however much is wrong."""
_TITLES = {404: "There is no such resource.", 405: "This method is not offered here."}


def request_id(request: Request) -> str:
    """Return the request's id, given by the caller or made by the middleware."""
    return str(getattr(request.state, "request_id", ""))


def _shown(request: Request, body: dict[str, object], headers: dict[str, str] | None = None) -> JSONResponse:
    status = int(str(body["status"]))
    fixed = {**(headers or {}), "Cache-Control": "no-store"}
    spoken = request.headers.get("content-type", "") + request.headers.get("accept", "")
    if FHIR in spoken or request.url.path.startswith("/fhir/"):
        return JSONResponse(outcome(body), status, fixed, media_type=FHIR)
    return JSONResponse(body, status, fixed, media_type=PROBLEM)


def install(app: FastAPI) -> None:
    """Install the handlers."""

    @app.exception_handler(GatewayError)
    async def refused(request: Request, error: GatewayError) -> JSONResponse:
        challenge = getattr(error, "challenge", None)
        extra = {"Retry-After": "2"} if status_of(error) == 503 else challenge
        return _shown(request, problem(error, request_id(request)), extra)

    @app.exception_handler(StoreError)
    async def busy(request: Request, _: StoreError) -> JSONResponse:
        return _shown(request, problem(Busy(), request_id(request)), {"Retry-After": "2"})

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        told = error.errors()[:_MOST_PLACES]
        places = [".".join(str(part) for part in item["loc"][-1:]) for item in told]
        findings = [Finding("INVALID_VALUE", place if place.isascii() else "") for place in places]
        return _shown(request, problem(NotUnderstood("BAD_REQUEST", findings), request_id(request)))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        title = _TITLES.get(error.status_code, "The request cannot be served.")
        code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, "HTTP")
        headers = dict(error.headers) if error.headers else None
        return _shown(request, plain(error.status_code, code, title, request_id(request)), headers)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("request.failed", extra={"kind": type(error).__name__, "request_id": request_id(request)})
        title = "The gateway failed; the failure was recorded."
        return _shown(request, plain(500, "INTERNAL", title, request_id(request)))
