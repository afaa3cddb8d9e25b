"""A process that stores as fast as it can, prints what was acknowledged, and is killed."""

import os
from pathlib import Path

from gateway.clock import SystemClock
from gateway.ledger.events import Event, EventType
from gateway.ledger.journal import Journal
from gateway.store.opening import open_store
from tests.store.marks import mark


def main(database: Path, name: str) -> None:
    """Write rows named `name-0`, `name-1`, … each with a ledger entry, until killed."""
    store = open_store(database)
    with store.engine.connect() as connection:
        journal = Journal.open(connection, SystemClock().now)
    store.committer.join(journal)
    store.committer.start()
    for start in range(0, 1_000_000, 50):
        futures = [store.committer.submit(_accept(journal, f"{name}-{start + each}")) for each in range(50)]
        for future in futures:
            os.write(1, (future.result() + "\n").encode())


def _accept(journal, jti):
    def work(connection):
        journal.append(Event(EventType.READ, "tester", fields={"what": "ledger"}))
        return mark(jti)(connection)

    return work
