"""The authorization server: Authlib's core (RFC 6749) joined with our own checks.

Authlib finds the grant, asks the authentication methods in turn, and holds the error classes. Its own
reading of assertions, secrets and scopes is replaced, for it accepts audiences in arrays, a foreign `jku`, a
missing `kid` and day-long assertions, and answers a scope out of bounds with an empty token.
"""

# Authlib ships no types, so its classes are Any to mypy; everything of ours in this file is typed in full.
# mypy: allow-subclassing-any

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from authlib.common.security import is_secure_transport
from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientMixin,
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    OAuth2Error,
    OAuth2Request,
)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from auth.assertions import AssertionVerifier
from auth.authentication import SecretVerifier
from auth.clients import AuthMethod, Client, ClientDirectory
from auth.clock import Clock
from auth.errors import CredentialRefused, Reason, RegistrationRefused, ScopeRefused
from auth.form import read_form
from auth.keyring import SigningKeys
from auth.replay import ReplayGuard
from auth.scopes import Scope, covers, parse_scopes
from auth.tokens import MAX_LIFETIME, Issued, TokenMint

GRANT_TYPE = "client_credentials"
"""The only grant (RFC 6749 section 4.4)."""

_SENTENCES: Mapping[str, str] = {
    "invalid_client": "Client authentication failed.",
    "invalid_scope": "The scope is missing, malformed, or more than this client was granted.",
    "unauthorized_client": "This client may not obtain tokens at present.",
    "unsupported_grant_type": "The only grant type is client_credentials.",
}


class Answer(NamedTuple):
    """An HTTP answer in plain data, for any framework to send."""

    status: int
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class IssuerIdentity:
    """What the issuer calls itself, and where it is reached from outside.

    Raises:
        RegistrationRefused: a URL that is neither https nor loopback, has a query or fragment, or a
            lifetime outside 1 to 300 seconds.

    """

    issuer: str
    token_url: str
    jwks_url: str
    audience: str
    scopes_supported: tuple[str, ...] = ()
    token_lifetime: int = MAX_LIFETIME

    def __post_init__(self) -> None:
        for url in (self.issuer, self.token_url, self.jwks_url):
            if not is_secure_transport(url) or "?" in url or "#" in url:
                raise RegistrationRefused("An issuer's URLs are https, without query and fragment.")
        if not self.audience or not 1 <= self.token_lifetime <= MAX_LIFETIME:
            raise RegistrationRefused("Tokens have an audience, and live 1 to 300 seconds.")


@dataclass(frozen=True, slots=True)
class Declined:
    """A token request that was declined. `client_id` is set only when the client had proved who it is."""

    error: str
    reason: Reason | None
    client_id: str | None


Observer = Callable[[Issued | Declined], None]
"""Told of every answer, before it is sent; what it raises becomes the fate of the request."""


def _observe_nothing(_: Issued | Declined) -> None:
    """Stand where no observer was given."""


class TokenIssuer(AuthorizationServer):
    """Answers token requests; safe to share between threads.

    Blocks on the directory, the replay guard, key files and scrypt, so an asynchronous caller hands
    `respond` to a thread. What those raise (a database that is down) passes through untouched.
    """

    def __init__(
        self,
        identity: IssuerIdentity,
        clients: ClientDirectory,
        keys: SigningKeys,
        replays: ReplayGuard,
        now: Clock,
        observe: Observer = _observe_nothing,
    ) -> None:
        super().__init__()
        self.identity = identity
        self.keys = keys
        self.now = now
        self._observe = observe
        self._mint = TokenMint(identity.issuer, identity.audience, keys, now, identity.token_lifetime)
        audiences = frozenset({identity.issuer, identity.token_url})
        self._assertions = AssertionVerifier(audiences, clients, replays, now)
        self._secrets = SecretVerifier(clients)
        self.register_grant(_Grant)
        self.register_client_auth_method(AuthMethod.PRIVATE_KEY_JWT.value, self._by_assertion)
        self.register_client_auth_method(AuthMethod.CLIENT_SECRET_BASIC.value, self._by_secret)

    def respond(self, form: list[tuple[str, str]], authorization_header: str | None) -> Answer:
        """Answer a token request given as decoded form pairs and the raw `Authorization` header."""
        try:
            given = read_form(form, authorization_header)
        except InvalidRequestError as error:
            return self.handle_error_response(None, error)
        request = _TokenRequest(self.identity.token_url, given, authorization_header)
        answer: Answer = self.create_token_response(request)
        return answer

    def issue(self, client: Client, requested: str | None) -> dict[str, object]:
        """Mint and announce a token for a client that proved who it is; its `scope` is in canonical form.

        Raises:
            InvalidScopeError: nothing was asked for, or more than the client has.

        """
        scopes = _requested(requested)
        if not scopes or not all(covers(client.scopes, scope) for scope in scopes):
            raise InvalidScopeError
        token, issued = self._mint.mint(client, scopes)
        self._observe(issued)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.identity.token_lifetime,
            "scope": issued.scope,
        }

    def _by_assertion(self, _: object, request: "_TokenRequest") -> "_Registered | None":
        assertion = request.form.get("client_assertion")
        if assertion is None:
            return None
        return _proved(lambda: self._assertions.verify(assertion), request)

    def _by_secret(self, _: object, request: "_TokenRequest") -> "_Registered | None":
        header = request.headers.get("Authorization")
        if header is None:
            return None
        return _proved(lambda: self._secrets.verify(header), request)

    # What follows is the face that Authlib's core calls.

    def query_client(self, client_id: str) -> None:
        """Find nobody: both authentication methods look clients up themselves."""

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Send no signal; `Observer` is told instead."""

    def create_oauth2_request(self, request: "_TokenRequest") -> "_TokenRequest":
        """Return the request, which was made in Authlib's form already."""
        return request

    def handle_response(self, status: int, body: dict[str, Any], headers: list[tuple[str, str]]) -> Answer:
        """Return the answer in plain data."""
        return Answer(status, dict(headers), body)

    def handle_error_response(self, request: "_TokenRequest | None", error: OAuth2Error) -> Answer:
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


class _TokenRequest(OAuth2Request):
    """A token request in the form Authlib's core reads."""

    def __init__(self, token_url: str, form: dict[str, str], authorization_header: str | None) -> None:
        headers = {} if authorization_header is None else {"Authorization": authorization_header}
        super().__init__("POST", token_url, headers=headers)
        self.payload = BasicOAuth2Payload(form)

    @property
    def form(self) -> dict[str, str]:
        form: dict[str, str] = self.payload.data
        return form


@dataclass(frozen=True, slots=True)
class _Registered(ClientMixin):
    """A client that proved who it is, in the form Authlib's core reads."""

    client: Client

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return endpoint == "token" and method == self.client.method.value

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == GRANT_TYPE and not self.client.suspended


class _Grant(ClientCredentialsGrant):
    """Client credentials, with the two registered methods of authentication."""

    TOKEN_ENDPOINT_AUTH_METHODS = tuple(method.value for method in AuthMethod)

    def create_token_response(self) -> tuple[int, dict[str, object], list[tuple[str, str]]]:
        # Authlib's own method writes the access token into its debug log.
        body = self.server.issue(self.client.client, self.request.payload.scope)
        return 200, body, self.TOKEN_RESPONSE_HEADER


def _proved(verify: Callable[[], Client], request: _TokenRequest) -> _Registered:
    """Return the client `verify` finds; a `client_id` parameter must name the same (RFC 7521 section 4.2)."""
    try:
        client = verify()
    except CredentialRefused as refused:
        raise _ClientDeclinedError(refused.reason) from refused
    if request.form.get("client_id", client.client_id) != client.client_id:
        raise _ClientDeclinedError(Reason.CLIENT_ID)
    # Authlib notes the client only after its own checks; a suspended one is to be known to the observer too.
    registered = request.client = _Registered(client)
    return registered


def _reason(error: OAuth2Error) -> Reason | None:
    if isinstance(error, _ClientDeclinedError):
        return error.reason
    return Reason.MISSING if isinstance(error, InvalidClientError) else None


def _requested(text: str | None) -> tuple[Scope, ...]:
    try:
        return parse_scopes(text or "")
    except ScopeRefused as error:
        raise InvalidScopeError from error
