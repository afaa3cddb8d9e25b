"""Proofs about the ledger, read from its rows: that an entry is in it, and that it has only grown."""

from sqlalchemy import Connection, func, select

from gateway.ledger.tree import consistency_proof, inclusion_proof
from gateway.store.tables import entry


def size_of(connection: Connection) -> int:
    """Return the number of entries."""
    return connection.execute(select(func.count()).select_from(entry)).scalar_one()


def prove_inclusion(connection: Connection, index: int, size: int) -> list[bytes]:
    """Return the path from leaf `index` to the root of the first `size`; IndexError: not there."""
    return inclusion_proof(leaves_of(connection, size), index)


def prove_consistency(connection: Connection, earlier: int, later: int) -> list[bytes]:
    """Return the proof that `earlier` entries begin the first `later`; IndexError: not there."""
    return consistency_proof(leaves_of(connection, later), earlier)


def leaves_of(connection: Connection, size: int) -> list[bytes]:
    """Return the leaf hashes of the first `size` entries; IndexError: there are not so many."""
    leaves = list(connection.execute(select(entry.c.leaf).where(entry.c.idx < size).order_by(entry.c.idx)).scalars())
    if len(leaves) != size:
        raise IndexError("The ledger is not that long.")
    return leaves
