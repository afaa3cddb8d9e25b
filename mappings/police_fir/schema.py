"""The XSD judged with paths a person can follow, in the police's own codes."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Any

from lxml import etree

from mappings.engine.findings import Finding
from mappings.engine.xml_reader import local

_EXPECTED = re.compile(r"Expected is \( \{[^}]*\}(\w+) \)")
_ONE_OF = re.compile(r"Expected is one of \( (.*) \)")
_NAME = re.compile(r"\}(\w+)")
_ATTRIBUTE = re.compile(r"attribute '(\w+)'")
_REQUIRED = re.compile(r"The attribute '(\w+)' is required but missing")
_DATE = re.compile(r"Date|start|end|date$|Time$")
_KINDS = {
    "SCHEMAV_CVC_ENUMERATION_VALID": "UNKNOWN_CODE",
    "SCHEMAV_CVC_PATTERN_VALID": "INVALID_VALUE",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "POL-E02",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "UNKNOWN_FIELD",
    "SCHEMAV_ELEMENT_CONTENT": "UNKNOWN_FIELD",
    "SCHEMAV_CVC_DATATYPE_VALID_1_2_1": "INVALID_VALUE",
}


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.XML(resources.files("mappings.police_fir").joinpath("schema.xsd").read_bytes()))


def judge(root: etree._Element) -> list[Finding]:
    """Return what the schema finds wrong, at paths with local names and positions, one finding a place."""
    schema = _schema()
    if schema.validate(root):
        return []
    tree = root.getroottree()
    found: dict[str, Finding] = {}
    log: Any = schema.error_log  # the stubs do not know that it can be iterated
    prefixes = _prefixes(root) if any(":" in (entry.path or "") for entry in log) else {}
    for entry in log:
        finding = _finding(entry, tree, prefixes)
        found.setdefault(finding.path, finding)
    return list(found.values())


def _prefixes(root: etree._Element) -> dict[str, str]:
    """Return the prefixes a document declares; libxml2 names foreign elements by them."""
    return {prefix: uri for element in root.iter() for prefix, uri in element.nsmap.items() if prefix}


def _finding(entry: Any, tree: Any, prefixes: dict[str, str]) -> Finding:
    element = next(iter(tree.xpath(entry.path, namespaces=prefixes)), None) if entry.path else None
    path = place(element) if element is not None else ""
    expected = _EXPECTED.search(entry.message)
    if entry.type_name == "SCHEMAV_ELEMENT_CONTENT" and expected:
        parent = path if "Missing child" in entry.message else path.rpartition("/")[0]
        return Finding("POL-E02", f"{parent}/{expected[1]}")
    if element is not None and (name := _left_out(entry, element)):
        return Finding("POL-E02", f"{path.rpartition('/')[0]}/{name}")
    if required := _REQUIRED.search(entry.message):
        return Finding("POL-E02", f"{path}/@{required[1]}")
    if attribute := _ATTRIBUTE.search(entry.message):
        path = f"{path}/@{attribute[1]}"
    return Finding(_code(path, _KINDS.get(entry.type_name, "SCHEMA")), path)


def _left_out(entry: Any, element: etree._Element) -> str | None:
    """Return what had to stand before an element that came too early; ``None``: nothing had to.

    Where several elements could have stood, libxml2 lists them up to the first that must. Left out is what the schema
    names directly before the one that came, or else the one that must; neither, if it stands elsewhere.
    """
    told, parent = _ONE_OF.search(entry.message), element.getparent()
    if told is None or parent is None or (known := _predecessors().get(local(str(element.tag)))) is None:
        return None
    if (previous := element.getprevious()) is not None and previous.tag == element.tag:
        return None
    expected, present = _NAME.findall(told[1]), {local(str(one.tag)) for one in parent}
    wanted = [name for name in expected if name in known] or expected[-1:]
    return next((name for name in wanted if name not in present), None)


@cache
def _predecessors() -> dict[str, set[str]]:
    """Return, for each element the schema declares, those that a sequence names directly before it."""
    declared = etree.XML(resources.files("mappings.police_fir").joinpath("schema.xsd").read_bytes())
    found: dict[str, set[str]] = {}
    for sequence in declared.iter("{http://www.w3.org/2001/XMLSchema}sequence"):
        names = [one.get("name", "") for one in sequence if one.tag == "{http://www.w3.org/2001/XMLSchema}element"]
        for earlier, later in pairwise(["", *names]):
            found.setdefault(later, set()).add(earlier)
    return found


def _code(path: str, kind: str) -> str:
    """Return the police's code for a bad value by its place, or the kind of the fault."""
    if kind not in ("INVALID_VALUE", "UNKNOWN_CODE", "SCHEMA"):
        return kind
    leaf = re.sub(r"\[\d+\]", "", path.rpartition("/")[2])
    if leaf in ("FIRNumber", "FIRSerialNumber", "FIRYear"):
        return "POL-E03"
    if leaf == "PersonNationalID" or path.endswith("PersonNationalID[1]/@type"):
        return "POL-E06"
    if leaf == "RoleCode":
        return "POL-E13"
    return "POL-E05" if _DATE.search(leaf) and kind != "UNKNOWN_CODE" else kind


def place(element: etree._Element) -> str:
    """Return an element's path as the account of a translation writes it: ``/FIRDocument/Person[2]``."""
    parent = element.getparent()
    name = local(str(element.tag))
    if parent is None:
        return f"/{name}"
    position = [child for child in parent if child.tag == element.tag].index(element) + 1
    return f"{place(parent)}/{name}[{position}]"
