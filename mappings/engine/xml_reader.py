"""The one strict reader of XML, and the one writer.

No document type, no entity, no network, bounded size and depth; bytes only, never a path (reliability design 2.8).
A declaration that lies about the encoding (NADRA's utf-16 over UTF-8 bytes) is taken off before parsing.
"""

from __future__ import annotations

import re
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding
from mappings.engine.json_reader import DEFAULT, Limits, decode
from mappings.engine.trees import Node

XML = "http://www.w3.org/XML/1998/namespace"
_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
_SPECIAL = re.compile(r"[&<>\r\n\t\"]")
_DECLARATION = re.compile(rb"^\s*<\?xml[^>]*\?>\s*")
_DOCTYPE = re.compile(rb"<!DOCTYPE|<!ENTITY", re.IGNORECASE)


def parse_xml(data: bytes, limits: Limits = DEFAULT) -> tuple[etree._Element, list[Finding]]:
    """Return the root element of a document and warnings.

    Raises:
        Refusal: TOO_LARGE, NOT_UTF8, DOCTYPE, MALFORMED, TOO_DEEP, TOO_MANY.
    """
    data, warnings = decode(data, limits)
    body = _DECLARATION.sub(b"", data, count=1)
    if _DOCTYPE.search(body):
        raise Refusal.of("DOCTYPE")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, dtd_validation=False,
        remove_comments=True, remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        element = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise Refusal.of("MALFORMED") from None
    if body.count(b"<") > limits.values and sum(1 for _ in element.iter()) > limits.values:
        raise Refusal.of("TOO_MANY")
    _bound(element, 1, limits)
    return element, warnings


def _bound(element: etree._Element, depth: int, limits: Limits) -> None:
    if depth > limits.depth:
        raise Refusal.of("TOO_DEEP")
    if len(element) > limits.items or len(element.keys()) > limits.items:
        raise Refusal.of("TOO_MANY")
    for child in element:
        _bound(child, depth + 1, limits)


@lru_cache(maxsize=4_096)
def local(name: str) -> str:
    """Return a name without its namespace; ``xml:lang`` keeps its prefix."""
    if name.startswith(f"{{{XML}}}"):
        return f"xml:{name.rpartition('}')[2]}"
    return name.rpartition("}")[2]


def element_tree(element: etree._Element) -> Node:
    """Return an element as a tree (:mod:`mappings.engine.trees`); white space at the ends of text does not count.

    Raises:
        Refusal: MALFORMED, text stands between child elements.
    """
    node: Node = {}
    for key, value in element.items():
        name = str(key)
        if not name.startswith(_INSTANCE):
            node["@" + local(name)] = str(value)
    text = (element.text or "").strip()
    if text:
        node["#"] = text
    if len(element):
        if text:
            raise Refusal.of("MALFORMED")
        _children(element, node)
    return node


def _children(element: etree._Element, node: Node) -> None:
    """Put an element's child elements into its tree."""
    for child in element:
        tail = child.tail
        if tail is not None and tail.strip():
            raise Refusal.of("MALFORMED")
        name = local(child.tag)
        found = node.get(name)
        if found is None:
            node[name] = [element_tree(child)]
        else:
            found.append(element_tree(child))


def write_xml(root: str, node: Node, namespace: str = "", *, declaration: bool = True) -> bytes:
    """Return a tree as UTF-8 XML, children in the order they were built, codec marks left out.

    Raises:
        Refusal: BAD_TEXT, a text holds a character XML cannot carry.
    """
    begins = '<?xml version="1.0" encoding="UTF-8"?>\n' if declaration else ""
    extra = f' xmlns="{namespace}"' if namespace else ""
    parts = [begins]
    values: list[str] = []
    _write(root, node, extra, parts, values)
    if _SPECIAL.search("".join(values)) is not None:
        parts = [begins]
        _write(root, node, extra, parts, None)
    try:
        return "".join(parts).encode("utf-8")
    except UnicodeEncodeError:
        raise Refusal.of("BAD_TEXT") from None


def _write(name: str, node: Node, extra: str, parts: list[str], values: list[str] | None) -> None:
    """Append an element; with ``values``, which takes every value, as if no character had a meaning in XML."""
    begins = f"<{name}{extra}"
    text = ""
    children = []
    for key, value in node.items():
        kind = key[0]
        if kind == "@":
            begins += f" {key[1:]}={_attribute(str(value), values)}"
        elif kind == "#":
            text = _text(str(value), values)
        elif kind != "$":
            children.append((key, value))
    if not children:
        parts.append(f"{begins}>{text}</{name}>" if "#" in node else f"{begins}/>")
        return
    parts.append(f"{begins}>{text}")
    for key, items in children:
        for item in items:
            if len(item) == 1 and "#" in item:
                parts.append(f"<{key}>{_text(str(item['#']), values)}</{key}>")
            else:
                _write(key, item, "", parts, values)
    parts.append(f"</{name}>")


def _attribute(value: str, values: list[str] | None) -> str:
    if values is not None:
        values.append(value)
        return f'"{value}"'
    return quoteattr(value, {"\n": "&#10;", "\t": "&#9;", "\r": "&#13;"})


def _text(value: str, values: list[str] | None) -> str:
    if values is not None:
        values.append(value)
        return value
    return escape(value, {"\r": "&#13;"})
