"""Evidence of a whole ledger, as a gateway hands it out: read it, and change one byte of one entry in a copy.

Evidence is a zip archive whose file `entries.jsonl` has an entry on each line, a JSON object with at least its number
(`seq`), its `type` and its instant (`at`); docs/audit.md describes that of this project's gateway.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

ENTRIES = "entries.jsonl"


class BadEvidenceError(Exception):
    """What was handed out is not evidence of this form."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a gateway's own way of verifying said of evidence: whether it holds, and its words."""

    holds: bool
    words: str

    def names(self, seq: int) -> bool:
        """Tell whether a number stands in the words by itself."""
        return re.search(rf"(?<![\w.]){seq}(?![\w])", self.words) is not None


Verifier = Callable[[bytes, str], Opinion]
"""Judges evidence with the public key of the ledger, which comes by another way than the evidence."""


def numbers(evidence: bytes) -> list[int]:
    """List the numbers of the entries, in the order of the lines; raises `BadEvidenceError`."""
    try:
        with zipfile.ZipFile(io.BytesIO(evidence)) as archive:
            return [int(json.loads(line)["seq"]) for line in archive.read(ENTRIES).splitlines()]
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError):
        raise BadEvidenceError from None


def changed(evidence: bytes, seq: int, member: str) -> bytes:
    """Copy evidence with the first byte of one member's text changed in one entry, and nothing else.

    The archive is packed again as it was, sums and all: what is wrong afterwards is the entry, not the file around it.
    Raises `BadEvidenceError` when the entry has no such member.
    """
    out, lines = io.BytesIO(), numbers(evidence)
    with zipfile.ZipFile(io.BytesIO(evidence)) as given, zipfile.ZipFile(out, "w") as made:
        for info in given.infolist():
            content, rights = given.read(info), info.external_attr
            if info.filename == ENTRIES:
                content = _changed_line(content, lines.index(seq), member)
            made.writestr(info, content)
            info.external_attr = rights  # zipfile gives files without rights some of its own
    return out.getvalue()


def _changed_line(content: bytes, index: int, member: str) -> bytes:
    lines = content.splitlines(keepends=True)
    found = re.search(rf'"{member}":\s*"([0-9A-Za-z])'.encode(), lines[index])
    if found is None:
        raise BadEvidenceError
    at = found.start(1)
    byte = b"1" if lines[index][at : at + 1] != b"1" else b"0"
    lines[index] = lines[index][:at] + byte + lines[index][at + 1 :]
    return b"".join(lines)
