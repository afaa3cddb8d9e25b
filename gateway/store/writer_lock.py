"""The right to write: an advisory lock on a file beside the database."""

import fcntl
import os
from pathlib import Path

from gateway.store.errors import StoreInUse


class WriterLock:
    """Held from construction to `release`; the system releases it when the process dies.

    Raises `StoreInUse` when another process, or another store in this one, already writes.
    """

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".lock")
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._descriptor)
            raise StoreInUse from None

    def release(self) -> None:
        """Give the right back. The file stays: removing it would let two writers lock different files."""
        os.close(self._descriptor)
