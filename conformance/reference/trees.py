"""Bytes to plain values, strictly, and the shape that golden documents of a format have."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

DEEPEST = 64
Tree = dict[str, Any]


class RefusedError(Exception):
    """A document or a call is refused; the text is a code."""

    def __init__(self, status: int, code: str, place: str = "") -> None:
        """Say with what status, why and where."""
        super().__init__(code)
        self.status = status
        self.code = code
        self.place = place


def text_of(body: bytes, flaws: frozenset[str]) -> str:
    """Decode UTF-8 strictly, tolerating one byte order mark."""
    if "refuses-bom" in flaws and body.startswith(b"\xef\xbb\xbf"):
        raise RefusedError(400, "NOT_UTF8")
    try:
        return body.decode("utf-8", "replace" if "guesses-encodings" in flaws else "strict").removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise RefusedError(400, "NOT_UTF8") from None


def read_json(body: bytes, flaws: frozenset[str]) -> Tree:
    """Parse a JSON object: unique keys, bounded depth."""

    def unique(pairs: list[tuple[str, Any]]) -> Tree:
        found = dict(pairs)
        if len(found) < len(pairs) and "last-one-wins" not in flaws:
            raise RefusedError(400, "DUPLICATE_KEY")
        return found

    text = text_of(body, flaws)
    if text.count("[") > DEEPEST and _deep(text) and "reads-any-depth" not in flaws:
        raise RefusedError(422, "TOO_DEEP")
    try:
        value = json.loads(text, object_pairs_hook=unique)
    except RecursionError:
        raise RefusedError(422, "TOO_DEEP") from None
    except ValueError:
        raise RefusedError(400, "MALFORMED") from None
    if not isinstance(value, dict):
        raise RefusedError(422, "UNKNOWN_DOCUMENT")
    return value


def _deep(text: str) -> bool:
    level = deepest = 0
    for letter in text:
        level += (letter in "[{") - (letter in "]}")
        deepest = max(deepest, level)
    return deepest > DEEPEST


def read_xml(body: bytes, flaws: frozenset[str], fetch: Any) -> Tree:
    """Parse XML without a document type into nested values: `@name` attributes, `#` text, lists of children."""
    text = text_of(body, flaws)
    if "<!DOCTYPE" in text or "XInclude" in text:
        if "resolves-entities" not in flaws:
            raise RefusedError(400, "DOCTYPE")
        for word in text.replace("'", '"').split('"'):
            if word.startswith(("http://127", "http://trap")):
                fetch(word)
        text = text[text.index("<", text.index("]>") + 1) :] if "]>" in text else text
        text = text.replace("&e;", "x").replace("&c;", "x")
    try:
        root = etree.fromstring(text.encode().split(b"?>", 1)[-1], etree.XMLParser(remove_comments=True))
    except (etree.XMLSyntaxError, ValueError):
        raise RefusedError(400, "MALFORMED") from None
    return {etree.QName(root).localname: [_element(root)]}


def _element(element: Any) -> Tree:
    found: Tree = {f"@{etree.QName(name).localname}": value for name, value in element.attrib.items()}
    found["#"] = (element.text or "").strip()
    for child in element:
        found.setdefault(etree.QName(child).localname, []).append(_element(child))
    return found


def walked(value: Any, path: str = "") -> Iterator[tuple[str, Any, int]]:
    """Yield (path without positions, value, how many stand together) of everything below."""
    if isinstance(value, list):
        for one in value:
            yield from walked(one, path)
    elif isinstance(value, dict):
        base = str(value["resourceType"]) if "resourceType" in value else path
        for name, inner in value.items():
            if name == "#":
                continue
            place = f"{base}/{name}"
            yield place, inner, len(inner) if isinstance(inner, list) else 1
            yield from walked(inner, place)


@dataclass
class Shape:
    """What golden documents hold: every path, and the most that stood together anywhere."""

    known: set[str] = field(default_factory=set)
    most: Counter[str] = field(default_factory=Counter)

    def learn(self, tree: Tree) -> None:
        """Add a golden document."""
        for path, _, count in walked(tree):
            self.known.add(path)
            self.most[path] = max(self.most[path], count)

    def check(self, tree: Tree, flaws: frozenset[str], *, xml: bool) -> None:
        """Refuse what no golden document holds, and what stands there too often."""
        for path, _, count in walked(tree):
            if path not in self.known and "ignores-unknown" not in flaws:
                raise RefusedError(422, "UNKNOWN_FIELD", path)
            if xml and self.most[path] == 1 and count > 1 and "last-one-wins" not in flaws:
                raise RefusedError(422, "REPEATED", path)


def first(tree: Any, path: str) -> Any:
    """Follow a path, taking the first of several; None where it leads nowhere."""
    for step in path.split("/"):
        value = tree[0] if isinstance(tree, list) and tree else tree
        tree = value.get(step) if isinstance(value, dict) else None
    return tree[0] if isinstance(tree, list) and tree else tree


def text(tree: Any, path: str) -> str | None:
    """Give the text of an element at a path, None where there is none."""
    value = first(tree, path)
    found: str | None = value["#"] if isinstance(value, dict) else value
    return found
