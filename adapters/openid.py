"""An OpenID provider: where it is, how a person is sent there, and who came back (OpenID Connect Core 1.0 section 3.1).

The authorization code flow with PKCE (RFC 7636). The provider is named by the configuration; what its discovery
document names is asked through the same guarded, bounded client as every door.
"""

import asyncio
import base64
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus, urlsplit

import orjson
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from adapters.addresses import check_base_url
from adapters.key_sets import LIMITS, fetch_key_set
from adapters.secret_refs import SecretError, SecretRef
from adapters.transport import Answer, Call, Transport
from auth.clock import Clock
from auth.errors import IdTokenRefused, Reason
from auth.id_tokens import check_id_token
from auth.remote_keys import KeysUnavailableError

FRESH = 300.0
"""Seconds a discovery document is believed."""

_CODE = re.compile(r"[\x21-\x7e]{1,2048}")
_SCOPE = "openid"


@dataclass(frozen=True, slots=True)
class Provider:
    """What the configuration says of the provider, and who we are there."""

    issuer: str
    client_id: str
    secret: SecretRef | None
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class _Places:
    authorization: str
    token: str
    keys: str
    until: float


class OpenId:
    """Logs people in; safe for many tasks of one event loop."""

    def __init__(self, provider: Provider, now: Clock) -> None:
        self._provider = provider
        self._now = now
        self._known: _Places | None = None

    async def address(self, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """Return where a person is sent to log in.

        Raises:
            IdTokenRefused: the provider does not answer, or not as one.

        """
        places = await self._places()
        return str(
            prepare_grant_uri(
                places.authorization, self._provider.client_id, "code", redirect, _SCOPE, state, nonce=nonce,
                code_challenge=create_s256_code_challenge(verifier), code_challenge_method="S256",
            )
        )  # fmt: skip

    async def person(self, code: str, redirect: str, nonce: str, verifier: str) -> Mapping[str, object]:
        """Return the claims about the person who came back with a code.

        Raises:
            IdTokenRefused: the provider does not vouch for anybody.

        """
        if not _CODE.fullmatch(code):
            raise IdTokenRefused(Reason.MISSING)
        places = await self._places()
        body, headers = await asyncio.to_thread(self._asking, code, redirect, verifier)
        told = await self._asked(places.token, "POST", headers, body)
        token = told.get("id_token")
        if not isinstance(token, str):
            raise IdTokenRefused(Reason.MISSING)
        keys = await self._keys(places.keys)
        provider = self._provider
        return check_id_token(
            token, keys, issuer=provider.issuer, client_id=provider.client_id, nonce=nonce, now=self._now()
        )

    def _asking(self, code: str, redirect: str, verifier: str) -> tuple[bytes, dict[str, str]]:
        """Return the body and headers of the token request; blocks on the disk for a secret."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        form = {"code": code, "code_verifier": verifier}
        if self._provider.secret is None:
            form["client_id"] = self._provider.client_id
        else:
            try:
                secret = self._provider.secret.read()
            except SecretError:
                raise IdTokenRefused(Reason.CLIENT_METHOD) from None
            pair = f"{quote_plus(self._provider.client_id)}:{quote_plus(secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        text = prepare_token_request("authorization_code", redirect_uri=redirect, **form)
        return str(text).encode(), headers

    async def _places(self) -> _Places:
        if self._known is not None and time.monotonic() < self._known.until:
            return self._known
        issuer = self._provider.issuer.rstrip("/")
        told = await self._asked(f"{issuer}/.well-known/openid-configuration", "GET", {"Accept": "application/json"})
        if told.get("issuer") != self._provider.issuer:
            raise IdTokenRefused(Reason.ISSUER)
        named = [told.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        for each in named:
            self._check(each)
        authorization, token, keys = map(str, named)
        self._known = _Places(authorization, token, keys, time.monotonic() + FRESH)
        return self._known

    def _check(self, url: object) -> None:
        """Make sure that the discovery document leads nowhere a manifest could not."""
        try:
            check_base_url(url if isinstance(url, str) else "", allow_private=self._provider.allow_private)
        except ValueError:
            raise IdTokenRefused(Reason.ISSUER) from None

    async def _asked(
        self, url: str, method: str, headers: dict[str, str], body: bytes | None = None
    ) -> Mapping[str, object]:
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        transport = Transport(origin, LIMITS, allow_private=self._provider.allow_private)
        try:
            answer = await transport.exchange(Call(method, parts.path, headers, body))
        finally:
            await transport.close()
        if not isinstance(answer, Answer) or answer.status != 200 or answer.flaw is not None:
            raise IdTokenRefused(Reason.KEYS_UNAVAILABLE)
        try:
            told = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            raise IdTokenRefused(Reason.JSON) from None
        if not isinstance(told, dict):
            raise IdTokenRefused(Reason.JSON)
        return told

    async def _keys(self, url: str) -> bytes:
        try:
            return await asyncio.to_thread(fetch_key_set, url, allow_private=self._provider.allow_private)
        except KeysUnavailableError:
            raise IdTokenRefused(Reason.KEYS_UNAVAILABLE) from None
