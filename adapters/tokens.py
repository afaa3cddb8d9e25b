"""Outbound OAuth: one access token for each agency (RFC 6749 section 4.4, RFC 7523 section 2.2).

Neither a token nor a secret ever stands in a representation, a log or an exception.
"""

import asyncio
import base64
import re
import time
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlencode, urlsplit

import orjson

from adapters.base import CREDENTIALS, Unavailable
from adapters.manifest import OutboundAuth
from adapters.secret_refs import SecretError
from adapters.statuses import judge_status
from adapters.transport import Answer, Call, Fault, Transport
from auth.assertions import ASSERTION_TYPE, build_assertion
from auth.clients import AuthMethod
from auth.clock import Clock
from auth.errors import KeyRefused
from auth.keys import read_private_key

LEEWAY = 30.0
"""Seconds before its end that a token is no longer used."""

LONGEST_LIFE = 3600.0
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*")
"""A bearer token (RFC 6750 section 2.1): what cannot stand in the header is no token."""


@dataclass(frozen=True, slots=True, eq=False)
class AccessToken:
    """A bearer token; `until` is when we stop using it, by the monotonic clock."""

    value: str = field(repr=False)
    until: float


class TokenSource:
    """Fetches and keeps the token for one agency. Safe for many tasks of one event loop.

    `transport` leads to the origin of the token URL; `now` is the wall clock, for assertions alone.
    """

    def __init__(self, auth: OutboundAuth, transport: Transport, now: Clock) -> None:
        self._auth = auth
        self._transport = transport
        self._now = now
        self._current: AccessToken | None = None
        self._flight: asyncio.Task[AccessToken | Unavailable] | None = None

    async def token(self) -> AccessToken | Unavailable:
        """Return the token in use, or fetch one: a fetch on its way serves everybody who asks meanwhile."""
        if self._current is not None and time.monotonic() < self._current.until:
            return self._current
        if self._flight is None or self._flight.done():
            self._flight = asyncio.create_task(self._fetch())
        # One caller that gives up must not take the token from the others.
        return await asyncio.shield(self._flight)

    def invalidate(self, refused: AccessToken) -> None:
        """Forget `refused`, unless another call has replaced it already."""
        if self._current is refused:
            self._current = None

    async def close(self) -> None:
        """Give up a fetch on its way and close the connections."""
        if self._flight is not None:
            self._flight.cancel()
        await self._transport.close()

    async def _fetch(self) -> AccessToken | Unavailable:
        try:
            call = await asyncio.to_thread(self._call)
        except (SecretError, KeyRefused, OSError):
            return Unavailable(None, CREDENTIALS, pause=True)
        began = time.monotonic()
        answer = await self._transport.exchange(call)
        if isinstance(answer, Fault):
            return Unavailable(None, f"TOKEN_{answer.code}", transport_fault=True)
        granted = self._granted(answer, began)
        self._current = granted if isinstance(granted, AccessToken) else None
        return granted

    def _call(self) -> Call:
        """Make the token request; blocks on the disk for a key or secret, so that rotation is noticed."""
        form = {"grant_type": "client_credentials"}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if self._auth.scope:
            form["scope"] = self._auth.scope
        if self._auth.method is AuthMethod.PRIVATE_KEY_JWT:
            form |= {
                "client_id": self._auth.client_id,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self._assertion(),
            }
        else:
            headers["Authorization"] = self._basic()
        path = urlsplit(self._auth.token_url).path
        return Call("POST", path, headers, urlencode(form).encode())

    def _assertion(self) -> str:
        auth = self._auth
        if auth.key_file is None or auth.alg is None or auth.kid is None:
            raise KeyRefused("The manifest names no key.")
        key = read_private_key(auth.key_file.read_bytes())
        audience = auth.audience or auth.token_url
        return build_assertion(auth.client_id, audience, key, auth.alg, auth.kid, now=self._now)

    def _basic(self) -> str:
        """Write the header of RFC 6749 section 2.3.1: both halves form-encoded first."""
        if self._auth.secret is None:
            raise SecretError("The manifest names no secret.")
        pair = f"{quote_plus(self._auth.client_id)}:{quote_plus(self._auth.secret.read())}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"

    def _granted(self, answer: Answer, began: float) -> AccessToken | Unavailable:
        if answer.status != 200:
            return _denied(answer, self._now())
        try:
            grant = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            grant = None
        value = grant.get("access_token") if isinstance(grant, dict) else None
        bearer = isinstance(grant, dict) and str(grant.get("token_type", "")).lower() == "bearer"
        if not bearer or not isinstance(value, str) or not _TOKEN.fullmatch(value):
            return Unavailable(answer.status, "TOKEN_PROTOCOL", transport_fault=True)
        return AccessToken(value, began + _life(grant.get("expires_in")) - LEEWAY)


def _life(expires_in: object) -> float:
    """Return how many seconds a token lives; without a usable word on it, it serves one call."""
    if isinstance(expires_in, bool) or not isinstance(expires_in, int | float):
        return 0.0
    return min(max(float(expires_in), 0.0), LONGEST_LIFE)


def _denied(answer: Answer, now: float) -> Unavailable:
    """Judge a refusal: 400, 401 and 403 are about our client (RFC 6749 section 5.2), the rest about theirs."""
    if answer.status in (400, 401, 403):
        return Unavailable(answer.status, CREDENTIALS, pause=True)
    judged = judge_status(answer, now)
    if isinstance(judged, Unavailable):
        return judged
    return Unavailable(answer.status, "TOKEN_PROTOCOL", transport_fault=True)
