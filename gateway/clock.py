"""Time and new identifiers, handed in wherever they are needed, so that tests own both.

Instants are `float` Unix seconds in UTC; whoever shows or hashes one writes it with `instant`. Durations are
taken from `monotonic`, never from a difference of instants, because a wall clock may be set back.
"""

import secrets
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Protocol


class Clock(Protocol):
    """What the gateway asks of time."""

    def now(self) -> float:
        """Return the present instant, Unix seconds UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; only differences mean anything."""
        ...

    def new_id(self) -> str:
        """Return a fresh UUIDv7 as lower-case text with dashes (RFC 9562 section 5.7)."""
        ...


class SystemClock:
    """The machine's own clock and its source of randomness."""

    def now(self) -> float:
        """Return the wall clock."""
        return time.time()

    def monotonic(self) -> float:
        """Return the monotonic clock."""
        return time.monotonic()

    def new_id(self) -> str:
        """Return a UUIDv7 of this moment."""
        return uuid7(self.now(), secrets.token_bytes(10))


class DatabaseClock(SystemClock):
    """The clock of a database that several machines share; this machine's own wall clock decides nothing.

    Between two looks at the database the monotonic clock carries it on. Before the first look it shows the wall clock.
    """

    def __init__(self) -> None:
        self._ahead = time.time() - time.monotonic()

    def look(self, now: float) -> None:
        """Take the database's instant, Unix seconds, for the present one."""
        self._ahead = now - time.monotonic()

    def now(self) -> float:
        """Return the database's instant."""
        return time.monotonic() + self._ahead


def uuid7(at: float, randomness: bytes) -> str:
    """Build a UUIDv7 text from an instant and 10 random bytes (RFC 9562 section 5.7).

    The first 48 bits are Unix milliseconds, so ids made later sort later (across milliseconds).
    """
    return uuid_text(round(at * 1000).to_bytes(6, "big") + randomness, 7)


def uuid_text(octets: bytes, version: int) -> str:
    """Return 16 octets as the text of a UUID of a version (RFC 9562 section 4), whose bits are put in."""
    text = octets.hex()
    variant = "89ab"[octets[8] >> 4 & 3]
    return f"{text[:8]}-{text[8:12]}-{version}{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"


def instant(at: float) -> str:
    """Write an instant as RFC 3339 UTC with milliseconds, `2026-11-21T09:30:00.125Z`.

    The width is fixed, so texts sort as the instants do.
    """
    seconds, milliseconds = divmod(round(at * 1000), 1000)
    return f"{_to_the_second(seconds)}.{milliseconds:03d}Z"


@lru_cache(maxsize=256)
def _to_the_second(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()[:19]


def seconds(text: str) -> float:
    """Read what `instant` wrote back to Unix seconds.

    Raises ValueError for anything that is not an RFC 3339 date-time with an offset.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("An instant needs an offset from UTC.")
    return moment.timestamp()
