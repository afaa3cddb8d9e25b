"""Open a store: the lock, the examination, the schema, the committer, the readers, in that order."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from gateway.store import engine as sqlite
from gateway.store import postgres
from gateway.store.committer import Committer, Limits
from gateway.store.errors import StoreUnavailable
from gateway.store.migrate import migrate, require_current
from gateway.store.postgres import Address
from gateway.store.readers import Readers
from gateway.store.writer_lock import WriterLock
from gateway.store.writers import PostgresWriter, SqliteWriter, Writer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Store:
    """An open database: `committer` writes, `readers` read. Close it with `close`."""

    committer: Committer
    readers: Readers
    engine: Engine
    lock: WriterLock | None
    """The right to be the only writer; None on a server, where there are several."""

    @property
    def alone(self) -> bool:
        """Whether this process is the only one that writes."""
        return self.lock is not None

    def truncate_log(self) -> bool:
        """Empty the write-ahead log, so that overwritten and erased bytes leave the disk with it.

        False: a reader that began earlier keeps it from being emptied.
        """
        return self.committer.maintain(_truncate).result()

    def close(self, drain: bool = True) -> None:
        """Finish what waits (unless told not to), close every connection, give up the right to write."""
        self.committer.stop(drain)
        self.readers.close()
        self.engine.dispose()
        if self.lock is not None:
            self.lock.release()


def open_store(
    place: Path | Address,
    *,
    upgrade: bool = False,
    on_failure: Callable[[BaseException], None] = lambda _: None,
    on_time: Callable[[float], None] = lambda _: None,
    limits: Limits | None = None,
    readers: int = 4,
) -> Store:
    """Open a file of SQLite or a PostgreSQL server for writing; its committer is not started yet.

    With `upgrade` the schema is created or brought up to date first. `on_time` is told a server's clock (Unix
    seconds) at once and whenever a transaction begins.
    Raises `StoreInUse`, `StoreDamaged`, `StoreUnavailable`, `SchemaMismatch`.
    """
    lock = WriterLock(place) if isinstance(place, Path) else None
    try:
        engine, writer = _writing(place, on_time)
        _prepare(engine, upgrade=upgrade)
        if isinstance(writer, PostgresWriter):
            writer.look()
    except BaseException as error:
        if lock is not None:
            lock.release()
        if isinstance(error, DBAPIError) and postgres.is_passing(error):
            raise StoreUnavailable from None
        raise
    return Store(Committer(writer, on_failure=on_failure, limits=limits), _reading(place, readers), engine, lock)


def open_sqlite(
    path: Path,
    *,
    upgrade: bool = False,
    on_failure: Callable[[BaseException], None] = lambda _: None,
    limits: Limits | None = None,
) -> Store:
    """Open a file of SQLite for writing; see `open_store`."""
    return open_store(path, upgrade=upgrade, on_failure=on_failure, limits=limits)


def _writing(place: Path | Address, on_time: Callable[[float], None]) -> tuple[Engine, Writer]:
    if isinstance(place, Address):
        engine = postgres.writer_engine(place)
        return engine, PostgresWriter(engine, on_time)
    if sqlite.has_wal_reset_bug():
        log.warning("SQLite %s has the WAL-reset bug; 3.51.3 or later is advised.", sqlite3.sqlite_version)
    engine = sqlite.writer_engine(place)
    sqlite.quick_check(engine)
    return engine, SqliteWriter(engine)


def _prepare(engine: Engine, *, upgrade: bool) -> None:
    if upgrade:
        migrate(engine)
    with engine.connect() as connection:
        require_current(connection)


def _reading(place: Path | Address, size: int) -> Readers:
    make = postgres.reader_engine if isinstance(place, Address) else sqlite.reader_engine
    return Readers(make(place, size, timeout=5.0))  # type: ignore[arg-type]  # the place chose the maker


@contextmanager
def reading(place: Path | Address) -> Iterator[Readers]:
    """Lend readers of a database that another process may be writing, for commands that only look."""
    readers = _reading(place, 1)
    try:
        with readers.connection() as connection:
            require_current(connection)
        yield readers
    finally:
        readers.close()


def _truncate(connection: Connection) -> bool:
    if connection.dialect.name != "sqlite":
        return True
    busy, _, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
    return not busy
