"""Extensions: an absolute address, either a value or further ones, and R4's own where and as R4 defines them.

https://hl7.org/fhir/R4/extensibility.html. An extension nobody here knows is allowed wherever it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding
from mappings.fhir_r4.datatypes import absolute
from mappings.fhir_r4.definitions import Extension, definitions
from mappings.fhir_r4.elements import Node

_ANY_RESOURCE = frozenset({"Resource", "DomainResource", "CanonicalResource", "MetadataResource"})


def check_extensions(node: Node) -> Iterator[Finding]:
    """Yield what is wrong with the extensions that stand directly on a node."""
    if not isinstance(node.value, dict):
        return
    for key in ("extension", "modifierExtension"):
        listed = node.value.get(key)
        for index, one in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(one, dict):
                yield from _judge(node, one, f"{node.pointer}/{key}/{index}", modifying=key != "extension")


def _judge(node: Node, one: dict[str, Any], pointer: str, *, modifying: bool) -> Iterator[Finding]:
    value = _value_type(one)
    if (value is not None) == ("extension" in one):
        yield Finding("FHIR_EXT_1", pointer)
    url = one.get("url")
    if not isinstance(url, str):
        return
    inside = node.type.name == "Extension"
    if not (absolute(url) or inside):
        yield Finding("FHIR_NOT_ABSOLUTE", f"{pointer}/url")
    known = definitions().extensions.get(url)
    if known is None:
        return
    if modifying is not known.modifier or not (inside or _may_stand(node, known)):
        yield Finding("FHIR_EXTENSION_PLACE", pointer)
    if value is not None and not _may_hold(known.values, value):
        yield Finding("FHIR_EXTENSION_VALUE", pointer)
    yield from _parts(one, known, pointer)


def _value_type(one: dict[str, Any]) -> str | None:
    """Return what follows ``value`` in the key of the extension's value."""
    keys = (key.lstrip("_") for key in one)
    return next((key.removeprefix("value") for key in keys if key.startswith("value")), None)


def _may_hold(values: tuple[str, ...], value: str) -> bool:
    return values == ("*",) or value in {kind[:1].upper() + kind[1:] for kind in values}


def _parts(one: dict[str, Any], known: Extension, pointer: str) -> Iterator[Finding]:
    inner = one.get("extension")
    for index, part in enumerate(inner if isinstance(inner, list) else ()):
        values = known.parts.get(str(part.get("url"))) if isinstance(part, dict) else None
        value = _value_type(part) if values else None
        if values and value is not None and not _may_hold(values, value):
            yield Finding("FHIR_EXTENSION_VALUE", f"{pointer}/extension/{index}")


def _may_stand(node: Node, known: Extension) -> bool:
    """Tell whether an extension may stand on a node: by its type, by the element that holds it, or by its path."""
    if known.places is None or "Element" in known.places:
        return True
    names = {*node.type.lineage, node.path}
    if node.type.kind == "resource":
        names |= _ANY_RESOURCE
    if node.element is not None and node.holder is not None:
        # What stands on a primitive's companion is an extension of the primitive's own type.
        names |= set(definitions().type(node.element.type).lineage)
        names |= {f"{kind}.{name}" for kind in node.holder.lineage for name in (node.element.name, node.element.stem)}
        names.add(f"{node.path.rpartition('.')[0]}.{node.element.stem}")
    return bool(names & known.places)
