"""Kept versions of mappings: what runs today is put aside, so that tomorrow's can be compared with it.

::

    <folder>/<format>/<version>-<digest>/     # the first 16 hexadecimal digits of the mapping's digest
        <format>/  …                          # the mapping's package
        <shared package>/  …                  # and every package whose words it uses

Each is a folder of several mappings as :func:`mappings.engine.overlay.overlay` takes one. A version number says what
its author meant, the digest what it is: two states under one number are kept beside each other.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from mappings.engine.load import Folder
from mappings.engine.mapping import Mapping

DIGITS = 16
"""Hexadecimal digits of the digest in a kept version's name."""
_FEWEST = 7
"""Hexadecimal digits by which a version may be asked for, as with a commit."""
_NAME = re.compile(rf"(?P<version>[0-9A-Za-z][0-9A-Za-z.+_-]*)-(?P<digest>[0-9a-f]{{{DIGITS}}})")


@dataclass(frozen=True, order=True)
class Kept:
    """One version of one mapping that was put aside."""

    format: str
    version: str
    digest: str
    """Its first :data:`DIGITS` hexadecimal digits."""
    folder: Path

    def answers(self, name: str) -> bool:
        """Tell whether this is what a version number, or the beginning of a digest, asks for."""
        return name == self.version or (len(name) >= _FEWEST and self.digest.startswith(name[:DIGITS].lower()))


def kept(folder: Path) -> list[Kept]:
    """Return every kept version below a folder, by format and version; what is nothing of ours is passed over."""
    if not folder.is_dir():
        return []
    found = ((entry.parent.name, entry, _NAME.fullmatch(entry.name)) for entry in folder.glob("*/*/"))
    return sorted(Kept(name, told["version"], told["digest"], entry) for name, entry, told in found if told)


def keep(mapping: Mapping, folder: Path) -> Kept | None:
    """Put a mapping that runs aside, whole or not at all.

    Args:
        mapping: one that has a folder of its own.
        folder: where kept versions are.

    Returns:
        What was kept, or ``None`` if this very state is there already.

    Raises:
        OSError: it cannot be written.
    """
    digest = mapping.digest[:DIGITS]
    target = folder / mapping.format / f"{mapping.version}-{digest}"
    if target.is_dir():
        return None
    target.parent.mkdir(parents=True, exist_ok=True)
    shares = Folder(f"mappings.{mapping.format}").toml("mapping.toml").get("shares", ())
    with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as staging:
        whole = Path(staging) / target.name
        for package in (mapping.format, *shares):
            _copy(resources.files(f"mappings.{package}"), whole / package)
        whole.rename(target)
    return Kept(mapping.format, mapping.version, digest, target)


def _copy(source: Traversable, target: Path) -> None:
    target.mkdir(parents=True)
    for entry in _sources(source):
        if entry.is_dir():
            _copy(entry, target / entry.name)
        else:
            (target / entry.name).write_bytes(entry.read_bytes())


def _sources(folder: Traversable) -> Iterator[Traversable]:
    """Yield what is part of a mapping: no compiled modules."""
    return (entry for entry in folder.iterdir() if entry.name != "__pycache__")
