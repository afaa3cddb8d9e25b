"""Samples that lie beside a mapping: golden documents, and the fullest canonical value of each document."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import resources

from mappings.canonical import canonical_mapping
from mappings.engine.mapping import Mapping, Value


def _files(mapping: Mapping) -> Iterator[tuple[str, bytes]]:
    folder = resources.files("mappings").joinpath(mapping.format, "samples")
    if not folder.is_dir():
        return
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.is_file() and file.name.endswith((".json", ".xml")):
            yield file.name, file.read_bytes()


def fullest_samples(mapping: Mapping) -> Iterator[tuple[str, Value]]:
    """Yield the canonical values that fill every leaf a document of the format carries, by file name."""
    for name, data in _files(mapping):
        if name.startswith("fullest."):
            (reading,) = canonical_mapping().read(data)
            yield name, reading.value


def golden_samples(mapping: Mapping) -> Iterator[tuple[str, bytes]]:
    """Yield the documents in the format itself, by file name."""
    for name, data in _files(mapping):
        if not name.startswith("fullest."):
            yield name, data
