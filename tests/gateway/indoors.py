"""The gateway in this process, without a socket or a server, for tests that call it thousands of times."""

from __future__ import annotations

import asyncio
import typing
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from gateway.app import make_app, open_gateway
from gateway.clock import Clock
from gateway.settings import read_settings
from tests.gateway.house import House, furnish

PORT = 8400
"""Nobody listens there; it stands in the addresses alone."""
AT_ONCE = 8
"""Calls under way together; more would only wait for each other."""


class Indoors:
    """What a test uses of `httpx.Client`, in front of an application; one event loop, one call at a time."""

    def __init__(self, app: FastAPI, url: str) -> None:
        self._loop = asyncio.new_event_loop()
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self._http = httpx.AsyncClient(transport=transport, base_url=url, trust_env=False)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Call the application; the options are httpx's."""
        return self._loop.run_until_complete(self._http.request(method, path, **options))

    def together(self, requests: Iterable[tuple[str, str, dict[str, Any]]]) -> list[httpx.Response]:
        """Make calls at once, as many clients do; each is a method, a path and httpx's options."""

        async def all_of_them() -> list[httpx.Response]:
            few = asyncio.Semaphore(AT_ONCE)

            async def one(method: str, path: str, options: dict[str, Any]) -> httpx.Response:
                async with few:
                    return await self._http.request(method, path, **options)

            return list(await asyncio.gather(*(one(*each) for each in requests)))

        return self._loop.run_until_complete(all_of_them())

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Read something."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Send something."""
        return self.request("POST", path, **options)

    def cookies(self) -> dict[str, str]:
        """Return the cookies that were kept."""
        return dict(self._http.cookies)

    def remember(self, name: str, value: str) -> None:
        """Keep a cookie."""
        self._http.cookies.set(name, value, domain="127.0.0.1")

    def forget(self, name: str) -> None:
        """Lose a cookie."""
        self._http.cookies.delete(name)

    def close(self) -> None:
        """Let everything under way end."""
        self._loop.run_until_complete(self._http.aclose())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()


@contextmanager
def indoors(
    folder: Path, clock: Clock | None = None, amend: Callable[[Path], None] | None = None, **options: Any
) -> Iterator[House]:
    """Lend a gateway nobody can reach but this test; ``amend`` may change its configuration first."""
    config = furnish(folder, PORT, **options)
    if amend is not None:
        amend(config)
    gateway = open_gateway(read_settings(config), clock)
    app = make_app(gateway, deliver=False)
    url = gateway.settings.gateway.base_url
    http = Indoors(app, url)
    try:
        yield House(url, folder, gateway, app, typing.cast("httpx.Client", http))
    finally:
        http.close()
        gateway.close()
