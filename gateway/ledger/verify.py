"""Prove that the ledger is whole: recompute every leaf and every root from the rows.

What is checked: that entries are numbered without a gap; that each leaf is the hash of its row; that each
commitment matches its fields by its salt; that fields are missing only before an erasure of the same
referral; that time never runs backwards; that the stored tree and every signed checkpoint have the root the
rows lead to; that the tree still begins with one the auditor saw earlier.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, select

from gateway.ledger.checkpoint import Checkpoint, CheckpointRefused, VerifierKey, read_checkpoint
from gateway.ledger.events import EventType
from gateway.ledger.sequencing import commitment_of, leaf_content
from gateway.ledger.tree import CompactRange, leaf_hash
from gateway.store.tables import checkpoint, entry, salt, tree


class Fault(StrEnum):
    """What can be wrong with a ledger."""

    #: An entry is missing or stands twice.
    GAP = "GAP"
    #: The row is not what its leaf was made of.
    LEAF = "LEAF"
    #: The fields are not what the entry committed to.
    FIELDS = "FIELDS"
    #: Fields are gone, but no erasure of the referral says why.
    REDACTED = "REDACTED"
    #: The entry is older than the one before it.
    TIME = "TIME"
    #: The stored tree is not the tree of the rows.
    TREE = "TREE"
    #: A checkpoint is signed by no trusted key, or is of another log.
    SIGNATURE = "SIGNATURE"
    #: A checkpoint's root is not that of the first `size` rows: history was changed after it was signed.
    ROOT = "ROOT"


@dataclass(frozen=True)
class Finding:
    """One fault; `index` is the entry it was found at, or the size of the tree."""

    fault: Fault
    index: int


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
    return _Examination(trusted).run(connection, seen)


class _Examination:
    """One pass over the rows; memory grows only with erased referrals and roots asked for."""

    def __init__(self, trusted: Sequence[VerifierKey]) -> None:
        self._trusted = trusted
        self._verdict = Verdict()
        self._range = CompactRange()
        self._last_at = ""
        self._redacted: dict[str | None, list[int]] = {}

    def run(self, connection: Connection, seen: Iterable[Checkpoint]) -> Verdict:
        wanted = [*self._signed(connection), *((each.size, each.root) for each in seen)]
        roots = {size: b"" for size, _ in wanted} | {0: self._range.root()}
        ordered = select(entry, salt.c.salt).join(salt, isouter=True).order_by(entry.c.idx)
        rows = connection.execute(ordered.execution_options(yield_per=1000))
        for row in rows.mappings():
            self._examine(row)
            if self._range.size in roots:
                roots[self._range.size] = self._range.root()
        for size, root in wanted:
            if roots[size] != root:
                self._report(Fault.ROOT, size)
        return self._conclude(connection)

    def _signed(self, connection: Connection) -> Iterable[tuple[int, bytes]]:
        for row in connection.execute(select(checkpoint).order_by(checkpoint.c.size)):
            try:
                said = read_checkpoint(row.note, self._trusted)
            except CheckpointRefused:
                self._report(Fault.SIGNATURE, row.size)
                continue
            if said.size != row.size:
                self._report(Fault.SIGNATURE, row.size)
            self._verdict.checkpoints += 1
            yield said.size, said.root

    def _examine(self, row: RowMapping) -> None:
        index = self._range.size
        if row["idx"] != index:
            self._report(Fault.GAP, index)
        content = leaf_content(
            index, row["at"], row["type"], row["actor"], row["referral"], row["delivery"], row["commitment"]
        )
        leaf = leaf_hash(content)
        if leaf != row["leaf"]:
            self._report(Fault.LEAF, index)
        self._examine_fields(row, index)
        if row["at"] < self._last_at:
            self._report(Fault.TIME, index)
        self._last_at = row["at"]
        self._range = self._range.append(leaf)

    def _examine_fields(self, row: RowMapping, index: int) -> None:
        if row["fields"] is None and row["salt"] is None:
            self._verdict.redacted += 1
            self._redacted.setdefault(row["referral"], []).append(index)
        elif (
            row["fields"] is None
            or row["salt"] is None
            or commitment_of(row["salt"], row["fields"].encode()) != row["commitment"]
        ):
            self._report(Fault.FIELDS, index)
        if row["type"] == EventType.REFERRAL_ERASED.value:
            self._redacted.pop(row["referral"], None)

    def _conclude(self, connection: Connection) -> Verdict:
        for indices in self._redacted.values():
            for index in indices:
                self._report(Fault.REDACTED, index)
        stored = connection.execute(select(tree)).first()
        ours = (self._range.size, b"".join(self._range.stack))
        if ours != ((stored.size, stored.stack) if stored else (0, b"")):
            self._report(Fault.TREE, self._range.size)
        self._verdict.size, self._verdict.root = self._range.size, self._range.root()
        return self._verdict

    def _report(self, fault: Fault, index: int) -> None:
        self._verdict.findings.append(Finding(fault, index))
