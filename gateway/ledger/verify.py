"""Prove that the ledger of a database is whole: recompute every leaf and every root from the rows.

What is checked: that entries are numbered without a gap; that each leaf is the hash of its row; that each
commitment matches its fields by its salt; that fields are missing only before an erasure of the same
referral; that time never runs backwards; that the stored tree, its stored subtrees and every signed checkpoint have
the roots the rows lead to; that the tree still begins with one the auditor saw earlier. The examination is the one an
auditor runs offline (`verifier`), fed from the rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from gateway.ledger.checkpoint import Checkpoint, CheckpointRefused, VerifierKey, read_checkpoint
from gateway.ledger.tree import TILE, CompactRange, Completed
from gateway.ledger.verifier.verify import Examination, Fault, Finding, look
from gateway.store.tables import checkpoint, entry, salt, subtree, tree


@dataclass
class Verdict:
    """What verification found: the tree as recomputed, and every fault in the order of discovery."""

    size: int = 0
    root: bytes = b""
    redacted: int = 0
    checkpoints: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    @property
    def signed(self) -> bool:
        """Whether at least one checkpoint vouches for it."""
        return self.checkpoints > 0


def verify(connection: Connection, trusted: Sequence[VerifierKey], seen: Iterable[Checkpoint] = ()) -> Verdict:
    """Recompute the ledger of a database; `seen` are checkpoints that an auditor already holds, verified."""
    verdict = Verdict()
    signed = list(_signed(connection, trusted, verdict))
    stored = connection.execute(select(tree)).first()
    size = stored.size if stored else 0
    roots = [*signed, *((each.size, each.root) for each in seen)]
    examination = Examination(roots, lambda start: map(exported, _rows(connection, start)), part=False)
    subtrees = _Subtrees(connection)
    for row in _rows(connection):
        examination.add(look(exported(row)))
        subtrees.add(row["leaf"])
    range_ = CompactRange(examination.size, tuple(examination.stack))
    findings = [*verdict.findings, *examination.conclude()]
    if examination.size < size:
        findings.append(Finding(Fault.TRUNCATED, examination.size))
    elif (size, stored.stack if stored else b"") != (range_.size, b"".join(range_.stack)) or subtrees.differ():
        named = {Fault.CHANGED, Fault.BACKDATED, Fault.REORDERED} & {each.fault for each in findings}
        findings += [] if named else [Finding(Fault.TREE, range_.size)]
    return Verdict(range_.size, range_.root(), examination.redacted, len(signed), list(dict.fromkeys(findings)))


def exported(row: RowMapping) -> dict[str, Any]:
    """Return an entry with its salt and its stored leaf, as it stands in a bundle."""
    shown: dict[str, Any] = {
        name: row[name] for name in ("actor", "at", "delivery", "fields", "referral", "type")
    }  # fmt: skip
    hashes = {name: None if row[name] is None else row[name].hex() for name in ("commitment", "leaf", "salt")}
    return {**shown, **hashes, "seq": row["idx"]}


def _rows(connection: Connection, start: int = 0) -> Iterable[RowMapping]:
    ordered = select(entry, salt.c.salt).join(salt, isouter=True).where(entry.c.idx >= start).order_by(entry.c.idx)
    return connection.execute(ordered.execution_options(yield_per=1000)).mappings()


def _signed(connection: Connection, trusted: Sequence[VerifierKey], verdict: Verdict) -> Iterable[tuple[int, bytes]]:
    for row in connection.execute(select(checkpoint).order_by(checkpoint.c.size)):
        try:
            said = read_checkpoint(row.note, trusted)
        except CheckpointRefused:
            verdict.findings.append(Finding(Fault.SIGNATURE, row.size))
            continue
        if said.size != row.size:
            verdict.findings.append(Finding(Fault.SIGNATURE, row.size))
        yield said.size, said.root


class _Subtrees:
    """The stored roots of subtrees beside those the leaves lead to."""

    def __init__(self, connection: Connection) -> None:
        found = connection.execute(select(subtree.c.level, subtree.c.idx, subtree.c.root))
        self._stored = {(row.level, row.idx): row.root for row in found}
        self._range = CompactRange()
        self._completed: Completed = []
        self._wrong = 0

    def add(self, leaf: bytes) -> None:
        self._range = self._range.append(leaf, self._completed)
        if self._range.size % TILE == 0:
            self._wrong += sum(self._stored.pop((level, at), None) != root for level, at, root in self._completed)
            self._completed.clear()

    def differ(self) -> bool:
        return bool(self._wrong or self._stored)
