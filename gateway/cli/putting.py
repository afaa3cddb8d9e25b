"""Where translated documents go: standard output, a file, or a folder with one file for each child."""

from __future__ import annotations

import sys
from pathlib import Path

from gateway.cli.telling import err, misused
from gateway.languages import media_type_of
from mappings.engine.mapping import Mapping

_ENDINGS = ("json", "xml", "zip")


def is_file_name(place: Path) -> bool:
    """Tell whether ``--out`` names a file: it ends like a document, and no folder of that name is there."""
    return place.suffix[1:].lower() in _ENDINGS and not place.is_dir()


def media_type_for(target: Mapping, named: str | None, place: Path | None) -> str:
    """Return the media type to write: the one named, or the one the file's ending says; else the usual one.

    Ends with status 2 if the format has none such.
    """
    if named is not None:
        if named not in (*target.media_types, media_type_of(target)):
            misused(f"{target.format} is written as {' or '.join(target.media_types) or media_type_of(target)}")
        chosen = named
    else:
        ending = place.suffix[1:].lower() if place is not None and is_file_name(place) else ""
        chosen = next((m for m in target.media_types if _ending(m) == ending), media_type_of(target))
    if place is not None and is_file_name(place) and place.suffix[1:].lower() != _ending(chosen):
        misused(f"a file called {place.suffix} is not where {chosen} belongs")
    return chosen


def write_files(bodies: list[bytes], folder: Path, target: str, media_type: str) -> None:
    """Write one file for each child into a folder, which is made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, body in enumerate(bodies, 1):
            path = folder / f"{target}-{number}.{_ending(media_type)}"
            path.write_bytes(body)
            err.print(f"written: {path.name}")
    except OSError:
        misused("the folder cannot be written")


def write_one(body: bytes, file: Path | None, media_type: str) -> None:
    """Write one document to a file, or to standard output; a zip is not thrown at a terminal."""
    if file is None:
        if _ending(media_type) == "zip" and sys.stdout.isatty():
            misused("a zip package is no text: give --out FILE.zip, or send the output elsewhere")
        sys.stdout.buffer.write(body)
        sys.stdout.buffer.flush()
        return
    try:
        file.write_bytes(body)
    except OSError:
        misused("the file cannot be written")
    err.print(f"written: {file.name}")


def _ending(media_type: str) -> str:
    if media_type == "application/zip":
        return "zip"
    return "xml" if "xml" in media_type else "json"
