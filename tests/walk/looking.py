"""Looking from outside: wait for something to be seen, read the gateway's database without touching it."""

import sqlite3
import time
from collections.abc import Callable
from typing import Any

from gateway.demo.callers import Agency
from gateway.demo.processes import Stage

AGENCY_IDS = {
    "nadra": "nadra-crms",
    "police": "police-pb-psrms",
    "health": "health-lhr-dhq",
    "school": "school-pb-sis",
    "welfare": "welfare-pb-cpb",
}
"""Id in the gateway's directory by the simulator's name."""


def until(seen: Callable[[], Any], patience: float = 90.0) -> Any:
    """Wait until something is seen and return it; after `patience` seconds, what was seen last."""
    deadline = time.monotonic() + patience
    while not (found := seen()) and time.monotonic() < deadline:
        time.sleep(0.3)
    return found


def database(stage: Stage) -> str:
    """Return the path of the gateway's database."""
    return str(stage.config.parent / "raabta.sqlite")


def rows(stage: Stage, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Read from the gateway's database, read only, so that the gateway stays its one writer."""
    connection = sqlite3.connect(f"file:{database(stage)}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(statement, values).fetchall()
    finally:
        connection.close()


def delivery(stage: Stage, message_key: str, recipient: str) -> dict[str, Any]:
    """Return one delivery of the referral that was sent under an idempotency key; empty when there is none."""
    columns = ("message_id", "state", "attempts", "last_error", "last_status")
    found = rows(
        stage,
        f"SELECT {', '.join('d.' + c for c in columns)} FROM delivery d JOIN referral r ON r.id = d.referral"  # noqa: S608 - constant columns
        " WHERE r.idem = ? AND d.recipient = ?",
        message_key,
        recipient,
    )
    return dict(zip(columns, found[0], strict=True)) if found else {}


def seen_by(agency: Agency) -> list[dict[str, Any]]:
    """Return every request an agency saw on its resources, oldest first: at, path, message_id, outcome."""
    return list(agency.control("GET", "requests")["requests"])
