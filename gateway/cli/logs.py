"""Logs: one JSON object a line on standard error; only fields on the list, so no personal value can slip in."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog
from structlog.typing import EventDict

ALLOWED = frozenset({"event", "level", "timestamp", "logger", "delivery", "kind", "request_id", "code", "recipient"})
"""Fields a log line may hold. Everything else is dropped at the source."""


def only_allowed(_: Any, __: str, event: EventDict) -> EventDict:
    """Keep the fields on the list."""
    return {key: value for key, value in event.items() if key in ALLOWED}


def configure_logs(level: int = logging.INFO) -> None:
    """Send every log line of every library through the same sieve; exceptions leave their type only."""
    shared: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(ALLOWED),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _kind_of_exception,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            only_allowed,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for noisy in ("httpx", "httpcore", "aiohttp", "authlib", "alembic", "sqlalchemy"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _kind_of_exception(_: Any, __: str, event: EventDict) -> EventDict:
    info = event.pop("exc_info", None)
    record = event.get("_record")
    if info is None and record is not None:
        info = record.exc_info
        record.exc_info = None
        record.exc_text = None
    if isinstance(info, tuple) and info[0] is not None:
        event["kind"] = info[0].__name__
    return event
