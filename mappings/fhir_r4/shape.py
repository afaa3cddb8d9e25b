"""What the JSON form of FHIR forbids everywhere: nothing empty, no null out of step, no key of another dialect.

fhir.resources takes its own Python attribute names for FHIR (``for_fhir``, ``birthDate__ext``) and drops ``null`` and
``[]`` in silence (formats/health.md 6.1): those are refused here (https://hl7.org/fhir/R4/json.html).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from mappings.engine.findings import Finding
from mappings.fhir_r4.walk import Place

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_FOREIGN = frozenset({"resource_type", "fhir_comments"})


def check_shape(walk: Iterable[Place]) -> list[Finding]:
    """Return what is wrong with the form of a document, whatever its types are."""
    found: list[Finding] = []
    for place in walk:
        found += _object(place) if isinstance(place.value, dict) else _value(place)
    return found


def _object(place: Place) -> Iterator[Finding]:
    node = place.value
    if not node:
        yield Finding("FHIR_EMPTY", place.pointer)
    if any("__ext" in key or key.endswith("_fhir") or key in _FOREIGN for key in node):
        yield Finding("FHIR_FORBIDDEN_KEY", place.pointer)
    yield from _companions(place)
    if "id" in node and not (isinstance(node["id"], str) and _fits_id(node)):
        yield Finding("FHIR_BAD_ID", f"{place.pointer}/id")


def _companions(place: Place) -> Iterator[Finding]:
    """Yield what stands beside a primitive that is not there and holds no extension either (ele-1)."""
    node = place.value
    for key in (key for key in node if key.startswith("_")):
        beside, value = node[key], node.get(key[1:])
        if isinstance(beside, dict):
            if value is None and beside and not beside.get("extension"):
                yield Finding("FHIR_ELE_1", f"{place.pointer}/{key}")
        elif isinstance(beside, list):
            values = value if isinstance(value, list) else []
            for index, each in enumerate(beside):
                here = values[index] if index < len(values) else None
                if here is None and not (isinstance(each, dict) and each.get("extension")):
                    yield Finding("FHIR_ELE_1", f"{place.pointer}/{key}/{index}")


def _fits_id(node: dict[str, Any]) -> bool:
    """Tell whether an id fits: 64 characters at most for a resource, no white space for an element."""
    return bool(_ID.fullmatch(node["id"])) if "resourceType" in node else not re.search(r"\s", node["id"])


def _value(place: Place) -> Iterator[Finding]:
    if (place.value is None and not _placeholder(place)) or (isinstance(place.value, list | str) and not place.value):
        yield Finding("FHIR_EMPTY", place.pointer)


def _placeholder(place: Place) -> bool:
    """Tell whether a ``null`` keeps step between ``given`` and ``_given``; nowhere else may it stand."""
    parts = place.pointer.split("/")
    return len(parts) > 2 and parts[-1].isdigit() and not parts[-2].isdigit()
