"""A gateway we pretend to be, so that an agency can be watched while it sends: its login, its letters, its patience.

The agency's own configuration names us as its gateway: `POST /oauth/token` and `POST /v1/referrals` at our address.
What comes is remembered as it came; what we answer follows a script, one word for each letter: `202`, `503`, `503:2`
(Retry-After in seconds), `later:2` (as a date), `drop` (we read the letter and hang up), `400`, `401` (the token has
ended), `redirect` (to another name of this machine). Without a word left, letters are taken.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from conformance.sandbox.assertions import BadAssertionError, check
from conformance.sandbox.settings import BASIC, Caller
from conformance.sandbox.tokens import basic_pair

LIFE = 300
"""Seconds our tokens live."""
REFERRALS, TOKEN, TRAP = "/v1/referrals", "/oauth/token", "/conf-trap"
_IDS = re.compile(
    rb'MessageID>\s*([^<\s]+)|TRANSACTION_ID>\s*([^<\s]+)|"(?:message_id|request_id)"\s*:\s*"([^"]+)"'
    rb'|sid/message"\s*,\s*"value"\s*:\s*"([^"]+)"'
)


@dataclass(frozen=True, slots=True)
class Heard:
    """One call that came. `at` is seconds since 1970; `answered` our status, 0 when we hung up."""

    at: float
    method: str
    address: str
    """Path and query."""
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes
    answered: int

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def own_id(self) -> str:
        """The message id inside the document, "" where it has none."""
        found = _IDS.search(self.body)
        return next((one.decode("utf-8", "replace") for one in found.groups() if one), "") if found else ""

    @property
    def key(self) -> str:
        """What the letter is known by: its Idempotency-Key, or the id inside it."""
        return (self.headers.get("idempotency-key") or self.own_id).lower()


@dataclass(frozen=True, slots=True)
class Said:
    """What we answer; `status` 0: we hang up without an answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class Listener:
    """The pretended gateway. `url` is our address as the agency knows it, `client` who may log in, `clock` the time."""

    def __init__(self, url: str, client: Caller, clock: Callable[[], float] = time.time) -> None:
        """Begin with nothing heard and nothing planned."""
        self.url = url
        self.heard: list[Heard] = []
        self.note: Callable[[Heard, Said], None] = lambda _heard, _said: None
        self._client = client
        self._clock = clock
        self._planned: list[str] = []
        self._tokens: set[str] = set()
        self._spent: set[str] = set()
        self._lock = threading.RLock()

    def plan(self, *words: str) -> None:
        """Answer the next letters as told."""
        with self._lock:
            self._planned = list(words)

    def forget_tokens(self) -> None:
        """End every token that was given."""
        with self._lock:
            self._tokens.clear()

    def letters(self, since: int = 0) -> list[Heard]:
        """List the calls at the address of letters, from a place in `heard` on."""
        return [one for one in self.heard[since:] if urlsplit(one.address).path == REFERRALS]

    def logins(self, since: int = 0) -> list[Heard]:
        """List the calls at the token endpoint."""
        return [one for one in self.heard[since:] if urlsplit(one.address).path == TOKEN]

    def strays(self, since: int = 0) -> list[Heard]:
        """List the calls at addresses that no gateway named, and at the one a redirection led to."""
        return [one for one in self.heard[since:] if urlsplit(one.address).path not in {REFERRALS, TOKEN}]

    def answer(self, method: str, address: str, headers: Mapping[str, str], body: bytes) -> Said:
        """Hear one call and answer it; `headers` by lower-case name."""
        with self._lock:
            path = urlsplit(address).path
            if (method, path) == ("GET", "/readyz"):
                return _told(200, {"status": "ready"})
            if path == TOKEN:
                said = self._token(headers, body)
            elif path == REFERRALS and method == "POST":
                said = self._letter(headers)
            else:
                said = _problem(404, "NOT_FOUND")
            self.heard.append(Heard(self._clock(), method, address, dict(headers), body, said.status))
            self.note(self.heard[-1], said)
            return said

    def _token(self, headers: Mapping[str, str], body: bytes) -> Said:
        form = dict(parse_qsl(body.decode("utf-8", "replace")))
        if not self._known(form, headers.get("authorization", "")):
            return _told(401, {"error": "invalid_client"}, {"WWW-Authenticate": 'Basic realm="gateway"'})
        if form.get("grant_type") != "client_credentials":
            return _told(400, {"error": "unsupported_grant_type"})
        token = secrets.token_urlsafe(24)
        self._tokens.add(token)
        return _told(200, {"access_token": token, "token_type": "Bearer", "expires_in": LIFE})

    def _known(self, form: dict[str, str], authorization: str) -> bool:
        if self._client.method == BASIC:
            return secrets.compare_digest(
                ":".join(basic_pair(authorization)).encode(), f"{self._client.client_id}:{self._client.secret}".encode()
            )
        audiences = (f"{self.url}{TOKEN}", self.url)
        keys, assertion = self._client.keys, form.get("client_assertion", "")
        try:
            if keys is None or not assertion:
                return False
            check(assertion, keys, self._client.client_id, audiences, self._spend)
        except BadAssertionError:
            return False
        return True

    def _spend(self, _issuer: str, jti: str, _expires: int, _now: int) -> bool:
        fresh = jti not in self._spent
        self._spent.add(jti)
        return fresh

    def _letter(self, headers: Mapping[str, str]) -> Said:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token not in self._tokens:
            return _problem(401, "NOT_AUTHENTICATED", {"WWW-Authenticate": "Bearer"})
        kind, _, seconds = (self._planned.pop(0) if self._planned else "202").partition(":")
        if kind == "202":
            return self._taken()
        if kind == "401":
            self._tokens.discard(token)
            return _problem(401, "NOT_AUTHENTICATED", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return self._failed(kind, seconds)

    def _taken(self) -> Said:
        ref = f"conf-{secrets.token_hex(8)}"
        told = {"id": ref, "state": "ROUTED", "deliveries": [], "warnings": []}
        return _told(202, told, {"Location": f"{REFERRALS}/{ref}"})

    def _failed(self, kind: str, seconds: str) -> Said:
        if kind == "drop":
            return Said(0)
        if kind == "redirect":
            return Said(307, b"", {"Location": f"{self.url.replace('127.0.0.1', 'localhost')}{TRAP}"})
        if kind == "later":
            at = formatdate(self._clock() + float(seconds), usegmt=True)
            return _problem(503, "UNAVAILABLE", {"Retry-After": at})
        return _problem(int(kind), "REFUSED", {"Retry-After": seconds} if seconds else {})


def _told(status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None) -> Said:
    shared = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return Said(status, json.dumps(body).encode(), {**shared, **(headers or {})})


def _problem(status: int, code: str, headers: Mapping[str, str] | None = None) -> Said:
    body = {"type": "about:blank", "title": "Refused", "status": status, "code": code}
    return _told(status, body, {"Content-Type": "application/problem+json", **(headers or {})})


@contextmanager
def listening(listener: Listener, host: str, port: int) -> Iterator[None]:
    """Serve at a port until the block ends; raises `OSError` when it is taken."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            said = listener.answer(self.command, self.path, headers, body)
            if said.status == 0:
                self.close_connection = True
                return
            self.send_response(said.status)
            for name, value in {**said.headers, "Content-Length": str(len(said.body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        do_GET = do_POST = do_PUT = _serve  # noqa: N815 - the names the standard library calls

        def log_message(self, *_: object) -> None:
            """Write nothing: what comes is remembered, not logged."""

    server = ThreadingHTTPServer((host, port), Door)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
