"""The one connection a committer writes through: how a transaction begins, keeps an item, and ends.

Between items stands one savepoint, always called `item`: what an item did is kept by moving the savepoint behind it,
and taken back by returning to it.
"""

from __future__ import annotations

import contextlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from gateway.store import engine as sqlite
from gateway.store import postgres
from gateway.store.errors import StoreUnavailable

#: How long a committer tries to reach a server it has lost before it tells its callers, seconds.
PATIENCE = 8.0
#: Between two tries, seconds.
PAUSE = 0.1


class Again(Exception):
    """Nothing of the transaction was stored, and the same work may well succeed if it is run once more."""


class Writer(ABC):
    """Owns the writing connection of an engine, and makes another when it is lost."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._held: Connection | None = None

    def connection(self) -> Connection:
        """Return the connection, outside any transaction."""
        if self._held is None:
            self._held = self.engine.connect()
        return self._held

    def close(self) -> None:
        """Give the connection up."""
        if self._held is not None:
            with contextlib.suppress(SQLAlchemyError):
                self._held.close()
            self._held = None

    @abstractmethod
    def begin(self, cases: Sequence[str]) -> Connection:
        """Open a transaction that will touch these cases, with a savepoint for its first item."""

    @abstractmethod
    def keep(self) -> None:
        """Keep what the last item did; the next may begin."""

    def undo(self) -> None:
        """Take back what the last item did; the next may begin."""
        self.connection().exec_driver_sql("ROLLBACK TO SAVEPOINT item")

    @abstractmethod
    def in_transaction(self) -> bool:
        """Tell whether the database has the transaction open."""

    def commit(self) -> None:
        """Make the transaction durable. Raises whatever makes that uncertain or impossible."""
        connection = self.connection()
        if not self.in_transaction():
            raise RuntimeError("A work item has ended the committer's transaction.")
        connection.exec_driver_sql("COMMIT")
        connection.commit()  # ends SQLAlchemy's own bookkeeping; the database commits by the text above

    def abandon(self) -> None:
        """Take the whole transaction back, if the database has not done so itself."""
        if self._held is None:
            return
        if self.in_transaction():
            self._held.exec_driver_sql("ROLLBACK")
        self._held.commit()

    @abstractmethod
    def landed(self, error: DBAPIError) -> bool:
        """Tell, after COMMIT failed with `error`, whether the transaction is stored nevertheless."""

    @abstractmethod
    def meaning(self, error: DBAPIError) -> Exception:
        """Return what an error says of a transaction that was taken back.

        `Again`, or `StoreUnavailable`; `error` itself when nothing can go on.
        """

    @abstractmethod
    def is_own(self, error: Exception) -> bool:
        """Tell whether an exception from an item is the item's own, and not the machine's."""

    @abstractmethod
    def collided(self, error: Exception) -> bool:
        """Tell whether an item met a row that another writer stored meanwhile; run again, it will see it."""


class SqliteWriter(Writer):
    """The only writer there is."""

    def begin(self, cases: Sequence[str]) -> Connection:
        """Open a transaction."""
        connection = self.connection()
        sqlite.begin(connection)
        connection.exec_driver_sql("SAVEPOINT item")
        return connection

    def keep(self) -> None:
        """Move the savepoint behind the last item."""
        self.connection().exec_driver_sql("RELEASE SAVEPOINT item")
        self.connection().exec_driver_sql("SAVEPOINT item")

    def in_transaction(self) -> bool:
        """Tell whether the transaction is open."""
        return sqlite.in_transaction(self.connection())

    def landed(self, error: DBAPIError) -> bool:
        """Say no: SQLite never commits and then fails."""
        return False

    def meaning(self, error: DBAPIError) -> Exception:
        """Return what an error says."""
        return StoreUnavailable() if sqlite.is_unavailable(error) and not sqlite.is_damage(error) else error

    def is_own(self, error: Exception) -> bool:
        """Tell the item's own failures from the machine's."""
        if isinstance(error, DBAPIError) and (sqlite.is_unavailable(error) or sqlite.is_damage(error)):
            return False
        return self.in_transaction()

    def collided(self, error: Exception) -> bool:
        """Say whether a unique key was taken meanwhile."""
        return False


class PostgresWriter(Writer):
    """One of several. `on_time` is told the server's clock (Unix seconds) whenever a transaction begins."""

    def __init__(self, engine: Engine, on_time: Callable[[float], None] = lambda _: None) -> None:
        super().__init__(engine)
        self._on_time = on_time
        self._xact = ""
        self._lost_since: float | None = None

    def begin(self, cases: Sequence[str]) -> Connection:
        """Open a transaction."""
        while True:
            try:
                opened = postgres.begin(self.connection(), cases)
                self.connection().exec_driver_sql("SAVEPOINT item")
            except DBAPIError as error:
                if not self._gone(error) or self._patience_is_over():
                    raise
                time.sleep(PAUSE)
            else:
                self._xact, self._lost_since = opened.xact, None
                self._on_time(opened.now)
                return self.connection()

    def look(self) -> None:
        """Look at the server's clock."""
        self.begin(())
        self.abandon()

    def keep(self) -> None:
        """Move the savepoint behind the last item."""
        postgres.turn(self.connection())

    def in_transaction(self) -> bool:
        """Tell whether the transaction is open."""
        driver = self._driver()
        return driver is not None and postgres.in_transaction(driver)

    def abandon(self) -> None:
        """Take the transaction back; a connection that cannot is given up."""
        try:
            super().abandon()
        except SQLAlchemyError:
            self.close()

    def landed(self, error: DBAPIError) -> bool:
        """Ask the server itself what became of the transaction whose answer was lost."""
        if not self._gone(error):
            return False
        while not self._patience_is_over():
            try:
                status = postgres.outcome(self.connection(), self._xact)
                self.connection().commit()
            except DBAPIError as another:
                self._gone(another)
            else:
                if status != "in progress":
                    return status == "committed"
            time.sleep(PAUSE)
        return False

    def meaning(self, error: DBAPIError) -> Exception:
        """Return what an error says."""
        if postgres.is_damage(error):
            return error
        if postgres.is_lost_race(error):
            return Again()
        lost = self._gone(error) or self._lost_since is not None  # `landed` may have found the server again already
        if lost and not self._patience_is_over():
            return Again()
        return StoreUnavailable() if postgres.is_passing(error) else error

    def is_own(self, error: Exception) -> bool:
        """Tell the item's own failures from the machine's."""
        if isinstance(error, DBAPIError) and (postgres.is_passing(error) or postgres.is_damage(error)):
            return False
        return self.in_transaction()

    def collided(self, error: Exception) -> bool:
        """Say whether a unique key was taken meanwhile."""
        return isinstance(error, DBAPIError) and isinstance(error.orig, psycopg.errors.UniqueViolation)

    def _gone(self, error: DBAPIError) -> bool:
        """Tell whether the connection is lost; then give it up and note since when."""
        driver = self._driver()
        if (driver is not None and not driver.closed) or not postgres.is_passing(error):
            return False
        self.close()
        self._lost_since = self._lost_since if self._lost_since is not None else time.monotonic()
        return True

    def _patience_is_over(self) -> bool:
        return self._lost_since is not None and time.monotonic() - self._lost_since > PATIENCE

    def _driver(self) -> psycopg.Connection[Any] | None:
        if self._held is None or self._held.invalidated:
            return None
        return cast("psycopg.Connection[Any]", self._held.connection.dbapi_connection)
