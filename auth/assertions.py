"""Client assertions (RFC 7523 section 2.2, SMART backend services): built for others, checked for us."""

import secrets
import time
from dataclasses import dataclass

from auth.claims import audience, jti, not_before, seconds, text
from auth.clients import Client, ClientDirectory
from auth.clock import SKEW, Clock
from auth.compact import Compact, read, sign
from auth.errors import AssertionRefused, Reason
from auth.keys import PrivateKey
from auth.replay import ReplayGuard

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""The only `client_assertion_type` (RFC 7523 section 2.2)."""

MAX_LIFETIME = 300
"""Seconds that `exp` may lie ahead (SMART backend services)."""

_TYPES = frozenset({None, "jwt", "client-authentication+jwt"})
"""Allowed `typ`, lower-cased; the last is of rfc7523bis. An access token (`at+jwt`) is no assertion."""


def build_assertion(
    client_id: str,
    audience: str,
    key: PrivateKey,
    alg: str,
    kid: str,
    lifetime: int = 60,
    now: Clock = time.time,
) -> str:
    """Build an assertion for one token request: a new `jti` each time, `exp` in `lifetime` seconds.

    `audience` is the other side's token URL or issuer, as its registration says; `key` is from
    `auth.keys.read_private_key`. Never blocks.

    Raises:
        KeyRefused: the key cannot sign with `alg`.
        ValueError: `lifetime` is not 1 to 300 seconds.

    """
    if not 1 <= lifetime <= MAX_LIFETIME:
        raise ValueError("The lifetime of an assertion is 1 to 300 seconds.")
    issued_at = int(now())
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": issued_at,
        "exp": issued_at + lifetime,
        "jti": secrets.token_urlsafe(24),
    }
    return sign({"typ": "JWT", "kid": kid}, claims, key, alg)


@dataclass(frozen=True, slots=True)
class AssertionVerifier:
    """Checks assertions presented to us. `audiences` are our issuer and our token URL."""

    audiences: frozenset[str]
    clients: ClientDirectory
    replays: ReplayGuard
    now: Clock

    def verify(self, assertion: str) -> Client:
        """Return the client whose assertion this is; may block on the directory and the replay guard.

        What needs no secret is checked first, so that a forger makes us do little; the `jti` is spent last,
        so that nobody but the client can spend it.

        Raises:
            AssertionRefused: with the reason.

        """
        compact = read(assertion, AssertionRefused)
        if (compact.typ.lower() if compact.typ else None) not in _TYPES:
            raise AssertionRefused(Reason.TYPE)
        at = self.now()
        client_id = self._subject(compact)
        expires_at = _expiry(compact, at)
        spent = jti(compact.claims, AssertionRefused)
        client = self._prove(compact, client_id)
        if not self.replays.use(client_id, spent, expires_at + SKEW):
            raise AssertionRefused(Reason.REPLAYED)
        return client

    def _subject(self, compact: Compact) -> str:
        subject = text(compact.claims, "sub", Reason.SUBJECT, AssertionRefused)
        if text(compact.claims, "iss", Reason.ISSUER, AssertionRefused) != subject:
            raise AssertionRefused(Reason.ISSUER)
        audience(compact.claims, self.audiences, AssertionRefused)
        return subject

    def _prove(self, compact: Compact, client_id: str) -> Client:
        client = self.clients.find(client_id)
        if client is None:
            raise AssertionRefused(Reason.CLIENT_UNKNOWN)
        if client.jwks is None:
            raise AssertionRefused(Reason.CLIENT_METHOD)
        compact.check(client.jwks.find(compact.kid, compact.alg, AssertionRefused), AssertionRefused)
        return client


def _expiry(compact: Compact, at: float) -> float:
    """Return `exp`, in (at - skew, at + 300 + skew]; `nbf` and `iat` lie ahead by the skew at most."""
    expires_at = seconds(compact.claims, "exp", Reason.EXPIRY, AssertionRefused)
    if expires_at <= at - SKEW:
        raise AssertionRefused(Reason.EXPIRED)
    if expires_at > at + MAX_LIFETIME + SKEW:
        raise AssertionRefused(Reason.TOO_LONG_LIVED)
    not_before(compact.claims, at + SKEW, AssertionRefused)
    return expires_at
