"""What R4 4.0.1 defines, as data: types, elements, required codes, targets of references, constraints, extensions.

``definitions.json`` is derived from HL7's package ``hl7.fhir.r4.core`` 4.0.1, which HL7 publishes under CC0;
``tests/mappings/fhir_r4_definitions.py`` says how, and a test holds the file to the package.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Constraint:
    """One of R4's invariants."""

    key: str
    expression: str
    """FHIRPath."""
    human: str
    """HL7's own sentence."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a type."""

    name: str
    """As it stands in JSON: ``valueQuantity`` for a choice."""
    stem: str
    """As R4 names it: ``value[x]`` for a choice, otherwise the name."""
    type: str
    many: bool
    required: bool
    targets: frozenset[str]
    """Resource types a reference may lead to; empty: any."""
    codes: dict[str, frozenset[str]]
    """Codes by system, of which one is required; empty: not bound, or no finite list."""
    constraints: tuple[Constraint, ...]
    words: frozenset[str] = frozenset()
    """All codes of all systems, for elements that are a plain code."""


@dataclass(frozen=True, slots=True)
class Type:
    """A resource type, datatype, primitive or a part of one."""

    name: str
    kind: str
    lineage: tuple[str, ...]
    """The type and those it specialises, from itself to the root."""
    elements: dict[str, Element]
    """By their name in JSON."""
    choices: dict[str, tuple[str, ...]]
    """Names in JSON of each element that has several types, by its stem."""
    required: tuple[tuple[str, tuple[str, ...]], ...]
    """Stems of elements that must stand, with their names in JSON."""
    constraints: tuple[Constraint, ...]
    abstract: bool = False


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension that R4 itself defines."""

    places: frozenset[str] | None
    """Types and element paths it may stand on; ``None``: said in another way than by element."""
    values: tuple[str, ...]
    """Types its value may have; none: it holds extensions only."""
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    modifier: bool = False


class Definitions:
    """R4's definitions; types are built when first asked for."""

    def __init__(self, data: dict[str, Any]) -> None:
        self._types = data["types"]
        self._built: dict[str, Type] = {}
        self._lists = {
            name: {system: frozenset(codes) for system, codes in systems.items()}
            for name, systems in data["lists"].items()
        }
        self.systems = {url: frozenset(codes) for url, codes in data["systems"].items()}
        """Codes of the code systems R4 itself publishes."""
        self.extensions = {url: _extension(one) for url, one in data["extensions"].items()}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all types and parts."""
        return tuple(self._types)

    @cached_property
    def resource_types(self) -> frozenset[str]:
        """Names of the types a resource may have."""
        return frozenset(n for n, t in self._types.items() if t["kind"] == "resource" and not t.get("abstract"))

    def type(self, name: str) -> Type:
        """Return a type.

        Raises:
            KeyError: R4 has no type of this name.
        """
        if name not in self._built:
            self._built[name] = self._build(name)
        return self._built[name]

    def is_primitive(self, name: str) -> bool:
        """Tell whether values of a type are JSON strings, numbers or booleans."""
        return name == "xhtml" or self._types.get(name, {}).get("kind") == "primitive-type"

    def _build(self, name: str) -> Type:
        source = self._types[name]
        base = self.type(source["base"]) if source["base"] in self._types else None
        elements = dict(base.elements) if base else {}
        choices = dict(base.choices) if base else {}
        required = dict(base.required) if base else {}
        for stem, one in source["elements"].items():
            made = list(self._elements(stem, one))
            names = tuple(element.name for element in made)
            elements.update({element.name: element for element in made})
            if stem.endswith("[x]"):
                choices[stem] = names
            if one.get("min"):
                required[stem] = names
        constraints = (*(base.constraints if base else ()), *_constraints(source))
        return Type(
            name, source["kind"], (name, *(base.lineage if base else ())), elements, choices, tuple(required.items()),
            tuple({c.key: c for c in constraints}.values()), bool(source.get("abstract")),
        )  # fmt: skip

    def _elements(self, stem: str, one: dict[str, Any]) -> Iterator[Element]:
        codes = self._lists.get(one.get("list", ""), {})
        words: frozenset[str] = frozenset().union(*codes.values())
        kinds = one["types"] if one["types"] != ["*"] else sorted(n for n in self._types if self._open(n))
        for kind in kinds:
            name = stem.replace("[x]", kind[:1].upper() + kind[1:]) if stem.endswith("[x]") else stem
            yield Element(
                name, stem, kind, one.get("max", "1") not in ("0", "1"), bool(one.get("min")),
                frozenset(one.get("targets", ())) if kind == "Reference" else frozenset(), codes, _constraints(one),
                words,
            )  # fmt: skip

    def _open(self, name: str) -> bool:
        return self._types[name]["kind"] in ("complex-type", "primitive-type")


def _constraints(source: dict[str, Any]) -> tuple[Constraint, ...]:
    return tuple(Constraint(*row) for row in source.get("rules", ()))


def _extension(source: dict[str, Any]) -> Extension:
    return Extension(
        frozenset(source["on"]) if "on" in source else None,
        tuple(source["values"]),
        {url: tuple(values) for url, values in source.get("parts", {}).items()},
        bool(source.get("modifier")),
    )


@cache
def definitions() -> Definitions:
    """Return the definitions of the data file."""
    text = resources.files("mappings.fhir_r4").joinpath("definitions.json").read_text("utf-8")
    return Definitions(json.loads(text))
