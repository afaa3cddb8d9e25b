"""Client secrets: made here, shown once, kept only as a scrypt hash (RFC 7914).

A hash is written `scrypt$<log2 n>$<r>$<p>$<salt>$<digest>`, the last two in base64url, so that the cost can
be raised later without asking every client for a new secret.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass

from auth.errors import RegistrationRefused

MIN_CHARACTERS = 32
"""The shortest secret that is hashed; `new_secret` gives 43."""

MAX_CHARACTERS = 512
"""The longest secret that is compared."""

_LOG_N, _R, _P = 14, 8, 1
# RFC 6749 appendix A.2. HMAC pads its key with zeros, so that scrypt would see "x" and "x\0" alike.
_SECRET = re.compile(rf"[\x20-\x7e]{{0,{MAX_CHARACTERS}}}")
_FORM = re.compile(r"scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True, repr=False)
class SecretHash:
    """The scrypt hash of a client secret, with its cost (16 MiB of memory at the cost in use today)."""

    log_n: int
    r: int
    p: int
    salt: bytes
    digest: bytes

    @classmethod
    def parse(cls, text: str) -> "SecretHash":
        """Read a hash as `str()` wrote it.

        Raises:
            RegistrationRefused: not such a text, or a cost out of reason.

        """
        match = _FORM.fullmatch(text)
        if match is None:
            raise RegistrationRefused("A secret hash is written scrypt$n$r$p$salt$digest.")
        log_n, r, p = (int(each) for each in match.groups()[:3])
        if not (10 <= log_n <= 18 and 1 <= r <= 16 and 1 <= p <= 4):
            raise RegistrationRefused("The cost of a secret hash is out of reason.")
        try:
            return cls(log_n, r, p, _decoded(match[4]), _decoded(match[5]))
        except binascii.Error as error:
            raise RegistrationRefused("A secret hash holds salt and digest in base64url.") from error

    def __str__(self) -> str:
        return f"scrypt${self.log_n}${self.r}${self.p}${_encoded(self.salt)}${_encoded(self.digest)}"

    def matches(self, secret: str) -> bool:
        """Compare in constant time. Blocks for some tens of milliseconds of CPU, whatever the answer."""
        well_formed = _SECRET.fullmatch(secret) is not None
        given = secret.encode("ascii") if well_formed else b""
        computed = _scrypt(given, self.salt, self.log_n, self.r, self.p)
        return hmac.compare_digest(computed, self.digest) and well_formed


def new_secret() -> str:
    """Make a client secret of 256 random bits, in 43 base64url characters."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> SecretHash:
    """Hash a secret for storage. Blocks like `SecretHash.matches`.

    Raises:
        RegistrationRefused: the secret is shorter than `MIN_CHARACTERS`, longer than `MAX_CHARACTERS`,
            or holds anything but printable ASCII.

    """
    if len(secret) < MIN_CHARACTERS or not _SECRET.fullmatch(secret):
        raise RegistrationRefused("A client secret is 32 to 512 characters of printable ASCII.")
    salt = os.urandom(16)
    return SecretHash(_LOG_N, _R, _P, salt, _scrypt(secret.encode("ascii"), salt, _LOG_N, _R, _P))


NOBODY = SecretHash(_LOG_N, _R, _P, os.urandom(16), os.urandom(32))
"""A hash no secret has: compared against when there is no such client, so that the work is the same."""


def _scrypt(secret: bytes, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    cost = 2**log_n
    return hashlib.scrypt(secret, salt=salt, n=cost, r=r, p=p, maxmem=256 * cost * r, dklen=32)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
