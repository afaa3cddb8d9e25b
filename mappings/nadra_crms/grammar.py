"""Which elements stand where, and how often: read off ``schema.xsd`` and judged in any order.

Clients of the real services differ in the order of elements, so a reader must not depend on it (formats/nadra.md 2.1,
7.1). An element the schema does not know is a warning; one that stands twice, or is missing, refuses the document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources

from lxml import etree

from mappings.engine.findings import Finding, Severity
from mappings.engine.trees import Node

LANGUAGES = ("ur", "en", "ur-Latn")
TOLERATED = frozenset({"PERSON_DATA", "CARD_TYPE", "PHOTOGRAPH", "FINGER_TEMPLATE", "CITIZEN_NUMBER", "FINGER_INDEX"})
"""Elements of the identity services that may stand beside the register's own; none of them is a mistake."""
MISSING = {"AREA_NAME": "NADRA_184", "PURPOSE_CODE": "NADRA_904", "LEGAL_BASIS": "NADRA_904"}
"""What a request must hold, with the register's own code for its lack."""

_ARABIC = re.compile("[\u0600-\u06ff\u0750-\u077f]")
_XS = "{http://www.w3.org/2001/XMLSchema}"


@dataclass(frozen=True, slots=True)
class Place:
    """One element within its parent."""

    type: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Content:
    """What an element may hold."""

    children: dict[str, Place] = field(default_factory=dict)
    attributes: frozenset[str] = frozenset()
    demanded: frozenset[str] = frozenset()
    """Attributes that must stand."""
    bilingual: bool = False
    """The element is repeated by language, each language once."""


def _content(element: etree._Element) -> Content:
    either = {child.get("name") for choice in element.iter(f"{_XS}choice") for child in choice}
    children = {
        str(child.get("name")): Place(
            str(child.get("type")),
            0 if child.get("name") in either else int(child.get("minOccurs", "1")),
            int(child.get("maxOccurs", "1")),
        )
        for child in element.iter(f"{_XS}element")
    }
    uses = {f"@{a.get('name')}": a.get("use") == "required" for a in element.iter(f"{_XS}attribute")}
    demanded = frozenset(name for name, required in uses.items() if required)
    bilingual = next(element.iter(f"{_XS}anyAttribute"), None) is not None
    return Content(children, frozenset(uses), demanded, bilingual)


def _load() -> dict[str, Content]:
    root = etree.XML(resources.files("mappings.nadra_crms").joinpath("schema.xsd").read_bytes())
    return {str(kind.get("name")): _content(kind) for kind in root.findall(f"{_XS}complexType")}


_TEXT = Content()
CONTENTS: dict[str, Content] = _load()
"""The content of every named type of the schema."""


def judge(node: Node, path: str, kind: str = "Document") -> Iterator[Finding]:
    """Yield what is unknown, repeated or missing in an element and below it.

    Args:
        node: the element.
        path: its place.
        kind: its type in the schema; one without children or attributes of its own is free text.
    """
    content = CONTENTS.get(kind, _TEXT)
    yield from _attributes(node, path, content)
    for name, items in node.items():
        if name[0] in "@#$":
            continue
        place = content.children.get(name)
        if place is None:
            if name not in TOLERATED:
                yield Finding("UNKNOWN_FIELD", f"{path}/{name}[1]", Severity.WARNING)
            continue
        yield from _repeated(items, f"{path}/{name}", place)
        for index, item in enumerate(items):
            yield from judge(item, f"{path}/{name}[{index + 1}]", place.type)
    for name, place in content.children.items():
        if place.least and name not in node:
            yield Finding(MISSING.get(name, "MISSING_REQUIRED"), f"{path}/{name}")


def _attributes(node: Node, path: str, content: Content) -> Iterator[Finding]:
    for name, value in node.items():
        if name[0] != "@" or name in content.attributes:
            continue
        if not (content.bilingual and name == "@xml:lang" and value in LANGUAGES):
            yield Finding("UNKNOWN_FIELD", f"{path}/{name}", Severity.WARNING)
    for name in sorted(content.demanded - node.keys()):
        yield Finding("MISSING_REQUIRED", f"{path}/{name}")


def _repeated(items: list[Node], path: str, place: Place) -> Iterator[Finding]:
    if not CONTENTS.get(place.type, Content()).bilingual:
        if len(items) > place.most:
            yield Finding("REPEATED" if place.most == 1 else "TOO_MANY", f"{path}[{place.most + 1}]")
        return
    seen: set[str] = set()
    for index, item in enumerate(items):
        language = item.get("@xml:lang", "")
        if language in seen:
            yield Finding("REPEATED", f"{path}[{index + 1}]")
        seen.add(language)


def label_scripts(node: Node, kind: str = "Document") -> None:
    """Give every bilingual text without ``xml:lang`` the language its script shows; Arabic letters are Urdu.

    The identity services print names in Urdu without saying so (formats/nadra.md 2.1).
    """
    places = CONTENTS[kind].children
    for name, items in node.items():
        place = places.get(name)
        below = CONTENTS.get(place.type) if place else None
        if place is None or below is None:
            continue
        for item in items:
            if below.bilingual and "#" in item:
                item.setdefault("@xml:lang", "ur" if _ARABIC.search(item["#"]) else "en")
            if below.children:
                label_scripts(item, place.type)
