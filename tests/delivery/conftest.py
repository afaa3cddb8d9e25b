from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gateway.store.engine import writer_engine
from gateway.store.migrate import migrate
from tests.clocks import FixedClock


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """Lend a connection to a migrated database; every statement commits by itself."""
    engine = writer_engine(tmp_path / "lanes.sqlite")
    migrate(engine)
    with engine.connect() as connection:
        yield connection
