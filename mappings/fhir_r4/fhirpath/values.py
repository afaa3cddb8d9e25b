"""What FHIRPath sees in FHIR JSON: collections, children, equality and order (FHIRPath N1, sections 4 and 6)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, TypeAlias

Collection: TypeAlias = list[Any]
"""JSON values; a primitive that has only extensions is a :class:`Bare`."""

CHOICES = (
    "Address", "Age", "Annotation", "Attachment", "Base64Binary", "Boolean", "Canonical", "Code", "CodeableConcept",
    "Coding", "ContactDetail", "ContactPoint", "Contributor", "Count", "DataRequirement", "Date", "DateTime", "Decimal",
    "Distance", "Dosage", "Duration", "Expression", "HumanName", "Id", "Identifier", "Instant", "Integer", "Markdown",
    "Meta", "Money", "Oid", "ParameterDefinition", "Period", "PositiveInt", "Quantity", "Range", "Ratio", "Reference",
    "RelatedArtifact", "SampledData", "Signature", "String", "Time", "Timing", "TriggerDefinition", "UnsignedInt",
    "Uri", "Url", "UsageContext", "Uuid",
)  # fmt: skip
"""Endings of the names of a choice element (``value[x]`` stands as ``valueQuantity``)."""


class Bare:
    """A primitive element without a value: only its extensions or its id were sent."""


BARE = Bare()


def children(node: Any, name: str) -> Collection:
    """Return the child elements of one name, those of a choice included."""
    if not isinstance(node, dict):
        return []
    if name in node or f"_{name}" in node:
        return _flat(node, name)
    for ending in CHOICES:
        if f"{name}{ending}" in node or f"_{name}{ending}" in node:
            return _flat(node, f"{name}{ending}")
    return []


def _flat(node: dict[str, Any], key: str) -> Collection:
    value = node.get(key, BARE)
    if isinstance(value, list):
        return [BARE if item is None else item for item in value]
    return [value]


def all_children(node: Any) -> Collection:
    """Return every child element."""
    if not isinstance(node, dict):
        return []
    keys = {key.lstrip("_"): None for key in node if key != "resourceType"}
    return [item for key in keys for item in _flat(node, key)]


def descendants(node: Any) -> Collection:
    """Return every element below."""
    found, waiting = [], all_children(node)
    while waiting:
        found += waiting
        waiting = [child for item in waiting for child in all_children(item)]
    return found


def truth(values: Collection) -> bool | None:
    """Return a collection as a condition: nothing is neither true nor false, a single value that is no boolean is true.

    See FHIRPath N1 section 4.5, "singleton evaluation of collections".
    """
    if not values:
        return None
    return values[0] if isinstance(values[0], bool) else True


def same(left: Any, right: Any) -> bool:
    """Tell whether two values are equal; ``true`` is not ``1``."""
    return isinstance(left, bool) is isinstance(right, bool) and bool(left == right)


def identity(value: Any) -> Any:
    """Return what two equal values share, fit for a set: long lists are compared without comparing each with each."""
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return (isinstance(value, bool), value)


def before(left: Any, right: Any) -> bool | None:
    """Tell whether a value is smaller than another; ``None`` where they cannot be compared."""
    if isinstance(left, dict) and isinstance(right, dict):
        units = (left.get("system"), left.get("code"), left.get("unit"))
        if units != (right.get("system"), right.get("code"), right.get("unit")):
            return None
        return before(left.get("value"), right.get("value"))
    if isinstance(left, str) and isinstance(right, str):
        return _earlier(left, right)
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    return bool(left < right) if numbers else None


def _earlier(left: str, right: str) -> bool | None:
    """Compare dates and instants as far as both are precise; a longer one of the same beginning is not comparable."""
    if "T" in left and "T" in right:
        try:
            first, second = (datetime.fromisoformat(_short(text)) for text in (left, right))
            return first < second
        except (ValueError, TypeError):
            return None
    length = min(len(left.partition("T")[0]), len(right.partition("T")[0]))
    if left[:length] == right[:length]:
        return False if len(left) == len(right) else None
    return left[:length] < right[:length]


def _short(text: str) -> str:
    """Return an instant with a fraction that Python reads."""
    head, tail = text[:19], text[19:]
    digits = tail[1:] if tail.startswith(".") else ""
    fraction = digits[: len(digits) - len(digits.lstrip("0123456789"))]
    zone = tail[len(fraction) + 1 :] if fraction else tail
    return f"{head}.{fraction[:6]:0<6}{zone}" if fraction else f"{head}{zone}"
