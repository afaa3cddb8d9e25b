"""The ledger's signing key as a file only its owner may read."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.ledger.checkpoint import Signer


class SigningKeyRefused(Exception):
    """The ledger's key file is not a private Ed25519 key that only its owner can read."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def create_signing_key(path: Path) -> None:
    """Write a new Ed25519 key as PKCS#8 PEM, mode 0600; raises FileExistsError rather than replace one."""
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)


def load_signer(path: Path, origin: str) -> Signer:
    """Read the key that `create_signing_key` wrote; raises `SigningKeyRefused` for any other file."""
    if path.stat().st_mode & 0o077:
        raise SigningKeyRefused
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except ValueError:
        raise SigningKeyRefused from None
    if not isinstance(key, Ed25519PrivateKey):
        raise SigningKeyRefused
    return Signer(origin, key)
