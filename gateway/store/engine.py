"""How connections to SQLite are made, and what a database error means.

One connection writes; every other one is opened read-only, because libraries before 3.51.3 can corrupt a
database in WAL mode when two connections write or checkpoint (https://sqlite.org/wal.html, WAL-reset bug).
"""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import cast
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from gateway.store.errors import StoreDamaged

#: How long a connection waits for a lock before it gives up, milliseconds.
BUSY_TIMEOUT_MS = 5_000

#: SQLite result codes that pass when space, memory or a lock comes back (https://sqlite.org/rescode.html).
PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)

_WRITER_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    # 64 MiB: names are random, so the pages of their indexes are touched all over; and what several commits change is
    # written back once.
    "PRAGMA cache_size = -65536",
    "PRAGMA wal_autocheckpoint = 4000",
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
)


def writer_engine(path: Path) -> Engine:
    """Return the engine whose one connection writes; statements commit only where the text says COMMIT."""
    return create_engine("sqlite://", creator=_creator(path, "rwc", _WRITER_PRAGMAS), poolclass=NullPool)


def reader_engine(path: Path, size: int, timeout: float) -> Engine:
    """Return a pool of `size` connections that cannot write; a caller waits `timeout` seconds for one."""
    pragmas = ("PRAGMA query_only = ON", f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    return create_engine(
        "sqlite://",
        creator=_creator(path, "ro", pragmas),
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=timeout,
    )


def _creator(path: Path, mode: str, pragmas: tuple[str, ...]) -> Callable[[], sqlite3.Connection]:
    uri = f"file:{quote(str(path))}?mode={mode}"

    def connect() -> sqlite3.Connection:
        # isolation_level None: the driver opens no transaction of its own; ours are written out.
        connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
        for pragma in pragmas:
            connection.execute(pragma)
        return connection

    return connect


def quick_check(engine: Engine) -> None:
    """Let the database examine itself; raises `StoreDamaged` if it finds a fault or is no database."""
    try:
        with engine.connect() as connection:
            verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    except DBAPIError as error:
        if is_damage(error):
            raise StoreDamaged from None
        raise
    if verdict != "ok":
        raise StoreDamaged


def begin(connection: Connection) -> None:
    """Open a writing transaction; SQLite takes its lock here, not at the first write."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def in_transaction(connection: Connection) -> bool:
    """Tell whether the database still has the transaction open.

    SQLite has already rolled back when it reports a full disk; a second ROLLBACK would raise.
    """
    return cast(sqlite3.Connection, connection.connection.dbapi_connection).in_transaction


def is_unavailable(error: DBAPIError) -> bool:
    """Tell whether an error is the machine's (disk, lock, connection) and not the statement's."""
    return (getattr(error.orig, "sqlite_errorcode", 0) & 0xFF) in PASSING


def is_damage(error: DBAPIError) -> bool:
    """Tell whether the database file itself is broken."""
    code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def has_wal_reset_bug(version: str = sqlite3.sqlite_version) -> bool:
    """Tell whether a SQLite has the WAL-reset bug: 3.7.0 to 3.51.2, save from 3.44.6 and 3.50.7 on."""
    major, minor, patch = (int(part) for part in (*re.findall(r"\d+", version), "0", "0")[:3])
    if (major, minor) in {(3, 44), (3, 50)}:
        return patch < {44: 6, 50: 7}[minor]
    return (3, 7, 0) <= (major, minor, patch) < (3, 51, 3)
