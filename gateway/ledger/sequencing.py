"""Give entries their places in the tree: one gateway at a time, each time in one transaction.

Several gateways may share a database. Whoever locks the stored tree is the sequencer, for as long as its transaction
lasts: it reads how far the tree has grown, takes over what others have stored without a place, in the order in which
it was entered, and adds its own. When it dies the lock is gone, and with it everything it had not committed; there is
no term of office that a frozen process could wake up in. What was entered because of something committed was entered
later, so the order of entries is that of cause and effect.

A leaf is the canonical JSON (RFC 8785; there are no floats) of

    {"actor", "at", "commitment", "delivery", "referral", "seq", "type", "v"}

and `commitment` is SHA-256(0x02 || salt || canonical JSON of the fields). The 32-byte salt stands in a
table of its own: with it an auditor checks the fields; once it is deleted nobody can even guess them, and
the tree still holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, bindparam, delete, select, update

from gateway.ledger.tree import CompactRange, Completed, leaf_hash
from gateway.store.bulk import insert_rows
from gateway.store.tables import entry, salt, subtree, tree, unsequenced

#: Version of the leaf's layout.
LAYOUT = 1

#: Entries of others taken over at once.
TAKEN_OVER = 500

_HELD_AT_LAST = select(tree).with_for_update()
_HELD_AT_ONCE = select(tree).with_for_update(skip_locked=True)
_GROW = update(tree).values(size=bindparam("grown"), stack=bindparam("roots"))
_AT = select(entry.c.at).where(entry.c.idx == bindparam("last"))
_OLDEST = select(unsequenced.c.n).order_by(unsequenced.c.n).limit(TAKEN_OVER)
_TAKE_OVER = delete(unsequenced).where(unsequenced.c.n.in_(_OLDEST)).returning(unsequenced)
"""Statements of every commit, built once."""


class Entered(NamedTuple):
    """An entry that has no place yet; without `fields` and `salt` it has been erased already."""

    at: str
    type: str
    actor: str
    referral: str | None
    delivery: str | None
    fields: str | None
    commitment: bytes
    salt: bytes | None


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


def set_aside(connection: Connection, entries: Sequence[Entered]) -> None:
    """Store entries without a place."""
    insert_rows(connection, unsequenced, [each._asdict() for each in entries])


def sequence(connection: Connection, entries: Sequence[Entered], *, wait: bool = False) -> CompactRange | None:
    """Store entries in the tree, behind those that were set aside, and return the tree.

    None: another transaction holds the tree, and nothing was stored; with `wait` it is waited for.
    """
    held = connection.execute(_HELD_AT_LAST if wait else _HELD_AT_ONCE).first()
    if held is None:
        return None
    growing = _Growing(CompactRange(held.size, _unpack(held.stack)), _last_at(connection, held.size))
    for others in _taken_over(connection):
        growing.add(connection, others)
    growing.add(connection, entries)
    grown = growing.range
    if grown.size != held.size:
        connection.execute(_GROW, {"grown": grown.size, "roots": b"".join(grown.stack)})
    return grown


class _Growing:
    """The tree while entries are added to it; its time never runs backwards."""

    def __init__(self, start: CompactRange, at: str) -> None:
        self.range = start
        self._at = at
        self._completed: Completed = []

    def add(self, connection: Connection, entries: Sequence[Entered]) -> None:
        if not entries:
            return
        rows = [self._row(index, each) for index, each in enumerate(entries, self.range.size)]
        self.range = self.range.extend((row["leaf"] for row in rows), self._completed)
        insert_rows(connection, entry, rows)
        salted = [(row["idx"], each.salt) for row, each in zip(rows, entries, strict=True) if each.salt is not None]
        insert_rows(connection, salt, [{"idx": index, "salt": given} for index, given in salted])
        roots = [{"level": level, "idx": index, "root": root} for level, index, root in self._completed]
        insert_rows(connection, subtree, roots)
        self._completed.clear()

    def _row(self, index: int, entered: Entered) -> dict[str, Any]:
        at, kind, actor, referral, delivery, fields, commitment, _ = entered
        self._at = at = max(at, self._at)
        return {
            "at": at,
            "type": kind,
            "actor": actor,
            "referral": referral,
            "delivery": delivery,
            "fields": fields,
            "commitment": commitment,
            "idx": index,
            "leaf": leaf_hash(leaf_content(index, at, kind, actor, referral, delivery, commitment)),
        }


def _last_at(connection: Connection, size: int) -> str:
    """Return the instant of the last entry: while a clock is set back, entries carry it on."""
    return connection.execute(_AT, {"last": size - 1}).scalar() or ""


def _taken_over(connection: Connection) -> Iterator[list[Entered]]:
    """Yield what others have stored without a place, in the order in which they did."""
    while rows := sorted(connection.execute(_TAKE_OVER).mappings(), key=lambda row: row["n"]):
        yield [Entered(**{name: value for name, value in row.items() if name != "n"}) for row in rows]


def _unpack(stack: bytes) -> tuple[bytes, ...]:
    return tuple(stack[start : start + 32] for start in range(0, len(stack), 32))
