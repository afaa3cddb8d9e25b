"""Enter events into the ledger, in the caller's transaction.

The journal keeps the tree's compact range in memory and takes part in the committer's batches: what it
appended for an item that is rolled back, it forgets with it. The rows of a batch are written in one go,
just before COMMIT.

A leaf is the canonical JSON (RFC 8785; there are no floats) of

    {"actor", "at", "commitment", "delivery", "referral", "seq", "type", "v"}

and `commitment` is SHA-256(0x02 || salt || canonical JSON of the fields). The 32-byte salt stands in a
table of its own: with it an auditor checks the fields; once it is deleted nobody can even guess them, and
the tree still holds.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, select, update

from gateway.clock import instant
from gateway.ledger.events import Event
from gateway.ledger.kinds import Value
from gateway.ledger.tree import CompactRange, leaf_hash
from gateway.store.bulk import insert_rows
from gateway.store.tables import entry, salt, tree
from gateway.store.upsert import upsert

#: Version of the leaf's layout.
LAYOUT = 1


class LedgerDamaged(Exception):
    """The ledger's rows and its stored tree disagree; run `raabta ledger verify`."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def canonical(value: object) -> bytes:
    """Return the canonical JSON of a value without floats (RFC 8785), for keys in ASCII."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def commitment_of(salt_bytes: bytes, fields: bytes) -> bytes:
    """Return the commitment to canonical fields under a salt."""
    return sha256(b"\x02" + salt_bytes + fields).digest()


def leaf_content(
    index: int,
    at: str,
    kind: str,
    actor: str,
    referral: str | None,
    delivery: str | None,
    commitment: bytes,
) -> bytes:
    """Return the bytes that leaf `index` (0 for the first) is the hash of."""
    return canonical(
        {
            "actor": actor,
            "at": at,
            "commitment": commitment.hex(),
            "delivery": delivery,
            "referral": referral,
            "seq": index,
            "type": kind,
            "v": LAYOUT,
        }
    )


@dataclass(frozen=True)
class _Moment:
    """What rolling back returns to."""

    range: CompactRange = field(default_factory=CompactRange)
    at: str = ""
    pending: tuple[tuple[dict[str, Any], bytes], ...] = ()


class Journal:
    """The one place where entries are made; a committer's participant.

    `now` gives the instant of an entry (Unix seconds), `random_salt` 32 bytes. Built by `Journal.open`;
    used only on the committing thread, inside a work item.
    """

    def __init__(
        self,
        start: CompactRange,
        last_at: str,
        now: Callable[[], float],
        random_salt: Callable[[], bytes] = lambda: secrets.token_bytes(32),
    ) -> None:
        self._moment = _Moment(start, last_at)
        self._before_batch: _Moment | None = None
        self._before_item = self._moment
        self._now = now
        self._random_salt = random_salt

    @classmethod
    def open(cls, connection: Connection, now: Callable[[], float]) -> "Journal":
        """Continue the ledger of a database.

        Raises `LedgerDamaged` when the stored tree and the number of entries disagree.
        """
        row = connection.execute(select(tree)).first()
        start = CompactRange(row.size, _unpack(row.stack)) if row else CompactRange()
        found = select(func.count(), func.max(entry.c.idx), func.max(entry.c.at)).select_from(entry)
        count, last, last_at = connection.execute(found).one()
        if count != start.size or (count and last != count - 1):
            raise LedgerDamaged
        return cls(start, last_at or "", now)

    @property
    def range(self) -> CompactRange:
        """The tree as it stands, with what the present batch has appended."""
        return self._moment.range

    def append(self, event: Event) -> int:
        """Enter an event and return its index; it is stored when the present work item's batch commits.

        The ledger's time never runs backwards: while the clock is set back, entries carry the last instant.
        Raises RuntimeError outside a work item, where nothing would ever be stored.
        """
        if self._before_batch is None:
            raise RuntimeError("An event can be entered only by a work item of the committer.")
        moment = self._moment
        index, at = moment.range.size, max(instant(self._now()), moment.at)
        fields, salted = canonical(event.fields), self._random_salt()
        commitment = commitment_of(salted, fields)
        kind = event.type.value
        content = leaf_content(index, at, kind, event.actor, event.referral, event.delivery, commitment)
        leaf = leaf_hash(content)
        row = {
            "idx": index,
            "at": at,
            "type": kind,
            "actor": event.actor,
            "referral": event.referral,
            "delivery": event.delivery,
            "fields": fields.decode(),
            "commitment": commitment,
            "leaf": leaf,
        }
        self._moment = _Moment(moment.range.append(leaf), at, (*moment.pending, (row, salted)))
        return index

    def flush(self, connection: Connection) -> None:
        """Write the entries kept back, for a work item that must read them."""
        pending = self._moment.pending
        if not pending:
            return
        insert_rows(connection, entry, [row for row, _ in pending])
        insert_rows(connection, salt, [{"idx": row["idx"], "salt": salted} for row, salted in pending])
        grown = {"size": self.range.size, "stack": b"".join(self.range.stack)}
        statement = upsert(connection, tree).values(id=1, **grown)
        connection.execute(statement.on_conflict_do_update(index_elements=[tree.c.id], set_=grown))
        self._moment = replace(self._moment, pending=())

    def redact(self, connection: Connection, referral: str) -> int:
        """Erase the fields and salts of a referral's entries so far and return how many had any.

        Who did what kind of thing when stays proven; enter `referral.erased` after it, or verification
        objects.
        """
        self.flush(connection)
        concerned = select(entry.c.idx).where(entry.c.referral == referral)
        connection.execute(delete(salt).where(salt.c.idx.in_(concerned)))
        blank = update(entry).where(entry.c.referral == referral, entry.c.fields.is_not(None))
        return connection.execute(blank.values(fields=None)).rowcount

    def batch_began(self) -> None:
        """Remember the state before the batch."""
        self._before_batch = self._moment

    def item_began(self) -> None:
        """Remember the state before the item."""
        self._before_item = self._moment

    def item_undone(self) -> None:
        """Forget what the item appended."""
        self._moment = self._before_item

    def batch_closing(self, connection: Connection) -> None:
        """Write the batch's entries and the tree."""
        self.flush(connection)

    def batch_done(self) -> None:
        """Accept no entry until the next batch."""
        self._before_batch = None

    def batch_undone(self) -> None:
        """Forget what the batch appended."""
        if self._before_batch is not None:
            self._moment, self._before_batch = self._before_batch, None


def read_fields(text: str) -> dict[str, Value]:
    """Read the stored fields of an entry."""
    fields: dict[str, Value] = orjson.loads(text)
    return fields


def _unpack(stack: bytes) -> tuple[bytes, ...]:
    return tuple(stack[start : start + 32] for start in range(0, len(stack), 32))
