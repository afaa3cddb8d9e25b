"""Codecs: bytes to trees and back, for what rules cannot say.

A folder's ``codec.py`` may subclass :class:`JsonCodec` or :class:`XmlCodec` and expose ``CODEC``: to unwrap an
envelope, to split a document about several children into one tree for each, to mark or move nodes before the rules
read them, to finish a tree (ids, references) after the rules wrote it, and to check what a schema cannot. Nodes that a
codec moves keep their place in the document under ``$at``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from mappings.engine.findings import Finding
from mappings.engine.json_reader import Limits, read_json, write_json
from mappings.engine.schema import Check
from mappings.engine.trees import Node
from mappings.engine.xml_reader import element_tree, local, parse_xml, write_xml


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document as it was read."""

    tree: Node
    root: str = ""
    """Local name of an XML document's root element."""
    raw: Any = None
    """What schemas judge: the lxml element, or the JSON value."""
    warnings: list[Finding] = field(default_factory=list)


class Codec(Protocol):
    """What a mapping asks of its codec."""

    xml: bool

    def parse(self, data: bytes, limits: Limits) -> Parsed:
        """Return the tree of a document; raises :class:`~mappings.engine.errors.Refusal`."""

    def check(self, parsed: Parsed, document: str, schema: Check | None) -> list[Finding]:
        """Return what is wrong with a document beyond its syntax."""

    def split(self, parsed: Parsed, document: str) -> list[Node]:
        """Return one tree for each child the document is about, ready for the rules."""

    regards: frozenset[str]
    """The parts of our value that :meth:`finish` looks at."""

    def finish(self, tree: Node, document: str, ours: Node) -> Node:
        """Return the tree the rules wrote, completed by what they cannot write.

        Args:
            tree: as the rules wrote it.
            document: which document it is.
            ours: our value as a tree; nothing but what the codec regards need be in it.
        """

    def unwritable(self, tree: Node, document: str) -> list[Finding]:
        """Return what a receiver would refuse in a finished tree for the value's sake, in the words of writing."""

    def print(self, tree: Node, document: str) -> bytes:
        """Return the bytes of a finished tree."""

    def bind(self, data: bytes, media_type: str) -> bytes:
        """Return a printed, complete document as another media type of the format has it.

        Raises:
            Refusal: that binding cannot hold what this one holds.
        """


class PlainCodec:
    """What every codec does unless its format is odd: nothing beside the rules and the schema."""

    regards: frozenset[str] = frozenset()

    def check(self, parsed: Parsed, document: str, schema: Check | None) -> list[Finding]:
        """Return the schema's findings."""
        return schema(parsed.raw) if schema else []

    def split(self, parsed: Parsed, document: str) -> list[Node]:
        """Return the tree: one child."""
        return [parsed.tree]

    def finish(self, tree: Node, document: str, ours: Node) -> Node:
        """Return the tree as it is."""
        return tree

    def unwritable(self, tree: Node, document: str) -> list[Finding]:
        """Return nothing: whatever is wrong with a finished tree is the mapping's fault."""
        return []


class JsonCodec(PlainCodec):
    """JSON documents: the tree is the value."""

    xml = False

    def parse(self, data: bytes, limits: Limits) -> Parsed:
        """Return the tree of a JSON object.

        Raises:
            Refusal: those of :func:`~mappings.engine.json_reader.read_json`; UNKNOWN_DOCUMENT if it is no object.
        """
        value, warnings = read_json(data, limits)
        value = unmarked(value, data)
        tree = value if isinstance(value, dict) else {"$list": value}
        return Parsed(tree, "", value, warnings)

    def print(self, tree: Node, document: str) -> bytes:
        """Return compact UTF-8 JSON."""
        return write_json(without_marks(tree))

    def bind(self, data: bytes, media_type: str) -> bytes:
        """Return the document as it is: one binding under every media type."""
        return data


class XmlCodec(PlainCodec):
    """XML documents: elements become objects (:mod:`mappings.engine.trees`)."""

    xml = True

    def __init__(self, roots: dict[str, str], namespace: str = "") -> None:
        """Take the root element for each document name, and the namespace of all elements."""
        self.roots = roots
        self.namespace = namespace

    def parse(self, data: bytes, limits: Limits) -> Parsed:
        """Return the tree below the root element; the mark ``$root`` holds its name."""
        element, warnings = parse_xml(data, limits)
        name = local(str(element.tag))
        return Parsed({"$root": name, "$at": f"/{name}", **element_tree(element)}, name, element, warnings)

    def print(self, tree: Node, document: str) -> bytes:
        """Return UTF-8 XML in the mapping's namespace."""
        return write_xml(self.roots[document], tree, self.namespace)

    def bind(self, data: bytes, media_type: str) -> bytes:
        """Return the document as it is: one binding under every media type."""
        return data


def unmarked(value: Any, data: bytes) -> Any:
    """Return a sender's document with a `?` before each key that would pass for a mark of ours; it is left over."""
    return _quoted(value) if b'"$' in data or b"\\u0024" in data else value


def _quoted(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"?{key}" if key.startswith("$") else key: _quoted(item) for key, item in value.items()}
    return [_quoted(item) for item in value] if isinstance(value, list) else value


def without_marks(value: Any) -> Any:
    """Return a tree without the marks codecs set."""
    if type(value) is dict:
        return {
            key: item if type(item) is str else without_marks(item)
            for key, item in value.items()
            if "$" not in key or key[0] != "$"
        }
    return [without_marks(item) for item in value] if type(value) is list else value
