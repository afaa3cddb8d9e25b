"""A witness keeps the last checkpoint it saw, and refuses one whose history is not a continuation of it.

Whoever holds the log's key could show different histories to different people; two witnesses that compare what they
kept find it out. An update has the form of the request `add-checkpoint` of https://c2sp.org/tlog-witness.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path

from gateway.ledger.checkpoint import Checkpoint, CheckpointRefused, VerifierKey, read_checkpoint
from gateway.ledger.tree import EMPTY_ROOT, is_consistent


class HistoryRefused(Exception):
    """The checkpoint shown is no continuation of the one seen before: history was changed, or there are two."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Witness:
    """A file that holds the last checkpoint seen, under the log's public keys."""

    def __init__(self, file: Path, trusted: Sequence[VerifierKey]) -> None:
        self._file = file
        self._trusted = trusted

    def seen(self) -> Checkpoint:
        """Return the last checkpoint seen, that of the empty tree for none; raises `CheckpointRefused`."""
        if not self._file.exists():
            return Checkpoint(self._trusted[0].name, 0, EMPTY_ROOT)
        return read_checkpoint(self._file.read_text("utf-8"), self._trusted)

    def show(self, update: str) -> Checkpoint:
        """Accept an update and keep its checkpoint.

        Raises:
            HistoryRefused: it does not continue what was seen.
            CheckpointRefused: it is signed by no trusted key, or is no update.
        """
        head, _, note = update.partition("\n\n")
        seen, shown = self.seen(), read_checkpoint(note, self._trusted)
        first, *hashes = head.split("\n")
        try:
            proof = [base64.b64decode(each, validate=True) for each in hashes]
        except binascii.Error:
            raise CheckpointRefused from None
        if first != f"old {seen.size}" or not is_consistent(seen.size, seen.root, shown.size, shown.root, proof):
            raise HistoryRefused
        fresh = self._file.with_suffix(".new")
        fresh.write_text(note, "utf-8")
        fresh.replace(self._file)
        return shown
