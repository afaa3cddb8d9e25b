"""Numbers of people: gathered from where DCI and the extension keep them, and laid out again (formats/nadra.md 7.7).

The father's number is ``parent1_identifier``, the mother's ``parent2_identifier``, as far as they are numbers of thirteen digits
(UIN); what kind of number it is, and every other number, stands in the extension beside the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding, Severity
from mappings.engine.trees import Node

THIRTEEN_DIGIT_TYPES = frozenset({"CNIC", "NICOP", "POC", "CRC"})
"""Kinds of number that DCI calls UIN."""
PARENTS = {"FATHER": ("parent1_identifier", "$parent1"), "MOTHER": ("parent2_identifier", "$parent2")}
"""Where a parent's number stands, and the mark it is read under when nothing else is known of the parent."""


def extension(record: Node) -> Node:
    """Return the record's extension, or an empty one."""
    found = record.get("raabta_extension")
    return found if isinstance(found, dict) else {}


def _bearers(record: Node) -> Iterator[tuple[Node, str, str]]:
    """Yield every person of the extension who may bear a number: the node, its place below the extension, the role."""
    own = extension(record)
    parents = own.get("parents")
    for index, parent in enumerate(parents if isinstance(parents, list) else ()):
        if isinstance(parent, dict):
            yield parent, f"parents/{index}", str(parent.get("role", ""))
    for name in ("guardian", "grandfather"):
        if isinstance(own.get(name), dict):
            yield own[name], name, ""


def _uin(record: Node, key: str) -> Node | None:
    number = record.get(key)
    known = isinstance(number, dict) and number.get("identifier_type") == "UIN" and "identifier_value" in number
    return number if known else None


def gather(record: Node, path: str) -> None:
    """Put the kind of every person's number and the number itself under one mark, for the rules to read."""
    for person, below, role in _bearers(record):
        here = f"{path}/raabta_extension/{below}"
        place = PARENTS.get(role, ("", ""))[0]
        number = _uin(record, place) if person.get("id_type") in THIRTEEN_DIGIT_TYPES else None
        if number is not None:
            del record[place]
            value: Node = {"$at": number.get("$at", f"{path}/{place}"), "identifier_value": number["identifier_value"]}
        elif "id_type" in person and "identifier_value" in person:
            value = {"$at": here, "identifier_value": person.pop("identifier_value")}
        else:
            continue
        person["$id"] = {"$at": here, "id_type": person.pop("id_type"), "$number": value}
    _mark_unnamed(record, path)


def _mark_unnamed(record: Node, path: str) -> None:
    """Mark the numbers of parents of whom the extension says nothing."""
    named = {role for _, _, role in _bearers(record)}
    for role, (key, mark) in PARENTS.items():
        number = None if role in named else _uin(record, key)
        if number is not None:
            record[mark] = {"$at": f"{path}/{key}", **record.pop(key)}


def unnamed(record: Node, path: str) -> Iterator[Finding]:
    """Warn of a parent whose role is known by the place alone."""
    named = {role for _, _, role in _bearers(record)}
    for role, (key, _) in PARENTS.items():
        if role not in named and _uin(record, key) is not None:
            yield Finding("DCI_ROLE", f"{path}/{key}", Severity.WARNING)


def lay_out(record: Node, path: str) -> None:
    """Put every number the rules wrote to its place."""
    for person, below, role in _bearers(record):
        here = f"{path}/raabta_extension/{below}"
        number: Any = person.pop("$id", None)
        if number is None:
            continue
        number["$at"] = here
        person["id_type"] = number["id_type"]
        value = number["$number"]
        key = PARENTS.get(role, ("", ""))[0]
        if key and number["id_type"] in THIRTEEN_DIGIT_TYPES:
            value["$at"] = f"{path}/{key}"
            record[key] = {"identifier_type": "UIN", "identifier_value": value["identifier_value"]}
        else:
            value["$at"] = here
            person["identifier_value"] = value["identifier_value"]
