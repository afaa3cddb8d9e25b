"""Mutations of XML documents: the tree, and the text around it (document types, entities, instructions)."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any

from lxml import etree

from tests.fuzz import canary
from tests.fuzz.texts import text

_FORBIDDEN = {chr(code) for code in (*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000))}


def _plain(value: str) -> str:
    """Return a text without what lxml refuses to hold; those characters are put in later as bytes."""
    return "".join(letter for letter in value if letter not in _FORBIDDEN)


def _elements(root: Any) -> list[Any]:
    return [element for element in root.iter() if isinstance(element.tag, str)]


def _below(root: Any, random: Random) -> Any:
    elements = _elements(root)[1:]
    return random.choice(elements) if elements else root


def _drop(random: Random, root: Any) -> None:
    element = _below(root, random)
    if element.getparent() is not None:
        element.getparent().remove(element)


def _again(random: Random, root: Any) -> None:
    element = _below(root, random)
    if element.getparent() is not None:
        for _ in range(random.choice([1, 1, 2, 30, 501])):
            element.addnext(copy.deepcopy(element))


def _swap(random: Random, root: Any) -> None:
    one, other = _below(root, random), _below(root, random)
    one.text, other.text = other.text, one.text


def _move(random: Random, root: Any) -> None:
    one = copy.deepcopy(_below(root, random))
    _below(root, random).append(one)


def _text(random: Random, root: Any) -> None:
    _below(root, random).text = _plain(text(random))


def _insert(random: Random, root: Any) -> None:
    element = _below(root, random)
    old = element.text or ""
    at = random.randint(0, len(old))
    element.text = old[:at] + _plain(text(random))[:40] + old[at:]


def _tail(random: Random, root: Any) -> None:
    _below(root, random).tail = _plain(text(random))


def _attribute(random: Random, root: Any) -> None:
    element = _below(root, random)
    names = [*element.attrib, "x", "{http://www.w3.org/XML/1998/namespace}lang", "{urn:farzi}y"]
    element.set(random.choice(names), _plain(text(random)))


def _rename(random: Random, root: Any) -> None:
    element = _below(root, random)
    name = etree.QName(element).localname
    spaces = [etree.QName(element).namespace or "", "", "urn:farzi", "http://www.w3.org/2001/XInclude"]
    space = random.choice(spaces)
    name = random.choice([name, name.upper(), name + "X", "include", "value"])
    element.tag = f"{{{space}}}{name}" if space else name


def _deep(random: Random, root: Any) -> None:
    at = _below(root, random)
    for _ in range(random.choice([20, 62, 64, 65, 300, 2_000])):
        at = etree.SubElement(at, at.tag)
    at.text = canary.WORD


_ALL: list[Callable[[Random, Any], None]] = [
    _drop, _drop, _again, _swap, _move, _text, _text, _insert, _insert, _tail, _attribute, _rename, _deep,
]  # fmt: skip
_PROLOGUES = [
    '<!DOCTYPE x [<!ENTITY a "{0}">]>', '<!DOCTYPE x SYSTEM "file:///etc/hostname">', "<!doctype x>",
    '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:9/{0}">%p;]>', "<?xml-stylesheet href='{0}'?>", "<!-- {0} -->",
    '<!DOCTYPE x [<!ENTITY a "{0}{0}"><!ENTITY b "&a;&a;&a;&a;">]>',
]  # fmt: skip
_INSIDE = [
    "&a;",
    "&lt;",
    "&#0;",
    "&#x1F;",
    "&#xD800;",
    "&{0};",
    "<![CDATA[{0}]]>",
    "<{0}>",
    "<?{0} x?>",
    "<!--{0}-->",
    "\x00",
]
_DECLARATIONS = [
    '<?xml version="1.0" encoding="utf-16"?>',
    '<?xml version="1.1"?>',
    '<?xml version="1.0" encoding="{0}"?>',
]


def mutate_xml(random: Random, data: bytes) -> bytes:
    """Return a mutated XML document."""
    root = etree.fromstring(data)
    for _ in range(random.choice([0, 1, 1, 1, 2, 3, 6])):
        random.choice(_ALL)(random, root)
    printed = etree.tostring(root, encoding="unicode")
    if random.random() < 0.15:
        printed = random.choice(_PROLOGUES).format(canary.WORD) + printed
    if random.random() < 0.15:
        at = printed.find(">", random.randint(0, len(printed)))
        printed = printed[: at + 1] + random.choice(_INSIDE).format(canary.WORD) + printed[at + 1 :]
    if random.random() < 0.1:
        printed = random.choice(_DECLARATIONS).format(canary.WORD) + printed
    return printed.encode("utf-8", "surrogatepass")
