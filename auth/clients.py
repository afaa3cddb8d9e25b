"""Registered clients (RFC 6749 section 2, RFC 7591 section 2), and the directory they are found in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from auth.certificates import CertificateName
from auth.client_secrets import SecretHash
from auth.errors import RegistrationRefused
from auth.keys import KeyFinder
from auth.scopes import Scope

CLIENT_ID = re.compile(r"[\x21-\x7e]{1,255}")
"""Printable ASCII without space (RFC 6749 appendix A.1), so that an id may stand in logs and headers."""

AGENCY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""The form of an agency's id."""


class AuthMethod(StrEnum):
    """How a client proves who it is at the token endpoint; values as registered with IANA (RFC 7591)."""

    PRIVATE_KEY_JWT = "private_key_jwt"
    TLS_CLIENT_AUTH = "tls_client_auth"
    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - the registered name of a method


class Binding(StrEnum):
    """What a client's tokens must be bound to, so that a stolen one is worth nothing."""

    NONE = "none"
    DPOP = "dpop"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class Client:
    """One program of one agency. Exactly one of `jwks`, `certificate` and `secret_hash` is set: the one `method` needs.

    `binding` is the least its tokens are bound to; those of `tls_client_auth` are always bound to the certificate.
    A suspended client still proves who it is, and is then told `unauthorized_client`; nobody else is.

    Raises:
        RegistrationRefused: a malformed id, or fields that contradict each other.

    """

    client_id: str
    agency: str
    method: AuthMethod
    scopes: tuple[Scope, ...]
    jwks: KeyFinder | None = field(default=None, repr=False)
    secret_hash: SecretHash | None = field(default=None, repr=False)
    certificate: CertificateName | None = None
    binding: Binding = Binding.NONE
    suspended: bool = False

    def __post_init__(self) -> None:
        if not CLIENT_ID.fullmatch(self.client_id):
            raise RegistrationRefused("A client id is 1 to 255 printable ASCII characters without space.")
        if not AGENCY.fullmatch(self.agency):
            raise RegistrationRefused("An agency id is letters, digits, dots, dashes and underscores.")
        given = {
            AuthMethod.PRIVATE_KEY_JWT: self.jwks is not None,
            AuthMethod.TLS_CLIENT_AUTH: self.certificate is not None,
            AuthMethod.CLIENT_SECRET_BASIC: self.secret_hash is not None,
        }
        if [method for method, there in given.items() if there] != [self.method]:
            raise RegistrationRefused("A client has the keys, the certificate or the secret its method needs alone.")
        if self.method is AuthMethod.TLS_CLIENT_AUTH and self.binding is Binding.DPOP:
            raise RegistrationRefused("The tokens of tls_client_auth are bound to the certificate.")

    @property
    def bound_to(self) -> Binding:
        """What the client's tokens are bound to at least."""
        return Binding.TLS if self.method is AuthMethod.TLS_CLIENT_AUTH else self.binding


class ClientDirectory(Protocol):
    """Where registered clients are found."""

    def find(self, client_id: str) -> Client | None:
        """Return the client of this id, or None; may block on a database."""


class FixedClients:
    """A directory over clients known at start.

    Raises:
        RegistrationRefused: two clients share an id.

    """

    def __init__(self, clients: Iterable[Client]) -> None:
        listed = tuple(clients)
        self._by_id = {client.client_id: client for client in listed}
        if len(self._by_id) != len(listed):
            raise RegistrationRefused("Two clients share a client id.")

    def find(self, client_id: str) -> Client | None:
        """Return the client of this id, or None; never blocks."""
        return self._by_id.get(client_id)
