"""How connections to PostgreSQL are made, and what its errors mean.

libpq reads the address itself, so that everything it knows (several hosts, `target_session_attrs`, TLS) can be said
in it. Connections are in autocommit: a transaction begins and ends only where a text says BEGIN and COMMIT.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, cast

import psycopg
import psycopg.conninfo
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

#: SQLSTATE classes of a machine that cannot at present (https://www.postgresql.org/docs/current/errcodes-appendix.html):
#: connection, resources, operator's intervention, system, and a server that has become a standby.
_PASSING_CLASSES = frozenset({"08", "53", "57", "58"})
_PASSING = frozenset({"25006", "25P03", "55P03"})
#: The server ended the transaction so that another could go on: deadlock, serialization failure.
_LOST_RACE = frozenset({"40001", "40P01", "40003"})
_DAMAGE_CLASS = "XX0"

#: A gateway that is stopped in the middle of a transaction loses its connection, and with it its locks.
_WRITER = {
    "idle_in_transaction_session_timeout": "15s",
    "lock_timeout": "20s",
    "statement_timeout": "60s",
    "application_name": "raabta",
}
_READER = {"default_transaction_read_only": "on", "statement_timeout": "60s", "application_name": "raabta-reader"}

#: A commit that is not flushed is no commit; every stronger setting of the server stands.
_DURABLE = "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"

_OPENING = text(
    """
    SELECT pg_current_xact_id()::text AS xact, extract(epoch FROM clock_timestamp())::float8 AS now,
        (SELECT count(*) FROM (SELECT pg_advisory_xact_lock(k) FROM unnest(CAST(:keys AS bigint[])) AS k OFFSET 0) held)
    """
)
_OUTCOME = text("SELECT pg_xact_status(CAST(:xact AS xid8))")


@dataclass(frozen=True)
class Address:
    """A libpq address, `postgresql://user@host/database?…`, and the password it does not hold."""

    url: str
    password: str | None = None


@dataclass(frozen=True)
class Opened:
    """A transaction as the server knows it: its id, and the server's clock (Unix seconds) when it was opened."""

    xact: str
    now: float


def writer_engine(address: Address) -> Engine:
    """Return the engine whose connections write; statements commit only where the text says COMMIT."""
    return create_engine("postgresql+psycopg://", creator=_creator(address, _WRITER, _DURABLE), poolclass=NullPool)


def reader_engine(address: Address, size: int, timeout: float) -> Engine:
    """Return a pool of `size` connections that cannot write; a caller waits `timeout` seconds for one."""
    return create_engine(
        "postgresql+psycopg://",
        creator=_creator(address, _READER, None),
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        pool_timeout=timeout,
    )


def _creator(address: Address, settings: dict[str, str], first: str | None) -> Callable[[], psycopg.Connection[Any]]:
    theirs = psycopg.conninfo.conninfo_to_dict(address.url).get("options") or ""
    options = " ".join([str(theirs), *(f"-c {name}={value}" for name, value in settings.items())]).strip()

    def connect() -> psycopg.Connection[Any]:
        connection = psycopg.connect(
            address.url,
            password=address.password,
            autocommit=True,
            options=options,
            connect_timeout=5,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
            tcp_user_timeout=20_000,
        )
        if first is not None:
            connection.execute(first)
        return connection

    return connect


def lock_key(name: str) -> int:
    """Return the advisory lock's number for a name: 64 bits, signed."""
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big", signed=True)


def begin(connection: Connection, cases: Sequence[str]) -> Opened:
    """Open a transaction and take the locks of these cases, always in the same order."""
    connection.exec_driver_sql("BEGIN")
    keys = sorted({lock_key(case) for case in cases})
    row = connection.execute(_OPENING, {"keys": keys}).one()
    return Opened(row.xact, row.now)


def outcome(connection: Connection, xact: str) -> str | None:
    """Return what became of a transaction: `committed`, `aborted`, `in progress`; None: the server cannot say."""
    try:
        status: str | None = connection.execute(_OUTCOME, {"xact": xact}).scalar()
    except DBAPIError as error:
        if is_passing(error):
            raise
        return None  # a server that knows no such function, or a promoted standby that never saw the transaction
    return status


def turn(connection: Connection) -> None:
    """Keep what the last item did and begin the next, in one message to the server."""
    driver = cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
    try:
        driver.execute("RELEASE SAVEPOINT item; SAVEPOINT item", prepare=False)
    except psycopg.Error as error:
        raise DBAPIError("SAVEPOINT item", None, error) from None


def insert(connection: Connection, statement: str, values: Sequence[Any]) -> None:
    """Run an INSERT whose places are numbers: $1, $2 and so on.

    A long text with %s for its places would be taken apart anew each time: the driver remembers only short ones.
    """
    driver = cast("psycopg.Connection[Any]", connection.connection.dbapi_connection)
    try:
        with psycopg.RawCursor(driver) as cursor:
            cursor.execute(statement.encode(), values)
    except psycopg.Error as error:
        raise DBAPIError.instance("INSERT", None, error, psycopg.Error) from None


def in_transaction(driver: psycopg.Connection[Any]) -> bool:
    """Tell whether a connection has a transaction open, sound or failed."""
    return driver.info.transaction_status in {
        psycopg.pq.TransactionStatus.INTRANS,
        psycopg.pq.TransactionStatus.INERROR,
    }


def is_passing(error: DBAPIError) -> bool:
    """Tell whether an error is the machine's, and may be gone later."""
    state = _state(error)
    if state is None:
        return error.connection_invalidated or isinstance(error.orig, psycopg.OperationalError)
    return state[:2] in _PASSING_CLASSES or state in _PASSING or state in _LOST_RACE


def is_lost_race(error: DBAPIError) -> bool:
    """Tell whether the same work may well succeed at once: the server ended it in favour of another."""
    return _state(error) in _LOST_RACE


def is_damage(error: DBAPIError) -> bool:
    """Tell whether the server found its own files broken."""
    return (_state(error) or "").startswith(_DAMAGE_CLASS) and _state(error) != "XX000"


def _state(error: DBAPIError) -> str | None:
    return error.orig.sqlstate if isinstance(error.orig, psycopg.Error) else None
