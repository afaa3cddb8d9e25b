"""Zip packages of the CSV binding, read with every limit a hostile one would break, and written always alike.

No folders, no path that leaves the package, no encryption, no name twice, at most 16 MiB unpacked and at most a
hundredfold; sizes are counted while unpacking, because a header can lie (formats/school.md 1.5, design decision 3).
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

from mappings.engine.errors import Refusal
from mappings.engine.json_reader import Limits

MAGIC = b"PK"
"""How every zip file begins."""
UNPACKED = 16 * 1_048_576
"""Most octets of all files together."""
RATIO = 100
"""Most octets that one packed octet may become."""
_FREE = 65_536
"""Below this size no ratio is a danger."""
_ENTRIES = 64
_BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, OSError,
    OverflowError, RuntimeError, UnicodeError, ValueError, IndexError,
)  # fmt: skip
"""What ``zipfile`` raises over files that are no zip, or are one it cannot read; unknown methods are RuntimeErrors."""


def unpacked(data: bytes, limits: Limits) -> dict[str, bytes]:
    """Return the files of a package by name.

    Raises:
        Refusal: TOO_LARGE, TOO_MANY, MALFORMED, ZIP_ENTRY, ZIP_RATIO.
    """
    if len(data) > limits.octets:
        raise Refusal.of("TOO_LARGE")
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            return _files(archive)
    except _BROKEN:
        raise Refusal.of("MALFORMED") from None


def _files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > _ENTRIES:
        raise Refusal.of("TOO_MANY")
    _judge(entries)
    found: dict[str, bytes] = {}
    left = UNPACKED
    for entry in entries:
        with archive.open(entry) as file:
            found[entry.filename] = file.read(left + 1)
        left -= len(found[entry.filename])
        if left < 0:
            raise Refusal.of("TOO_LARGE")
    return found


def _judge(entries: list[zipfile.ZipInfo]) -> None:
    """Refuse what the directory of the package already tells."""
    names = [entry.filename for entry in entries]
    if len(set(names)) < len(names) or any(not _plain(entry) for entry in entries):
        raise Refusal.of("ZIP_ENTRY")
    if sum(entry.file_size for entry in entries) > UNPACKED:
        raise Refusal.of("TOO_LARGE")
    if any(entry.file_size > max(_FREE, RATIO * entry.compress_size) for entry in entries):
        raise Refusal.of("ZIP_RATIO")


def _plain(entry: zipfile.ZipInfo) -> bool:
    """Tell whether an entry is an ordinary file beside the others."""
    name = entry.filename
    encrypted = bool(entry.flag_bits & 0x1)
    known = entry.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
    link = (entry.external_attr >> 16) & 0o170000 == 0o120000
    return known and not encrypted and not link and not ({"/", "\\", ":"} & set(name)) and name not in ("", ".", "..")


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip package; the same files give the same bytes."""
    target = BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3
            archive.writestr(entry, data)
    return target.getvalue()
