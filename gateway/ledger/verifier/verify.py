"""Check an evidence bundle of a Raabta ledger: offline, with nothing but Python 3.11 and `cryptography`.

    python verify.py BUNDLE.zip --key KEY [--seen NOTE ...]

KEY is the log's public key, `name+hash+base64`, or a file that holds it; get it from the gateway's operator by another
way than the bundle. NOTE is a file with a checkpoint you kept from earlier, for a bundle of the whole ledger. Ends with
0: all is proven; 1: each fault on a line; 2: wrong usage. RFC 9162 2.1; c2sp.org/signed-note, tlog-checkpoint, -proof.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import struct
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent import futures
from contextlib import suppress
from enum import StrEnum
from hashlib import sha256
from itertools import chain, islice, pairwise
from json.encoder import encode_basestring as quoted
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LAYOUT = "raabta.evidence/v1"
ENTRIES, CHECKPOINTS, MANIFEST, PROOF = "entries.jsonl", "checkpoints.txt", "manifest.txt", "proofs/{}.tlog-proof"
BLOCK, STRETCH, FEW, BATCH = (
    1 << 20,
    1 << 23,
    4,
    32,
)  # bytes read at once, looked at together; stretches for one process
_BAD = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, struct.error, InvalidSignature)


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
    """Return the lines of a signed note; raises one of `_BAD` unless this Ed25519 key signed it under its name."""
    text, _, signatures = note.partition("\n\n")
    name, identifier, encoded = key.strip().split("+", 2)
    public = unbase64(encoded)
    signed_by = sha256(name.encode() + b"\n" + public).digest()[:4]
    if public[:1] != b"\x01" or signed_by.hex() != identifier or not signatures.endswith("\n"):
        raise ValueError
    for dash, signer, blob in (line.split(" ") for line in signatures[:-1].split("\n")):
        raw = unbase64(blob)
        if dash == "—" and signer == name and raw[:4] == signed_by:
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(raw[4:], text.encode() + b"\n")
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
    delivery, referral = ("null" if it is None else quoted(it) for it in (entry["delivery"], entry["referral"]))
    said = f'"actor":{quoted(entry["actor"])},"at":{quoted(entry["at"])},"commitment":{quoted(entry["commitment"])}'
    rest = f'"delivery":{delivery},"referral":{referral},"seq":{entry["seq"]:d},"type":{quoted(entry["type"])},"v":1'
    return sha256(f"\x00{{{said},{rest}}}".encode()).digest()


class Seen(NamedTuple):
    """An entry looked at by itself; `blank`: its details are gone; `leaf`: the hash that was stored with it."""

    seq: int
    at: str
    referral: str | None
    erasure: bool
    blank: bool
    leaf: bytes
    faults: tuple[Fault, ...]


def look(entry: dict[str, Any]) -> Seen:
    """Look whether an entry is what its leaf was made of, and its details are those it committed to."""
    leaf, faults, fields, salt = leaf_of(entry), list[Fault](), entry["fields"], entry["salt"]
    if entry["leaf"] != leaf.hex():
        leaf = bytes.fromhex(entry["leaf"])
        faults.append(Fault.CHANGED)
    if not (blank := fields is salt is None):
        salted = b"\x02" + (raw := bytes.fromhex(salt or "")) + (fields or "").encode()
        if sha256(salted).hexdigest() != entry["commitment"] or raw.hex() != (salt or ""):
            faults.append(Fault.FIELDS)
    erasure = entry["type"] == "referral.erased"
    return Seen(entry["seq"], entry["at"], entry["referral"], erasure, blank, leaf, tuple(faults))


class Examination:
    """Entries against the roots that were signed; `part`: they are those of one referral; `again`: from a number on."""

    def __init__(
        self, signed: Iterable[tuple[int, bytes]], again: Callable[[int], Iterable[dict[str, Any]]], *, part: bool
    ) -> None:
        self.findings: list[Finding] = []
        self.size, self.redacted, self.stack = 0, 0, list[bytes]()
        self._again, self._part, self._next, self._last_at = again, part, 0, ""
        self._signed, self._gaps = sorted(filter(all, () if part else signed), reverse=True), set[int]()
        self._blank: dict[str | None, list[int]] = {}
        self._held, self._broken = (0, list[bytes]()), (0, b"")  # the last root that held, the first that did not

    def add(self, seen: Seen) -> None:
        """Take in the next entry."""
        seq, at, referral, erasure, blank, leaf, faults = seen
        self.findings += [Finding(fault, seq) for fault in faults]
        if blank:
            self.redacted += 1
            self._blank.setdefault(referral, []).append(seq)
        if erasure:
            self._blank.pop(referral, None)
        if at < self._last_at:
            self.report(Fault.BACKDATED, seq)
        if seq < self._next:
            self.report(Fault.REORDERED, seq)
            self._gaps.discard(seq)
        elif seq > self._next and not self._part:
            self._gaps.update(range(self._next, min(seq, self._next + 2_000)))
        self._next, self._last_at = max(seq + 1, self._next), max(at, self._last_at)
        append(self.stack, self.size, leaf)
        self.size += 1
        while self._signed and self._signed[-1][0] == self.size and not self._broken[0]:
            size, root = self._signed.pop()
            if root == root_of(self.stack):
                self._held = (size, list(self.stack))
            else:
                self._broken = (size, root)

    def conclude(self) -> list[Finding]:
        """Return everything that is wrong."""
        self.findings += [Finding(Fault.REDACTED, seq) for blank in self._blank.values() for seq in blank]
        if self._gaps:
            self.report(Fault.MISSING, min(self._gaps))
        if self._broken[0] and not {Fault.REORDERED, Fault.MISSING, Fault.UNREADABLE} & {f for f, _ in self.findings}:
            self._explain(*self._broken)
        if not self._gaps and self._signed and self._signed[0][0] > self.size:
            self.report(Fault.TRUNCATED, self.size)
        return list(dict.fromkeys(self.findings))

    def _explain(self, size: int, root: bytes) -> None:
        """Name the entry without which the history would be the one that was signed, if there is one."""
        start, stack = self._held
        count = size + 1 - start
        entries = list(islice(self._again(start), count)) if size < self.size and count <= 2_000 else []
        own = [bytes.fromhex(each["leaf"]) for each in entries]
        moved = [leaf_of({**each, "seq": each["seq"] - 1}) for each in entries]
        for extra in range(len(entries)):
            trial = list(stack)
            for at, leaf in enumerate((*own[:extra], *moved[extra + 1 :]), start):
                append(trial, at, leaf)
            if root_of(trial) == root:
                self.report(Fault.BACKDATED, start + extra)
                return
        if Fault.CHANGED not in {fault for fault, _ in self.findings}:
            self.report(Fault.FORKED, size)

    def report(self, fault: Fault, where: int | str) -> None:
        """Note a fault."""
        self.findings.append(Finding(fault, where))


def framed(files: Iterable[tuple[str, int, int]]) -> Iterator[bytes]:
    """Yield what precedes each file of a zip archive, by name, CRC and size, and what ends it: one spelling of each."""
    directory, at, count = b"", 0, 0
    for name, check, size in files:
        common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 0x21, check, size, size, len(name), 0)
        directory += b"PK\1\2\x14\0" + common + struct.pack("<HHHII", 0, 0, 0, 0, at) + name.encode()
        at, count = at + 30 + len(name) + size, count + 1
        yield b"PK\3\4" + common + name.encode()
    yield directory + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), at, 0)


class Archive:
    """A bundle, read through once; raises ValueError unless every byte around its files is as `framed` says."""

    def __init__(self, path: Path) -> None:
        self.path, self.digests, self._places = path, dict[str, str](), dict[str, tuple[int, int]]()
        heads, listed = list[bytes](), list[tuple[str, int, int]]()
        with path.open("rb") as file:
            while (head := file.read(30)).startswith(b"PK\3\4"):
                size, length = struct.unpack("<18xI4xH2x", head)
                heads.append(head + (raw := file.read(length)))
                name, start, digest, check = raw.decode(), file.tell(), sha256(), 0
                for at in range(0, size, BLOCK):
                    digest.update(piece := file.read(min(BLOCK, size - at)))
                    check = zlib.crc32(piece, check)
                self._places[name], self.digests[name] = (start, start + size), digest.hexdigest()
                listed.append((name, check, size))
            *expected, end = framed(listed)
            if heads != expected or head + file.read(len(end)) != end or len(self.digests) != len(listed):
                raise ValueError

    def read(self, start: int, stop: int) -> bytes:
        """Return what stands from one place to another."""
        with self.path.open("rb") as file:
            file.seek(start)
            return file.read(stop - start)

    def text(self, name: str) -> str:
        """Return a file."""
        return self.read(*self._places[name]).decode()

    def stretches(self) -> list[tuple[int, int]]:
        """Return where to cut the entries so that each stretch has whole lines."""
        start, stop = self._places[ENTRIES]
        cuts = [start]
        while (at := cuts[-1] + STRETCH) < stop:
            cuts.append(at + 1 + self.read(at, min(at + BLOCK, stop)).find(b"\n"))
        return list(pairwise([*cuts, stop]))

    def again(self, number: int) -> Iterator[dict[str, Any]]:
        """Yield the entries from one on."""
        lines = chain.from_iterable(self.read(*place).splitlines() for place in self.stretches())
        return map(json.loads, islice(lines, number, None))

    def looks(self, place: tuple[int, int]) -> list[Seen | None]:
        """Look at the entries of a stretch, each by itself; None: a line is no entry."""
        found: list[Seen | None] = []
        for line in self.read(*place).splitlines():
            try:
                found.append(look(json.loads(line.decode())))
            except _BAD:
                found.append(None)
        return found

    def spread(self, cut: Sequence[tuple[int, int]]) -> Iterator[list[Seen | None]]:
        """Look at stretches, in order, with every core of the machine, or where no process can be started, with one."""
        done = 0
        with suppress(ImportError, OSError, RuntimeError):
            if len(cut) > FEW and (os.cpu_count() or 1) > 1:
                with futures.ProcessPoolExecutor() as pool:
                    for at in range(0, len(cut), BATCH):
                        for found in pool.map(self.looks, cut[at : at + BATCH]):
                            yield found
                            done += 1
        yield from map(self.looks, cut[done:])


def proven(entry: Seen, proof: str, key: str) -> bool:
    """Tell whether a tlog-proof leads from an entry to a checkpoint that was signed."""
    head, _, note = proof.partition("\n\n")
    first, index, *hashes = head.split("\n")
    (size, root), path = checkpoint(note, key), [unbase64(each) for each in hashes]
    if [first, index] != ["c2sp.org/tlog-proof@v1", f"index {entry.seq}"]:
        return False
    return included(entry.leaf, entry.seq, size, path) == root


def verify(bundle: Path, key: str, seen: Sequence[str] = ()) -> tuple[list[Finding], int]:
    """Return everything that is wrong with a bundle, and how many entries it holds; `seen`: checkpoints of earlier.

    Raises OSError when it cannot be read.
    """
    try:
        archive = Archive(bundle)
        note, kept = archive.text(MANIFEST), archive.text(CHECKPOINTS).split("\n\n")
        stretches = archive.stretches()
    except _BAD:
        return [Finding(Fault.CONTAINER, "")], 0
    looked, part = Examination([], archive.again, part=False), False
    try:
        layout, scope, *listed = opened(note, key)
        part = scope != "scope ledger"
        notes = [f"{text}\n\n{by.rstrip()}\n" for text, by in zip(kept[::2], kept[1::2], strict=True)]
        looked = Examination([checkpoint(each, key) for each in (*notes, *seen)], archive.again, part=part)
        given = [f"{digest}  {name}" for name, digest in archive.digests.items() if name != MANIFEST]
        looked.findings += (Finding(Fault.MANIFEST, line.partition("  ")[2]) for line in set(given) ^ set(listed))
        if layout != LAYOUT or not notes or (part and seen):
            looked.report(Fault.SIGNATURE, MANIFEST)
    except _BAD:
        looked.report(Fault.SIGNATURE, MANIFEST)
    for number, entry in enumerate(chain.from_iterable(archive.spread(stretches))):
        if entry is None:
            looked.report(Fault.UNREADABLE, number)
            continue
        try:
            looked.add(entry)
            if part and not proven(entry, archive.text(PROOF.format(entry.seq)), key):
                looked.report(Fault.PROOF, entry.seq)
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
        found, size = verify(told.bundle, key.strip(), [each.read_text("utf-8") for each in told.seen])
    except (OSError, UnicodeDecodeError):
        parser.error("a file cannot be read")
    proof = f"PROVEN: {size} entries are in the ledger, as they were signed\n"
    sys.stdout.writelines([f"{each.fault.name} at {each.where}: {each.fault.value}\n" for each in found] or [proof])
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
