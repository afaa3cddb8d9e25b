"""Keys kept by a key service: a stand-in for one, behind the interface that docs/security.md describes."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection

from gateway.vault.errors import Erased, KeptElsewhere, SealBroken, UnknownKek
from gateway.vault.vault import Place, Vault
from gateway.vault.wrapping import KeyWrapper


class Service:
    """Encrypts and decrypts under keys that never leave it, as key services do; counts what it is asked."""

    def __init__(self) -> None:
        self._keys = {"v1": AESGCM(secrets.token_bytes(32))}
        self._index = secrets.token_bytes(32)
        self.newest, self.asked = "v1", 0

    def renew(self) -> None:
        """Make a new version of the key, as its own schedule does."""
        self.newest = f"v{len(self._keys) + 1}"
        self._keys[self.newest] = AESGCM(secrets.token_bytes(32))

    def encrypt(self, plain: bytes, context: bytes) -> bytes:
        self.asked += 1
        nonce = secrets.token_bytes(12)
        return nonce + self._keys[self.newest].encrypt(nonce, plain, context)

    def decrypt(self, version: str, sealed: bytes, context: bytes) -> bytes:
        self.asked += 1
        return self._keys[version].decrypt(sealed[:12], sealed[12:], context)

    def mac(self, data: bytes) -> bytes:
        return hmac.digest(self._index, data, "sha256")


class ServiceKeyWrapper:
    """What stands between the vault and a key service: the whole of it (docs/security.md)."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @property
    def current(self) -> str:
        return self._service.newest

    def wrap(self, dek: bytes, case: str) -> bytes:
        return self._service.encrypt(dek, case.encode())

    def unwrap(self, wrapped: bytes, kek_id: str, case: str) -> bytes:
        try:
            return self._service.decrypt(kek_id, wrapped, case.encode())
        except KeyError:
            raise UnknownKek from None
        except InvalidTag:
            raise SealBroken from None

    def rotate(self) -> str:
        raise KeptElsewhere

    def fingerprint(self, data: bytes) -> bytes:
        return self._service.mac(data)


PLACE = Place("document", "body", "row-1")


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def reopened(service: Service) -> Callable[[], Vault]:
    """Return what opens a vault anew, as another process does: nothing is cached."""

    def make() -> Vault:
        wrapper: KeyWrapper = ServiceKeyWrapper(service)
        return Vault(wrapper)

    return make


def test_what_is_sealed_under_a_key_service_is_opened_by_another_process(
    reopened: Callable[[], Vault], connection: Connection
) -> None:
    sealed = reopened().seal(connection, "case-1", PLACE, b"Farzi Bachi", 1.0)

    assert reopened().open(connection, "case-1", PLACE, sealed) == b"Farzi Bachi"
    assert reopened().fingerprint(b"a") == reopened().fingerprint(b"a")


def test_a_key_in_use_is_asked_for_once(
    reopened: Callable[[], Vault], connection: Connection, service: Service
) -> None:
    vault = reopened()
    sealed = [vault.seal(connection, "case-1", PLACE, b"Farzi", 1.0) for _ in range(5)]
    for each in sealed:
        vault.open(connection, "case-1", PLACE, each)

    assert service.asked <= 2


def test_a_service_that_renews_its_key_opens_what_is_old_and_wraps_anew(
    reopened: Callable[[], Vault], connection: Connection, service: Service
) -> None:
    old = reopened().seal(connection, "case-1", PLACE, b"Farzi Bachi", 1.0)
    service.renew()
    vault = reopened()
    vault.seal(connection, "case-2", PLACE, b"Misali Bachi", 1.0)

    assert vault.kek == "v2"
    assert vault.open(connection, "case-1", PLACE, old) == b"Farzi Bachi"
    with pytest.raises(KeptElsewhere):
        vault.rotate()


def test_erasing_a_case_needs_nothing_of_the_service(reopened: Callable[[], Vault], connection: Connection) -> None:
    vault = reopened()
    sealed: Any = vault.seal(connection, "case-1", PLACE, b"Farzi Bachi", 1.0)
    vault.destroy(connection, "case-1", 2.0)

    with pytest.raises(Erased):
        reopened().open(connection, "case-1", PLACE, sealed)
