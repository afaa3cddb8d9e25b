"""All manifests of a folder, and the adapter a manifest asks for.

A new agency of a known kind is one file; a new kind of door is one folder and one line here.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import TypeAdapter

from adapters import health, nadra, police, school, welfare
from adapters.base import Adapter
from adapters.channel import Channel
from adapters.manifest import Manifest
from adapters.manifest_file import ManifestError, ManifestMistake, Read, read_manifest
from auth.clock import Clock


@dataclass(frozen=True, slots=True)
class Door:
    """A kind of adapter: the schema of its options, and how it is made."""

    options: TypeAdapter[Any]
    make: Callable[[Channel, Any, Clock], Adapter]


DOORS: Mapping[str, Door] = MappingProxyType(
    {
        "nadra": Door(TypeAdapter(nadra.Options), nadra.NadraAdapter),
        "police": Door(TypeAdapter(police.Options), police.PoliceAdapter),
        "health": Door(TypeAdapter(health.Options), health.HealthAdapter),
        "school": Door(TypeAdapter(school.Options), school.SchoolAdapter),
        "welfare": Door(TypeAdapter(welfare.Options), welfare.WelfareAdapter),
    }
)
"""Every adapter by the name a manifest calls it."""


def load_manifests(folder: Path) -> dict[str, Manifest]:
    """Read every `*.toml` of `folder`, in order of file names; the key is the agency's id.

    Blocks on the disk.

    Raises:
        ManifestError: with every mistake of every file, or when the folder holds no manifest.

    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ManifestError((ManifestMistake(folder, 1, "There is no manifest in this folder."),))
    reads = [read_manifest(file, _options_of) for file in files]
    mistakes = [mistake for read in reads for mistake in read.mistakes]
    mistakes += _clashes(reads)
    if mistakes:
        raise ManifestError(tuple(sorted(mistakes)))
    return {read.value.id: read.value for read in reads if read.value is not None}


def adapter_for(manifest: Manifest, now: Clock = time.time) -> Adapter:
    """Make the door to one agency; connects to nothing yet. `manifest` came from `load_manifests`."""
    door = DOORS[manifest.adapter]
    context = {"home": manifest.file.parent, "allow_private": manifest.allow_private}
    options = door.options.validate_python(dict(manifest.options), context=context)
    return door.make(Channel.to(manifest, now), options, now)


def _options_of(adapter: str) -> TypeAdapter[Any] | None:
    door = DOORS.get(adapter)
    return door.options if door else None


def _clashes(reads: Iterable[Read[Manifest]]) -> Iterator[ManifestMistake]:
    """Find ids that two files, or two agreements, claim."""
    seen: set[tuple[str, str]] = set()
    for read in reads:
        if read.value is None:
            continue
        for what, name, path in _names(read.value):
            if (what, name) in seen:
                yield ManifestMistake(read.value.file, read.lines.line(path), f"Another {what} has this id.")
            seen.add((what, name))


def _names(manifest: Manifest) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    yield "agency", manifest.id, ("id",)
    if manifest.client is not None:
        yield "client", manifest.client.client_id, ("client", "client_id")
    for index, agreement in enumerate(manifest.agreements):
        yield "agreement", agreement.id, ("agreement", index, "id")
