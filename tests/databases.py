"""Fixtures for tests that must hold on both stores; a folder's conftest takes them over."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from gateway.store import engine as sqlite
from gateway.store import postgres as server
from gateway.store.opening import open_sqlite
from gateway.store.postgres import Address
from tests import postgres

BOTH = ("sqlite", "postgres")


@pytest.fixture(params=BOTH)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | Address]:
    """Lend a place for a store, migrated and empty: a file, or a database of the run's server."""
    if request.param == "sqlite":
        yield copied(tmp_path / "raabta.sqlite")
    else:
        yield postgres.cleared()


@pytest.fixture(params=BOTH)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """Lend the writing engine of a database without a table."""
    if request.param == "sqlite":
        yield sqlite.writer_engine(tmp_path / "empty.sqlite")
    else:
        with postgres.fresh("template0") as address:
            yield server.writer_engine(address)


@cache
def template() -> bytes:
    """Return a migrated and empty file of SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.sqlite"
        open_sqlite(path, upgrade=True).close()
        return path.read_bytes()


def copied(path: Path) -> Path:
    """Write a migrated and empty file of SQLite; a copy costs a fraction of a migration."""
    path.write_bytes(template())
    return path


def engine_of(place: Path | Address) -> Engine:
    """Return the writing engine of a place."""
    return server.writer_engine(place) if isinstance(place, Address) else sqlite.writer_engine(place)


def planned(connection: Connection, query: Any) -> str:
    """Return how the database would answer a query; on PostgreSQL, were reading whole tables no way at all."""
    words = str(query.compile(connection.engine, compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN QUERY PLAN "
    if connection.dialect.name == "postgresql":
        explain = "EXPLAIN "
        connection.exec_driver_sql("SET enable_seqscan = off")
    return " ".join(str(line[-1]) for line in connection.exec_driver_sql(explain + words))
