"""A guard against readings that do not end."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

LONGEST = 1.0
"""Seconds of processor time after which a reading has hung; a busy machine makes it wait, but not work longer."""


class Hung(BaseException):
    """A reading took longer than anything a reader should do."""


@contextmanager
def watched() -> Iterator[None]:
    """Fail what runs inside with :class:`Hung` once it has run too long, or as soon as it returns after that."""

    def hung(number: int, frame: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGPROF, hung)
    signal.setitimer(signal.ITIMER_PROF, LONGEST)
    begun = time.process_time()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    if time.process_time() - begun > LONGEST:
        raise Hung
