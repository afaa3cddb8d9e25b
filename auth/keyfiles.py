"""Signing keys on disk: one PEM file for each key, `<active from>.<kid>.pem`, readable by its owner alone.

A file's name never changes its meaning and a file's content never changes, so the list of names tells
whether the ring in memory is still the ring on disk. Several gateway processes may share the folder: a key
added by one is seen by all at their next call, well before the key becomes active.
"""

import os
import re
import stat
import threading
from pathlib import Path

from auth.clock import Clock
from auth.errors import KeyRefused
from auth.keyring import LEAD, OVERLAP, KeyRing, SigningKey
from auth.keys import PublicKeySet, read_private_key

_NAME = re.compile(r"(?P<active_from>\d{12})\.(?P<kid>[A-Za-z0-9_-]{43})\.pem")


class KeyFiles:
    """A folder of signing keys; safe to share between threads. Every method may block on the disk.

    Raises (from every method):
        KeyRefused: the folder or a file cannot be read, a file is open to others, or is
            not the key of its name.
    """

    def __init__(self, folder: Path, now: Clock, overlap: int = OVERLAP) -> None:
        self._folder = folder
        self._now = now
        self._overlap = overlap
        self._lock = threading.Lock()
        self._names: tuple[str, ...] = ()
        self._ring: KeyRing | None = None

    def prepare(self) -> None:
        """Make the folder (0700) and a first key, active at once, where there is none yet."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise KeyRefused("The folder of signing keys cannot be made.") from error
        if not self._listed():
            self._write(SigningKey.generate(int(self._now())))

    def ring(self) -> KeyRing:
        """Return the ring on disk, read again only when the list of files changed."""
        names = self._listed()
        with self._lock:
            while self._ring is None or names != self._names:
                try:
                    self._ring = KeyRing(tuple(self._read(name) for name in names), self._overlap)
                    self._names = names
                except KeyRefused:
                    # Another process may have removed a retired key since the folder was listed.
                    if self._listed() == names:
                        raise
                    names = self._listed()
            return self._ring

    def rotate(self, lead: int = LEAD) -> SigningKey:
        """Write a new key that is published now and signs after `lead` seconds; remove keys long retired.

        Raises:
            KeyRefused: an earlier rotation is not active yet.

        """
        now = int(self._now())
        ring = self.ring()
        if ring.keys[-1].active_from > now:
            raise KeyRefused("An earlier rotation is not active yet.")
        key = SigningKey.generate(now + lead)
        self._write(key)
        for retired in set(ring.keys) - set(ring.published(now)):
            self._remove(retired)
        return key

    def signing_key(self, at: float, /) -> SigningKey:
        """Return the key that signs at `at`."""
        return self.ring().signing_key(at)

    def public_keys(self, at: float, /) -> PublicKeySet:
        """Return the keys that verify at `at`."""
        return self.ring().public_keys(at)

    def _listed(self) -> tuple[str, ...]:
        try:
            return tuple(
                sorted(name for name in (path.name for path in self._folder.iterdir()) if _NAME.fullmatch(name))
            )
        except OSError as error:
            raise KeyRefused("The folder of signing keys cannot be read.") from error

    def _read(self, name: str) -> SigningKey:
        match = _NAME.fullmatch(name)
        if match is None:
            raise KeyRefused("The name of a signing key file is not ours.")
        key = SigningKey.of(read_private_key(self._content(name)), int(match["active_from"]))
        if key.kid != match["kid"]:
            raise KeyRefused("A signing key file does not hold the key its name says.")
        return key

    def _content(self, name: str) -> bytes:
        try:
            descriptor = os.open(self._folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                    raise KeyRefused("A signing key file is readable by its owner alone (mode 0600).")
                return file.read()
        except OSError as error:
            raise KeyRefused("A signing key file cannot be read.") from error

    def _remove(self, key: SigningKey) -> None:
        try:
            (self._folder / _name(key)).unlink(missing_ok=True)
        except OSError as error:
            raise KeyRefused("A retired signing key cannot be removed.") from error

    def _write(self, key: SigningKey) -> None:
        # A half-written key must never be listed: write under another name, flush, then rename.
        draft = self._folder / f".{key.kid}.draft"
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(key.private.as_pem(private=True))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._folder / _name(key))
            _flush_folder(self._folder)
        except OSError as error:
            raise KeyRefused("A signing key file cannot be written.") from error


def _name(key: SigningKey) -> str:
    return f"{key.active_from:012d}.{key.kid}.pem"


def _flush_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
