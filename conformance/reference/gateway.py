"""The miniature gateway itself: the HTTP surface of contract.md section 3, as far as the checks go."""

from __future__ import annotations

import json
import re
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from conformance.reference import reading, writing
from conformance.reference.canonical import checked
from conformance.reference.deliveries import Deliveries, Referral
from conformance.reference.doors import BadTokenError, Doors
from conformance.reference.trees import RefusedError, Tree, read_json

FORMATS = {media: name for name, media in writing.MEDIA.items()}
LARGEST = 1_048_576
PROBLEM = "application/problem+json"
FHIR = "application/fhir+json"
Handler = Callable[["Gateway", httpx.Request, str, dict[str, str]], httpx.Response]


@dataclass
class Gateway:
    """One gateway in memory. `handle` is what an `httpx.MockTransport` calls."""

    url: str
    doors: Doors
    deliveries: Deliveries
    flaws: frozenset[str]
    fetch: Callable[[str], None]
    routes: tuple[tuple[str, str, str, Handler], ...]
    open: dict[str, Callable[[Gateway], httpx.Response]]
    lapsed: str = "school-lapsed"
    log: list[str] = field(default_factory=list)
    keys: dict[tuple[str, str], tuple[bytes, str]] = field(default_factory=dict)
    referrals: dict[str, Referral] = field(default_factory=dict)
    answered: dict[str, int] = field(default_factory=dict)
    dead: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def has(self, flaw: str) -> bool:
        """Tell whether it is broken in a way."""
        return flaw in self.flaws

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self.dead = False
            self.deliveries.advance(seconds)

    def kill(self) -> None:
        """End without warning; whoever waits starts it again."""
        self.dead = True
        if self.has("loses-on-restart"):
            self.deliveries.forget()

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Serve one request."""
        with self._lock:
            if self.dead:
                raise httpx.ConnectError("the process was ended")
            answer = self._served(request)
            answer.headers["X-Request-Id"] = request.headers.get("x-request-id", str(uuid.uuid4()))
            if not self.has("stores-content") and "cache-control" not in answer.headers:
                answer.headers["Cache-Control"] = "no-store"
            self.deliveries.advance(0)
            return answer

    def _served(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == "/oauth/token":
            return self.doors.token(request)
        if path in self.open:
            return self.open[path](self)
        try:
            for method, template, scope, handler in self.routes:
                found = re.fullmatch(template, path)
                if found and method == request.method:
                    who = self.doors.admit(request, scope)
                    return handler(self, request, who, found.groupdict())
            known = any(re.fullmatch(template, path) for _, template, _, _ in self.routes)
            self.doors.admit(request, "referral.read")
            return self.problem(request, RefusedError(405 if known else 404, "NOT_FOUND"))
        except BadTokenError:
            answer = self.problem(request, RefusedError(401, "NOT_AUTHENTICATED"))
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        except RefusedError as refused:
            if (request.method, path) == ("POST", "/v1/referrals"):
                self.deliveries.enter_refusal(refused.code, request.content.decode("utf-8", "replace"))
            return self.problem(request, refused)

    def problem(self, request: httpx.Request, refused: RefusedError) -> httpx.Response:
        """Write a refusal as RFC 9457 says, or as an OperationOutcome to FHIR callers."""
        headers = {"WWW-Authenticate": 'Bearer error="insufficient_scope"'} if refused.status == 403 else {}
        spoken = request.headers.get("content-type", "") + request.headers.get("accept", "")
        if FHIR in spoken and not self.has("no-outcomes"):
            issue = {"severity": "error", "code": "invalid", "expression": [refused.place]}
            return _json({"resourceType": "OperationOutcome", "issue": [issue]}, refused.status, FHIR, headers)
        body: Tree = {
            "type": f"https://reference.example/{refused.code.lower()}", "title": "Refused", "status": refused.status,
            "code": refused.code, "request_id": request.headers.get("x-request-id", ""),
        }  # fmt: skip
        if refused.place:
            body["errors"] = [{"pointer": refused.place, "code": refused.code, "message": "Refused."}]
        if self.has("shows-stacks") and refused.code == "MALFORMED":
            body["title"] = 'Traceback (most recent call last):\n  File "x.py", line 1'
        if self.has("plain-errors"):
            return _json({"error": refused.code}, refused.status, "application/json", headers)
        return _json(body, refused.status, PROBLEM, headers)

    def understood(self, request: httpx.Request) -> list[Tree]:
        """Read what a call holds, in whatever format; raises `RefusedError`."""
        said = request.headers.get("content-type", "")
        media, _, parameters = said.partition(";")
        name = FORMATS.get(media.strip())
        if name is None or ("fhirVersion=5" in parameters and not self.has("ignores-versions")):
            raise RefusedError(400 if self.has("wrong-statuses") else 415, "UNSUPPORTED_MEDIA_TYPE")
        if len(request.content) > LARGEST and not self.has("reads-any-length"):
            raise RefusedError(413, "TOO_LARGE")
        if name == "raabta":
            if self.has("crashes-on-garbage") and request.content == b"[[]]":
                raise RefusedError(500, "INTERNAL")
            return [checked(read_json(request.content, self.flaws), self.flaws)]
        return [self.bent(reading.read(name, request.content, self.flaws, self.fetch))]

    def bent(self, document: Tree) -> Tree:
        """Give a document as a flawed reader would have read it."""
        if self.has("loses-names-on-reading"):
            document = {**document, "child": {**document["child"], "sex": "X"}}
        return document

    def name_of(self, agency_id: str) -> str:
        """Find an agency by its id, "" for none."""
        return next((name for name, peer in self.deliveries.peers.items() if peer.agency_id == agency_id), "")

    def owned(self, who: str, ref: str) -> Referral:
        """Find a referral the caller is party to; raises `RefusedError` 404."""
        found = self.referrals.get(ref)
        mine = found is not None and (found.sender == who or who in {one.peer for one in found.deliveries})
        if found is not None and (mine or self.has("reads-others")):
            return found
        if found is not None and self.has("tells-existence"):
            raise RefusedError(403, "FORBIDDEN")
        raise RefusedError(404, "NOT_FOUND")


def _json(body: Any, status: int, media_type: str, headers: dict[str, str] | None = None) -> httpx.Response:
    content = json.dumps(body, ensure_ascii=False).encode()
    return httpx.Response(status, content=content, headers={"Content-Type": media_type, **(headers or {})})
