"""The gateway's opponent in the throughput benchmark stores as many rows as the gateway, and doubles no effect."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from benchmarks.delivery.runs import Place, end_to_end, end_to_end_by_hand
from benchmarks.stage.configuration import POLICE, WELFARE

TABLES = ("referral", "party", "case_key", "document", "lane", "delivery", "attempt", "inbound")
COUNT = 8


def counted(path: Path) -> dict[str, int]:
    """Return how many rows each table has; of the ledger's entries, those about a referral."""
    with sqlite3.connect(path) as connection:
        found = {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}  # noqa: S608 - named above
        about = "SELECT count(*) FROM entry WHERE referral IS NOT NULL"
        return {**found, "entry": connection.execute(about).fetchone()[0]}


def test_by_hand_no_row_is_spared_and_no_effect_doubled(tmp_path: Path) -> None:
    recipients = (WELFARE, POLICE)
    end_to_end(Place(tmp_path / "gateway"), COUNT, recipients)
    end_to_end_by_hand(tmp_path / "by-hand", COUNT, recipients)

    ours, theirs = counted(tmp_path / "gateway" / "raabta.sqlite"), counted(tmp_path / "by-hand" / "by-hand.sqlite")
    assert theirs == ours
