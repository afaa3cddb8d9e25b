"""What `auth` raises, and why a credential was refused.

The tree (a test compares this drawing with the classes)::

    AuthError
    ├── KeyRefused
    ├── ScopeRefused
    ├── RegistrationRefused
    └── CredentialRefused
        ├── AssertionRefused
        ├── SecretRefused
        ├── CertificateRefused
        ├── ProofRefused
        ├── TokenRefused
        └── IdTokenRefused

Every message is a fixed sentence: no token, secret, identifier or path is ever part of one.
"""

from enum import StrEnum


class Reason(StrEnum):
    """Why a credential was refused; safe to log and to count, for it names a rule and never a value."""

    MISSING = "missing"
    SCHEME = "scheme"
    TOO_LONG = "too-long"
    NOT_COMPACT = "not-compact"
    ENCODING = "encoding"
    JSON = "json"
    DUPLICATE_MEMBER = "duplicate-member"
    HEADER_PARAMETER = "header-parameter"
    ALGORITHM = "algorithm"
    TYPE = "type"
    KID_MISSING = "kid-missing"
    KID_UNKNOWN = "kid-unknown"
    KID_AMBIGUOUS = "kid-ambiguous"
    KEY_UNFIT = "key-unfit"
    SIGNATURE = "signature"
    ISSUER = "issuer"
    SUBJECT = "subject"
    AUDIENCE = "audience"
    AUDIENCE_ARRAY = "audience-array"
    EXPIRY = "expiry"
    EXPIRED = "expired"
    TOO_LONG_LIVED = "too-long-lived"
    NOT_YET_VALID = "not-yet-valid"
    ISSUED_AT = "issued-at"
    ISSUED_AHEAD = "issued-ahead"
    JTI = "jti"
    REPLAYED = "replayed"
    CLIENT_ID = "client-id"
    CLIENT_UNKNOWN = "client-unknown"
    CLIENT_METHOD = "client-method"
    MISMATCH = "mismatch"
    AGENCY = "agency"
    SCOPE = "scope"
    KEYS_UNAVAILABLE = "keys-unavailable"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    BINDING = "binding"
    CERTIFICATE_MISSING = "certificate-missing"
    CERTIFICATE_NAME = "certificate-name"
    CERTIFICATE_OTHER = "certificate-other"
    CERTIFICATE_PERIOD = "certificate-period"
    PROOF_MISSING = "proof-missing"
    PROOF_REPEATED = "proof-repeated"
    PROOF_KEY = "proof-key"
    PROOF_METHOD = "proof-method"
    PROOF_URL = "proof-url"
    PROOF_TOKEN = "proof-token"  # noqa: S105 - the name of a rule
    PROOF_OTHER = "proof-other"


class AuthError(Exception):
    """The root of everything this package raises on purpose."""


class KeyRefused(AuthError):
    """A key, key set or key file that cannot be used: malformed, too weak, private where public was due."""


class ScopeRefused(AuthError):
    """A scope that cannot be parsed (RFC 6749 section 3.3, SMART App Launch 2 scopes)."""


class RegistrationRefused(AuthError):
    """A client or issuer whose configured fields contradict each other; raised at start, not at a request."""


class CredentialRefused(AuthError):
    """Something presented as proof was refused; `reason` names the rule that refused it."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"The credential was refused: {reason.value}.")
        self.reason = reason


class AssertionRefused(CredentialRefused):
    """A client assertion (RFC 7523) was refused."""


class SecretRefused(CredentialRefused):
    """A client id with a secret (RFC 6749 section 2.3.1) was refused."""


class CertificateRefused(CredentialRefused):
    """A client certificate (RFC 8705) was refused, or none was there."""


class ProofRefused(CredentialRefused):
    """A DPoP proof (RFC 9449) was refused, or none was there."""


class TokenRefused(CredentialRefused):
    """An access token (RFC 9068) was refused."""


class IdTokenRefused(CredentialRefused):
    """An ID token of an OpenID provider was refused, or the provider could not be asked for one."""
