"""Used assertion ids, in the database: a replay is refused by every process and after every restart."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert
from sqlalchemy.exc import IntegrityError

from gateway.clock import Clock
from gateway.store.opening import Store
from gateway.store.tables import replay


class StoredReplays:
    """A replay guard (:class:`auth.replay.ReplayGuard`); blocks until the use is durable."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def use(self, issuer: str, jti: str, expires_at: float) -> bool:
        """Note the use of an id; returns False if it was used before."""
        try:
            self._store.committer.run(lambda connection: self._note(connection, issuer, jti, expires_at))
        except IntegrityError:
            return False
        return True

    def _note(self, connection: Connection, issuer: str, jti: str, expires_at: float) -> None:
        connection.execute(delete(replay).where(replay.c.expires < self._clock.now()))
        connection.execute(insert(replay), [{"issuer": issuer, "jti": jti, "expires": expires_at}])
