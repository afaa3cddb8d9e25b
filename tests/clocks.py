"""A clock that stands still until a test moves it."""

from gateway.clock import uuid7


class FixedClock:
    """A `Clock` whose time a test sets and whose ids are a repeatable sequence."""

    def __init__(self, start: float = 1_790_000_000.0) -> None:
        self._now = start
        self._issued = 0

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    def new_id(self) -> str:
        self._issued += 1
        return uuid7(self._now, self._issued.to_bytes(10, "big"))

    def advance(self, by: float) -> None:
        """Move time by `by` seconds; negative sets the clock back."""
        self._now += by
