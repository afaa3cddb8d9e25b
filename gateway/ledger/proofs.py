"""Proofs about the ledger, read from its rows: that an entry is in it, and that it has only grown.

Leaf hashes stand in the entries, and the root of every 16, 256, 4 096, … of them in the table `subtree`. A proof
therefore reads at most 16 hashes for each power of 16 in the size of the ledger. Forms:
https://c2sp.org/tlog-proof for inclusion, the request of https://c2sp.org/tlog-witness for consistency.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, func, select

from gateway.ledger.tree import TILE, TILE_HEIGHT, consistency_proof, inclusion_proof, node_hash
from gateway.store.tables import entry, subtree

_LEAVES = (
    select(entry.c.leaf).where(entry.c.idx >= bindparam("start"), entry.c.idx < bindparam("stop")).order_by(entry.c.idx)
)
_ROOTS = (
    select(subtree.c.root)
    .where(
        subtree.c.level == bindparam("level"), subtree.c.idx >= bindparam("start"), subtree.c.idx < bindparam("stop")
    )
    .order_by(subtree.c.idx)
)


class StoredNodes:
    """Roots of perfect subtrees as the database holds them; remembers what it has read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._tiles: dict[tuple[int, int], Sequence[bytes]] = {}

    def __call__(self, height: int, index: int) -> bytes:
        """Return the root of subtree `index` of `2**height` leaves; raises IndexError when it is not all there."""
        level, above = divmod(height, TILE_HEIGHT)
        first = index << above
        hashes = list(self._tile(level, first // TILE)[first % TILE : first % TILE + (1 << above)])
        if len(hashes) != 1 << above:
            raise IndexError("The ledger is not that long.")
        while len(hashes) > 1:
            hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
        return hashes[0]

    def _tile(self, level: int, number: int) -> Sequence[bytes]:
        if (level, number) not in self._tiles:
            start, stop = number * TILE, (number + 1) * TILE
            asked = {"start": start, "stop": stop, "level": level}
            self._tiles[level, number] = self._connection.execute(_ROOTS if level else _LEAVES, asked).scalars().all()
        return self._tiles[level, number]


def size_of(connection: Connection) -> int:
    """Return the number of entries."""
    return connection.execute(select(func.count()).select_from(entry)).scalar_one()


def prove_inclusion(connection: Connection, index: int, size: int) -> list[bytes]:
    """Return the path from leaf `index` to the root of the first `size`; IndexError: not there."""
    return inclusion_proof(StoredNodes(connection), index, size)


def prove_consistency(connection: Connection, earlier: int, later: int) -> list[bytes]:
    """Return the proof that `earlier` entries begin the first `later`; IndexError: not there."""
    return consistency_proof(StoredNodes(connection), earlier, later)


def tlog_proof(index: int, path: Sequence[bytes], note: str) -> str:
    """Return an inclusion proof with the checkpoint it leads to, as one file."""
    return f"c2sp.org/tlog-proof@v1\nindex {index}\n{_lines(path)}\n{note}"


def tlog_update(earlier: int, path: Sequence[bytes], note: str) -> str:
    """Return what a witness is shown: the size it has seen, the proof that history only grew, the new checkpoint."""
    return f"old {earlier}\n{_lines(path)}\n{note}"


def _lines(hashes: Sequence[bytes]) -> str:
    return "".join(f"{base64.b64encode(each).decode()}\n" for each in hashes)
