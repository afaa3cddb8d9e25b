"""The simulators of the sandbox inside this process: honest agencies, and the same ones broken on purpose.

A broken agency is an honest one with something between it and the caller that spoils one thing.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import httpx

from conformance import connecting
from conformance.reference.wire import Wire
from conformance.sandbox.credentials import initialise
from conformance.sandbox.program import build
from conformance.sandbox.settings import load
from conformance.target import Target
from conformance.vectors.marks import DEEP, NO_CODE

Call = Callable[[httpx.Request], httpx.Response]
CODES = {"nadra": "MALE", "police": "24H", "health": "male", "school": "ENROL_NEW", "welfare": ""}
MESSAGE = re.compile(
    rb'(?:MessageID>|TRANSACTION_ID(?:>|&gt;)|message_id": "|request_id": "|/sid/message", "value": ")([\w-]+)'
)


@cache
def _home() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="raabta-selftest-"))
    initialise(folder, "http://gateway.invalid")
    return folder


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@cache
def _honest(profile: str) -> tuple[str, Call]:
    """Start a simulator in this process; gives its address and how to call it."""
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

    return settings.url, call


def agency_target(profile: str, flaws: frozenset[str]) -> Target:
    """Make a target that is an agency, broken in some ways; a flaw may begin with the profile's name."""
    url, honest = _honest(profile)
    wrong = frozenset(one.removeprefix(f"{profile}-") for one in flaws)
    target = connecting.agency(url, profile, _home() / "gateway.toml")
    target.http.close()
    spoiled = Spoiled(profile, honest, wrong)
    target.http = Wire(spoiled)
    target.hostile, target.wait, target.patience = True, lambda _seconds: None, 5.0
    spoiled.token = target.token("gateway")
    return target


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
        if answer.status_code == 401 and "any-login" in self._flaws and b"client_assertion" not in request.content:
            return granted
        return granted if used and "reuses-assertions" in self._flaws else answer

    def _softened(self, request: httpx.Request) -> httpx.Request:
        """Let an honest agency see less of what is wrong than was sent."""
        headers, body = dict(request.headers), request.content
        if "open-door" in self._flaws:
            headers["authorization"] = f"Bearer {self.token}"
        if "any-media-type" in self._flaws and headers.get("content-type") == "text/conf":
            headers["content-type"] = "text/xml" if self._profile == "nadra" else _MEDIA[self._profile]
        if "defaults-codes" in self._flaws:
            body = body.replace(NO_CODE.encode(), CODES[self._profile].encode())
        if "reads-hostile" in self._flaws:
            body = re.sub(rb"<!DOCTYPE.*?\]>|&lt;!DOCTYPE.*?\]&gt;", b"", body).replace(b"&amp;e;", b"x")
            body = body.replace(b"&e;", b"x").replace(f'"conf": {DEEP}, '.encode(), b"")
        if "strips-letters" in self._flaws and b"\xda\xa9\xd8\xa7" in body:
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
        if good and known is not None and "acts-twice" in self._flaws:
            return httpx.Response(
                answer.status_code, headers=_sized(dict(answer.headers)), content=_other(answer.content)
            )
        if good and "no-receipt" in self._flaws:
            return httpx.Response(200, content=b"thank you")
        if known is not None and not good and "takes-other-bodies" in self._flaws:
            return known
        return self._refusal(request, answer) if answer.status_code in {400, 422} else answer

    def _refusal(self, request: httpx.Request, answer: httpx.Response) -> httpx.Response:
        """Change a refusal."""
        if "misses-nothing" in self._flaws and _lacks(request.content):
            return next(iter(self._taken.values()), answer)
        if "repeats-values" in self._flaws:
            return httpx.Response(answer.status_code, content=answer.content + request.content)
        if "crashes-on-garbage" in self._flaws and len(request.content) < 40:
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
