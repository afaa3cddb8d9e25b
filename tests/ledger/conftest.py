from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.ledger.checkpoint import Signer
from gateway.ledger.journal import Journal
from gateway.store.opening import Store, open_store
from gateway.store.postgres import Address
from tests.clocks import FixedClock
from tests.databases import database

__all__ = ["database"]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def store(database: Path | Address) -> Iterator[Store]:
    """Lend a store whose committer does not run yet."""
    opened = open_store(database, upgrade=True)
    yield opened
    opened.close()


@pytest.fixture
def journal(store: Store, clock: FixedClock) -> Journal:
    """Join a journal to the store and start its committer."""
    with store.engine.connect() as connection:
        joined = Journal.open(connection, clock.now)
    store.committer.join(joined)
    store.committer.start()
    return joined


@pytest.fixture
def signer() -> Signer:
    return Signer("raabta.example.pk/ledger", Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))
