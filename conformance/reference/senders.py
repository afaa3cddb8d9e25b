"""A simulator of the sandbox as a sender, inside this process and in time that passes only when somebody waits.

A broken sender is an honest one with something between it and its gateway that spoils one thing.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import httpx

from conformance.listening import TOKEN, Listener, Said

NAME = re.compile(rb'(?:Latn">|lang=en">|"name": ")([^<"]+)')


@dataclass
class Time:
    """Seconds since 1970 that pass only when told to; `work` does what has become due."""

    now: float
    work: Callable[[], object]

    def clock(self) -> float:
        """Tell the time."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Let time pass, and what is due in it happen."""
        self.now += seconds
        self.work()


class Line:
    """The line from a sender to the gateway we pretend to be, spoiled in some ways (`profile-flaw`)."""

    def __init__(self, ear: Listener, profile: str, flaws: frozenset[str]) -> None:
        """Carry calls to a listener."""
        self._ear = ear
        self._profile = profile
        self._flaws = flaws
        self._asserted: dict[str, bytes] = {}
        self._tries: dict[str, int] = {}

    def has(self, flaw: str) -> bool:
        """Tell whether this sender is broken in a way."""
        return f"{self._profile}-{flaw}" in self._flaws

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        """Carry one call."""
        await request.aread()
        if request.url.path == TOKEN:
            return self._login(request)
        spoiled = self._spoiled(request)
        said = self._carried(spoiled)
        if said.status == 202 and self.has("sends-taken-again"):
            said = self._carried(spoiled)
        return self._believed(request, spoiled, said)

    def _login(self, request: httpx.Request) -> httpx.Response:
        body = request.content
        if self.has("reuses-own-assertion"):
            body = self._asserted.setdefault("first", body)
        said = self._carried(_with(request, body=body))
        if said.status == 200 and self.has("logs-in-each-time"):
            said = Said(200, said.body.replace(b'"expires_in": 300', b'"expires_in": 0'), said.headers)
        return _response(said)

    def _spoiled(self, request: httpx.Request) -> httpx.Request:
        """Change what an honest sender sends."""
        body, key = request.content, request.headers["idempotency-key"]
        tries = self._tries[key] = self._tries.get(key, 0) + 1
        address = str(request.url)
        if self.has("new-id-each-time") or self.has("one-id-for-all"):
            new = str(uuid.uuid4() if self.has("new-id-each-time") else uuid.UUID(int=7, version=4))
            body, key = body.replace(key.encode(), new.encode()), new
        if self.has("other-key"):
            key = str(uuid.uuid5(uuid.NAMESPACE_OID, key))
        if self.has("changes-its-letter") and tries > 1:
            body += b" "
        if self.has("sends-invalid"):
            body = _broken(self._profile, body)
        if self.has("token-in-address"):
            address += f"?access_token={request.headers['authorization'].removeprefix('Bearer ')}"
        if self.has("name-in-address"):
            found = NAME.search(body)
            address += f"?about={quote(found[1] if found else b'')}"
        return _with(request, url=address, body=body, key=key)

    def _believed(self, request: httpx.Request, spoiled: httpx.Request, said: Said) -> httpx.Response:
        """Change what an honest sender hears."""
        if said.status == 0 and not self.has("trusts-lost-answers"):
            raise httpx.ReadError("the line broke", request=request)
        if said.status == 307 and self.has("follows-redirections"):
            return _response(self._carried(_with(spoiled, url=said.headers["Location"])))
        gone = said.status in {401, 503} and self.has(f"gives-up-at-{said.status}")
        if gone or said.status == 0:
            return httpx.Response(400 if gone else 202)
        again = said.status in {400, 422} and self.has("sends-refused-again")
        return httpx.Response(503) if again else self._waited(said)

    def _waited(self, said: Said) -> httpx.Response:
        """Change what an honest sender hears about waiting."""
        later = said.headers.get("Retry-After", "")
        if said.status == 503 and self.has("flat-waits"):
            return httpx.Response(503, headers={"Retry-After": "5"})
        if later and (self.has("hears-no-retry-after") or (self.has("hears-seconds-only") and not later.isdigit())):
            return httpx.Response(503)
        return _response(said)

    def _carried(self, request: httpx.Request) -> Said:
        headers = {name.lower(): value for name, value in request.headers.items()}
        address = request.url.raw_path.decode()
        return self._ear.answer(request.method, address, headers, request.content)


def _with(request: httpx.Request, url: str = "", body: bytes | None = None, key: str = "") -> httpx.Request:
    headers = {name: value for name, value in request.headers.items() if name.lower() != "content-length"}
    if key:
        headers["idempotency-key"] = key
    content = request.content if body is None else body
    return httpx.Request(request.method, url or request.url, headers=headers, content=content)


def _response(said: Said) -> httpx.Response:
    return httpx.Response(said.status, content=said.body, headers=dict(said.headers))


def _broken(profile: str, body: bytes) -> bytes:
    """Take something mandatory out of a letter of a kind."""
    old, new = {
        "nadra": (rb"<TWINS>\w+<", b"<TWINS>PERHAPS<"), "police": (rb"<UrgencyCode>\w+<", b"<UrgencyCode>SOON<"),
        "health": (rb'"status": "active",', b""), "school": (rb'"request_type": "\w+", ?', b""),
        "welfare": (rb'"basis": "\w+"', b'"basis": "PERHAPS"'),
    }[profile]  # fmt: skip
    return re.sub(old, new, body, count=1)
