"""The ledger at a million leaves: appending stays flat, a proof stays cheap, an auditor's check stays short.

Prints a table; see `README.md` for how to read it. Every figure is CPU time; where several processes work, of all of
them, with the wall clock beside it. Exits with 1 when an offline check of a million leaves takes two cores over 30 s, a
proof over 5 ms, or the last leaves cost half as much again as the first.
``--quick`` takes a tenth of the leaves; ``--write FILE`` puts the table into a document.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, insert

from gateway.ledger.bundle import export_bundle
from gateway.ledger.checkpoint import Signer
from gateway.ledger.proofs import prove_consistency, prove_inclusion
from gateway.ledger.sequencing import Entered, canonical, commitment_of, sequence
from gateway.ledger.tree import CompactRange, node_hash
from gateway.ledger.verifier.verify import verify as verify_bundle
from gateway.ledger.verify import verify
from gateway.store.opening import open_store
from gateway.store.tables import checkpoint

T = TypeVar("T")
BATCH = 200
MILLION = 1_000_000
FIELDS = {"recipient": "welfare-pb-cpb", "message": "01890a5d-ac96-774b-bcce-b302099a8059", "attempts": 1}
MARKS = ("<!-- LEDGER-SPEED:BEGIN -->", "<!-- LEDGER-SPEED:END -->")


def entered(number: int) -> Entered:
    """Return an entry as the worker makes them."""
    fields, salt = canonical(FIELDS), number.to_bytes(32, "big")
    referral = f"01890a5d-ac96-774b-bcce-{number % 100_000:012d}"
    return Entered("2026-11-22T05:00:00.000Z", "delivered", "gateway", referral, referral, fields.decode(),
                   commitment_of(salt, fields), salt)  # fmt: skip


def hashing() -> float:
    """Return the CPU seconds of one node hash on this machine, now: what the other figures are compared with."""
    took, _ = costs(lambda: [node_hash(b"\x01" * 32, b"\x02" * 32) for _ in range(100_000)])
    return took / 100_000


@dataclass(frozen=True)
class Check:
    """One offline check: CPU seconds of this process and of those it started, wall-clock seconds, megabytes."""

    own: float
    others: float
    wall: float
    memory: float

    @property
    def cores(self) -> float:
        """Seconds that two cores of their own need at least: half of all, but no less than what is not shared out."""
        return max(self.own, (self.own + self.others) / 2)


def checked(file: Path, key: str, leaves: int) -> Check:
    """Check a bundle as an auditor does: in a new process, and in those that it starts."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_checked, file, key, leaves).result()


def _checked(file: Path, key: str, leaves: int) -> Check:
    began = time.perf_counter()
    own, (findings, size) = costs(lambda: verify_bundle(file, key))
    wall, others = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if findings or size != leaves:
        raise RuntimeError("the bundle does not verify")
    # Not ru_maxrss: that of a process that was started from a large one is never less than the large one's.
    peak = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("utf-8"))
    memory = max(others.ru_maxrss, int(peak[1]) if peak else 0) / 1024
    return Check(own, others.ru_utime + others.ru_stime, wall, memory)


def costs(work: Callable[[], T]) -> tuple[float, T]:
    """Return the CPU seconds of some work, and its result."""
    began = time.process_time()
    result = work()
    return time.process_time() - began, result


def grow(connection: Connection, start: int, count: int) -> CompactRange:
    """Append entries, a batch to a transaction, and return the tree."""
    grown = CompactRange()
    for at in range(start, start + count, BATCH):
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        grown = sequence(connection, [entered(number) for number in range(at, min(at + BATCH, start + count))]) or grown
        connection.exec_driver_sql("COMMIT")
    return grown


def measure(folder: Path, leaves: int) -> tuple[list[tuple[str, str, str]], bool]:
    """Return the rows of the table, and whether every target is met."""
    signer = Signer("raabta.example.pk", Ed25519PrivateKey.from_private_bytes(b"\x07" * 32))
    store = open_store(folder / "ledger.sqlite", upgrade=True)
    try:
        with store.engine.connect() as connection:
            tenth = leaves // 10
            steps = [costs(partial(grow, connection, at * tenth, tenth)) for at in range(10)]
            tree = steps[-1][1]
            note = signer.sign(tree.size, tree.root())
            connection.execute(
                insert(checkpoint), [{"size": tree.size, "at": "2026-11-22T05:00:00.000Z", "note": note}]
            )
        with store.readers.connection() as connection:
            drawn = random.Random(6)  # noqa: S311 - which proofs are measured is no secret
            proofs = [
                costs(lambda: prove_inclusion(connection, drawn.randrange(leaves), leaves))[0] for _ in range(100)
            ]
            growth = [
                costs(lambda: prove_consistency(connection, drawn.randrange(leaves), leaves))[0] for _ in range(100)
            ]
            exporting, bundle = costs(lambda: export_bundle(connection, signer))
            live, verdict = costs(lambda: verify(connection, [signer.verifier]))
        (folder / "ledger.zip").write_bytes(bundle)
        unit, offline = hashing(), checked(folder / "ledger.zip", signer.verifier.text, leaves)
    finally:
        store.close()
    if not verdict.whole:
        raise RuntimeError("the ledger does not verify")
    first, last = steps[0][0], steps[-1][0]
    total, size = offline.own + offline.others, len(bundle) / 1e6
    scale, proof, update = MILLION / leaves, statistics.median(proofs), statistics.median(growth)
    rows = [
        ("appending, the first tenth", f"{first / tenth * 1e6:.0f} µs a leaf", "1"),
        ("appending, the last tenth", f"{last / tenth * 1e6:.0f} µs a leaf", f"{last / first:.2f} (target below 1.5)"),
        ("inclusion proof, median of 100", f"{proof * 1e3:.2f} ms", f"{proof / 0.005:.2f} of 5 ms"),
        ("consistency proof, median of 100", f"{update * 1e3:.2f} ms", f"{update / 0.005:.2f} of 5 ms"),
        ("verifying the database", f"{live:.1f} s", f"{live * scale / 30:.2f} of 30 s"),
        ("exporting everything", f"{exporting:.1f} s, {len(bundle) / 1e6:.0f} MB", ""),
        ("verifying the bundle offline, all processes", f"{total:.1f} s", f"{total / leaves / unit:.1f} hashes a leaf"),
        ("  of which not shared out", f"{offline.own:.1f} s", f"{offline.own / total:.2f} of it"),
        ("  on two cores of their own", f"{offline.cores:.1f} s", f"{offline.cores * scale / 30:.2f} of 30 s"),
        (f"  by the wall clock, here (load {os.getloadavg()[0]:.0f})", f"{offline.wall:.1f} s", ""),
        ("  memory of the largest process", f"{offline.memory:.0f} MB", f"{offline.memory / size:.2f} of the file"),
        ("a hash of 65 octets, the same minute", f"{unit * 1e6:.2f} µs", "1"),
    ]  # fmt: skip
    met = last / first < 1.5 and proof < 0.005 and offline.cores * scale < 30
    return rows, met


def main() -> int:
    """Run from the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--write", type=Path)
    told = parser.parse_args()
    leaves = MILLION // 10 if told.quick else MILLION
    with tempfile.TemporaryDirectory() as folder:
        rows, met = measure(Path(folder), leaves)
    lines = [
        f"| {leaves:,} leaves, SQLite | CPU | ratio |",
        "|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    table = "\n".join(lines)
    print(table)
    if told.write:
        text = told.write.read_text("utf-8")
        before, _, rest = text.partition(MARKS[0])
        after = rest.partition(MARKS[1])[2]
        told.write.write_text(f"{before}{MARKS[0]}\n{table}\n{MARKS[1]}{after}", "utf-8")
    return 0 if met else 1


if __name__ == "__main__":
    raise SystemExit(main())
