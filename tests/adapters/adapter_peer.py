"""A small HTTP server that plays an agency, one scripted step for each resource call; real sockets, no mocks."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Self

TOKEN_PATH = "/oauth/token"


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> dict:
        return json.loads(self.body)


@dataclass(frozen=True)
class Step:
    """What one call gets: an answer; or the line is cut before it, in its middle; or nothing at all."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False
    hang: bool = False
    cut: bool = False
    raw: bytes | None = None


def answer(status: int, document: object = None, media_type: str = "application/json", **headers: str) -> Step:
    body = document if isinstance(document, bytes) else b"" if document is None else json.dumps(document).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Step(status, body, {"Content-Type": media_type, **named})


DROP = Step(drop=True)
HANG = Step(hang=True)
HTML = answer(200, b"<html><body>Welcome</body></html>", "text/html; charset=utf-8")
Handler = Callable[[Request], Step | Awaitable[Step]]


class Peer:
    """Serves on loopback inside the test's own event loop. Steps run out: the last answer is `rest`."""

    def __init__(self, *steps: Step, rest: Step | Handler | None = None, token: Handler | None = None) -> None:
        self.steps = list(steps)
        self.rest = rest or answer(500)
        self.token = token or self.grant
        self.requests: list[Request] = []
        self.token_requests: list[Request] = []
        self.connections = 0
        self.open_now = 0
        self.open_most = 0
        self.expires_in: object = 300
        self.issued = count(1)
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._closing = asyncio.Event()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        self._server.close()
        await self._server.wait_closed()

    def then(self, steps: Iterable[Step]) -> None:
        self.steps.extend(steps)

    def grant(self, _request: Request) -> Step:
        document = {"access_token": f"token-{next(self.issued)}", "token_type": "Bearer"}
        if self.expires_in is not None:
            document["expires_in"] = self.expires_in
        return answer(200, document)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open_now += 1
        self.open_most = max(self.open_most, self.open_now)
        try:
            while await self._one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open_now -= 1
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        request = await _read(reader)
        step = await self._step(request)
        if step.hang:
            await self._closing.wait()
            return False
        if step.drop:
            writer.transport.abort()
            return False
        writer.write(step.raw if step.raw is not None else _written(step))
        await writer.drain()
        if step.cut:
            writer.transport.abort()
        return not step.cut

    async def _step(self, request: Request) -> Step:
        if request.path == TOKEN_PATH:
            self.token_requests.append(request)
            made = self.token(request)
        else:
            self.requests.append(request)
            if self.steps:
                return self.steps.pop(0)
            made = self.rest(request) if callable(self.rest) else self.rest
        return made if isinstance(made, Step) else await made


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, path, _ = head[0].split(" ")
    pairs = (line.partition(":") for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)


def _written(step: Step) -> bytes:
    # A cut answer promises more than it sends.
    length = len(step.body) + (100 if step.cut else 0)
    headers = {"Content-Length": str(length), **step.headers}
    lines = [f"HTTP/1.1 {step.status} X", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + step.body
