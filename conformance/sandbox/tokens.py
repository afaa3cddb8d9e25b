"""An agency's own OAuth token endpoint: client credentials, opaque tokens (RFC 6749 sections 2.3, 4.4)."""

import base64
import binascii
import hmac
import secrets
import threading
import time
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from conformance.sandbox import assertions
from conformance.sandbox.settings import BASIC, AgencySettings
from conformance.sandbox.store import Store

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
MAX_FORM = 16 * 1024


@dataclass(frozen=True, slots=True)
class OAuthError(Exception):
    """An error answer of the token endpoint (RFC 6749 section 5.2)."""

    code: str
    status: int = 400


class Tokens:
    """The live tokens of one agency, in memory: a restart of the agency ends them all."""

    def __init__(self, life: int) -> None:
        """Issue tokens that live for `life` seconds; with 0 every token is already expired."""
        self.life = life
        self._lock = threading.Lock()
        self._expiries: dict[str, float] = {}

    def issue(self) -> str:
        """Make a new opaque token."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            now = time.monotonic()
            self._expiries = {one: end for one, end in self._expiries.items() if end > now}
            self._expiries[token] = now + self.life
        return token

    def valid(self, token: str) -> bool:
        """Tell whether a token was issued here and still lives."""
        with self._lock:
            return self._expiries.get(token, 0.0) > time.monotonic()


class TokenEndpoint:
    """Authenticates the gateway's client and issues tokens."""

    def __init__(self, settings: AgencySettings, store: Store, tokens: Tokens, scope: str) -> None:
        """Serve one agency; `scope` is what a request without a scope is granted."""
        self._settings = settings
        self._store = store
        self._tokens = tokens
        self._scope = scope

    def router(self) -> APIRouter:
        """Make the route `POST /oauth/token`."""
        router = APIRouter()
        router.add_api_route("/oauth/token", self._serve, methods=["POST"])
        return router

    async def _serve(self, request: Request) -> JSONResponse:
        body = await request.body()
        try:
            form = _form(body, request.headers.get("content-type", ""))
            answer = await run_in_threadpool(self.grant, form, request.headers.get("authorization", ""))
        except OAuthError as error:
            return refusal(error)
        return JSONResponse(answer, headers=NO_STORE)

    def grant(self, form: dict[str, str], authorization: str) -> dict[str, object]:
        """Answer one token request with the members of RFC 6749 section 5.1; raises `OAuthError`."""
        self._authenticate(form, authorization)
        if form.get("grant_type") != "client_credentials":
            raise OAuthError("unsupported_grant_type" if form.get("grant_type") else "invalid_request")
        return {
            "access_token": self._tokens.issue(),
            "token_type": "Bearer",
            "expires_in": self._tokens.life,
            "scope": form.get("scope") or self._scope,
        }

    def _authenticate(self, form: dict[str, str], authorization: str) -> None:
        if authorization and "client_assertion" in form:
            raise OAuthError("invalid_request")
        if self._settings.caller.method == BASIC:
            self._check_secret(authorization)
        else:
            self._check_assertion(form)

    def _check_secret(self, authorization: str) -> None:
        caller = self._settings.caller
        client_id, secret = basic_pair(authorization)
        right_client = hmac.compare_digest(client_id.encode(), caller.client_id.encode())
        right_secret = hmac.compare_digest(secret.encode(), caller.secret.encode())
        if not (right_client and right_secret):
            raise OAuthError("invalid_client", 401)

    def _check_assertion(self, form: dict[str, str]) -> None:
        caller, here = self._settings.caller, self._settings.url
        assertion = form.get("client_assertion", "")
        if not assertion or form.get("client_assertion_type") != ASSERTION_TYPE or caller.keys is None:
            raise OAuthError("invalid_client", 401)
        if form.get("client_id", caller.client_id) != caller.client_id:
            raise OAuthError("invalid_client", 401)
        audiences = (f"{here}/oauth/token", here)
        try:
            assertions.check(assertion, caller.keys, caller.client_id, audiences, self._store.use_assertion)
        except assertions.BadAssertionError:
            raise OAuthError("invalid_client", 401) from None


def refusal(error: OAuthError) -> JSONResponse:
    """Write an error as RFC 6749 section 5.2 asks, with a challenge when it is a 401."""
    headers = NO_STORE | ({"WWW-Authenticate": 'Basic realm="agency"'} if error.status == 401 else {})
    return JSONResponse({"error": error.code}, status_code=error.status, headers=headers)


def basic_pair(authorization: str) -> tuple[str, str]:
    """Read client id and secret of a Basic header, form-decoded (RFC 6749 section 2.3.1).

    Anything unreadable gives two empty strings, which match no client.
    """
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        client_id, colon, secret = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (unquote_plus(client_id), unquote_plus(secret)) if colon else ("", "")


def _form(body: bytes, content_type: str) -> dict[str, str]:
    if content_type.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        raise OAuthError("invalid_request")
    if len(body) > MAX_FORM:
        raise OAuthError("invalid_request")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=32)
    except ValueError:
        raise OAuthError("invalid_request") from None
    if len(dict(pairs)) != len(pairs):
        raise OAuthError("invalid_request")
    return dict(pairs)
