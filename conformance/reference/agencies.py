"""The simulators of the sandbox inside this process: honest agencies, and the same ones broken on purpose.

A broken agency is an honest one with something between it and the caller that spoils one thing.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
import time
from collections.abc import Callable
from functools import cache
from itertools import cycle
from pathlib import Path

import httpx

from conformance import connecting
from conformance.listening import Listener
from conformance.reference.senders import Line, Time
from conformance.reference.wire import Wire
from conformance.sandbox.credentials import initialise
from conformance.sandbox.gateway_login import GatewayClient
from conformance.sandbox.outbox import Outbox
from conformance.sandbox.program import Program, build
from conformance.sandbox.settings import AgencySettings, load
from conformance.sandbox.store import Store
from conformance.target import Target
from conformance.vectors.marks import DEEP, NO_CODE

GATEWAY = "http://gateway.invalid"
Call = Callable[[httpx.Request], httpx.Response]
CODES = {"nadra": "MALE", "police": "24H", "health": "male", "school": "ENROL_NEW", "welfare": ""}
MESSAGE = re.compile(
    rb'(?:MessageID>|TRANSACTION_ID(?:>|&gt;)|message_id": "|request_id": "|/sid/message", "value": ")([\w-]+)'
)


@cache
def _home() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="raabta-selftest-"))
    initialise(folder, GATEWAY)
    return folder


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@cache
def _honest(profile: str) -> tuple[AgencySettings, Program, Call]:
    """Start a simulator in this process; gives its settings, itself and how to call it."""
    settings = load(_home() / "sandbox.toml", profile)
    program = build(settings, _home() / "data")
    transport = httpx.ASGITransport(app=program.guard, raise_app_exceptions=False)

    def call(request: httpx.Request) -> httpx.Response:
        async def served() -> httpx.Response:
            inner = httpx.Request(request.method, request.url, headers=request.headers, content=request.content)
            answer = await transport.handle_async_request(inner)
            body = await answer.aread()
            return httpx.Response(answer.status_code, headers=answer.headers, content=body)

        return _loop().run_until_complete(served())

    return settings, program, call


def agency_target(profile: str, flaws: frozenset[str]) -> Target:
    """Make a target that is an agency, as receiver and as sender, broken in some ways (`profile-flaw`)."""
    settings, _, honest = _honest(profile)
    spoiled = Spoiled(profile, honest, flaws)
    target = connecting.agency(settings.url, profile, _home() / "gateway.toml", Wire(spoiled))
    spoiled.token = target.token("gateway")
    target.hostile = True
    _watched(target, flaws)
    return target


def _watched(target: Target, flaws: frozenset[str]) -> None:
    """Let the target send to a gateway that is us, by an outbox of its own."""
    settings, program, _ = _honest(target.profile)
    children = cycle(program.officer.population.children)
    clock = Time(time.time(), lambda: _loop().run_until_complete(outbox.work()))
    ear = Listener(GATEWAY, connecting.sender(target.profile, _home() / "gateway.toml"), clock.clock)
    line = httpx.MockTransport(Line(ear, target.profile, flaws))
    http = httpx.AsyncClient(base_url=GATEWAY, transport=line, trust_env=False)
    outbox = Outbox(Store(Path(":memory:")), GatewayClient(settings.login, http), clock.clock)
    target.ear, target.wait = ear, clock.wait
    target.trigger = lambda: outbox.put(program.officer.about(next(children)))


class Spoiled:
    """An agency with one thing wrong."""

    def __init__(self, profile: str, honest: Call, flaws: frozenset[str]) -> None:
        """Stand between a caller and an honest agency."""
        self._profile = profile
        self._honest = honest
        self._flaws = flaws
        self._asserted: set[bytes] = set()
        self._taken: dict[bytes, httpx.Response] = {}
        self.token = ""

    def has(self, flaw: str) -> bool:
        """Tell whether this agency is broken in a way."""
        return f"{self._profile}-{flaw}" in self._flaws

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Serve one request."""
        request.read()
        if request.url.path == "/oauth/token":
            return self._login(request)
        request = self._softened(request)
        answer = self._honest(request)
        return self._bent(request, answer)

    def _login(self, request: httpx.Request) -> httpx.Response:
        answer = self._honest(request)
        used = request.content in self._asserted
        self._asserted.add(request.content)
        granted = httpx.Response(200, json={"access_token": self.token, "token_type": "Bearer", "expires_in": 300})
        if answer.status_code == 401 and self.has("any-login") and b"client_assertion" not in request.content:
            return granted
        return granted if used and self.has("reuses-assertions") else answer

    def _softened(self, request: httpx.Request) -> httpx.Request:
        """Let an honest agency see less of what is wrong than was sent."""
        headers, body = dict(request.headers), request.content
        if self.has("open-door"):
            headers["authorization"] = f"Bearer {self.token}"
        if self.has("any-media-type") and headers.get("content-type") == "text/conf":
            headers["content-type"] = "text/xml" if self._profile == "nadra" else _MEDIA[self._profile]
        if self.has("defaults-codes"):
            body = body.replace(NO_CODE.encode(), CODES[self._profile].encode())
        if self.has("misses-nothing") and _lacks(body):
            body = body.replace(b"</MessageID>", b"</MessageID><MessageTypeCode>REFERRAL</MessageTypeCode>", 1)
        if self.has("reads-hostile"):
            body = re.sub(rb"<!DOCTYPE.*?\]>|&lt;!DOCTYPE.*?\]&gt;", b"", body).replace(b"&amp;e;", b"x")
            body = body.replace(b"&e;", b"x").replace(f'"conf": {DEEP}, '.encode(), b"")
        if self.has("strips-letters") and b"\xda\xa9\xd8\xa7" in body:
            body = b"\xff" + body
        return httpx.Request(request.method, request.url, headers=_sized(headers), content=body)

    def _bent(self, request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        """Change what an honest agency answered."""
        found = MESSAGE.search(request.content)
        message = found[1] if found else b""
        known = self._taken.get(message)
        good = answer.status_code in {200, 202}
        if good and message:
            self._taken.setdefault(message, answer)
        if good and known is not None and self.has("acts-twice"):
            return httpx.Response(
                answer.status_code, headers=_sized(dict(answer.headers)), content=_other(answer.content)
            )
        if good and self.has("no-receipt"):
            return httpx.Response(200, content=b"thank you")
        if known is not None and not good and self.has("takes-other-bodies"):
            return known
        return self._refusal(request, answer) if answer.status_code in {400, 422} else answer

    def _refusal(self, request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        """Change a refusal."""
        if self.has("repeats-values"):
            return httpx.Response(answer.status_code, content=answer.content + request.content)
        if self.has("crashes-on-garbage") and len(request.content) < 40:
            return httpx.Response(500, content=b"{}")
        return answer


_MEDIA = {"police": "application/vnd.raabta.fir+xml", "health": "application/fhir+json", "welfare": "application/json",
          "school": "application/vnd.raabta.sis+json"}  # fmt: skip


def _lacks(body: bytes) -> bool:
    """Tell whether a document lacks what a check of missing parts takes out of the police's."""
    return b"FIRDocument" in body and b"MessageTypeCode" not in body


def _other(body: bytes) -> bytes:
    return re.sub(rb"(rcp-|CP-)(\d)", rb"\g<1>9\g<2>", body)


def _sized(headers: dict[str, str]) -> dict[str, str]:
    return {
        name: value for name, value in headers.items() if name.lower() not in {"content-length", "transfer-encoding"}
    }
