"""The authorization server: Authlib's core (RFC 6749) joined with our own checks.

Authlib finds the grant, asks the authentication methods in turn, and holds the error classes. Its own
reading of assertions, secrets and scopes is replaced, for it accepts audiences in arrays, a foreign `jku`, a
missing `kid` and day-long assertions, and answers a scope out of bounds with an empty token.
"""

# Authlib ships no types, so its classes are Any to mypy; everything of ours in this file is typed in full.
# mypy: allow-subclassing-any

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from auth.assertions import AssertionVerifier
from auth.authentication import CertificateVerifier, SecretVerifier
from auth.clients import AuthMethod, Binding, Client, ClientDirectory
from auth.clock import Clock
from auth.errors import CredentialRefused, ProofRefused, Reason, ScopeRefused
from auth.form import read_form
from auth.identity import IssuerIdentity
from auth.keyring import SigningKeys
from auth.proofs import ProofVerifier
from auth.replay import ReplayGuard
from auth.requests import Answer, FormRequest, Presented, Registered
from auth.scopes import Scope, covers, parse_scopes
from auth.token_care import METHODS, Introspection, Revocation
from auth.tokens import CERTIFICATE, KEY, Confirmation, Issued, TokenMint
from auth.verifier import Claims, Verifier

_SENTENCES: Mapping[str, str] = {
    "invalid_client": "Client authentication failed.",
    "invalid_dpop_proof": "A DPoP proof for this request is needed, and this is none.",
    "invalid_grant": "The token was not issued to this client.",
    "invalid_scope": "The scope is missing, malformed, or more than this client was granted.",
    "unauthorized_client": "This client may not obtain tokens at present.",
    "unsupported_grant_type": "The only grant type is client_credentials.",
}


@dataclass(frozen=True, slots=True)
class Declined:
    """A token request that was declined. `client_id` is set only when the client had proved who it is."""

    error: str
    reason: Reason | None
    client_id: str | None


@dataclass(frozen=True, slots=True)
class Revoked:
    """A token its own client gave back."""

    jti: str
    client_id: str
    agency: str


Observer = Callable[[Issued | Declined | Revoked], None]
"""Told of every answer, before it is sent; what it raises becomes the fate of the request."""


class Revocations(Protocol):
    """Where revoked tokens are remembered until they would have ended anyway."""

    def revoke(self, issuer: str, jti: str, expires_at: float, /) -> None:
        """Remember a token for every process; blocks until that is durable."""


def _observe_nothing(_: Issued | Declined | Revoked) -> None:
    """Stand where no observer was given."""


class TokenIssuer(AuthorizationServer):
    """Answers token requests; safe to share between threads.

    Blocks on the directory, the replay guard, key files, key sets elsewhere and scrypt, so an asynchronous caller
    hands `respond` to a thread. What those raise (a database that is down) passes through untouched.
    """

    def __init__(
        self,
        identity: IssuerIdentity,
        clients: ClientDirectory,
        keys: SigningKeys,
        replays: ReplayGuard,
        revocations: Revocations,
        verifier: Verifier,
        now: Clock,
        observe: Observer = _observe_nothing,
    ) -> None:
        super().__init__()
        self.identity = identity
        self.verifier = verifier
        self._revocations = revocations
        self._observe = observe
        self._mint = TokenMint(identity.issuer, identity.audience, keys, now, identity.token_lifetime)
        self._assertions = AssertionVerifier(frozenset({identity.issuer, identity.token_url}), clients, replays, now)
        self._secrets = SecretVerifier(clients)
        self._certificates = CertificateVerifier(clients, now)
        self._proofs = ProofVerifier(replays, now)
        self.register_grant(_Grant)
        self.register_endpoint(Introspection(self))
        self.register_endpoint(Revocation(self))
        self.register_client_auth_method(AuthMethod.PRIVATE_KEY_JWT.value, self._by_assertion)
        self.register_client_auth_method(AuthMethod.CLIENT_SECRET_BASIC.value, self._by_secret)
        self.register_client_auth_method(AuthMethod.TLS_CLIENT_AUTH.value, self._by_certificate)

    def respond(self, form: list[tuple[str, str]], presented: Presented) -> Answer:
        """Answer a token request given as decoded form pairs and what came with it."""
        return self._answered(form, presented, "grant_type", self.create_token_response)

    def introspect(self, form: list[tuple[str, str]], presented: Presented) -> Answer:
        """Answer an introspection request (RFC 7662)."""
        return self._answered(form, presented, "token", lambda r: self.create_endpoint_response("introspection", r))

    def take_back(self, form: list[tuple[str, str]], presented: Presented) -> Answer:
        """Answer a revocation request (RFC 7009)."""
        return self._answered(form, presented, "token", lambda r: self.create_endpoint_response("revocation", r))

    def issue(self, client: Client, requested: str | None, presented: Presented) -> dict[str, object]:
        """Mint and announce a token for a client that proved who it is; its `scope` is in canonical form.

        Raises:
            InvalidScopeError: nothing was asked for, or more than the client has.
            _ProofDeclinedError: the token must be bound, and what it would be bound to was not proved.

        """
        scopes = _requested(requested)
        if not scopes or not all(covers(client.scopes, scope) for scope in scopes):
            raise InvalidScopeError
        bound = self._bound(client, presented)
        token, issued = self._mint.mint(client, scopes, bound)
        self._observe(issued)
        return {
            "access_token": token,
            "token_type": "DPoP" if bound is not None and bound.member == KEY else "Bearer",
            "expires_in": self.identity.token_lifetime,
            "scope": issued.scope,
        }

    def revoke(self, claims: Claims) -> None:
        """Take a token back, for every process; blocks until that is durable."""
        self._revocations.revoke(claims.issuer, claims.jti, claims.expires_at)
        self._observe(Revoked(claims.jti, claims.client_id, claims.agency))

    def _answered(
        self,
        form: list[tuple[str, str]],
        presented: Presented,
        needed: str,
        answer: Callable[[FormRequest], Answer],
    ) -> Answer:
        try:
            given = read_form(form, presented.authorization, needed)
        except InvalidRequestError as error:
            return self.handle_error_response(None, error)
        return answer(FormRequest(self.identity.token_url, given, presented))

    def _bound(self, client: Client, presented: Presented) -> Confirmation | None:
        """Return what the token is bound to: the certificate where that is agreed, else the key of a proof sent."""
        if client.bound_to is Binding.TLS:
            if presented.certificate is None:
                raise _ProofDeclinedError(Reason.CERTIFICATE_MISSING)
            return Confirmation(CERTIFICATE, presented.certificate.thumbprint)
        if not presented.proofs and client.bound_to is not Binding.DPOP:
            return None
        try:
            return Confirmation(KEY, self._proofs.verify(presented.proofs, "POST", self.identity.token_url))
        except ProofRefused as refused:
            raise _ProofDeclinedError(refused.reason) from refused

    def _by_assertion(self, _: object, request: FormRequest) -> Registered | None:
        assertion = request.form.get("client_assertion")
        if assertion is None:
            return None
        return _proved(lambda: self._assertions.verify(assertion), request)

    def _by_secret(self, _: object, request: FormRequest) -> Registered | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        return _proved(lambda: self._secrets.verify(header), request)

    def _by_certificate(self, _: object, request: FormRequest) -> Registered | None:
        named, certificate = request.form.get("client_id"), request.presented.certificate
        others = "client_assertion" in request.form or "client_secret" in request.form
        if named is None or certificate is None or others or "Authorization" in request.headers:
            return None
        return _proved(lambda: self._certificates.verify(named, certificate), request)

    # What follows is the face that Authlib's core calls.

    def query_client(self, client_id: str) -> None:
        """Find nobody: the authentication methods look clients up themselves."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Send no signal; `Observer` is told instead."""

    def create_oauth2_request(self, request: FormRequest) -> FormRequest:
        """Return the request, which was made in Authlib's form already."""
        return request

    def handle_response(self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]) -> Answer:
        """Return the answer in plain data."""
        return Answer(status, dict(headers), body)

    def handle_error_response(self, request: FormRequest | None, error: OAuth2Error) -> Answer:
        """Answer with a fixed sentence for each error code, so that nothing of the request is echoed."""
        proved = request.client.client.client_id if request is not None and request.client else None
        self._observe(Declined(error.error, _reason(error), proved))
        sentence = _SENTENCES.get(error.error, error.description)
        headers = dict(error.get_headers())
        if isinstance(error, InvalidClientError):
            # RFC 9110 section 15.5.2: every 401 names a scheme; Basic is the only one with a challenge.
            headers["WWW-Authenticate"] = 'Basic realm="token", charset="UTF-8"'
            return Answer(401, headers, {"error": error.error, "error_description": sentence})
        return Answer(400, headers, {"error": error.error, "error_description": sentence})


class _ClientDeclinedError(InvalidClientError):
    """Client authentication failed for a reason that is observed and never told."""

    def __init__(self, reason: Reason) -> None:
        super().__init__()
        self.reason = reason


class _ProofDeclinedError(OAuth2Error):
    """What the token would be bound to was not proved (RFC 9449 section 5)."""

    error = "invalid_dpop_proof"

    def __init__(self, reason: Reason) -> None:
        super().__init__()
        self.reason = reason
        if reason is Reason.CERTIFICATE_MISSING:
            self.error = "invalid_request"


class _Grant(ClientCredentialsGrant):
    """Client credentials, with the three registered methods of authentication."""

    TOKEN_ENDPOINT_AUTH_METHODS = tuple(METHODS)

    def create_token_response(self) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
        # Authlib's own method writes the access token into its debug log.
        body = self.server.issue(self.client.client, self.request.payload.scope, self.request.presented)
        return 200, body, self.TOKEN_RESPONSE_HEADER


def _proved(verify: Callable[[], Client], request: FormRequest) -> Registered:
    """Return the client `verify` finds; a `client_id` parameter must name the same (RFC 7521 section 4.2)."""
    try:
        client = verify()
    except CredentialRefused as refused:
        raise _ClientDeclinedError(refused.reason) from refused
    if request.form.get("client_id", client.client_id) != client.client_id:
        raise _ClientDeclinedError(Reason.CLIENT_ID)
    # Authlib notes the client only after its own checks; a suspended one is to be known to the observer too.
    registered = request.client = Registered(client)
    return registered


def _reason(error: OAuth2Error) -> Reason | None:
    if isinstance(error, _ClientDeclinedError | _ProofDeclinedError):
        return error.reason
    return Reason.MISSING if isinstance(error, InvalidClientError) else None


def _requested(text: str | None) -> tuple[Scope, ...]:
    try:
        return parse_scopes(text or "")
    except ScopeRefused as error:
        raise InvalidScopeError from error
