"""Gateways that share a folder of keys may start at the same moment: each finds the same keys, and finds them whole."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gateway.app import key_file

GATEWAYS = 6


def test_gateways_that_start_together_share_one_whole_key(tmp_path: Path) -> None:
    together = threading.Barrier(GATEWAYS)

    def create(path: Path) -> None:
        """Write a key as slowly as a busy machine might."""
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb", buffering=0) as file:
            file.write(b"the first half of ")
            time.sleep(0.02)
            file.write(os.urandom(8).hex().encode())

    def start(_: int) -> bytes:
        together.wait()
        return key_file(tmp_path / "keys", "key.pem", create).read_bytes()

    with ThreadPoolExecutor(GATEWAYS) as pool:
        found = set(pool.map(start, range(GATEWAYS)))

    assert len(found) == 1
    assert len(found.pop()) == len("the first half of ") + 16
    assert [(each.name, each.stat().st_mode & 0o777) for each in (tmp_path / "keys").iterdir()] == [("key.pem", 0o600)]
