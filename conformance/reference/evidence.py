"""Evidence of the miniature gateway's ledger, and its own way of verifying it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from hashlib import sha256

from conformance.evidence import ENTRIES, Opinion
from conformance.reference.trees import Tree
from conformance.signed_log import BadHeadError, read_head, root_of

HEAD = "checkpoint.txt"


def leaf_of(content: Tree) -> str:
    """Return the hash of an entry's content, hexadecimal."""
    told = json.dumps(content, sort_keys=True, default=str).encode()
    return sha256(b"\x00" + told).hexdigest()


def packed(rows: Sequence[Tree], head: str) -> bytes:
    """Write the entries and the signed head above them as a zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(HEAD, head)
        made.writestr(ENTRIES, "".join(json.dumps(one, default=str) + "\n" for one in rows))
    return out.getvalue()


def verified(evidence: bytes, key: str, flaws: frozenset[str]) -> Opinion:
    """Judge evidence: each entry against its leaf, the leaves against the signed head."""
    if "believes-evidence" in flaws:
        return Opinion(holds=True, words="all is as it was signed")
    with zipfile.ZipFile(io.BytesIO(evidence)) as archive:
        rows = [json.loads(line) for line in archive.read(ENTRIES).splitlines()]
        head = archive.read(HEAD).decode()
    contents = [{name: value for name, value in one.items() if name not in {"seq", "leaf"}} for one in rows]
    wrong = [one["seq"] for one, content in zip(rows, contents, strict=True) if leaf_of(content) != one["leaf"]]
    if not _signed(rows, head, key):
        return Opinion(holds=False, words="the leaves are not those that were signed")
    return _worded(wrong, len(rows), flaws)


def _signed(rows: Sequence[Tree], head: str, key: str) -> bool:
    try:
        return read_head(head, key).root == root_of([bytes.fromhex(one["leaf"]) for one in rows])
    except BadHeadError:
        return False


def _worded(wrong: Sequence[int], size: int, flaws: frozenset[str]) -> Opinion:
    if "refuses-all-evidence" in flaws:
        return Opinion(holds=False, words=f"{size} entries are wrong")
    if not wrong:
        return Opinion(holds=True, words=f"{size} entries are as they were signed")
    if "names-no-entry" in flaws:
        return Opinion(holds=False, words="an entry was changed")
    if "names-another-entry" in flaws:
        wrong = [one + 1 for one in wrong]
    if "names-every-entry" in flaws:
        wrong = range(size)
    return Opinion(holds=False, words="".join(f"entry {one} was changed\n" for one in wrong))
