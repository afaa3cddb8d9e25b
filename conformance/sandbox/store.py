"""What a simulated agency remembers: effects, requests, used assertion ids and its own letters, in one SQLite file.

An *effect* is a document the agency accepted, stored once under its message id. Everything survives
a restart of the simulator (WAL, synchronous FULL), because a gateway's promise of "effects once" can
only be tested against an agency that does not forget.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS effects (
  n INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, operation TEXT NOT NULL,
  content_type TEXT NOT NULL, received_at TEXT NOT NULL, body BLOB NOT NULL, digest TEXT NOT NULL,
  reference TEXT NOT NULL, receipt TEXT NOT NULL, state TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS requests (
  n INTEGER PRIMARY KEY, at TEXT NOT NULL, path TEXT NOT NULL, message_id TEXT NOT NULL,
  outcome TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS assertions (
  issuer TEXT NOT NULL, jti TEXT NOT NULL, expires INTEGER NOT NULL, PRIMARY KEY (issuer, jti));
CREATE TABLE IF NOT EXISTS letters (
  n INTEGER PRIMARY KEY, message_id TEXT NOT NULL UNIQUE, content_type TEXT NOT NULL, body BLOB NOT NULL,
  due REAL NOT NULL, attempts INTEGER NOT NULL, status INTEGER NOT NULL, state TEXT NOT NULL);
"""

COLUMNS = "n, message_id, operation, content_type, received_at, body, reference, receipt, state"


class ConflictError(Exception):
    """The message id is known with another body; the text never names either."""


@dataclass(frozen=True, slots=True)
class Document:
    """A valid document at the door: its id, what it asks for, and where its answer must go.

    `reference` is the referral reference found inside ("" when the operation needs no answer).
    `compared` is what decides sameness on a repeat; by default the body itself.
    """

    message_id: str
    operation: str
    content_type: str
    body: bytes
    reference: str = ""
    compared: bytes | None = None

    @property
    def digest(self) -> str:
        """SHA-256 in hexadecimal of what is compared on a repeat."""
        return hashlib.sha256(self.body if self.compared is None else self.compared).hexdigest()


@dataclass(frozen=True, slots=True)
class Effect:
    """An accepted document as stored. `n` counts from 1; `receipt` is the text of the first answer."""

    n: int
    message_id: str
    operation: str
    content_type: str
    received_at: str
    body: bytes
    reference: str
    receipt: str
    state: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A letter of the agency's own. `state` is WAITING until `due` (seconds since 1970), then how it ended.

    It ends TAKEN, REFUSED or GIVEN_UP; `status` is the gateway's last answer, 0 when there was none.
    """

    message_id: str
    content_type: str
    body: bytes
    due: float
    attempts: int
    status: int
    state: str


def instant(moment: datetime | None = None) -> str:
    """Write an instant as RFC 3339 in UTC with milliseconds; now when none is given."""
    return (moment or datetime.now(UTC)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Store:
    """One SQLite connection behind one lock."""

    def __init__(self, file: Path) -> None:
        """Open or create the file; its folder is made if absent."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file; the store must not be used afterwards."""
        with self._lock:
            self._db.close()

    def accept(self, document: Document, receipt: Callable[[int, str], str]) -> tuple[Effect, bool]:
        """Store a document once; `receipt(n, received_at)` writes its answer before the commit.

        Returns the effect and whether it is new. Raises `ConflictError` for a known id with another body.
        """
        with self._lock, self._db:
            self._db.execute("BEGIN IMMEDIATE")
            known = self._known(document)
            if known is not None:
                return known, False
            return self._insert(document, receipt), True

    def effect(self, message_id: str) -> Effect | None:
        """Find one effect by its message id."""
        rows = self._select(f"SELECT {COLUMNS} FROM effects WHERE message_id = ?", message_id)  # noqa: S608 - constant columns
        return Effect(*rows[0]) if rows else None

    def effects(self) -> list[Effect]:
        """List every effect, oldest first."""
        return [Effect(*row) for row in self._select(f"SELECT {COLUMNS} FROM effects ORDER BY n")]  # noqa: S608 - as above

    def set_state(self, message_id: str, state: str) -> None:
        """Remember how far the agency's own work on a document is."""
        self._select("UPDATE effects SET state = ? WHERE message_id = ?", state, message_id)

    def record(self, path: str, message_id: str, outcome: str) -> None:
        """Note that a request was seen, without its body or query string."""
        self._select(
            "INSERT INTO requests (at, path, message_id, outcome) VALUES (?, ?, ?, ?)",
            instant(), path, message_id, outcome,
        )  # fmt: skip

    def requests(self) -> list[dict[str, str]]:
        """List every request seen: at, path, message_id, outcome; oldest first."""
        rows = self._select("SELECT at, path, message_id, outcome FROM requests ORDER BY n")
        return [dict(zip(("at", "path", "message_id", "outcome"), row, strict=True)) for row in rows]

    def put_letter(self, message_id: str, content_type: str, body: bytes, due: float) -> None:
        """Keep a letter to be sent; one that is kept already stays as it is."""
        self._select(
            "INSERT OR IGNORE INTO letters (message_id, content_type, body, due, attempts, status, state)"
            " VALUES (?, ?, ?, ?, 0, 0, 'WAITING')",
            message_id, content_type, body, due,
        )  # fmt: skip

    def letters(self) -> list[Outgoing]:
        """List every letter of the agency's own, oldest first."""
        rows = self._select(
            "SELECT message_id, content_type, body, due, attempts, status, state FROM letters ORDER BY n"
        )
        return [Outgoing(*row) for row in rows]

    def settle_letter(self, letter: Outgoing) -> None:
        """Remember what an attempt to send a letter has changed."""
        self._select(
            "UPDATE letters SET due = ?, attempts = ?, status = ?, state = ? WHERE message_id = ?",
            letter.due, letter.attempts, letter.status, letter.state, letter.message_id,
        )  # fmt: skip

    def use_assertion(self, issuer: str, jti: str, expires: int, now: int) -> bool:
        """Spend an assertion id; False when it was spent before (RFC 7523 section 3, point 7)."""
        with self._lock:
            self._db.execute("DELETE FROM assertions WHERE expires < ?", (now,))
            spent = self._db.execute("INSERT OR IGNORE INTO assertions VALUES (?, ?, ?)", (issuer, jti, expires))
            return spent.rowcount == 1

    def _known(self, document: Document) -> Effect | None:
        row = self._db.execute(
            f"SELECT digest, {COLUMNS} FROM effects WHERE message_id = ?",  # noqa: S608 - constant columns
            (document.message_id,),
        ).fetchone()
        if row is not None and row[0] != document.digest:
            raise ConflictError("this message id was used for another document")
        return None if row is None else Effect(*row[1:])

    def _insert(self, document: Document, receipt: Callable[[int, str], str]) -> Effect:
        n = int(self._db.execute("SELECT coalesce(max(n), 0) + 1 FROM effects").fetchone()[0])
        at = instant()
        effect = Effect(
            n, document.message_id, document.operation, document.content_type, at,
            document.body, document.reference, receipt(n, at), "RECEIVED",
        )  # fmt: skip
        self._db.execute(
            "INSERT INTO effects (n, message_id, operation, content_type, received_at, body, digest,"
            " reference, receipt, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (effect.n, effect.message_id, effect.operation, effect.content_type, at, effect.body,
             document.digest, effect.reference, effect.receipt, effect.state),
        )  # fmt: skip
        return effect

    def _select(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(statement, values).fetchall()
