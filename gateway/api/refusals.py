"""Every error becomes a problem document, an OperationOutcome for FHIR, a Fault for SOAP, or a page at the consoles.

Nothing else ever leaves: the same fixed sentence, code and request id, whatever the form.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from gateway import soap
from gateway.errors import Busy, GatewayError, NotUnderstood
from gateway.problems import FHIR, PROBLEM, outcome, plain, problem, status_of
from gateway.store.errors import StoreError
from mappings.engine.findings import Finding

log = logging.getLogger(__name__)
_MOST_PLACES = 20
"""A refusal is short, however much is wrong."""
Page = Callable[[Request, Mapping[str, object]], Response]
"""What makes a page for people out of a problem document."""
_TITLES = {404: "There is no such resource.", 405: "This method is not offered here."}


def request_id(request: Request) -> str:
    """Return the request's id, given by the caller or made by the middleware."""
    return str(getattr(request.state, "request_id", ""))


def page(request: Request, error: GatewayError) -> Response:
    """Return an error as a page, in the language of whoever looks."""
    made: Page = request.app.state.error_page
    return made(request, problem(error, request_id(request)))


def _shown(request: Request, body: dict[str, object], headers: dict[str, str] | None = None) -> Response:
    status = int(str(body["status"]))
    fixed = {**(headers or {}), "Cache-Control": "no-store"}
    if status >= 400 and request.url.path.startswith("/console") and "text/html" in request.headers.get("accept", ""):
        made: Page = request.app.state.error_page
        answer = made(request, body)
        answer.headers.update(fixed)
        return answer
    if request.url.path.startswith("/soap/") and request.method == "POST":
        return _fault(request, body, fixed)
    spoken = request.headers.get("content-type", "") + request.headers.get("accept", "")
    if FHIR in spoken or request.url.path.startswith("/fhir/"):
        return JSONResponse(outcome(body), status, fixed, media_type=FHIR)
    return JSONResponse(body, status, fixed, media_type=PROBLEM)


def _fault(request: Request, body: dict[str, object], headers: dict[str, str]) -> Response:
    """Return a Fault in the caller's SOAP; the status stays, for a client must know from it to get a new token."""
    status, spoken = int(str(body["status"])), request.headers.get("content-type", "")
    told = soap.refused(spoken, str(body["code"]), str(body["title"]), request_id(request), ours=status >= 500)
    return Response(told, status, headers, media_type=soap.media_type(spoken))


def install(app: FastAPI, error_page: Page) -> None:
    """Install the handlers."""
    app.state.error_page = error_page

    @app.exception_handler(GatewayError)
    async def refused(request: Request, error: GatewayError) -> Response:
        challenge = getattr(error, "challenge", None)
        extra = {"Retry-After": "2"} if status_of(error) == 503 else challenge
        return _shown(request, problem(error, request_id(request)), extra)

    @app.exception_handler(StoreError)
    async def busy(request: Request, _: StoreError) -> Response:
        return _shown(request, problem(Busy(), request_id(request)), {"Retry-After": "2"})

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        told = error.errors()[:_MOST_PLACES]
        places = [".".join(str(part) for part in item["loc"][-1:]) for item in told]
        findings = [Finding("INVALID_VALUE", place if place.isascii() else "") for place in places]
        return _shown(request, problem(NotUnderstood("BAD_REQUEST", findings), request_id(request)))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        title = _TITLES.get(error.status_code, "The request cannot be served.")
        code = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}.get(error.status_code, "HTTP")
        headers = dict(error.headers) if error.headers else None
        return _shown(request, plain(error.status_code, code, title, request_id(request)), headers)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> Response:
        log.error("request.failed", extra={"kind": type(error).__name__, "request_id": request_id(request)})
        title = "The gateway failed; the failure was recorded."
        return _shown(request, plain(500, "INTERNAL", title, request_id(request)))
