"""Who may come in: logins, tokens of the miniature gateway and of an issuer it trusts."""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization

from conformance.reference.trees import RefusedError
from conformance.sandbox.settings import BASIC, Login

SCOPES = frozenset({
    "referral.write", "referral.read", "reply.write", "trace.read", "translate", "delivery.read", "delivery.operate",
    "referral.erase", "ledger.read", "evidence.read",
})  # fmt: skip
KEPT = 60.0
"""Seconds for which fetched keys are not fetched again."""


class BadTokenError(Exception):
    """A call without a valid token."""


@dataclass
class Doors:
    """The token endpoint and the check of every call. `fetch_keys` gives the trusted issuer's keys."""

    url: str
    clients: dict[str, tuple[str, Login]]
    """By client id: the agency, and how it logs in."""
    public_keys: dict[str, KeySet]
    issuer: str
    issued_for: dict[str, str]
    fetch_keys: Callable[[], str]
    flaws: frozenset[str]
    tokens: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    spent: set[str] = field(default_factory=set)
    _keys: tuple[float, KeySet] | None = None

    def token(self, request: httpx.Request) -> httpx.Response:
        """Answer the token endpoint (RFC 6749 section 5)."""
        form = dict(parse_qsl(request.content.decode()))
        client = self._client(request, form)
        if client is None:
            return _oauth(401, "invalid_client")
        if form.get("grant_type") != "client_credentials":
            return _oauth(400, "unsupported_grant_type")
        wanted = frozenset(form.get("scope", "referral.read").split())
        if not wanted <= SCOPES:
            return _oauth(400, "invalid_scope")
        token = secrets.token_urlsafe(16)
        self.tokens[token] = (client, wanted)
        told = {"access_token": token, "token_type": "Bearer", "expires_in": 3_600, "scope": " ".join(wanted)}
        return httpx.Response(200, json=told, headers={"Cache-Control": "no-store"})

    def _client(self, request: httpx.Request, form: dict[str, str]) -> str | None:
        if assertion := form.get("client_assertion"):
            return self._asserted(assertion)
        try:
            pair = base64.b64decode(request.headers.get("authorization", "").partition(" ")[2]).decode()
        except ValueError:
            return None
        name, _, secret = pair.partition(":")
        agency, login = self.clients.get(name, ("", None))
        right = login is not None and login.method == BASIC and login.secret == secret
        return agency if right else None

    def _asserted(self, assertion: str) -> str | None:
        head = json.loads(_decoded(assertion.split(".")[1]))
        agency, login = self.clients.get(str(head.get("iss")), ("", None))
        if login is None:
            return None
        try:
            claims = jwt.decode(assertion, self.public_keys[login.client_id], algorithms=["ES256"]).claims
        except (JoseError, ValueError, KeyError):
            return None
        now, jti = time.time(), claims.get("jti")
        lax = "lax-assertions" in self.flaws
        if not lax and (claims.get("aud") != login.audience or not now < float(claims["exp"]) <= now + 300):
            return None
        if (not jti or jti in self.spent) and "forgets-assertions" not in self.flaws and not (lax and not jti):
            return None
        self.spent.add(str(jti))
        return agency

    def admit(self, request: httpx.Request, scope: str) -> str:
        """Give the agency that calls; raises `BadTokenError`, or `RefusedError` for a missing scope."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if "open-door" in self.flaws and not token:
            return "welfare"
        if "token-in-query" in self.flaws and not token:
            scheme, token = "bearer", request.url.params.get("access_token", "")
        if "any-scheme" in self.flaws and scheme.lower() == "basic":
            return base64.b64decode(token).decode("latin-1").partition(":")[0].partition("-")[0]
        if scheme.lower() != "bearer" or not token:
            raise BadTokenError
        agency, scopes = self.tokens.get(token) or self._issued(token)
        if scope not in scopes and "any-scope" not in self.flaws:
            raise RefusedError(403, "INSUFFICIENT_SCOPE")
        return agency

    def _issued(self, token: str) -> tuple[str, frozenset[str]]:
        """Check a token of the trusted issuer (RFC 9068 section 4)."""
        try:
            head, claims = (json.loads(_decoded(part)) for part in token.split(".")[:2])
        except ValueError:
            raise BadTokenError from None
        weak = head.get("alg") in {"none", "HS256"}
        if not (weak and "weak-algorithms" in self.flaws):
            self._signed(token, head)
        self._timely(claims)
        return self.issued_for.get(str(claims.get("client_id")), ""), frozenset(str(claims["scope"]).split())

    def _signed(self, token: str, head: dict[str, Any]) -> None:
        keys = self._known_keys(str(head.get("kid")))
        try:
            jwt.decode(token, keys, algorithms=["ES256"])
        except (JoseError, ValueError, KeyError):
            raise BadTokenError from None

    def _known_keys(self, kid: str) -> KeySet:
        now = time.monotonic()
        unknown = self._keys is not None and all(key.kid != kid for key in self._keys[1].keys)
        stale = self._keys is None or (unknown and now - self._keys[0] > KEPT)
        if stale or (unknown and "fetches-each-time" in self.flaws):
            told: KeySetSerialization = json.loads(self.fetch_keys())
            self._keys = now, KeySet.import_key_set(told)
        if self._keys is None:
            raise BadTokenError
        return self._keys[1]

    def _timely(self, claims: dict[str, Any]) -> None:
        now, flaws = time.time(), self.flaws
        if "ignores-expiry" not in flaws and not now < float(claims.get("exp", 0)):
            raise BadTokenError
        if float(claims.get("nbf", 0)) > now + 60 and "ignores-not-before" not in flaws:
            raise BadTokenError
        if "ignores-issuer" not in flaws and claims.get("iss") != self.issuer:
            raise BadTokenError
        if "ignores-audience" not in flaws and claims.get("aud") != self.url:
            raise BadTokenError


def _oauth(status: int, error: str) -> httpx.Response:
    headers = {"Cache-Control": "no-store", "WWW-Authenticate": 'Basic realm="x"'}
    return httpx.Response(status, json={"error": error}, headers=headers)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
