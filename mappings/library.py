"""The library: every format there is, found by its folder."""

from __future__ import annotations

from functools import cache
from importlib import resources

from mappings.canonical import canonical_mapping
from mappings.engine.load import load
from mappings.engine.mapping import Mapping
from mappings.fhir_r4.mapping import r4_mapping


@cache
def library() -> dict[str, Mapping]:
    """Return every mapping by its format id, the canonical language included.

    Raises:
        MappingMistake: a folder is wrong; names file and line.
    """
    folders = sorted(
        entry.name
        for entry in resources.files("mappings").iterdir()
        if entry.is_dir() and entry.joinpath("mapping.toml").is_file()
    )
    found = (load(f"mappings.{name}") for name in folders)
    return {mapping.format: mapping for mapping in (canonical_mapping(), *found, r4_mapping())}


def by_media_type(media_type: str) -> Mapping | None:
    """Return the mapping that is served under a media type (without parameters), or none."""
    return _by_media_type().get(media_type.partition(";")[0].strip().lower())


@cache
def _by_media_type() -> dict[str, Mapping]:
    """Return the mappings by media type; of two under one type the first in the library counts."""
    return {name: m for m in reversed(library().values()) for name in m.media_types}
