"""Elements of XML, by their local names, for hand-written translators."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeAlias
from xml.sax.saxutils import escape

from lxml import etree

from benchmarks.handwritten.refusing import Untranslatable

LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
Element: TypeAlias = etree._Element  # noqa: SLF001  (the name lxml gives the type)
Parts: TypeAlias = dict[str, list[Element]]

_SPECIAL = re.compile(r"[&<>\r]")
_SPECIAL_IN_ATTRIBUTE = re.compile(r"[&<>\"\r\n\t]")
_IN_ATTRIBUTE = {'"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


def parts_of(element: Element, namespace: str = "") -> Parts:
    """Return the child elements by name; the prefix of a namespace, in braces, is taken off."""
    skipped = len(namespace)
    parts: Parts = {}
    for child in element:
        parts.setdefault(child.tag[skipped:], []).append(child)
    return parts


def only(parts: Parts, name: str, path: str) -> Element | None:
    """Return the one element of a name or none; several are refused."""
    found = parts.get(name)
    if found is None:
        return None
    if len(found) > 1:
        raise Untranslatable("REPEATED", f"{path}/{name}[2]")
    return found[0]


def needed(parts: Parts, name: str, path: str) -> Element:
    """Return the one element of a name; its lack is refused."""
    found = only(parts, name, path)
    if found is None:
        raise Untranslatable("MISSING_REQUIRED", f"{path}/{name}")
    return found


def text_of(element: Element | None) -> str | None:
    """Return an element's text without white space at its ends, or none."""
    return (element.text or "").strip() or None if element is not None else None


def demanded_text(element: Element, path: str) -> str:
    """Return an element's text; an empty element is refused."""
    found = text_of(element)
    if found is None:
        raise Untranslatable("MISSING_REQUIRED", path)
    return found


def put(values: dict[str, object], key: str, element: Element | None, form: Callable[[str], object]) -> None:
    """Store what an element's text says, if it says something."""
    found = text_of(element)
    if found is not None:
        values[key] = form(found)


def shown(value: str) -> str:
    """Return a text as XML."""
    return escape(value, {"\r": "&#13;"}) if _SPECIAL.search(value) else value


def quoted(value: str) -> str:
    """Return a text as the inside of an attribute in double quotes."""
    return escape(value, _IN_ATTRIBUTE) if _SPECIAL_IN_ATTRIBUTE.search(value) else value
