"""Which client is calling the token endpoint: by id and secret in the `Authorization` header, or by certificate."""

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import unquote_plus

from auth.certificates import ClientCertificate
from auth.client_secrets import NOBODY
from auth.clients import CLIENT_ID, AuthMethod, Client, ClientDirectory
from auth.clock import SKEW, Clock
from auth.errors import CertificateRefused, Reason, SecretRefused

MAX_HEADER_CHARACTERS = 4096
"""The longest `Authorization` header that is read."""

_BASIC = re.compile(r"[Bb][Aa][Ss][Ii][Cc] +(?P<credentials>[A-Za-z0-9+/]+={0,2})")


def read_basic(header: str) -> tuple[str, str]:
    """Return id and secret of an HTTP Basic header, form-decoded (RFC 6749 section 2.3.1).

    Raises:
        SecretRefused: another scheme, not base64 of UTF-8, or without a colon.

    """
    match = _BASIC.fullmatch(header) if len(header) <= MAX_HEADER_CHARACTERS else None
    if match is None:
        raise SecretRefused(Reason.SCHEME)
    try:
        decoded = base64.b64decode(match["credentials"], validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise SecretRefused(Reason.ENCODING) from error
    client_id, colon, secret = decoded.partition(":")
    if not colon:
        raise SecretRefused(Reason.ENCODING)
    return unquote_plus(client_id), unquote_plus(secret)


@dataclass(frozen=True, slots=True)
class SecretVerifier:
    """Checks `client_secret_basic`, only for clients registered for it."""

    clients: ClientDirectory

    def verify(self, header: str) -> Client:
        """Return the client; blocks on the directory and, once, on scrypt, whether or not the client exists.

        Raises:
            SecretRefused: with the reason, never told to the caller: wrong id and wrong secret look alike.

        """
        client_id, secret = read_basic(header)
        client = self.clients.find(client_id) if CLIENT_ID.fullmatch(client_id) else None
        stored = client.secret_hash if client and client.secret_hash else NOBODY
        matched = stored.matches(secret)
        if client is None:
            raise SecretRefused(Reason.CLIENT_UNKNOWN)
        if client.method is not AuthMethod.CLIENT_SECRET_BASIC:
            raise SecretRefused(Reason.CLIENT_METHOD)
        if not matched:
            raise SecretRefused(Reason.MISMATCH)
        return client


@dataclass(frozen=True, slots=True)
class CertificateVerifier:
    """Checks `tls_client_auth` (RFC 8705 section 2.1): the certificate carries the name that was registered."""

    clients: ClientDirectory
    now: Clock

    def verify(self, client_id: str, certificate: ClientCertificate) -> Client:
        """Return the client that `client_id` names if the certificate is its own; blocks on the directory.

        Raises:
            CertificateRefused: with the reason, never told to the caller.

        """
        client = self.clients.find(client_id) if CLIENT_ID.fullmatch(client_id) else None
        if client is None:
            raise CertificateRefused(Reason.CLIENT_UNKNOWN)
        if client.certificate is None:
            raise CertificateRefused(Reason.CLIENT_METHOD)
        at = self.now()
        if not certificate.not_before - SKEW <= at < certificate.not_after + SKEW:
            raise CertificateRefused(Reason.CERTIFICATE_PERIOD)
        if not client.certificate.matches(certificate):
            raise CertificateRefused(Reason.CERTIFICATE_NAME)
        return client
