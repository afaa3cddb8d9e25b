"""A small pool of connections that can only read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.store import engine as sqlite
from gateway.store import postgres
from gateway.store.errors import StoreBusy, StoreUnavailable


class Readers:
    """Read-only connections, each use of one seeing a single moment of the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" if engine.name == "postgresql" else "BEGIN"

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection inside a read transaction.

        Raises `StoreBusy` when none comes free in time, `StoreUnavailable` when the database cannot be read.
        """
        connection = self._begun()
        with connection:
            try:
                yield connection
            except DBAPIError as error:
                raise (StoreUnavailable() if connection.invalidated else error) from None
            finally:
                if not connection.invalidated:
                    with suppress(DBAPIError):  # the server may be lost after the last answer, which stands
                        connection.exec_driver_sql("ROLLBACK")

    def _begun(self) -> Connection:
        """Begin a transaction; a connection that died while it lay in the pool is replaced once."""
        for last in (False, True):
            connection = None
            try:
                connection = self._engine.connect()
                connection.exec_driver_sql(self._begin)
            except PoolTimeout:
                raise StoreBusy from None
            except DBAPIError as error:
                stale = connection is not None and connection.invalidated
                if connection is not None:
                    connection.close()
                if last or not stale:
                    raise (StoreUnavailable() if _is_unavailable(error) else error) from None
            else:
                return connection
        raise StoreUnavailable

    def close(self) -> None:
        """Close every connection that is not lent out."""
        self._engine.dispose()


def _is_unavailable(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.Error):
        return sqlite.is_unavailable(error)
    return postgres.is_passing(error)
