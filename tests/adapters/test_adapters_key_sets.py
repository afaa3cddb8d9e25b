"""A client's key set is fetched over a real socket: only from where it is said to be, and only what fits."""

from __future__ import annotations

import asyncio
import socket

import pytest
from adapter_peer import DROP, Peer, Step, answer
from aiohttp.abc import AbstractResolver, ResolveResult

from adapters import addresses, key_sets
from adapters.key_sets import fetch_key_set
from auth.remote_keys import MAX_BYTES, KeysUnavailableError

pytestmark = pytest.mark.anyio
KEYS = b'{"keys":[]}'
GOOD = answer(200, KEYS, "application/jwk-set+json")


async def fetched(*steps: Step, host: str = "", allow_private: bool = True) -> tuple[bytes | None, Peer]:
    async with Peer(*steps, rest=answer(404, {})) as peer:
        base = f"{host}:{peer.port}" if host else peer.url
        try:
            body = await asyncio.to_thread(fetch_key_set, f"{base}/jwks", allow_private=allow_private)
        except KeysUnavailableError:
            body = None
    return body, peer


async def test_the_configured_address_is_asked_once_and_for_nothing_but_keys():
    body, peer = await fetched(GOOD)
    [request] = peer.requests
    assert body == KEYS
    assert (request.method, request.path) == ("GET", "/jwks")
    assert "authorization" not in request.headers
    assert "cookie" not in request.headers


@pytest.mark.parametrize("host", ["https://127.0.0.1", "https://localhost", "https://[::1]", "http://localhost"])
async def test_a_private_address_is_not_even_connected_to(host):
    body, peer = await fetched(GOOD, host=host, allow_private=False)
    assert (body, peer.connections) == (None, 0)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_no_redirect_is_followed(status):
    async with Peer(GOOD) as elsewhere:
        body, peer = await fetched(answer(status, {}, Location=f"{elsewhere.url}/jwks"))
    assert body is None
    assert (len(peer.requests), elsewhere.connections) == (1, 0)


@pytest.mark.parametrize(
    "step",
    [
        answer(500, {}), answer(404, {}), answer(200, KEYS, "text/html"), DROP, Step(cut=True, body=KEYS),
        answer(200, b" " * (MAX_BYTES + 1), "application/json"),
        answer(200, KEYS, "application/json", Content_Encoding="gzip"),
    ],
    ids=["500", "404", "html", "dropped", "cut", "large", "packed"],
)  # fmt: skip
async def test_what_is_no_key_set_that_fits_is_none(step):
    body, _ = await fetched(step)
    assert body is None


async def test_a_server_that_says_nothing_is_not_waited_for_for_long(monkeypatch):
    limits = key_sets.Limits(connect_seconds=0.5, total_seconds=0.5, attempt_seconds=0.5, connections=1)
    monkeypatch.setattr(key_sets, "LIMITS", limits)
    body, _ = await fetched(Step(hang=True))
    assert body is None


class Rebinding(AbstractResolver):
    """Names a public address first and a private one ever after, as who attacks by the name server does."""

    def __init__(self) -> None:
        self.asked = 0

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        self.asked += 1
        named = "8.8.8.8" if self.asked == 1 else "127.0.0.1"
        return [ResolveResult(hostname=host, host=named, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Hold nothing."""


async def test_a_name_that_moves_inside_after_it_was_looked_up_is_not_followed():
    name_server = Rebinding()
    guarded = addresses.GuardedResolver(allow_private=False, encrypted=True, inner=name_server)
    first = await guarded.resolve("keys.example.pk", 443)
    with pytest.raises(addresses.AddressError):
        await guarded.resolve("keys.example.pk", 443)
    assert [each["host"] for each in first] == ["8.8.8.8"]
