"""Keys: public key sets (RFC 7517), private keys, and which key fits which signature algorithm.

The algorithm list is fixed here, in code (RFC 8725 section 3.1). A key fits an algorithm when its type and
curve are the ones RFC 7518 and RFC 8037 name, when an RSA modulus has at least 2048 bits, and when the key's
own `use`, `key_ops` and `alg`, where present, agree.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from auth.errors import CredentialRefused, KeyRefused, Reason

ALGORITHMS: Mapping[str, tuple[str, str | None]] = MappingProxyType(
    {
        "RS384": ("RSA", None),
        "PS256": ("RSA", None),
        "ES256": ("EC", "P-256"),
        "ES384": ("EC", "P-384"),
        "EdDSA": ("OKP", "Ed25519"),
        "Ed25519": ("OKP", "Ed25519"),
    }
)
"""Each allowed `alg` with the key type and curve it needs. `Ed25519` is the RFC 9864 name of `EdDSA`."""

MIN_RSA_BITS = 2048
"""The smallest RSA modulus (RFC 7518 section 3.3)."""

MAX_KEYS = 64
"""The most keys that one set may hold."""

PrivateKey = RSAKey | ECKey | OKPKey
"""A key that signs."""


Refuse = Callable[[Reason], CredentialRefused]
"""Makes the exception of the caller's own kind, such as `AssertionRefused` or `TokenRefused`."""


class KeyFinder(Protocol):
    """Where the one key of a signature is found."""

    def find(self, kid: str, alg: str, refuse: Refuse, /) -> Key:
        """Return the key, or raise what `refuse` makes; may block where keys are fetched or read."""


class VerificationKeys(Protocol):
    """Whatever can tell which public keys count at a moment."""

    def public_keys(self, at: float, /) -> "PublicKeySet":
        """Return the keys that verify signatures at `at` (seconds since 1970); may read key files."""


def fits(key: Key, alg: str) -> bool:
    """Tell whether `key` may make or check a signature of algorithm `alg`."""
    kty, curve = ALGORITHMS.get(alg, (None, None))
    if key.key_type != kty or key.get("alg", alg) != alg or key.get("use", "sig") != "sig":
        return False
    operations = key.get("key_ops")
    if operations is not None and not {"sign", "verify"} & set(operations):
        return False
    if isinstance(key, RSAKey):
        return key.raw_value.key_size >= MIN_RSA_BITS
    return isinstance(key, ECKey | OKPKey) and key.curve_name == curve


def fits_some_algorithm(key: Key) -> bool:
    """Tell whether `key` fits at least one allowed algorithm."""
    return any(fits(key, alg) for alg in ALGORITHMS)


def read_private_key(pem: bytes, password: bytes | None = None) -> PrivateKey:
    """Read a private key in PEM (PKCS#8 or traditional), RSA, EC or Ed25519.

    Raises:
        KeyRefused: not a private key in PEM, wrong password, or fit for none of `ALGORITHMS`.

    """
    try:
        native = load_pem_private_key(pem, password)
    except (ValueError, TypeError) as error:
        raise KeyRefused("The text is not a private key in PEM, or the password is wrong.") from error
    key = _private_key(native)
    if not fits_some_algorithm(key):
        raise KeyRefused("The private key fits none of the allowed algorithms.")
    return key


def _private_key(native: object) -> PrivateKey:
    match native:
        case rsa.RSAPrivateKey():
            return RSAKey(native, native)
        case ec.EllipticCurvePrivateKey():
            return ECKey(native, native)
        case ed25519.Ed25519PrivateKey():
            return OKPKey(native, native)
        case _:
            raise KeyRefused("The private key is neither RSA, EC nor Ed25519.")


@dataclass(frozen=True, slots=True)
class PublicKeySet:
    """Public keys, each with a `kid`; the only place a signature's key is ever looked up."""

    keys: tuple[Key, ...]

    @classmethod
    def parse(cls, document: Mapping[str, object]) -> "PublicKeySet":
        """Read a JWK Set; keys for encryption, and of types or curves we do not use, are passed over.

        Raises:
            KeyRefused: not a JWK Set; a key that is private, symmetric, malformed, or an RSA key under
                2048 bits; a signing key without `kid`; or no key left to use.

        """
        members = document.get("keys")
        if not isinstance(members, list) or len(members) > MAX_KEYS:
            raise KeyRefused("A JWK Set has a list of keys, of limited length.")
        usable = tuple(key for key in map(_public_key, members) if key is not None)
        if not usable:
            raise KeyRefused("The JWK Set holds no key that fits an allowed algorithm.")
        return cls(usable)

    def public_keys(self, _at: float, /) -> "PublicKeySet":
        """Return this set, the same at every moment, so that it can stand wherever `VerificationKeys` may."""
        return self

    def find(self, kid: str, alg: str, refuse: Refuse, /) -> Key:
        """Return the one key with this `kid` and the key type of `alg` (SMART backend services, step 4).

        Raises:
            CredentialRefused: as made by `refuse`: no such `kid`, a key that does not fit, or more than one.

        """
        named = [key for key in self.keys if key.kid == kid]
        if not named:
            raise refuse(Reason.KID_UNKNOWN)
        fitting = [key for key in named if key.key_type == ALGORITHMS[alg][0]]
        if len(fitting) > 1:
            raise refuse(Reason.KID_AMBIGUOUS)
        if not fitting or not fits(fitting[0], alg):
            raise refuse(Reason.KEY_UNFIT)
        return fitting[0]

    def document(self) -> dict[str, object]:
        """Return the JWK Set as JSON-ready data; no private member is ever part of it."""
        return {"keys": [key.as_dict(private=False) for key in self.keys]}


def read_public_jwk(member: object) -> Key:
    """Read a public key that stands alone, such as the one in a DPoP proof.

    Raises:
        KeyRefused: private, symmetric, malformed, weak, or fit for none of `ALGORITHMS`.

    """
    if not isinstance(member, dict):
        raise KeyRefused("A JWK is an object.")
    key = _public_key({**member, "kid": "unnamed"})
    if key is None:
        raise KeyRefused("The key fits none of the allowed algorithms.")
    return key


def _public_key(member: object) -> Key | None:
    """Read one member of a JWK Set; None when it is not ours to use."""
    if not isinstance(member, dict):
        raise KeyRefused("A member of a JWK Set is an object.")
    if member.get("kty") == "oct" or "d" in member or "k" in member:
        raise KeyRefused("A JWK Set of a client holds public keys only.")
    if member.get("kty") not in ("RSA", "EC", "OKP") or member.get("use", "sig") != "sig":
        return None
    if not isinstance(member.get("kid"), str) or not member["kid"]:
        raise KeyRefused("Every signing key in a JWK Set has a kid.")
    key = _imported(member)
    if isinstance(key, RSAKey) and key.raw_value.key_size < MIN_RSA_BITS:
        raise KeyRefused("An RSA key has at least 2048 bits.")
    return key if fits_some_algorithm(key) else None


def _imported(member: dict[str, str | list[str]]) -> Key:
    try:
        return JWKRegistry.import_key(dict(member))
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise KeyRefused("A key in the JWK Set is malformed.") from error
