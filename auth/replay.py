"""A `jti` is used once (RFC 7523 section 3, item 7)."""

import heapq
import threading
from typing import Protocol

from auth.clock import Clock

CAPACITY = 100_000
"""The most ids kept in memory; beyond it every new one is refused, for forgetting would allow a replay."""


class ReplayGuard(Protocol):
    """Remembers which ids were used, until none of them could be accepted any more."""

    def use(self, issuer: str, jti: str, expires_at: float) -> bool:
        """Record the id and tell whether this is its first use; atomic, and may block on a database.

        `expires_at` (seconds since 1970) is when the record may be forgotten; the allowed skew is already in
        it. Ids of different issuers never meet.
        """


class InMemoryReplayGuard:
    """A guard for one process, safe to share between threads; a restart forgets. Never blocks for long."""

    def __init__(self, now: Clock, capacity: int = CAPACITY) -> None:
        self._now = now
        self._capacity = capacity
        self._lock = threading.Lock()
        self._used: set[tuple[str, str]] = set()
        self._by_expiry: list[tuple[float, tuple[str, str]]] = []

    def use(self, issuer: str, jti: str, expires_at: float) -> bool:
        """Record the id and tell whether this is its first use; False too when there is no room left."""
        with self._lock:
            self._forget(self._now())
            if (issuer, jti) in self._used or len(self._used) >= self._capacity:
                return False
            self._used.add((issuer, jti))
            heapq.heappush(self._by_expiry, (expires_at, (issuer, jti)))
            return True

    def _forget(self, now: float) -> None:
        while self._by_expiry and self._by_expiry[0][0] < now:
            self._used.discard(heapq.heappop(self._by_expiry)[1])
