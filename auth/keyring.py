"""The issuer's signing keys, with rotation that overlaps.

One line of time for each key: *published* (verifiers may learn it) before it is *active* (tokens are signed
with it), and published still for an overlap after its successor became active, so that every token it signed
can be verified until the token ends. A ring is a value: rotation makes a new one.
"""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from joserfc.jwk import ECKey, Key

from auth.errors import KeyRefused
from auth.keys import PublicKeySet, VerificationKeys, fits

ALGORITHM = "ES256"
"""The algorithm of every access token this package mints."""

OVERLAP = 3600
"""Seconds a key is published after its successor became active."""

LEAD = 600
"""Seconds a new key is published before it becomes active: longer than a verifier caches our key set."""

MIN_OVERLAP = 310
"""The shortest overlap: the life of a token and the skew."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An ES256 private key that signs from `active_from` (seconds since 1970); `kid` is its thumbprint."""

    kid: str
    active_from: int
    private: ECKey = field(compare=False, repr=False)
    public: Key = field(compare=False, repr=False)

    @classmethod
    def of(cls, private: Key, active_from: int) -> "SigningKey":
        """Name a P-256 private key by its thumbprint.

        Raises:
            KeyRefused: not a private key for ES256.

        """
        if not isinstance(private, ECKey) or not private.is_private or not fits(private, ALGORITHM):
            raise KeyRefused("A signing key of the issuer is a private P-256 key.")
        kid = private.thumbprint()
        public = ECKey.import_key({**private.as_dict(private=False), "kid": kid, "use": "sig", "alg": ALGORITHM})
        return cls(kid, active_from, private, public)

    @classmethod
    def generate(cls, active_from: int) -> "SigningKey":
        """Make a new key from the operating system's randomness."""
        return cls.of(ECKey.generate_key("P-256"), active_from)


class SigningKeys(VerificationKeys, Protocol):
    """Whatever can tell which key signs at a moment, and which keys verify."""

    def signing_key(self, at: float, /) -> SigningKey:
        """Return the key that signs at `at` (seconds since 1970); may read key files."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Signing keys in the order in which they become active.

    Raises:
        KeyRefused: no key, keys out of order or repeated, or an overlap shorter than `MIN_OVERLAP`.

    """

    keys: tuple[SigningKey, ...]
    overlap: int = OVERLAP

    def __post_init__(self) -> None:
        times = [key.active_from for key in self.keys]
        if not times or any(later < earlier for earlier, later in pairwise(times)):
            raise KeyRefused("A key ring holds at least one key, in the order in which they become active.")
        if len({key.kid for key in self.keys}) != len(times):
            raise KeyRefused("A key ring holds a key once.")
        if self.overlap < MIN_OVERLAP:
            raise KeyRefused("The overlap of a key ring outlasts the tokens signed with its keys.")

    def signing_key(self, at: float, /) -> SigningKey:
        """Return the newest active key; before any is active (a clock set back), the oldest."""
        return next((key for key in reversed(self.keys) if key.active_from <= at), self.keys[0])

    def published(self, at: float, /) -> tuple[SigningKey, ...]:
        """Return the keys that verify at `at`: previous within the overlap, current, and next."""
        successors = pairwise((*self.keys, None))
        return tuple(key for key, after in successors if key and not (after and after.active_from + self.overlap <= at))

    def public_keys(self, at: float, /) -> PublicKeySet:
        """Return the public half of the keys that verify at `at`."""
        return PublicKeySet(tuple(key.public for key in self.published(at)))
