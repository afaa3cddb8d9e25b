"""A small pool of connections that can only read."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway.store.engine import is_unavailable
from gateway.store.errors import StoreBusy, StoreUnavailable


class Readers:
    """Read-only connections, each use of one seeing a single moment of the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """Lend a connection inside a read transaction.

        Raises `StoreBusy` when none comes free in time, `StoreUnavailable` when the database cannot be read.
        """
        try:
            connection = self._engine.connect()
        except PoolTimeout:
            raise StoreBusy from None
        except DBAPIError as error:
            raise (StoreUnavailable() if is_unavailable(error) else error) from None
        with connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def close(self) -> None:
        """Close every connection that is not lent out."""
        self._engine.dispose()
