"""Seal, open, destroy: the keys of cases, in the caller's transaction.

The row of a case's key is read each time, and only the costly unwrapping is remembered, under the wrapped
bytes. So a key made in a transaction that is rolled back is never used again, and a destroyed key is gone
for every process at once.
"""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Row, bindparam, insert, select, update

from gateway.store.tables import case_key
from gateway.vault.errors import Erased, SealBroken
from gateway.vault.wrapping import KeyWrapper

_KEY = (case_key.c.wrapped_dek, case_key.c.kek_id, case_key.c.version)
_FIND = select(*_KEY).where(case_key.c.case_key == bindparam("case"))
_FIND_ALL = select(case_key.c.case_key, *_KEY).where(case_key.c.case_key.in_(bindparam("cases", expanding=True)))


@dataclass(frozen=True)
class Place:
    """Where a sealed value stands; it is bound into the seal, so that values cannot be swapped."""

    table: str
    column: str
    row: str

    def binding(self, key_version: int) -> bytes:
        """Return the additional authenticated data, `table|column|row|key version`."""
        return f"{self.table}|{self.column}|{self.row}|{key_version}".encode()


@dataclass(frozen=True)
class Sealed:
    """AES-256-GCM ciphertext with its tag, its 12-byte nonce and the version of the key."""

    nonce: bytes
    ciphertext: bytes
    key_version: int


@dataclass(frozen=True)
class CaseKey:
    """The unwrapped key of a case; never kept longer than the transaction in which it was found."""

    case: str
    version: int
    _cipher: AESGCM = field(repr=False)

    def seal(self, place: Place, plaintext: bytes) -> Sealed:
        """Seal a value under this key."""
        nonce = secrets.token_bytes(12)
        return Sealed(nonce, self._cipher.encrypt(nonce, plaintext, place.binding(self.version)), self.version)

    def open(self, place: Place, sealed: Sealed) -> bytes:
        """Return what was sealed in a place. Raises `SealBroken`."""
        if self.version != sealed.key_version:
            raise SealBroken
        try:
            return self._cipher.decrypt(sealed.nonce, sealed.ciphertext, place.binding(self.version))
        except InvalidTag:
            raise SealBroken from None


@dataclass(frozen=True)
class FreshKey:
    """The key of a case that nothing was sealed for before; `row` must be stored with what it seals."""

    row: dict[str, object]
    key: CaseKey


class Vault:
    """Seals values under keys of cases; `cached` unwrapped keys stay in memory, oldest use leaves."""

    def __init__(self, wrapper: KeyWrapper, cached: int = 1_024) -> None:
        self._wrapper = wrapper
        self._cached = cached
        self._cache: OrderedDict[bytes, bytes] = OrderedDict()
        self._guard = threading.Lock()

    @property
    def kek(self) -> str:
        """Id of the key-encryption key that wraps new keys."""
        return self._wrapper.current

    def rotate(self) -> str:
        """Make a new key-encryption key the current one; returns its id. Raises `KeptElsewhere`."""
        return self._wrapper.rotate()

    def fingerprint(self, data: bytes) -> bytes:
        """Return a keyed digest of a body, to recognise its repeat without keeping anything guessable."""
        return self._wrapper.fingerprint(data)

    def fresh_key(self, case: str, now: float) -> FreshKey:
        """Make the key of a new case, without a database: whoever stores `row` finds out if there was one already."""
        dek = secrets.token_bytes(32)
        return FreshKey(self._row(case, dek, now), CaseKey(case, 1, AESGCM(dek)))

    def seal(self, connection: Connection, case: str, place: Place, plaintext: bytes, now: float) -> Sealed:
        """Seal a value under the case's key, which is made if there is none.

        Needs a writing connection. Raises `Erased` for a case whose key has been destroyed.
        """
        return self.key(connection, case, now).seal(place, plaintext)

    def key(self, connection: Connection, case: str, now: float) -> CaseKey:
        """Return the case's key, which is made if there is none.

        Needs a writing connection. Raises `Erased` for a case whose key has been destroyed.
        """
        found = self._find(connection, case)
        if found is None:
            self._create(connection, case, now)
            found = self._find(connection, case)
        dek, version = self._key(found, case)
        return CaseKey(case, version, AESGCM(dek))

    def keys(self, connection: Connection, cases: Iterable[str]) -> dict[str, CaseKey]:
        """Return the keys of cases; of a case whose key has been destroyed, or that has none, there is no key."""
        found = connection.execute(_FIND_ALL, {"cases": sorted(set(cases))}).all()
        keys = {case: self._key(row, case) for case, *row in found if row[0] is not None}
        return {case: CaseKey(case, version, AESGCM(dek)) for case, (dek, version) in keys.items()}

    def open(self, connection: Connection, case: str, place: Place, sealed: Sealed) -> bytes:
        """Return what was sealed in a place. Raises `Erased`, `SealBroken`, `UnknownKek`."""
        dek, version = self._key(self._find(connection, case), case)
        return CaseKey(case, version, AESGCM(dek)).open(place, sealed)

    def destroy(self, connection: Connection, case: str, now: float) -> bool:
        """Destroy the case's key for ever. False: there was none, or it had been destroyed before.

        Truncate the write-ahead log afterwards (`Store.truncate_log`), which may still hold the wrapped key.
        """
        found = self._find(connection, case)
        if found is None or found.wrapped_dek is None:
            return False
        with self._guard:
            self._cache.pop(found.wrapped_dek, None)
        gone = update(case_key).where(case_key.c.case_key == case)
        connection.execute(gone.values(wrapped_dek=None, kek_id=None, shredded_at=now))
        return True

    def rewrap(self, connection: Connection, limit: int = 500) -> int:
        """Wrap up to `limit` keys anew under the current key-encryption key; return how many."""
        old = select(case_key).where(case_key.c.wrapped_dek.is_not(None), case_key.c.kek_id != self._wrapper.current)
        rows = connection.execute(old.limit(limit)).all()
        for row in rows:
            dek = self._wrapper.unwrap(row.wrapped_dek, row.kek_id, row.case_key)
            anew = {
                "wrapped_dek": self._wrapper.wrap(dek, row.case_key),
                "kek_id": self._wrapper.current,
            }
            connection.execute(update(case_key).where(case_key.c.case_key == row.case_key).values(**anew))
        return len(rows)

    def _find(self, connection: Connection, case: str) -> Row[bytes | None, str, int] | None:
        return connection.execute(_FIND, {"case": case}).first()

    def _create(self, connection: Connection, case: str, now: float) -> None:
        connection.execute(insert(case_key), [self._row(case, secrets.token_bytes(32), now)])

    def _row(self, case: str, dek: bytes, now: float) -> dict[str, object]:
        return {
            "case_key": case,
            "wrapped_dek": self._wrapper.wrap(dek, case),
            "kek_id": self._wrapper.current,
            "version": 1,
            "created": now,
        }

    def _key(self, found: Sequence[Any] | None, case: str) -> tuple[bytes, int]:
        """Return the unwrapped key and its version; a case without a key has nothing sealed."""
        if found is None:
            raise SealBroken
        wrapped, kek_id, version = found
        if wrapped is None:
            raise Erased
        with self._guard:
            dek = self._cache.get(wrapped)
            if dek is not None:
                self._cache.move_to_end(wrapped)
                return dek, version
        dek = self._wrapper.unwrap(wrapped, kek_id, case)
        with self._guard:
            self._cache[wrapped] = dek
            if len(self._cache) > self._cached:
                self._cache.popitem(last=False)
        return dek, version
