"""Tokens and assertions that a check makes by hand: right ones, and ones that are wrong in a single way."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from dataclasses import dataclass

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, import_key

from conformance.sandbox.gateway_login import KEY_KINDS
from conformance.sandbox.settings import Login


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer of access tokens whom the target trusts for this run; `key` is its private key as PEM."""

    url: str
    key: str
    kid: str
    audience: str
    client_id: str

    def claims(self, scope: str) -> dict[str, object]:
        """Make the claims of a right token (RFC 9068 section 2.2)."""
        now = int(time.time())
        return {
            "iss": self.url,
            "aud": self.audience,
            "sub": self.client_id,
            "client_id": self.client_id,
            "scope": scope,
            "iat": now,
            "exp": now + 240,
            "jti": str(uuid.uuid4()),
        }

    def token(self, scope: str, kid: str = "", **changed: object) -> str:
        """Sign a token; `changed` replaces claims, None takes one out."""
        claims = {name: value for name, value in (self.claims(scope) | changed).items() if value is not None}
        key = import_key(self.key, "EC")
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": kid or self.kid}, claims, key, algorithms=["ES256"])

    def unsigned(self, scope: str) -> str:
        """Make a token of `alg` none (RFC 8725 section 2.1)."""
        return f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{_part(self.claims(scope))}."

    def confused(self, scope: str) -> str:
        """Make a token signed with HS256 and the public key as its secret (RFC 8725 section 2.1)."""
        public = import_key(self.key, "EC").as_pem(private=False)
        head = f"{_part({'alg': 'HS256', 'typ': 'at+jwt', 'kid': self.kid})}.{_part(self.claims(scope))}"
        return f"{head}.{_encoded(hmac.new(public, head.encode(), hashlib.sha256).digest())}"


def new_issuer(url: str, audience: str, client_id: str) -> tuple[Issuer, str]:
    """Make an issuer with a fresh key; gives it and its public key set as JSON."""
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    public = json.dumps(KeySet([key]).as_dict(private=False), indent=2) + "\n"
    return Issuer(url, key.as_pem(private=True).decode(), key.thumbprint(), audience, client_id), public


def client_assertion(login: Login, **changed: object) -> str:
    """Sign a client assertion (RFC 7523); `changed` replaces claims, None takes one out."""
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": login.client_id,
        "sub": login.client_id,
        "aud": login.audience,
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + 240,
    }
    kept = {name: value for name, value in (claims | changed).items() if value is not None}
    key = import_key(login.key, KEY_KINDS[login.alg])
    return jwt.encode({"alg": login.alg, "kid": login.kid}, kept, key, algorithms=[login.alg])


def _part(value: dict[str, object]) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
