"""Open a store: the lock, the examination, the schema, the committer, the readers, in that order."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine

from gateway.store.committer import Committer, Limits
from gateway.store.engine import has_wal_reset_bug, quick_check, reader_engine, writer_engine
from gateway.store.migrate import migrate, require_current
from gateway.store.readers import Readers
from gateway.store.writer_lock import WriterLock

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Store:
    """An open database: `committer` writes, `readers` read. Close it with `close`."""

    committer: Committer
    readers: Readers
    engine: Engine
    lock: WriterLock

    def truncate_log(self) -> None:
        """Empty the write-ahead log, so that overwritten and erased bytes leave the disk with it."""
        self.committer.maintain(_truncate).result()

    def close(self, drain: bool = True) -> None:
        """Finish what waits (unless told not to), close every connection, give up the right to write."""
        self.committer.stop(drain)
        self.readers.close()
        self.engine.dispose()
        self.lock.release()


def open_sqlite(
    path: Path,
    *,
    upgrade: bool = False,
    on_failure: Callable[[BaseException], None] = lambda _: None,
    limits: Limits | None = None,
    readers: int = 4,
) -> Store:
    """Open a database for writing; the committer is not started yet, so that participants can join.

    With `upgrade` the schema is created or brought up to date first.
    Raises `StoreInUse`, `StoreDamaged`, `SchemaMismatch`.
    """
    if has_wal_reset_bug():
        log.warning("SQLite %s has the WAL-reset bug; 3.51.3 or later is advised.", sqlite3.sqlite_version)
    lock = WriterLock(path)
    try:
        engine = writer_engine(path)
        quick_check(engine)
        if upgrade:
            migrate(engine)
        with engine.connect() as connection:
            require_current(connection)
    except BaseException:
        lock.release()
        raise
    committer = Committer(engine, on_failure=on_failure, limits=limits)
    return Store(committer, Readers(reader_engine(path, readers, timeout=5.0)), engine, lock)


@contextmanager
def reading_sqlite(path: Path) -> Iterator[Readers]:
    """Lend readers of a database that another process may be writing, for commands that only look."""
    readers = Readers(reader_engine(path, 1, timeout=5.0))
    try:
        with readers.connection() as connection:
            require_current(connection)
        yield readers
    finally:
        readers.close()


def _truncate(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
