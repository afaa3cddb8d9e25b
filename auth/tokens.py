"""Access tokens (RFC 9068) are minted: ES256, with `kid`, one audience, the agency, five minutes at most."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from auth.clients import Client
from auth.clock import Clock
from auth.compact import sign
from auth.keyring import ALGORITHM, SigningKeys
from auth.scopes import Scope, scope_text

TYPE = "at+jwt"
"""The `typ` of an access token (RFC 9068 section 2.1)."""

MAX_LIFETIME = 300
"""The most seconds a token lives."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What a token is bound to (`cnf`, RFC 7800): a certificate (RFC 8705) or a DPoP key (RFC 9449), by thumbprint."""

    member: str
    thumbprint: str


CERTIFICATE, KEY = "x5t#S256", "jkt"
"""The members of `cnf` there are."""


@dataclass(frozen=True, slots=True)
class Issued:
    """What a ledger may keep of a token; the token itself is a credential and kept nowhere."""

    jti: str
    client_id: str
    agency: str
    scope: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class TokenMint:
    """Mints tokens of one issuer for one audience, each living `lifetime` seconds."""

    issuer: str
    audience: str
    keys: SigningKeys
    now: Clock
    lifetime: int = MAX_LIFETIME

    def mint(self, client: Client, scopes: Iterable[Scope], bound: Confirmation | None = None) -> tuple[str, Issued]:
        """Mint a token for a client that has proved who it is; may block on key files."""
        at = self.now()
        issued_at = int(at)
        granted, token_id = scope_text(scopes), secrets.token_urlsafe(16)
        claims: dict[str, object] = {
            "iss": self.issuer,
            "sub": client.client_id,
            "client_id": client.client_id,
            "aud": self.audience,
            "iat": issued_at,
            "exp": issued_at + self.lifetime,
            "jti": token_id,
            "scope": granted,
            "agency": client.agency,
        }
        if bound is not None:
            claims["cnf"] = {bound.member: bound.thumbprint}
        key = self.keys.signing_key(at)
        text = sign({"typ": TYPE, "kid": key.kid}, claims, key.private, ALGORITHM)
        expires_at = issued_at + self.lifetime
        return text, Issued(token_id, client.client_id, client.agency, granted, expires_at)
