"""How often a client may call: a token bucket for each client, kept by each gateway process for itself.

A client that calls too often is told when to come back (429 with Retry-After, RFC 6585 section 4). Who has no token
has no bucket, so nobody can fill the memory with invented names.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.errors import TooOften


@dataclass(frozen=True)
class Rate:
    """`per_second` calls in the long run, and up to `burst` at once after a pause."""

    per_second: float
    burst: int


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class Throttled(TooOften):
    """The client calls more often than its limit allows."""

    def __init__(self, wait: float) -> None:
        self.challenge = {"Retry-After": str(max(1, math.ceil(wait)))}
        super().__init__()


class RateLimits:
    """The buckets of all clients; used by one event loop. `now` is a monotonic clock, seconds."""

    def __init__(self, usual: Rate, own: Mapping[str, Rate], now: Callable[[], float] = time.monotonic) -> None:
        self._usual = usual
        self._own = dict(own)
        self._now = now
        self._buckets: dict[str, _Bucket] = {}

    def spend(self, client: str) -> None:
        """Count one call of an authenticated client.

        Raises:
            Throttled: it has no call left now.
        """
        rate, now = self._own.get(client, self._usual), self._now()
        bucket = self._buckets.setdefault(client, _Bucket(rate.burst, now))
        bucket.tokens = min(rate.burst, bucket.tokens + (now - bucket.at) * rate.per_second)
        bucket.at = now
        if bucket.tokens < 1:
            raise Throttled((1 - bucket.tokens) / rate.per_second)
        bucket.tokens -= 1
