"""Key sets that live elsewhere: by URL, or in a file that may be replaced while we run.

A set is fetched when a key is first needed, again after `MAX_AGE` seconds, and once more when a `kid` is not in it,
but never more often than every `FLOOR` seconds, whether the last try went well or not: whoever sends us made-up `kid`s
makes us fetch next to nothing. Only the configured place is ever asked; nothing of a token names it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from joserfc.jwk import Key

from auth.clock import Clock
from auth.errors import CredentialRefused, KeyRefused, Reason
from auth.keys import PublicKeySet, Refuse
from auth.strict_json import read_object

MAX_AGE = 300
"""Seconds a fetched set is used without asking again."""

MAX_STALE = 3600
"""Seconds a set is still used when its place does not answer."""

FLOOR = 30
"""The fewest seconds between two fetches."""

MAX_BYTES = 65_536
"""The largest key set that is read."""


class KeysUnavailableError(Exception):
    """The place of a key set does not answer, or does not answer with one. Raised by `Fetch`."""


Fetch = Callable[[], bytes]
"""Returns the JSON of a key set, or raises `KeysUnavailableError`; may block for seconds."""


def parse_key_set(raw: bytes) -> PublicKeySet:
    """Read a JWK Set from JSON.

    Raises:
        KeyRefused: too large, not strict JSON, or not a set of usable public keys.

    """
    if len(raw) > MAX_BYTES:
        raise KeyRefused("The JWK Set is too large.")
    try:
        document = read_object(raw)
    except ValueError as error:
        raise KeyRefused("The JWK Set is not JSON.") from error
    return PublicKeySet.parse(document)


@dataclass(frozen=True, slots=True)
class _Held:
    keys: PublicKeySet | None
    fetched_at: float
    tried_at: float


class RemoteKeySet:
    """A key set fetched when it is needed; safe to share between threads, one of which fetches at a time."""

    def __init__(self, fetch: Fetch, now: Clock, floor: float = FLOOR) -> None:
        self._fetch = fetch
        self._now = now
        self._floor = floor
        self._lock = threading.Lock()
        self._held = _Held(None, float("-inf"), float("-inf"))

    def find(self, kid: str, alg: str, refuse: Refuse, /) -> Key:
        """Return the key, fetching the set where that may help; blocks then.

        Raises:
            CredentialRefused: as `PublicKeySet.find`; `KEYS_UNAVAILABLE` when there is no set to look in.

        """
        held = self._fresh()
        if held.keys is None:
            raise refuse(Reason.KEYS_UNAVAILABLE)
        try:
            return held.keys.find(kid, alg, refuse)
        except CredentialRefused as refused:
            newer = self._fetched_after(held).keys if refused.reason is Reason.KID_UNKNOWN else None
            if newer is None or newer is held.keys:
                raise
            return newer.find(kid, alg, refuse)

    def _fresh(self) -> _Held:
        held, at = self._held, self._now()
        if 0 <= at - held.fetched_at < MAX_AGE:
            return held
        held = self._fetched_after(held)
        stale = not 0 <= self._now() - held.fetched_at < MAX_STALE
        return _Held(None, held.fetched_at, held.tried_at) if stale else held

    def _fetched_after(self, seen: _Held) -> _Held:
        """Fetch once, unless another thread just did or the floor forbids it; returns what is then held."""
        with self._lock:
            at = self._now()
            if self._held is not seen or 0 <= at - seen.tried_at < self._floor:
                return self._held
            try:
                self._held = _Held(parse_key_set(self._fetch()), at, at)
            except (KeysUnavailableError, KeyRefused):
                self._held = _Held(seen.keys, seen.fetched_at, at)
            return self._held
