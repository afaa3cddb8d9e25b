"""Key-encryption keys: they wrap the keys of cases, and never leave this module.

A file, mode 0600, holds them as JSON: `{"current": id, "keks": {id: base64}, "index": base64}`. A new key
is added beside the old ones, which stay until every case's key has been wrapped anew. `index` keys
fingerprints and never changes, or repeats of old requests would no longer be recognised.
"""

import base64
import binascii
import hmac
import json
import os
import secrets
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.vault.errors import KeptElsewhere, KeyFileRefused, SealBroken, UnknownKek


class KeyWrapper(Protocol):
    """What wraps the keys of cases: a file today, a hardware module or a key service tomorrow."""

    @property
    def current(self) -> str:
        """Id of the key-encryption key that wraps new keys."""
        ...

    def wrap(self, dek: bytes, case: str) -> bytes:
        """Wrap a case's key under the current key-encryption key, bound to the case."""
        ...

    def unwrap(self, wrapped: bytes, kek_id: str, case: str) -> bytes:
        """Unwrap a case's key; raises `UnknownKek`, `SealBroken`."""
        ...

    def rotate(self) -> str:
        """Make a new key-encryption key the current one and return its id; raises `KeptElsewhere`."""
        ...

    def fingerprint(self, data: bytes) -> bytes:
        """Return a 32-byte keyed digest: equal for equal data, and nothing to those without the key."""
        ...


class _HeldKeys:
    """Keys as a file or a credential holds them; raises `KeyFileRefused` when they are malformed."""

    def __init__(self, data: bytes) -> None:
        self._take(data)

    def _take(self, data: bytes) -> None:
        try:
            held = json.loads(data)
            self._keks = {name: base64.b64decode(key, validate=True) for name, key in held["keks"].items()}
            self._index = base64.b64decode(held["index"], validate=True)
            self._current = str(held["current"])
        except (ValueError, KeyError, TypeError, AttributeError, binascii.Error):
            raise KeyFileRefused from None
        sizes = {len(key) for key in (*self._keks.values(), self._index)}
        if self._current not in self._keks or sizes != {32}:
            raise KeyFileRefused
        self._cipher = AESGCM(self._keks[self._current])

    @property
    def current(self) -> str:
        """Id of the key-encryption key that wraps new keys."""
        return self._current

    def wrap(self, dek: bytes, case: str) -> bytes:
        """Wrap a case's key: 12 bytes of nonce, then the sealed key."""
        nonce = secrets.token_bytes(12)
        return nonce + self._cipher.encrypt(nonce, dek, _binding(self._current, case))

    def unwrap(self, wrapped: bytes, kek_id: str, case: str) -> bytes:
        """Unwrap a case's key; raises `UnknownKek` and `SealBroken`."""
        if kek_id not in self._keks:
            raise UnknownKek
        try:
            return AESGCM(self._keks[kek_id]).decrypt(wrapped[:12], wrapped[12:], _binding(kek_id, case))
        except (InvalidTag, ValueError):
            raise SealBroken from None

    def fingerprint(self, data: bytes) -> bytes:
        """Return HMAC-SHA256 of the data under the index key."""
        return hmac.digest(self._index, data, "sha256")


class FileKeyWrapper(_HeldKeys):
    """A `KeyWrapper` whose keys stand in a file; raises `KeyFileRefused` when the file will not do."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if path.stat().st_mode & 0o077:
            raise KeyFileRefused
        super().__init__(path.read_bytes())

    def unwrap(self, wrapped: bytes, kek_id: str, case: str) -> bytes:
        """Unwrap a case's key; a key another process of the gateway has added since is read first."""
        if kek_id not in self._keks:
            self._take(self._path.read_bytes())
        return super().unwrap(wrapped, kek_id, case)

    def rotate(self) -> str:
        """Add a key to the file and make it the current one; returns its id."""
        name = add_kek(self._path)
        self._take(self._path.read_bytes())
        return name


class CredentialKeyWrapper(_HeldKeys):
    """A `KeyWrapper` whose keys are a credential of the service manager (systemd.exec(5), LoadCredential=).

    It stands in a folder only the service can read, and is replaced outside.
    Raises `KeyFileRefused` when it is missing.
    """

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise KeyFileRefused
        super().__init__(path.read_bytes())

    def rotate(self) -> str:
        """Refuse: raises `KeptElsewhere`."""
        raise KeptElsewhere


def wrapper_of(credential: Path | None, path: Path) -> KeyWrapper:
    """Return what wraps keys: a credential where one is named, or else a file. Raises `KeyFileRefused`, OSError."""
    return CredentialKeyWrapper(credential) if credential is not None else FileKeyWrapper(path)


def _binding(kek_id: str, case: str) -> bytes:
    return f"dek|{kek_id}|{case}".encode()


def create_key_file(path: Path) -> None:
    """Write a new key file with one key-encryption key; raises FileExistsError rather than replace one."""
    first = "kek-1"
    held = {"current": first, "keks": {first: _new_key()}, "index": _new_key()}
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(held, file)
        file.flush()
        os.fsync(file.fileno())


def add_kek(path: Path) -> str:
    """Add a key-encryption key to a key file, make it the current one and return its id."""
    held = json.loads(path.read_bytes())
    name = f"kek-{max(int(each.rpartition('-')[2]) for each in held['keks']) + 1}"
    held["keks"][name], held["current"] = _new_key(), name
    fresh = path.with_name(path.name + ".new")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        json.dump(held, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    return name


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
