"""Narrative: well-formed XHTML of an allow-list, with content, and without scripts (R4 narrative, txt-1 and txt-2).

https://hl7.org/fhir/R4/narrative.html: "SHALL NOT contain a head, a body, external stylesheet references, deprecated
elements, scripts, forms, base/link/xlink, frames, iframes, objects or event related attributes"; no HTML entities.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding
from mappings.engine.json_reader import Limits
from mappings.engine.xml_reader import local, parse_xml
from mappings.fhir_r4.elements import Node


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


XHTML = "http://www.w3.org/1999/xhtml"
ELEMENTS = _words(
    """
    a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4
    h5 h6 hr i img ins del kbd li map ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul
    var
    """
)
"""Elements of HTML 4.0 chapters 7 to 11 and 15, with links and images."""
_EVERYWHERE = _words(
    """
    title style class id idref lang xml:lang xml:space dir accesskey tabindex span width align valign char charoff abbr
    axis headers scope rowspan colspan
    """
)
_OF_ELEMENT: dict[str, frozenset[str]] = {
    "a": _words("href name type charset hreflang rel rev shape coords"),
    "area": _words("shape coords href nohref alt"),
    "blockquote": _words("cite"),
    "del": _words("cite datetime"),
    "img": _words("src border alt longdesc height usemap ismap"),
    "ins": _words("cite datetime"),
    "li": _words("value type"),
    "map": _words("name"),
    "ol": _words("start type compact"),
    "pre": _words("space"),
    "q": _words("cite"),
    "table": _words("summary border frame rules cellspacing cellpadding bgcolor"),
    "td": _words("nowrap bgcolor height"),
    "th": _words("nowrap bgcolor height"),
    "tr": _words("bgcolor"),
    "ul": _words("type compact"),
}
_LIMITS = Limits(octets=4 * 1024 * 1024, depth=100, items=100_000)


def check_narrative(node: Node) -> Iterator[Finding]:
    """Yield what is wrong with a narrative's XHTML."""
    root = _parsed(node.value)
    if root is None:
        yield Finding("FHIR_XHTML_MALFORMED", node.pointer)
    elif root.tag != f"{{{XHTML}}}div":
        yield Finding("FHIR_XHTML_ROOT", node.pointer)
    elif not all(_allowed(element) for element in root.iter()):
        yield Finding("FHIR_XHTML_NOT_ALLOWED", node.pointer)
    elif not _says_something(root):
        yield Finding("FHIR_XHTML_EMPTY", node.pointer)


def check_links(nodes: list[Node]) -> Iterator[Finding]:
    """Yield narratives with a link to a place that no narrative and no id of the document is."""
    linking = [(node, root) for node, root in _narratives(nodes) if any(_fragments(root))]
    if not linking:
        return
    places = {str(node.value["id"]) for node in nodes if isinstance(node.value, dict) and "id" in node.value}
    for _, root in _narratives(nodes):
        places |= {str(name) for element in root.iter() for name in (element.get("id"), element.get("name")) if name}
    for node, root in linking:
        # The publisher of HL7's guides writes ``hc`` before the id of what is contained.
        if any(name not in places and name.removeprefix("hc") not in places for name in _fragments(root)):
            yield Finding("FHIR_XHTML_LINK", node.pointer)


def _narratives(nodes: list[Node]) -> Iterator[tuple[Node, etree._Element]]:
    for node in nodes:
        root = _parsed(node.value) if node.type.name == "xhtml" else None
        if root is not None:
            yield node, root


def _fragments(root: etree._Element) -> Iterator[str]:
    """Yield where the links inside a narrative lead to."""
    for element in root.iter(f"{{{XHTML}}}a"):
        target = str(element.get("href", ""))
        if len(target) > 1 and target.startswith("#"):
            yield target[1:]


def _parsed(text: str) -> etree._Element | None:
    """Return a narrative as a tree, or ``None`` if it is not well-formed."""
    try:
        return parse_xml(text.strip().encode("utf-8"), _LIMITS)[0]
    except (Refusal, UnicodeEncodeError):
        return None


def _allowed(element: etree._Element) -> bool:
    name = str(element.tag).removeprefix(f"{{{XHTML}}}")
    if name not in ELEMENTS:
        return False
    allowed = _EVERYWHERE | _OF_ELEMENT.get(name, frozenset())
    return all(local(str(key)) in allowed and _harmless(str(value)) for key, value in element.attrib.items())


def _harmless(value: str) -> bool:
    return not value.strip().lower().startswith(("javascript:", "vbscript:"))


def _says_something(root: etree._Element) -> bool:
    """Tell whether there is any text that is not white space, or an image."""
    return any(str(text).strip() for text in root.itertext()) or next(root.iter(f"{{{XHTML}}}img"), None) is not None
