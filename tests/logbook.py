"""What the gateway logs, through the sieve every gateway has, where a test can read it."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.cli.logs import configure_logs


@contextmanager
def logbook() -> Iterator[io.StringIO]:
    """Collect every line, of every library, from the lowest level on."""
    log, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers, root.level
    configure_logs(logging.DEBUG)
    stream = root.handlers[0]
    assert isinstance(stream, logging.StreamHandler)
    stream.setStream(log)
    try:
        yield log
    finally:
        root.handlers, root.level = handlers, level
