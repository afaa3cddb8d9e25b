"""Check an evidence bundle of a Raabta ledger: offline, with nothing but Python 3.11 and `cryptography`.

    python verify.py BUNDLE.zip --key KEY [--seen NOTE ...]

KEY is the log's public key, `name+hash+base64`, or a file that holds it; get it from the gateway's operator by another
way than the bundle. NOTE is a file with a checkpoint you kept from earlier, for a bundle of the whole ledger. Ends with
0: all is proven; 1: each fault on a line; 2: wrong usage. RFC 9162 2.1; c2sp.org/signed-note, tlog-checkpoint, -proof.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from hashlib import sha256
from json.encoder import encode_basestring as quoted
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LAYOUT = "raabta.evidence/v1"
ENTRIES, CHECKPOINTS, MANIFEST, PROOF = "entries.jsonl", "checkpoints.txt", "manifest.txt", "proofs/{}.tlog-proof"
_LEAF = ("actor", "at", "commitment", "delivery", "referral")
_BAD = (ValueError, KeyError, TypeError, AttributeError, IndexError)
_TORN = (*_BAD, OSError, EOFError, RuntimeError, zipfile.BadZipFile, struct.error, zlib.error)


class Fault(StrEnum):
    """What can be wrong."""

    CONTAINER = "the file is not, byte for byte, laid out as a bundle"
    MANIFEST = "this file of the bundle is not the one that was signed"
    SIGNATURE = "this is not signed by the key"
    UNREADABLE = "this line is no entry"
    CHANGED = "this entry is not what its place in the tree was made of"
    FIELDS = "the details are not what the entry committed to"
    REDACTED = "the details are gone, and no erasure of the referral says why"
    MISSING = "an entry is missing here"
    REORDERED = "this entry does not stand in its place"
    TRUNCATED = "the ledger ends here, but a longer one was signed"
    BACKDATED = "this entry was put in afterwards"
    FORKED = "the history up to here is not the one that was signed: there are two"
    PROOF = "the proof does not lead to the signed root"
    TREE = "the stored tree is not the tree of the entries"


class Finding(NamedTuple):
    """One fault, and where: the number of the entry, the size of the tree, or the name of a file."""

    fault: Fault
    where: int | str


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node above two others."""
    return sha256(b"\x01" + left + right).digest()


def append(stack: list[bytes], size: int, leaf: bytes) -> None:
    """Add a leaf to a tree of `size` leaves, kept as the roots of its perfect subtrees, the largest first."""
    while size & 1:
        leaf, size = node_hash(stack.pop(), leaf), size >> 1
    stack.append(leaf)


def root_of(stack: Sequence[bytes]) -> bytes:
    """Return the root of a tree kept as the roots of its perfect subtrees."""
    root = stack[-1] if stack else sha256(b"").digest()
    for subtree in reversed(stack[:-1]):
        root = node_hash(subtree, root)
    return root


def included(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that an inclusion proof leads to (RFC 9162 section 2.1.3); raises ValueError at a wrong shape."""
    if size < 2 or not proof:
        if (index, size, len(proof)) != (0, 1, 0):
            raise ValueError
        return leaf
    left = 1 << ((size - 1).bit_length() - 1)
    if index < left:
        return node_hash(included(leaf, index, left, proof[:-1]), proof[-1])
    return node_hash(proof[-1], included(leaf, index - left, size - left, proof[:-1]))


def unbase64(text: str) -> bytes:
    """Read base64 of which there is only one spelling; raises ValueError."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError
    return raw


def opened(note: str, key: str) -> list[str]:
    """Return the lines of a signed note; raises ValueError unless this Ed25519 key signed it under its name."""
    text, _, signatures = note.partition("\n\n")
    name, identifier, encoded = key.strip().split("+", 2)
    public = unbase64(encoded)
    signed_by = sha256(name.encode() + b"\n" + public).digest()[:4]
    if public[:1] != b"\x01" or signed_by.hex() != identifier or not signatures.endswith("\n"):
        raise ValueError
    for line in signatures[:-1].split("\n"):
        dash, signer, blob = line.split(" ")
        raw = unbase64(blob)
        if dash == "—" and signer == name and raw[:4] == signed_by:
            try:
                Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], text.encode() + b"\n")
            except InvalidSignature:
                raise ValueError from None
            return text.split("\n")
    raise ValueError


def checkpoint(note: str, key: str) -> tuple[int, bytes]:
    """Return size and root that a signed checkpoint of this log names; raises ValueError."""
    origin, size, root = opened(note, key)
    if origin != key.partition("+")[0] or not re.fullmatch(r"0|[1-9]\d{0,17}", size) or len(unbase64(root)) != 32:
        raise ValueError
    return int(size), unbase64(root)


def leaf_of(entry: dict[str, Any]) -> bytes:
    """Return the leaf hash of an entry: of the canonical JSON of all but its details, to which it commits."""
    said = ",".join([f'"{name}":{"null" if entry[name] is None else quoted(entry[name])}' for name in _LEAF])
    return sha256(f'\x00{{{said},"seq":{entry["seq"]:d},"type":{quoted(entry["type"])},"v":1}}'.encode()).digest()


class Examination:
    """Entries looked at one by one against the roots that were signed; `part`: they are those of one referral."""

    def __init__(self, signed: Iterable[tuple[int, bytes]], *, part: bool = False) -> None:
        self.findings: list[Finding] = []
        self.size, self.redacted, self.stack = 0, 0, list[bytes]()
        self._part, self._next, self._last_at = part, 0, ""
        self._signed, self._gaps = sorted(signed, reverse=True), set[int]()
        self._blank: dict[str | None, list[int]] = {}
        self._held, self._span = (0, list[bytes]()), list[dict[str, Any]]()  # the last root that held, entries since
        self._broken: tuple[int, bytes] | None = None
        self._roots()

    def add(self, entry: dict[str, Any]) -> None:
        """Look at the next entry; its `leaf` is the hash that was stored with it."""
        seq = entry["seq"]
        if entry["leaf"] != leaf_of(entry).hex():
            self.report(Fault.CHANGED, seq)
        if entry["fields"] is entry["salt"] is None:
            self.redacted += 1
            self._blank.setdefault(entry["referral"], []).append(seq)
        else:
            salted = b"\x02" + bytes.fromhex(entry["salt"] or "") + (entry["fields"] or "").encode()
            if sha256(salted).hexdigest() != entry["commitment"]:
                self.report(Fault.FIELDS, seq)
        if entry["type"] == "referral.erased":
            self._blank.pop(entry["referral"], None)
        if entry["at"] < self._last_at:
            self.report(Fault.BACKDATED, seq)
        if seq < self._next:
            self.report(Fault.REORDERED, seq)
            self._gaps.discard(seq)
        elif seq > self._next and not self._part:
            self._gaps.update(range(self._next, min(seq, self._next + 2_000)))
        self._next, self._last_at = max(seq + 1, self._next), max(entry["at"], self._last_at)
        if len(self._span) < 2_000 and (self._broken is None or self.size == self._broken[0]):
            self._span.append(entry)
        append(self.stack, self.size, bytes.fromhex(entry["leaf"]))
        self.size += 1
        self._roots()

    def _roots(self) -> None:
        while not self._part and self._signed and self._signed[-1][0] <= self.size and self._broken is None:
            size, root = self._signed.pop()
            if root == root_of(self.stack):
                self._held, self._span = (size, list(self.stack)), []
            else:
                self._broken = (size, root)

    def conclude(self) -> list[Finding]:
        """Return everything that is wrong."""
        self.findings += [Finding(Fault.REDACTED, seq) for blank in self._blank.values() for seq in blank]
        if self._gaps:
            self.report(Fault.MISSING, min(self._gaps))
        if self._broken and not {Fault.REORDERED, Fault.MISSING} & {each.fault for each in self.findings}:
            self._explain(*self._broken)
        if not self._part and not self._gaps and self._signed and self._signed[0][0] > self.size:
            self.report(Fault.TRUNCATED, self.size)
        return list(dict.fromkeys(self.findings))

    def _explain(self, size: int, root: bytes) -> None:
        """Name the entry without which the history would be the one that was signed, if there is one."""
        start, stack = self._held
        entries = self._span[: size + 1 - start]
        own = [bytes.fromhex(each["leaf"]) for each in entries]
        moved = [leaf_of({**each, "seq": each["seq"] - 1}) for each in entries]
        for extra in range(len(entries)) if len(entries) == size + 1 - start else ():
            trial = list(stack)
            for at, leaf in enumerate((*own[:extra], *moved[extra + 1 :]), start):
                append(trial, at, leaf)
            if root_of(trial) == root:
                self.report(Fault.BACKDATED, start + extra)
                return
        if Fault.CHANGED not in {each.fault for each in self.findings}:
            self.report(Fault.FORKED, size)

    def report(self, fault: Fault, where: int | str) -> None:
        """Note a fault."""
        self.findings.append(Finding(fault, where))


def packed(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """Yield a zip archive, stored, without times or rights: the same files always give the same bytes."""
    directory, at, count = b"", 0, 0
    for name, data in files:
        common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, zlib.crc32(data), len(data), len(data), len(name), 0)
        directory += b"PK\1\2\x14\0" + common + struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode()
        at, count = at + 30 + len(name) + len(data), count + 1
        yield b"PK\3\4" + common + name.encode() + data
    yield directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), at, 0)


def unpacked(bundle: bytes) -> dict[str, bytes]:
    """Return the files of a bundle; raises ValueError when a single byte is not as `packed` writes it."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    if b"".join(packed(files.items())) != bundle:
        raise ValueError
    return files


def proven(entry: dict[str, Any], proof: str, key: str) -> bool:
    """Tell whether a tlog-proof leads from an entry to a checkpoint that was signed."""
    head, _, note = proof.partition("\n\n")
    first, index, *hashes = head.split("\n")
    (size, root), path = checkpoint(note, key), [unbase64(each) for each in hashes]
    if [first, index] != ["c2sp.org/tlog-proof@v1", f"index {entry['seq']}"]:
        return False
    return included(bytes.fromhex(entry["leaf"]), entry["seq"], size, path) == root


def verify(bundle: bytes, key: str, seen: Iterable[str] = ()) -> tuple[list[Finding], int]:
    """Return everything that is wrong with a bundle, and how many entries it holds; `seen`: checkpoints of earlier."""
    try:
        files = unpacked(bundle)
        entries, note, kept = (
            files[ENTRIES].decode(),
            files[MANIFEST].decode(),
            files[CHECKPOINTS].decode().split("\n\n"),
        )
    except _TORN:
        return [Finding(Fault.CONTAINER, "")], 0
    looked, part = Examination([]), False
    try:
        layout, scope, *listed = opened(note, key)
        part = scope != "scope ledger"
        notes = [f"{text}\n\n{by.rstrip()}\n" for text, by in zip(kept[::2], kept[1::2], strict=True)]
        looked = Examination([checkpoint(each, key) for each in (*notes, *seen)], part=part)
        given = [f"{sha256(data).hexdigest()}  {name}" for name, data in files.items() if name != MANIFEST]
        looked.findings += (Finding(Fault.MANIFEST, line.partition("  ")[2]) for line in set(given) ^ set(listed))
        if layout != LAYOUT or not notes or (part and any(seen)):
            looked.report(Fault.SIGNATURE, MANIFEST)
    except _BAD:
        looked.report(Fault.SIGNATURE, MANIFEST)
    for number, text in enumerate(entries.removesuffix("\n").split("\n")):
        try:
            looked.add(entry := json.loads(text))
            if part and not proven(entry, files[PROOF.format(entry["seq"])].decode(), key):
                looked.report(Fault.PROOF, entry["seq"])
        except _BAD:
            looked.report(Fault.UNREADABLE, number)
    return looked.conclude(), looked.size


def main(words: Sequence[str] | None = None) -> int:
    """Run from the command line and return the exit status."""
    parser = argparse.ArgumentParser(description="Check an evidence bundle of a Raabta ledger, offline.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--key", required=True, help="the log's public key, or a file that holds it")
    parser.add_argument("--seen", type=Path, action="append", default=[], help="a checkpoint you have kept")
    told = parser.parse_args(words)
    try:
        key = told.key if told.key.count("+") >= 2 else Path(told.key).read_text("utf-8")
        found, size = verify(told.bundle.read_bytes(), key.strip(), [each.read_text("utf-8") for each in told.seen])
    except (OSError, UnicodeDecodeError):
        parser.error("a file cannot be read")
    proof = f"PROVEN: {size} entries are in the ledger, as they were signed\n"
    sys.stdout.writelines([f"{each.fault.name} at {each.where}: {each.fault.value}\n" for each in found] or [proof])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
