"""Manners of every answer: the caller's ids mirrored, nothing cached, nothing guessed by a browser."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.clock import uuid_text

_ID = re.compile(rb"^[A-Za-z0-9._:-]{1,128}$")
_FIXED = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


def random_id() -> str:
    """Return a random UUID (RFC 9562 section 5.4)."""
    return uuid_text(secrets.token_bytes(16), 4)


class Manners:
    """ASGI middleware: mirrors ``X-Request-Id`` and ``X-Correlation-Id`` (made if absent or unfit)."""

    def __init__(self, app: ASGIApp, environment: str, new_id: Callable[[], str] = random_id) -> None:
        self._app = app
        self._new_id = new_id
        self._environment = environment.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sent: dict[bytes, bytes] = dict(scope["headers"])
        request_id = self._fit(sent.get(b"x-request-id"))
        correlation = self._fit(sent.get(b"x-correlation-id"))
        state: dict[str, Any] = scope.setdefault("state", {})
        state["request_id"] = request_id
        mirrored = [
            (b"x-request-id", request_id.encode()),
            (b"x-correlation-id", correlation.encode()),
            (b"raabta-environment", self._environment),
            *_FIXED,
        ]

        async def polite(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), *mirrored]
            await send(message)

        await self._app(scope, receive, polite)

    def _fit(self, value: bytes | None) -> str:
        return value.decode("ascii") if value and _ID.match(value) else self._new_id()
