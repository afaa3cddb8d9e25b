"""One bounded HTTP client for each destination: httpx's requests and answers over its aiohttp transport.

The client that httpx puts around a transport is left out, for all it adds is unwanted here, and costs more than the
exchange: redirects, proxies of the environment, cookies and compressed answers are unknown. It goes to the one
configured base URL, through the guarded resolver, with time limits, a limit of connections and of the size of
an answer.

The question that matters after a failure is whether the agency may have read the request. The names of
exceptions do not tell (httpx-aiohttp calls a connection lost after sending a `ConnectTimeout`), so the client
asks aiohttp's connector instead: once a connection was in hand, the request may have been read.

aiohttp itself repeats a GET, once, when a kept connection turns out to be dead; a POST it never repeats.
"""

import asyncio
import re
import ssl
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from adapters.addresses import AddressError, GuardedResolver, check_base_url
from adapters.headers import checked
from adapters.manifest import Limits, Tls

_PATH = re.compile(r"/(?!/)[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*")
_KEEP_ALIVE = 4.0
"""Seconds an idle connection is kept: less than the five after which common servers close theirs."""
_ALWAYS = {"Accept": "*/*", "User-Agent": "raabta", "Accept-Encoding": "identity"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request: `path` begins with a slash and is relative to the base URL, already percent-encoded."""

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer. `headers` have lower-case names. `flaw` says why the body could not be taken."""

    status: int
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    flaw: str | None = None

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case; empty when there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Fault:
    """No answer came. `sent`: the request may have been read. `code` is one of ours, never the peer's."""

    code: str
    sent: bool


@dataclass(slots=True)
class _Wire:
    """What aiohttp told about the exchange that this task is making."""

    in_hand: bool = False


_WIRE: ContextVar[_Wire] = ContextVar("wire")


class Transport:
    """A client for one base URL. Safe for many tasks of one event loop; connects when first used.

    Raises:
        ValueError: the base URL is not one `adapters.addresses.check_base_url` allows.

    """

    def __init__(
        self, base_url: str, limits: Limits, *, allow_private: bool = False, tls: ssl.SSLContext | None = None
    ) -> None:
        check_base_url(base_url, allow_private=allow_private)
        self._base = base_url.rstrip("/")
        self._limits = limits
        self._allow_private = allow_private
        self._tls = tls or tls_context(None)
        self._door = AiohttpTransport(verify=self._tls, trust_env=False, client=self._session)
        self._url = lru_cache(maxsize=64)(lambda path: httpx.URL(self._base + path))
        seconds = httpx.Timeout(limits.total_seconds, connect=limits.connect_seconds)
        self._extensions = {"timeout": seconds.as_dict()}

    async def exchange(self, call: Call, seconds: float | None = None) -> Answer | Fault:
        """Send one request and read its answer, within `seconds` or the configured total if that is less.

        Never raises for what the other side or the network does.

        Raises:
            HeaderError: a header of ours holds a character that must not be sent.
            ValueError: the path leads out of the base URL.

        """
        request = self._request(call)
        limit = min(self._limits.total_seconds, self._limits.total_seconds if seconds is None else seconds)
        wire = _Wire()
        mark = _WIRE.set(wire)
        try:
            async with asyncio.timeout(limit):
                return await self._exchanged(request)
        except (TimeoutError, httpx.HTTPError, aiohttp.ClientError, OSError) as error:
            return Fault(_code(error, sent=wire.in_hand), wire.in_hand)
        finally:
            _WIRE.reset(mark)

    async def close(self) -> None:
        """Close every connection."""
        await self._door.aclose()

    def _request(self, call: Call) -> httpx.Request:
        if not _PATH.fullmatch(call.path) or "/.." in call.path:
            raise ValueError("A path begins with one slash and stays under the base URL.")
        headers = {**_ALWAYS, **checked(call.headers)}
        url = self._url(call.path)
        return httpx.Request(call.method, url, headers=headers, content=call.body, extensions=self._extensions)

    async def _exchanged(self, request: httpx.Request) -> Answer:
        response = await self._door.handle_async_request(request)
        try:
            headers = {name.lower(): value for name, value in response.headers.items()}
            body, flaw = await self._body(response)
        finally:
            await response.aclose()
        return Answer(response.status_code, headers, body, flaw)

    async def _body(self, response: httpx.Response) -> tuple[bytes, str | None]:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            return b"", "ANSWER_ENCODED"
        body = bytearray()
        try:
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > self._limits.answer_bytes:
                    return b"", "ANSWER_TOO_LARGE"
        except (httpx.HTTPError, aiohttp.ClientError, OSError):
            # The status stands: only what needs the body is in doubt.
            return b"", "ANSWER_CUT"
        return bytes(body), None

    def _session(self) -> aiohttp.ClientSession:
        encrypted = urlsplit(self._base).scheme == "https"
        connector = _Connector(
            limit=self._limits.connections,
            ssl=self._tls,
            keepalive_timeout=_KEEP_ALIVE,
            resolver=GuardedResolver(allow_private=self._allow_private, encrypted=encrypted),
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )


def tls_context(tls: Tls | None) -> ssl.SSLContext:
    """Return a context that checks certificates; with `tls`, against its authority and with its certificate.

    Without `tls.ca_file` the authorities of the certifi package count; the environment is not asked.

    Raises:
        OSError: a file cannot be read or is not what its name says (`ssl.SSLError` is one).

    """
    if tls is None:
        return _usual_context()
    context = (
        ssl.create_default_context(cafile=tls.ca_file) if tls.ca_file else httpx.create_ssl_context(trust_env=False)
    )
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key_file)
    return context


@cache
def _usual_context() -> ssl.SSLContext:
    """One for all agencies: reading the authorities takes a twentieth of a second."""
    return httpx.create_ssl_context(trust_env=False)


class _Connector(aiohttp.TCPConnector):
    """A connector that says when a connection, new or kept, is in the hand of the task that makes an exchange."""

    async def connect(self, req: Any, traces: Any, timeout: aiohttp.ClientTimeout) -> Any:  # noqa: ASYNC109 - aiohttp's
        """Return a connection, as aiohttp does."""
        connection = await super().connect(req, traces, timeout)
        _WIRE.get().in_hand = True
        return connection


def _code(error: BaseException, *, sent: bool) -> str:
    """Name what went wrong, from the innermost cause outwards."""
    chain = tuple(_causes(error))
    if any(isinstance(one, AddressError) for one in chain):
        return "ADDRESS_REFUSED"
    for kinds, code in _AFTER if sent else _BEFORE:
        if any(isinstance(one, kinds) for one in chain):
            return code
    return "DISCONNECTED" if sent else "CONNECT"


_BEFORE: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((aiohttp.ClientSSLError, ssl.SSLError), "TLS"),
    ((aiohttp.ClientConnectorDNSError,), "DNS"),
    ((TimeoutError,), "CONNECT_TIMEOUT"),
)
_AFTER: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError), "DISCONNECTED"),
    ((aiohttp.ClientResponseError, httpx.ProtocolError), "PEER_PROTOCOL"),
    ((TimeoutError,), "TIMEOUT"),
)


def _causes(error: BaseException) -> "list[BaseException]":
    chain: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in chain:
        chain.append(current)
        current = current.__cause__ or current.__context__
    return chain
