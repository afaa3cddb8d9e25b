from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gateway.delivery import lanes
from gateway.store.migrate import migrate
from gateway.store.postgres import Address
from tests.clocks import FixedClock
from tests.databases import database, engine_of
from tests.delivery.rows import add_referral, message

__all__ = ["database"]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def connection(database: Path | Address) -> Iterator[Connection]:
    """Lend a connection to a migrated database; every statement commits by itself."""
    engine = engine_of(database)
    migrate(engine)
    with engine.connect() as connection:
        yield connection


@pytest.fixture
def queue(connection, clock):
    """Return a function that enqueues one message and returns it."""
    referral = add_referral(connection, clock)

    def add(**what):
        made = message(clock, referral, **what)
        lanes.enqueue(connection, [made], clock.now())
        return made

    return add
