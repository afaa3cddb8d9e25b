"""An evidence bundle: entries and what proves them against a signed checkpoint, offline.

A bundle is a zip archive, stored without compression and laid out byte for byte as `verifier.verify.framed` says:

* `entries.jsonl`: an entry on each line, canonical JSON: its leaf's columns, its details and their salt (null when they
  were erased), and the leaf's hash;
* `checkpoints.txt`: signed notes; all of them in a bundle of the whole ledger, else the newest;
* `proofs/SEQ.tlog-proof`: in a bundle about one referral, each entry's proof with the newest checkpoint;
* whatever explains it: `story.html`, `HOW-TO-VERIFY.txt`, and `verify.py`, which needs none of our packages;
* `manifest.txt`: a note signed by the log's key with the SHA-256 of every other file.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from importlib import resources

from sqlalchemy import Connection, RowMapping, select

from gateway.ledger.checkpoint import CheckpointRefused, Signer, read_checkpoint
from gateway.ledger.proofs import StoredNodes, tlog_proof
from gateway.ledger.sequencing import canonical
from gateway.ledger.signing import latest_checkpoint
from gateway.ledger.tree import inclusion_proof
from gateway.ledger.verifier.verify import CHECKPOINTS, ENTRIES, LAYOUT, MANIFEST, PROOF, framed
from gateway.ledger.verify import exported
from gateway.store.tables import checkpoint, entry, salt

VERIFIER = "verify.py"


class NotSigned(Exception):
    """The ledger has not been signed yet, or not by this key; there is nothing to prove against."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def export_bundle(
    connection: Connection, signer: Signer, referral: str | None = None, papers: Iterable[tuple[str, bytes]] = ()
) -> bytes:
    """Export all entries, or those of one referral, that the newest checkpoint covers, as one archive.

    `papers` are further files, names and contents. Raises `NotSigned` before the first checkpoint, and when the newest
    is not signed by the key.
    """
    note = latest_checkpoint(connection)
    try:
        size = read_checkpoint(note or "", [signer.verifier]).size
    except CheckpointRefused:
        raise NotSigned from None
    lines, proofs = _entries(connection, referral, size, note or "")
    notes = [note or ""] if referral else connection.execute(select(checkpoint.c.note).order_by(checkpoint.c.size))
    files = [
        *papers,
        (CHECKPOINTS, "\n".join(each if isinstance(each, str) else each.note for each in notes).encode()),
        (ENTRIES, b"".join(lines)),
        *proofs,
        (VERIFIER, resources.files("gateway.ledger.verifier").joinpath(VERIFIER).read_bytes()),
    ]
    listed = [f"{sha256(data).hexdigest()}  {name}" for name, data in files]
    scope = f"scope referral {referral}" if referral else "scope ledger"
    manifest = signer.sign_text("\n".join([LAYOUT, scope, *listed]) + "\n")
    return b"".join(packed([*files, (MANIFEST, manifest.encode())]))


def packed(files: Collection[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yield a zip archive, stored, without times or rights: the same files always give the same bytes."""
    *heads, end = framed([(name, zlib.crc32(data), len(data)) for name, data in files])
    for head, (_, data) in zip(heads, files, strict=True):
        yield head
        yield data
    yield end


def _entries(
    connection: Connection, referral: str | None, size: int, note: str
) -> tuple[list[bytes], list[tuple[str, bytes]]]:
    wanted = select(entry, salt.c.salt).join(salt, isouter=True).where(entry.c.idx < size)
    if referral is not None:
        wanted = wanted.where(entry.c.referral == referral)
    nodes, lines, proofs = StoredNodes(connection), [], []
    for row in connection.execute(wanted.order_by(entry.c.idx).execution_options(yield_per=1000)).mappings():
        lines.append(_line(row))
        if referral is not None:
            proof = tlog_proof(row["idx"], inclusion_proof(nodes, row["idx"], size), note)
            proofs.append((PROOF.format(row["idx"]), proof.encode()))
    return lines, proofs


def _line(row: RowMapping) -> bytes:
    return canonical(exported(row)) + b"\n"
