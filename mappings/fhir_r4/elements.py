"""Structure: one walk over a resource along R4's definitions, which finds what is misshapen and types the rest.

JSON form: https://hl7.org/fhir/R4/json.html. Values that fit come back as nodes with their types; every further rule
looks at nodes only, so that no rule ever meets a shape it does not expect.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mappings.engine.findings import Finding
from mappings.fhir_r4.definitions import Definitions, Element, Type, definitions
from mappings.fhir_r4.primitives import judge
from mappings.fhir_r4.walk import token


class Node(NamedTuple):
    """A value that stands where its type allows it."""

    pointer: str
    path: str
    """Names from the resource on: ``Patient.contact.gender``."""
    type: Type
    value: Any
    """An object, a primitive, or ``None`` for a primitive of which only extensions were sent."""
    element: Element | None
    """What holds the value; ``None`` for the document itself."""
    holder: Type | None
    """The type ``element`` belongs to."""
    resource: dict[str, Any]
    """The resource the value stands in."""
    root: dict[str, Any]
    """The resource that contains that one, or the same."""


@dataclass(slots=True)
class Shape:
    """What a walk found."""

    nodes: list[Node] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def wrong(self, code: str, pointer: str) -> None:
        """Keep a finding."""
        self.findings.append(Finding(code, pointer))


def shape_of(document: Any) -> Shape:
    """Return the nodes of a resource and what is wrong with its structure.

    Args:
        document: a JSON value.
    """
    shape = Shape()
    _Walk(shape, definitions()).resource(document, "", None, None, None)
    return shape


class _Walk:
    """The walk, with what it fills."""

    def __init__(self, shape: Shape, known: Definitions) -> None:
        self.shape = shape
        self.known = known

    def resource(
        self, value: Any, pointer: str, root: dict[str, Any] | None, element: Element | None, holder: Type | None
    ) -> None:
        """Walk a resource; contained ones share the root of the one that contains them."""
        if not isinstance(value, dict):
            self.shape.wrong("WRONG_TYPE", pointer)
            return
        kind = value.get("resourceType")
        if kind is None:
            self.shape.wrong("MISSING_REQUIRED", f"{pointer}/resourceType")
        elif not isinstance(kind, str) or kind not in self.known.resource_types:
            self.shape.wrong("FHIR_NO_SUCH_TYPE", f"{pointer}/resourceType")
        else:
            top = root if root is not None else value
            node = Node(pointer, kind, self.known.type(kind), value, element, holder, value, top)
            self.object(node)

    def object(self, node: Node) -> None:
        """Walk an object of a known type."""
        self.shape.nodes.append(node)
        kind, value, pointer = node.type, node.value, node.pointer
        for key, item in value.items():
            if key == "resourceType" and kind.kind == "resource":
                continue
            element = kind.elements.get(key)
            if element is not None:
                self.item(node, element, item)
            elif key.startswith("_"):
                self.companion(node, key, item)
            else:
                self.shape.wrong("UNKNOWN_FIELD", f"{pointer}/{token(key)}")
        for stem, names in kind.required:
            if not any(name in value or f"_{name}" in value for name in names):
                self.shape.wrong("MISSING_REQUIRED", f"{pointer}/{stem.removesuffix('[x]')}")
        for names in kind.choices.values():
            if sum(name in value or f"_{name}" in value for name in names) > 1:
                self.shape.wrong("INVALID_VALUE", pointer)

    def item(self, node: Node, element: Element, value: Any) -> None:
        """Walk what stands in an element: one value, or a list of them."""
        pointer = f"{node.pointer}/{element.name}"
        if isinstance(value, list) is not element.many:
            self.shape.wrong("WRONG_TYPE", pointer)
            return
        if not element.many:
            self.one(node, element, value, pointer)
            return
        primitive = self.known.is_primitive(element.type)
        companion = node.value.get(f"_{element.name}")
        for index, one in enumerate(value):
            if one is None and primitive and isinstance(companion, list) and index < len(companion):
                continue
            self.one(node, element, one, f"{pointer}/{index}")

    def one(self, node: Node, element: Element, value: Any, pointer: str) -> None:
        """Walk one value of an element."""
        if self.known.is_primitive(element.type):
            self.primitive(node, element, value, pointer)
        elif element.type == "Resource":
            # What Bundles and Parameters hold stands for itself; what is contained belongs to its container.
            self.resource(value, pointer, node.root if element.name == "contained" else None, element, node.type)
        elif not isinstance(value, dict):
            self.shape.wrong("WRONG_TYPE", pointer)
        else:
            kind = self.known.type(element.type)
            path = f"{node.path}.{element.name}"
            self.object(Node(pointer, path, kind, value, element, node.type, node.resource, node.root))

    def primitive(self, node: Node, element: Element, value: Any, pointer: str) -> None:
        """Judge a primitive value."""
        form = "id" if element.name == "id" and node.type.kind == "resource" else element.type
        code = judge(form, value) if value is not None else "FHIR_EMPTY"
        if code:
            self.shape.wrong("FHIR_BAD_ID" if form == "id" and element.name == "id" else code, pointer)
            return
        kind, path = self.known.type(element.type), f"{node.path}.{element.name}"
        self.shape.nodes.append(Node(pointer, path, kind, value, element, node.type, node.resource, node.root))

    def companion(self, node: Node, key: str, value: Any) -> None:
        """Walk ``_name``, which holds id and extensions of the primitive ``name``."""
        pointer = f"{node.pointer}/{token(key)}"
        element = node.type.elements.get(key[1:])
        if element is None or not self.known.is_primitive(element.type):
            self.shape.wrong("UNKNOWN_FIELD", pointer)
        elif isinstance(value, list) is not element.many:
            self.shape.wrong("WRONG_TYPE", pointer)
        elif element.many:
            for index, one in enumerate(value):
                if one is not None:
                    self.annotation(node, element, one, f"{pointer}/{index}")
        else:
            self.annotation(node, element, value, pointer)

    def annotation(self, node: Node, element: Element, value: Any, pointer: str) -> None:
        """Walk the id and the extensions of one primitive."""
        if not isinstance(value, dict):
            self.shape.wrong("WRONG_TYPE", pointer)
            return
        bare = self.known.type("Element")
        path = f"{node.path}.{element.name}"
        self.object(Node(pointer, path, bare, value, element, node.type, node.resource, node.root))
