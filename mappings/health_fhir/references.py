"""The reference graph of a Bundle: everything named is inside, is of a type that may stand there, and hangs together.

Design decision 6: every entry must be connected to the ServiceRequest, Task or Patient, in either direction. A Bundle
cannot point at what another case sent: a literal reference that leads out of it is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import resources as files
from typing import Any, NamedTuple

from mappings.engine.findings import Finding
from mappings.fhir_r4.walk import Place, entries, resources

ANCHORS = ("ServiceRequest", "Task", "Patient", "MessageHeader")


_ENTRY = re.compile(r"^/entry/(\d+)/resource/")


class Link(NamedTuple):
    """A literal reference from one entry."""

    source: int
    place: Place
    target: str


@cache
def _narrower() -> dict[str, frozenset[str]]:
    """Return where our profile allows fewer resource types than R4, which :mod:`mappings.fhir_r4.links` judges."""
    text = files.files("mappings.health_fhir").joinpath("reference_targets.json").read_text("utf-8")
    return {element: frozenset(kinds) for element, kinds in json.loads(text).items()}


def addresses(bundle: dict[str, Any]) -> dict[str, int]:
    """Return the position of every entry by the texts that refer to it: its fullUrl, and ``Type/id``."""
    known: dict[str, int] = {}
    for index, entry in entries(bundle):
        url, resource = entry.get("fullUrl"), entry.get("resource")
        if isinstance(url, str):
            known.setdefault(url, index)
        if isinstance(resource, dict) and isinstance(resource.get("id"), str):
            known.setdefault(f"{resource.get('resourceType')}/{resource['id']}", index)
    return known


def links(walk: list[Place]) -> Iterator[Link]:
    """Yield every literal reference in the resources of a Bundle but those to what is contained, which R4 judges."""
    for place in walk:
        reference = place.value.get("reference") if isinstance(place.value, dict) else None
        entry = _ENTRY.match(place.pointer)
        if isinstance(reference, str) and entry and not reference.startswith("#"):
            yield Link(int(entry[1]), place, reference)


def check_references(bundle: dict[str, Any], walk: list[Place], *, sound: bool = True) -> list[Finding]:
    """Return references that lead nowhere, to a wrong type or to themselves, and entries nothing connects.

    Args:
        bundle: the Bundle.
        walk: its places.
        sound: R4's general rules found no reference wrong; otherwise what is not connected is not asked.
    """
    known, kinds = addresses(bundle), {index: r.get("resourceType", "") for index, r in resources(bundle)}
    found, edges = [], []
    for link in links(walk):
        target = known.get(link.target)
        pointer = f"{link.place.pointer}/reference"
        if target is None:
            found.append(Finding("FHIR_DANGLING_REFERENCE", pointer))
        elif target == link.source:
            found.append(Finding("FHIR_SELF_REFERENCE", pointer))
        elif kinds.get(target) not in _narrower().get(link.place.element, (kinds.get(target),)):
            found.append(Finding("FHIR_WRONG_TARGET", pointer))
        else:
            edges.append((link.source, target))
    return found if found or not sound else list(_unconnected(kinds, edges))


def _unconnected(kinds: dict[int, str], edges: list[tuple[int, int]]) -> Iterator[Finding]:
    reached = {index for index, kind in kinds.items() if kind in ANCHORS}
    grown = bool(reached)
    while grown:
        more = {b for a, b in edges if a in reached} | {a for a, b in edges if b in reached}
        grown = not more <= reached
        reached |= more
    yield from (Finding("FHIR_UNCONNECTED", f"/entry/{index}") for index in kinds if index not in reached)
