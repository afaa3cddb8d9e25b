"""Whether a caller still counts: tokens given back and agencies suspended, in the database, for every process.

A snapshot is kept for at most a second, so that a request does not cost a query; what this process changes itself is
seen at once.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select

from auth.errors import Reason
from gateway.clock import Clock
from gateway.store.opening import Store
from gateway.store.tables import agency, revocation
from gateway.store.upsert import upsert

FRESH = 1.0
"""Seconds a snapshot is used: the longest another process takes to learn of a revocation."""


@dataclass(frozen=True)
class _Snapshot:
    at: float
    revoked: frozenset[tuple[str, str]]
    suspended: frozenset[str]


class StoredStanding:
    """What :class:`auth.verifier.Standing` and :class:`auth.issuer.Revocations` ask for; safe between threads."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._snapshot = _Snapshot(float("-inf"), frozenset(), frozenset())

    def objection(self, issuer: str, jti: str, named: str, /) -> Reason | None:
        """Return why a token does not count any more, or none; reads the database at most once a second."""
        seen = self._current()
        if (issuer, jti) in seen.revoked:
            return Reason.REVOKED
        return Reason.SUSPENDED if named in seen.suspended else None

    def unquestioned(self, issuer: str, jti: str, named: str, /) -> bool:
        """Tell whether the snapshot in hand is fresh and objects to nothing; never blocks."""
        seen = self._snapshot
        fresh = 0 <= self._clock.now() - seen.at < FRESH
        return fresh and (issuer, jti) not in seen.revoked and named not in seen.suspended

    def suspended(self, named: str) -> bool:
        """Tell whether an agency is suspended."""
        return named in self._current().suspended

    def revoke(self, issuer: str, jti: str, expires_at: float, /) -> None:
        """Remember a token that was given back; blocks until that is durable."""
        self._store.committer.run(lambda connection: self._note(connection, issuer, jti, expires_at))
        self.forget()

    def forget(self) -> None:
        """Look at the database at the next question: something was changed."""
        with self._lock:
            self._snapshot = _Snapshot(float("-inf"), frozenset(), frozenset())

    def _note(self, connection: Connection, issuer: str, jti: str, expires_at: float) -> None:
        connection.execute(delete(revocation).where(revocation.c.expires < self._clock.now() - FRESH))
        given_back = upsert(connection, revocation).values(issuer=issuer, jti=jti, expires=expires_at)
        connection.execute(given_back.on_conflict_do_nothing())

    def _current(self) -> _Snapshot:
        seen, now = self._snapshot, self._clock.now()
        if 0 <= now - seen.at < FRESH:
            return seen
        with self._store.readers.connection() as connection:
            revoked = connection.execute(select(revocation.c.issuer, revocation.c.jti)).all()
            suspended = connection.execute(select(agency.c.id).where(agency.c.suspended == 1)).scalars()
            fresh = _Snapshot(now, frozenset((row.issuer, row.jti) for row in revoked), frozenset(suspended))
        with self._lock:
            self._snapshot = fresh
        return fresh
