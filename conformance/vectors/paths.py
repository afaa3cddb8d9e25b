"""Finds a value in a document, so that a vector can say what must stand where.

JSON: a JSON Pointer (`/child/sex`), before which an item may be chosen: `persons(FATHER):/name` is in the first item
of the list `persons` that holds the word FATHER, `Patient:/gender` in the first resource of that type in a Bundle,
`RelatedPerson(FTH):/name/0/text` in the first one that holds FTH.
XML: a path of local names from the root's children on (`Header/MessageID`, `Person[2]/@id`, `CHILD/NAME[@lang='ur']`).
"""

import json
import re
from typing import Any

from lxml import etree

_CHOSEN = re.compile(r"(\w+)(?:\(([^)]+)\))?:(.*)")


class Missing:
    """Stands for a value that is not there."""

    def __repr__(self) -> str:
        """Say so, for a finding."""
        return "nothing"


MISSING = Missing()


def find(document: Any, path: str) -> Any:
    """Give the value at a path of a document that `parsed` made, `MISSING` where there is none."""
    if isinstance(document, etree._Element):  # noqa: SLF001 - the only public name of an element's type is a factory
        return _in_xml(document, path)
    chosen = _CHOSEN.fullmatch(path)
    if chosen is None:
        return pointed(document, path)
    name, word, pointer = chosen.groups()
    items = _items(document, name)
    wanted = next((one for one in items if word is None or f'"{word}"' in json.dumps(one)), MISSING)
    return pointed(wanted, pointer)


def pointed(value: Any, pointer: str) -> Any:
    """Follow a JSON Pointer (RFC 6901), `MISSING` where it leads nowhere."""
    for token in pointer.split("/")[1:]:
        step = token.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value


def parsed(body: bytes, media_type: str) -> Any:
    """Read a document as JSON or as XML without namespaces; raises ValueError for what is neither."""
    if "xml" not in media_type:
        return json.loads(body)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise ValueError("not well-formed XML") from None
    for element in root.iter():
        element.tag = etree.QName(element).localname
        for name, value in list(element.attrib.items()):
            if str(name).startswith("{"):
                del element.attrib[name]
                element.set(etree.QName(name).localname, value)
    return root


def _items(document: Any, name: str) -> list[Any]:
    if isinstance(document, dict) and isinstance(document.get("entry"), list):
        resources = [one.get("resource", {}) for one in document["entry"]]
        return [one for one in resources if one.get("resourceType") == name]
    found = document.get(name, []) if isinstance(document, dict) else []
    return found if isinstance(found, list) else []


def _in_xml(root: etree._Element, path: str) -> Any:
    found = root.xpath(path)
    if not isinstance(found, list) or not found:
        return MISSING
    first = found[0]
    return (first.text or "").strip() if isinstance(first, etree._Element) else str(first)  # noqa: SLF001 - as above
