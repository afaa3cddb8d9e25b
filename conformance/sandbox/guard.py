"""The door of an agency: bearer tokens, planned faults, and the record of every request.

It is the outermost ASGI layer, so that a fault can act before or after the agency's own work. An
answer is held back until the request stands in the record; `drop` and `badreceipt` let the agency
commit its effect first, then cut the line or answer with something that is no receipt.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from email.utils import formatdate

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.sandbox.agency import Agency, Answer, Visit
from conformance.sandbox.endpoint import respond
from conformance.sandbox.faults import Fault, Script
from conformance.sandbox.store import Effect, Store
from conformance.sandbox.tokens import OAuthError, Tokens, refusal

CONTROL = "/_sandbox"
TOKEN = "/oauth/token"  # noqa: S105 - a path, not a secret
HTML = Answer(200, b"<html><body><h1>Welcome</h1></body></html>", "text/html; charset=utf-8")
NO_RECEIPT = Answer(200, b"thank you", "text/plain; charset=utf-8")

PLAIN_FAULTS = frozenset({"503", "429", "400", "401", "html", "later", "redirect"})

HangUp = Callable[[Scope], None]
"""Closes the TCP connection a request came on."""


class Guard:
    """Wraps one agency's application. `hang_up` is set by whoever runs the server."""

    def __init__(self, app: ASGIApp, agency: Agency, store: Store, script: Script, tokens: Tokens) -> None:
        """Guard `app`; effects are announced to `on_effect` after they are stored."""
        self._app = app
        self._agency = agency
        self._store = store
        self._script = script
        self._tokens = tokens
        self.hang_up: HangUp | None = None
        self.on_effect: Callable[[Effect], None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self._app(scope, receive, send)
        elif scope["path"] == TOKEN:
            await self._token(scope, receive, send)
        else:
            await self._resource(scope, receive, send)

    async def _token(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._script.down:
            await respond(self._agency.refusal(503))(scope, receive, send)
        elif self._script.take_token():
            await refusal(OAuthError("invalid_client", 401))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _resource(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = Visit(path=scope["path"])
        scope.setdefault("state", {})["visit"] = visit
        if not self._script.down:
            visit.fault = self._script.take()
        if visit.fault.kind == "hang":
            await self._hang(visit, scope, receive)
            return
        if visit.fault.kind == "slow":
            await asyncio.sleep(visit.fault.number or 0)
        answer = self._early(visit, scope)
        if answer is not None:
            await self._finish(visit, answer, scope, receive, send)
            return
        held = await self._work(scope, receive)
        await self._deliver(visit, held, scope, receive, send)

    def _early(self, visit: Visit, scope: Scope) -> Answer | None:
        """Answer without the agency's work: a planned fault, or no valid token."""
        fault = visit.fault
        if self._script.down:
            visit.outcome, visit.message_id = "down", _key(scope)
            return self._agency.refusal(503)
        if fault.kind in PLAIN_FAULTS:
            visit.outcome, visit.message_id = f"fault:{fault.kind}", _key(scope)
            return self._fault_answer(fault, scope)
        if scope["path"] in self._agency.open_paths:
            return None
        bearer = _bearer(scope)
        if not bearer or not self._tokens.valid(bearer):
            visit.outcome = "unauthorized"
            return self._challenge('error="invalid_token"' if bearer else "")
        return None

    def _fault_answer(self, fault: Fault, scope: Scope) -> Answer:
        if fault.kind == "html":
            return HTML
        if fault.kind == "401":
            return self._challenge('error="invalid_token"')
        if fault.kind == "redirect":
            # Another name of this machine: for a client, another host.
            port = (scope.get("server") or ("", 80))[1]
            return Answer(307, b"", "text/plain", {"Location": f"http://localhost:{port}{CONTROL}/trap"})
        plain = self._agency.refusal(503 if fault.kind == "later" else int(fault.kind))
        return Answer(plain.status, plain.body, plain.media_type, {**plain.headers, **_retry_after(fault)})

    def _challenge(self, detail: str) -> Answer:
        plain = self._agency.refusal(401)
        value = ", ".join(part for part in ('realm="agency"', detail) if part)
        return Answer(401, plain.body, plain.media_type, {"WWW-Authenticate": f"Bearer {value}"})

    async def _work(self, scope: Scope, receive: Receive) -> list[Message]:
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        try:
            await self._app(scope, receive, hold)
        except Exception:
            # The process boundary: the application has already answered 500, a bug must not drop the line.
            logging.getLogger(__name__).exception("the simulator failed on %s", scope["path"])
        return held

    async def _deliver(self, visit: Visit, held: list[Message], scope: Scope, receive: Receive, send: Send) -> None:
        status = held[0]["status"]
        if visit.outcome == "read" and status >= 400:
            visit.outcome = "not-found" if status == 404 else "invalid"
        if visit.fault.kind == "drop":
            visit.outcome = "fault:drop"
            await self._note(visit)
            await self._cut(scope, receive)
        elif visit.fault.kind == "badreceipt" and status < 400:
            visit.outcome = "fault:badreceipt"
            await self._finish(visit, NO_RECEIPT, scope, receive, send)
        else:
            await self._note(visit)
            for message in held:
                await send(message)

    async def _hang(self, visit: Visit, scope: Scope, receive: Receive) -> None:
        visit.outcome = "fault:hang"
        await self._note(visit)
        gone = asyncio.ensure_future(_until_gone(receive))
        await asyncio.wait({gone}, timeout=visit.fault.number)
        gone.cancel()
        await self._cut(scope, receive)

    async def _cut(self, scope: Scope, receive: Receive) -> None:
        """Close the line without an answer, and wait until the server has noticed it."""
        if self.hang_up is None:
            raise RuntimeError("the server has not said how to close a connection")
        self.hang_up(scope)
        await _until_gone(receive)

    async def _finish(self, visit: Visit, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
        await self._note(visit)
        await respond(answer)(scope, receive, send)

    async def _note(self, visit: Visit) -> None:
        await run_in_threadpool(self._store.record, visit.path, visit.message_id, visit.outcome)
        if visit.effect is not None and self.on_effect is not None:
            self.on_effect(visit.effect)


def _retry_after(fault: Fault) -> dict[str, str]:
    """Write Retry-After as seconds or, for `later`, as a date (RFC 9110 section 10.2.3)."""
    if fault.number is None:
        return {}
    if fault.kind == "later":
        return {"Retry-After": formatdate(time.time() + fault.number, usegmt=True)}
    return {"Retry-After": str(int(fault.number))}


def _key(scope: Scope) -> str:
    """Give the idempotency key of a call whose body is not looked at, "" without one."""
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"idempotency-key"]
    return values[0].lower() if len(values) == 1 else ""


def _bearer(scope: Scope) -> str:
    values = [value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, token = values[0].partition(" ") if len(values) == 1 else ("", "", "")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
