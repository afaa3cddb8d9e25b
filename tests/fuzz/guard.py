"""A guard against readings that do not end."""

from __future__ import annotations

import gc
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
def watched(longest: float | None = None) -> Iterator[None]:
    """Fail what runs inside with :class:`Hung` once it has run too long, or as soon as it returns after that.

    What the garbage collector would do in the meantime is work that others have left.
    """
    limit = longest or LONGEST
    collecting = gc.isenabled()

    def hung(number: int, frame: FrameType | None) -> None:
        raise Hung

    before = signal.signal(signal.SIGPROF, hung)
    gc.disable()
    signal.setitimer(signal.ITIMER_PROF, limit)
    begun = time.process_time()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
        if collecting:
            gc.enable()
    if time.process_time() - begun > limit:
        raise Hung
