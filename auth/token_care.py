"""Introspection (RFC 7662) and revocation (RFC 7009) of our own access tokens, on Authlib's endpoints."""

# Authlib ships no types, so its classes are Any to mypy; everything of ours in this file is typed in full.
# mypy: allow-subclassing-any

from dataclasses import dataclass

from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint

from auth.clients import AuthMethod
from auth.errors import CredentialRefused
from auth.requests import FormRequest, Registered
from auth.scopes import scope_text
from auth.tokens import CERTIFICATE
from auth.verifier import Claims, Verifier

METHODS = [method.value for method in AuthMethod]
"""The ways a client may authenticate at every endpoint."""


@dataclass(frozen=True, slots=True)
class _Known:
    """One of our tokens that holds, in the form Authlib's endpoints read."""

    claims: Claims

    def check_client(self, client: Registered) -> bool:
        """Tell whether the token was issued to this client (RFC 7009 section 2.1)."""
        return self.claims.client_id == client.client.client_id

    def is_expired(self) -> bool:
        """Say no: an expired token was not found."""
        return False

    def is_revoked(self) -> bool:
        """Say no: a revoked token was not found."""
        return False


def _known(verifier: Verifier, token: str) -> _Known | None:
    try:
        return _Known(verifier.verify(token))
    except CredentialRefused:
        return None


class Introspection(IntrospectionEndpoint):
    """A client asks about tokens of its own agency; a client of `overseer` about every token."""

    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token: str, _hint: str | None) -> _Known | None:
        """Return the token if it holds now."""
        return _known(self.server.verifier, token)

    def check_permission(self, token: _Known, client: Registered, _request: FormRequest) -> bool:
        """Tell whether this client may know of this token."""
        return client.client.agency in (token.claims.agency, self.server.identity.overseer)

    def introspect_token(self, token: _Known) -> dict[str, object]:
        """Return what the token says."""
        claims = token.claims
        told: dict[str, object] = {
            "active": True,
            "iss": claims.issuer,
            "sub": claims.subject,
            "client_id": claims.client_id,
            "agency": claims.agency,
            "aud": claims.audience,
            "scope": scope_text(claims.scopes),
            "iat": int(claims.issued_at),
            "exp": int(claims.expires_at),
            "jti": claims.jti,
            "token_type": "Bearer" if claims.bound is None or claims.bound.member == CERTIFICATE else "DPoP",
        }
        if claims.bound is not None:
            told["cnf"] = {claims.bound.member: claims.bound.thumbprint}
        return told


class Revocation(RevocationEndpoint):
    """A client gives back a token of its own; a token that does not hold is answered like one that did (RFC 7009)."""

    CLIENT_AUTH_METHODS = METHODS

    def query_token(self, token: str, _hint: str | None) -> _Known | None:
        """Return the token if it holds now."""
        return _known(self.server.verifier, token)

    def revoke_token(self, token: _Known, _request: FormRequest) -> None:
        """Take the token back, for every process; blocks until that is durable."""
        self.server.revoke(token.claims)
