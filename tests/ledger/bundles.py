"""Bundles taken apart, put together again, and verified."""

import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent import futures
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from unittest.mock import patch

from gateway.ledger.bundle import packed
from gateway.ledger.checkpoint import Signer
from gateway.ledger.verifier import verify as offline
from gateway.ledger.verifier.verify import Finding, verify


def unpacked(bundle: bytes) -> dict[str, bytes]:
    """Return the files of a bundle."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def repacked(files: Mapping[str, bytes]) -> bytes:
    """Return the bundle of some files."""
    return b"".join(packed(files.items()))


def resealed(bundle: bytes, signer: Signer, content: bytes) -> bytes:
    """Return a bundle with other entries, its manifest signed anew, as only the gateway's own operator could."""
    files = unpacked(bundle) | {"entries.jsonl": content}
    old = files.pop("manifest.txt").decode().split("\n")[:2]
    listed = [f"{sha256(data).hexdigest()}  {name}" for name, data in files.items()]
    note = signer.sign_text("\n".join([*old, *listed]) + "\n")
    return repacked({**files, "manifest.txt": note.encode()})


def verified(bundle: bytes, key: str, seen: Sequence[str] = ()) -> tuple[list[Finding], int]:
    """Verify a bundle as an auditor does: as a file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bundle.zip"
        file.write_bytes(bundle)
        return verify(file, key, seen)


@contextmanager
def in_stretches(executor: type[futures.Executor] = futures.ThreadPoolExecutor) -> Iterator[None]:
    """Let bundles be verified an entry or two at a time, by several hands."""
    with (
        patch.multiple(offline, STRETCH=600, FEW=1, BATCH=3),
        patch.object(offline.futures, "ProcessPoolExecutor", executor),
        patch.object(offline.os, "cpu_count", return_value=2),
    ):
        yield
