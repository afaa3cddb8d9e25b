"""One thread that writes, many items in one transaction; plain `sqlite3`, every statement prepared once."""

from __future__ import annotations

import asyncio
import hashlib
import sqlite3
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import orjson

from gateway.store.engine import writer_engine
from gateway.store.opening import open_store

MOST = 60
"""Items of one transaction."""
REST = 0.01
"""Seconds between two transactions that held several items: crowds are written together, as the gateway does it."""
_LANE = (
    "INSERT INTO lane (dest, ord, pending, next_at) VALUES (:recipient, :ord, 1, :created) "
    "ON CONFLICT (dest, ord) DO UPDATE SET pending = pending + 1 RETURNING id"
)
_SETTLE = (
    "UPDATE lane SET pending = pending - 1 WHERE id = (SELECT lane FROM delivery WHERE id = :id)",
    "UPDATE delivery SET state = 'DONE', settled_at = :now, attempts = 1, last_status = 200 WHERE id = :id",
    "UPDATE party SET state = 'DELIVERED', updated = :now WHERE referral = :referral AND agency = :recipient",
    "UPDATE referral SET state = 'DELIVERED', updated = :now, version = version + 1 WHERE id = :referral",
)


@dataclass
class Item:
    """Rows to insert, by table; deliveries that begin, and one that has ended; told when it is durable."""

    rows: dict[str, list[dict[str, Any]]]
    done: asyncio.Future[None]
    case: str = ""
    settled: dict[str, Any] | None = None


class Writer:
    """Writes what is put."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        open_store(path, upgrade=True).close()
        self._held = writer_engine(path).raw_connection()  # with the gateway's own pragmas; SQLAlchemy ends here
        self._connection: sqlite3.Connection = cast(sqlite3.Connection, self._held.driver_connection)
        self._loop = loop
        self._items: list[Item] = []
        self._changed = threading.Condition()
        self._texts: dict[tuple[str, int], str] = {}
        self._entries = 0
        threading.Thread(target=self._live, daemon=True).start()

    async def put(self, item: Item) -> None:
        """Return once it is durable."""
        with self._changed:
            self._items.append(item)
            self._changed.notify()
        await item.done

    def _live(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._items)
                batch, self._items = self._items[:MOST], self._items[MOST:]
            self._write(batch)
            self._loop.call_soon_threadsafe(_tell, [item.done for item in batch])
            if len(batch) > 1:
                time.sleep(REST)

    def _write(self, batch: Sequence[Item]) -> None:
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        for item in batch:
            for row in item.rows.get("delivery", ()):
                row["lane"] = execute(_LANE, {**row, "ord": item.case}).fetchone()[0]
            if item.settled:
                for statement in _SETTLE:
                    execute(statement, item.settled)
        for table in ("referral", "party", "case_key", "document", "delivery", "attempt"):
            self._insert(table, [row for item in batch for row in item.rows.get(table, ())])
        self._enter([row for item in batch for row in item.rows["entry"]])
        execute("COMMIT")

    def _enter(self, entries: Sequence[dict[str, Any]]) -> None:
        """Give entries their places and leaves."""
        salts = []
        for row in entries:
            salt = row.pop("salt")
            leaf = {**row, "commitment": row["commitment"].hex(), "seq": self._entries}
            row["idx"], row["leaf"] = self._entries, hashlib.sha256(b"\0" + orjson.dumps(leaf)).digest()
            salts.append({"idx": self._entries, "salt": salt})
            self._entries += 1
        self._insert("entry", entries)
        self._insert("salt", salts)

    def _insert(self, table: str, rows: Sequence[dict[str, Any]]) -> None:
        if not rows:
            return
        text = self._texts.get((table, len(rows)))
        if text is None:
            places = f"({', '.join('?' * len(rows[0]))})"
            text = f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES {', '.join([places] * len(rows))}"  # noqa: S608 - our own names
            self._texts[table, len(rows)] = text
        self._connection.execute(text, [value for row in rows for value in row.values()])


def _tell(done: Sequence[asyncio.Future[None]]) -> None:
    for each in done:
        each.set_result(None)
