"""A look from the command line is an entry too: made by the gateway of this machine, or here when none runs."""

from __future__ import annotations

from pathlib import Path

from gateway.cli.operating import Gateway
from gateway.cli.run import settings_of
from gateway.cli.telling import bad, err
from gateway.clock import SystemClock
from gateway.connected import database
from gateway.ledger.events import Event, EventType
from gateway.ledger.journal import Journal, LedgerDamaged
from gateway.operators import OPERATOR
from gateway.store.errors import StoreInUse
from gateway.store.opening import open_store


def enter_look(config: Path | None, what: str, referral: str | None, delivery: str | None = None) -> None:
    """Enter that the operator of this machine looks; returns once it is stored.

    `what`: one of `gateway.api.ledger.Looked`. Ends with status 1 when it cannot be entered: then nothing is shown.
    Raises StoreError when the database cannot be written.
    """
    try:
        _entered(config, Event(EventType.READ, OPERATOR.id, referral, delivery, {"what": what}))
    except StoreInUse:
        said = {"what": what, "referral": referral, "delivery": delivery}
        Gateway(config).call("POST", "/v1/ledger/looks", json={name: it for name, it in said.items() if it is not None})
    except LedgerDamaged as error:
        err.print(f"[red]{error}[/red]")
        bad()


def _entered(config: Path | None, event: Event) -> None:
    store = open_store(database(settings_of(config)))
    try:
        with store.engine.connect() as connection:
            journal = Journal.open(connection, SystemClock().now)
        store.committer.join(journal)
        store.committer.start()
        store.committer.run(lambda _: journal.append(event))
    finally:
        store.close()
