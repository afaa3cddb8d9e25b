from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.opening import Store, open_sqlite


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "raabta.sqlite"


@pytest.fixture
def store(database: Path) -> Iterator[Store]:
    """Lend an open store with a running committer."""
    opened = open_sqlite(database, upgrade=True)
    opened.committer.start()
    yield opened
    opened.close()
