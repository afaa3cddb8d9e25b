from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.opening import Store, open_store
from gateway.store.postgres import Address
from tests.databases import database, empty

__all__ = ["database", "empty"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Name a file of SQLite that is not there yet."""
    return tmp_path / "raabta.sqlite"


@pytest.fixture
def store(database: Path | Address) -> Iterator[Store]:
    """Lend an open store with a running committer."""
    opened = open_store(database, upgrade=True)
    opened.committer.start()
    yield opened
    opened.close()
