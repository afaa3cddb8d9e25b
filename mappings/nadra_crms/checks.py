"""What a document must keep beyond its elements: numbers by their type, dates in order, codes that fit the content.

Source: formats/nadra.md 7.4, 7.6 and 8 (cases 10, 11, 19, 25). Paths are XPath with indices.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding, Severity
from mappings.engine.trees import Node
from mappings.identifiers import thirteen_digits
from mappings.nadra_crms.civil_dates import read_birth, read_date
from mappings.nadra_crms.converters import THIRTEEN_DIGIT_TYPES
from mappings.nadra_crms.outcomes import SUCCESS
from mappings.nadra_crms.requests import judge_range

ID_TYPES = THIRTEEN_DIGIT_TYPES | {"PASSPORT", "POR", "ACC", "ARC", "OLD_NIC", "OTHER"}
_BEARERS = ("APPLICANT", "FATHER", "MOTHER", "GRANDFATHER", "GUARDIAN")


def first(node: Node, *names: str) -> Node:
    """Return the first element a path of names leads to, or an empty one."""
    for name in names:
        items: Any = node.get(name) or [{}]
        node = items[0]
    return node


def judge_content(tree: Node, path: str) -> Iterator[Finding]:
    """Yield what is wrong, or remarkable, in what the elements of a document say."""
    if "REQUEST_DATA" in tree and "RESPONSE_DATA" in tree:
        yield Finding("NADRA_910", path)
    yield from _code(first(tree, "RESPONSE_DATA"), f"{path}/RESPONSE_DATA[1]")
    yield from _keys(first(tree, "REQUEST_DATA"), f"{path}/REQUEST_DATA[1]")
    for part in ("REQUEST_DATA", "RESPONSE_DATA"):
        births = first(tree, part).get("BIRTH_REGISTRATION", ())
        for index, birth in enumerate(births):
            yield from _birth(birth, f"{path}/{part}[1]/BIRTH_REGISTRATION[{index + 1}]")


def _code(response: Node, path: str) -> Iterator[Finding]:
    """Judge that a success, and nothing else, brings what was asked for: or no data is released (case 19)."""
    if not response:
        return
    code = first(response, "RESPONSE_STATUS", "CODE").get("#", "")
    brings = any(name in response for name in ("BIRTH_REGISTRATION", "NOTIFICATION_NUMBER", "MATCH"))
    both = "BIRTH_REGISTRATION" in response and "MATCH" in response
    if code and ((code == SUCCESS) != brings or both):
        yield Finding("NADRA_910", f"{path}/RESPONSE_STATUS[1]/CODE[1]")


def _keys(request: Node, path: str) -> Iterator[Finding]:
    """Judge the keys of a search."""
    for name in ("FATHER_ID", "MOTHER_ID"):
        for index, number in enumerate(request.get(name, ())):
            yield from _number(number, f"{path}/{name}[{index + 1}]")
    yield from judge_range(request, path)


def _birth(birth: Node, path: str) -> Iterator[Finding]:
    for bearer in _BEARERS:
        for index, number in enumerate(first(birth, bearer).get("ID", ())):
            yield from _number(number, f"{path}/{bearer}[1]/ID[{index + 1}]")
    yield from _parity(first(birth, "CHILD"), f"{path}/CHILD[1]")
    yield from _order(birth, path)
    for place in first(birth, "CHILD").get("PLACE_OF_BIRTH", ())[:1]:
        if "#" not in place:
            yield Finding("MISSING_REQUIRED", f"{path}/CHILD[1]/PLACE_OF_BIRTH[1]")


def _number(number: Node, path: str) -> Iterator[Finding]:
    kind = number.get("@type")
    if kind is not None and kind not in ID_TYPES:
        yield Finding("NADRA_908", f"{path}/@type")
    elif "#" not in number:
        yield Finding("MISSING_REQUIRED", path)
    elif kind in THIRTEEN_DIGIT_TYPES and _digits(number["#"]) is None:
        yield Finding("NADRA_107", path)


def _digits(text: str) -> str | None:
    try:
        return thirteen_digits(text)
    except ValueError:
        return None


def _parity(child: Node, path: str) -> Iterator[Finding]:
    """Warn of an odd last digit of a girl or an even one of a boy: a hint, never the sex (formats/nadra.md 4)."""
    digits = _digits(first(child, "CHILD_NUMBER").get("#", ""))
    expected = {"MALE": 1, "FEMALE": 0}.get(first(child, "GENDER").get("#", ""))
    if digits is not None and expected is not None and int(digits[-1]) % 2 != expected:
        yield Finding("NADRA_907", f"{path}/CHILD_NUMBER[1]", Severity.WARNING)


def _order(birth: Node, path: str) -> Iterator[Finding]:
    """Judge that a birth was registered after it happened (case 25)."""
    born = first(birth, "CHILD", "DATE_OF_BIRTH")
    try:
        date = read_birth(born.get("#", ""), born.get("@precision", ""))
        registered = read_date(first(birth, "REGISTRATION_DATE").get("#", ""))
    except ValueError:
        return
    if registered[: len(date)] < date[: len(registered)]:
        yield Finding("NADRA_906", f"{path}/CHILD[1]/DATE_OF_BIRTH[1]")
