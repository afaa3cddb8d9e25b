"""Client certificates (RFC 8705): what one says, and which registered name it must carry.

Whether the chain leads to a trusted authority was decided by whoever ended TLS: our own listener, or the proxy that
hands the certificate on. Here only what the certificate says is read.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from auth.errors import RegistrationRefused

MAX_CHARACTERS = 16_384
"""The longest certificate header that is read."""

_STRUCTURED = re.compile(r":([A-Za-z0-9+/]+={0,2}):")
_PEM = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*")


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate that a client has proved to hold the key of. Times are seconds since 1970."""

    thumbprint: str
    """`x5t#S256`: SHA-256 of the DER form, in base64url."""
    not_before: float
    not_after: float
    native: x509.Certificate = field(repr=False, compare=False)

    @classmethod
    def of(cls, native: x509.Certificate) -> "ClientCertificate":
        """Read what a certificate says."""
        digest = hashlib.sha256(native.public_bytes(Encoding.DER)).digest()
        thumbprint = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        begins, ends = native.not_valid_before_utc.timestamp(), native.not_valid_after_utc.timestamp()
        return cls(thumbprint, begins, ends, native)


def from_der(der: bytes) -> ClientCertificate | None:
    """Return the certificate of DER bytes; None when they are none."""
    try:
        return ClientCertificate.of(x509.load_der_x509_certificate(der))
    except ValueError:
        return None


def from_header(value: str) -> ClientCertificate | None:
    """Return the certificate a trusted proxy handed on; None when the header holds none.

    Two forms are read: RFC 9440's `Client-Cert` (`:base64 of DER:`), and PEM percent-encoded, as nginx's
    `$ssl_client_escaped_cert` writes it.
    """
    if len(value) > MAX_CHARACTERS:
        return None
    structured = _STRUCTURED.fullmatch(value)
    try:
        if structured is not None:
            return from_der(base64.b64decode(structured[1], validate=True))
        pem = unquote(value, errors="strict")
        return (
            ClientCertificate.of(x509.load_pem_x509_certificate(pem.encode("ascii"))) if _PEM.fullmatch(pem) else None
        )
    except (binascii.Error, ValueError):
        return None


@dataclass(frozen=True, slots=True)
class CertificateName:
    """The one name a client's certificate must carry (RFC 8705 section 2.1.2): its subject, or a name in its SAN.

    Raises:
        RegistrationRefused: not exactly one name is given, or the subject is no distinguished name (RFC 4514).

    """

    subject_dn: str | None = None
    san_dns: str | None = None
    san_uri: str | None = None

    def __post_init__(self) -> None:
        given = [name for name in (self.subject_dn, self.san_dns, self.san_uri) if name]
        if len(given) != 1:
            raise RegistrationRefused("A client certificate is registered by exactly one of its names.")
        if self.subject_dn:
            _distinguished(self.subject_dn)

    def matches(self, certificate: ClientCertificate) -> bool:
        """Tell whether the certificate carries the name."""
        if self.subject_dn:
            return certificate.native.subject == _distinguished(self.subject_dn)
        try:
            names = certificate.native.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        except (x509.ExtensionNotFound, ValueError):
            return False
        if self.san_dns:
            return self.san_dns.lower() in {name.lower() for name in names.get_values_for_type(x509.DNSName)}
        return self.san_uri in names.get_values_for_type(x509.UniformResourceIdentifier)


def _distinguished(text: str) -> x509.Name:
    try:
        return x509.Name.from_rfc4514_string(text)
    except ValueError as error:
        raise RegistrationRefused("The subject of a certificate is a distinguished name.") from error
