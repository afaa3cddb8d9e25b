"""The documents that are mutated: every golden sample, what the fullest values are written as, and packages."""

from __future__ import annotations

import json

from mappings.engine.mapping import Mapping
from mappings.library import library
from mappings.samples import fullest_samples, golden_samples
from mappings.school_oneroster.package import csv_package
from tests.mappings.oneroster_documents import bulk


def documents(mapping: Mapping) -> list[bytes]:
    """Return the documents of a format to start from, at least one for each of its kinds of document."""
    found = [data for _, data in golden_samples(mapping)]
    found += [mapping.write(value).value for _, value in fullest_samples(mapping)]
    if mapping.format == "raabta":
        found += [_canonical(name, value) for name, value in _everything()]
    if mapping.format == "fhir_r4":
        found += [_resource(entry) for data in _bundles() for entry in json.loads(data)["entry"]]
    if mapping.format == "school_oneroster":
        found += [bulk(), *(csv_package(data) for _, data in golden_samples(mapping))]
    return found


def _everything() -> list[tuple[str, object]]:
    return [pair for mapping in library().values() if mapping.documents for pair in fullest_samples(mapping)]


def _canonical(name: str, value: object) -> bytes:
    return library()["raabta"].write(value).value  # type: ignore[arg-type]  # one of the three canonical documents


def _bundles() -> list[bytes]:
    return [data for _, data in golden_samples(library()["health_fhir"])]


def _resource(entry: dict[str, object]) -> bytes:
    return json.dumps(entry["resource"], ensure_ascii=False).encode()
