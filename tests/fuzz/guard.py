"""A guard against readings that do not end."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

LONGEST = 10.0
"""Seconds after which a reading has hung; one that is merely slow on a busy machine is far below."""


class Hung(BaseException):
    """A reading took longer than anything a reader should do."""


@contextmanager
def watched() -> Iterator[None]:
    """Fail what runs inside with :class:`Hung` once it has run too long, or as soon as it returns after that."""

    def hung(number: int, frame: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGALRM, hung)
    signal.setitimer(signal.ITIMER_REAL, LONGEST)
    begun = time.monotonic()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    if time.monotonic() - begun > LONGEST:
        raise Hung
