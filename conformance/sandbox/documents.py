"""Reads what a stranger sent: JSON without surprises, XML without a DTD.

Every refusal is a `MalformedError` with a fixed sentence: no byte of the document is ever repeated in it.
"""

import json
from collections.abc import Iterable, Iterator
from typing import cast

from lxml import etree

BOM = b"\xef\xbb\xbf"
MAX_DEPTH = 64
"""Levels of nesting that any document may have (design decisions, section 3)."""


class MalformedError(Exception):
    """The bytes are not a document at all; the text is a fixed sentence, safe to show."""


def text_of(body: bytes) -> str:
    """Decode UTF-8, tolerating one byte order mark; raises `MalformedError`."""
    try:
        return body.removeprefix(BOM).decode()
    except UnicodeDecodeError:
        raise MalformedError("the document is not UTF-8") from None


def read_json(body: bytes) -> object:
    """Parse strict JSON: unique keys, no NaN, at most `MAX_DEPTH` levels; raises `MalformedError`."""
    text = text_of(body)
    try:
        value: object = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise MalformedError("the document is nested too deeply") from None
    except ValueError:
        raise MalformedError("the document is not well-formed JSON") from None
    if _depth(value) > MAX_DEPTH:
        raise MalformedError("the document is nested too deeply")
    return value


def read_xml(body: bytes) -> etree._Element:
    """Parse UTF-8 XML without DTD, entities or network; raises `MalformedError`.

    The bytes are decoded and encoded again without their declaration, so a document cannot lie
    about its encoding. `<!DOCTYPE` is looked for before the parser sees anything.
    """
    text = text_of(body)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise MalformedError("a document type declaration is not allowed")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(without_declaration(text).encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise MalformedError("the document is not well-formed XML") from None
    if any(sum(1 for _ in leaf.iterancestors()) >= MAX_DEPTH for leaf in root.iter() if not len(leaf)):
        raise MalformedError("the document is nested too deeply")
    return root


def without_declaration(text: str) -> str:
    """Drop a leading XML declaration: NADRA's says utf-16 over UTF-8 bytes (nadra.md 2.1)."""
    stripped = text.lstrip("\ufeff \t\r\n")
    if stripped.startswith("<?xml") and "?>" in stripped:
        return stripped.split("?>", 1)[1]
    return stripped


def first_null(value: object, pointer: str = "") -> str | None:
    """Find the JSON Pointer of the first null: a null tells its reader that something is there."""
    if value is None:
        return pointer
    found = (first_null(inner, f"{pointer}/{step}") for step, inner in _children(value))
    return next((place for place in found if place is not None), None)


def default_namespace(uri: str) -> dict[str, str]:
    """Make the nsmap of a default namespace; the type of lxml's stubs knows no None key."""
    return cast("dict[str, str]", {None: uri})


def element_path(element: etree._Element) -> str:
    """Write the XPath of an element with local names and indices among same-named siblings."""
    steps: list[str] = []
    node: etree._Element | None = element
    while node is not None:
        name = etree.QName(node).localname
        parent = node.getparent()
        twins = [] if parent is None else [one for one in parent if one.tag == node.tag]
        steps.append(f"{name}[{twins.index(node) + 1}]" if len(twins) > 1 else name)
        node = parent
    return "/" + "/".join(reversed(steps))


def schema_paths(schema: etree.XMLSchema, root: etree._Element) -> list[str]:
    """Validate and list where it fails, as `element_path`; the messages are left out on purpose.

    libxml2 quotes the offending value in its messages, so only the places are kept.
    """
    if schema.validate(root):
        return []
    paths: list[str] = []
    for error in cast("Iterable[etree._LogEntry]", schema.error_log):  # noqa: SLF001 - lxml's only name for it
        hits = root.getroottree().xpath(error.path) if error.path else []
        elements = [hit for hit in hits if etree.iselement(hit)] if isinstance(hits, list) else []
        paths.append(element_path(elements[0] if elements else root))
    return list(dict.fromkeys(paths))


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key is repeated")
    return members


def _no_constant(_name: str) -> object:
    raise ValueError("not a JSON number")


def _children(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from ((str(key), inner) for key, inner in value.items())
    elif isinstance(value, list):
        yield from ((str(index), inner) for index, inner in enumerate(value))


def _depth(value: object) -> int:
    level, deepest = [value], 0
    while level:
        deepest += 1
        level = [inner for one in level for _, inner in _children(one)]
    return deepest
