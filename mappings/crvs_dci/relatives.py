"""Numbers of people: gathered from where DCI and the extension keep them, and laid out again (formats/nadra.md 7.7).

The father's number is ``parent1_identifier``, the mother's ``parent2_identifier``, as far as they are numbers of
thirteen digits (UIN); what kind of number it is, and every other number, stands in the extension beside the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mappings.crvs_dci.envelope import ordered
from mappings.engine.findings import Finding, Severity
from mappings.engine.trees import Node
from mappings.identifiers import thirteen_digits

THIRTEEN_DIGIT_TYPES = frozenset({"CNIC", "NICOP", "POC", "CRC"})
"""Kinds of number that DCI calls UIN."""
PARENTS = {"FATHER": "parent1_identifier", "MOTHER": "parent2_identifier"}
"""Where the number of each parent stands."""
_KEYS = {"FATHER": "father", "MOTHER": "mother"}
"""Under which key of the extension the rules find each parent."""
_MARKS = {"FATHER": "$parent1", "MOTHER": "$parent2"}
"""Under which mark the rules find the number of a parent of whom nothing else is known."""


def extension(record: Node) -> Node:
    """Return the record's extension, or an empty one."""
    found: Node = record.get("raabta_extension", {})
    return found


def _uin(record: Node, role: str) -> Node | None:
    number = record.get(PARENTS.get(role, ""))
    known = isinstance(number, dict) and number.get("identifier_type") == "UIN" and "identifier_value" in number
    return number if known else None


def judge(record: Node, path: str) -> Iterator[Finding]:
    """Yield what is wrong with the parents of a record, and a warning where the place alone tells their role."""
    seen: set[str] = set()
    for parent in extension(record).get("parents", ()):
        role = str(parent.get("role", ""))
        if role not in PARENTS or role in seen:
            yield Finding("REPEATED" if role in seen else "UNKNOWN_CODE", f"{parent['$at']}/role")
        seen.add(role)
    for role, key in PARENTS.items():
        number = _uin(record, role)
        if number is None:
            continue
        if role not in seen:
            yield Finding("DCI_ROLE", f"{path}/{key}", Severity.WARNING)
        if digits(number["identifier_value"]) is None:
            yield Finding("INVALID_IDENTIFIER", f"{path}/{key}/identifier_value")
    yield from _judge_numbers(extension(record), f"{path}/raabta_extension")


def _judge_numbers(own: Node, path: str) -> Iterator[Finding]:
    """Yield the numbers of the extension that do not have the thirteen digits of their kind."""
    parents = [(parent, str(parent["$at"])) for parent in own.get("parents", ())]
    others = [(own[key], f"{path}/{key}") for key in ("applicant", "guardian", "grandfather") if key in own]
    for person, place in (*parents, *others):
        of_kind = str(person.get("id_type")) in THIRTEEN_DIGIT_TYPES
        if of_kind and "identifier_value" in person and digits(person["identifier_value"]) is None:
            yield Finding("INVALID_IDENTIFIER", f"{place}/identifier_value")


def digits(value: Any) -> str | None:
    """Return the digits of a number of thirteen, or none if it is no such number."""
    try:
        return thirteen_digits(value) if isinstance(value, str) else None
    except ValueError:
        return None


def gather(record: Node, path: str) -> None:
    """Put each parent under its role, and the kind of a person's number and the number itself under one mark."""
    own = extension(record)
    for parent in own.pop("parents", ()):
        own[_KEYS[parent["role"]]] = parent
    for role, key in (*_KEYS.items(), ("", "guardian"), ("", "grandfather")):
        if key in own:
            own[key].setdefault("$at", f"{path}/raabta_extension/{key}")
            _gather_number(record, own[key], role, path)
    for role, mark in _MARKS.items():
        number = None if _KEYS[role] in own else _uin(record, role)
        if number is not None:
            record[mark] = {"$at": f"{path}/{PARENTS[role]}", **record.pop(PARENTS[role])}


def _gather_number(record: Node, person: Node, role: str, path: str) -> None:
    here = person["$at"]
    number = _uin(record, role) if str(person.get("id_type")) in THIRTEEN_DIGIT_TYPES else None
    if number is not None:
        place = PARENTS[role]
        del record[place]
        value: Node = {"$at": number.get("$at", f"{path}/{place}"), "identifier_value": number["identifier_value"]}
    elif "id_type" in person and "identifier_value" in person:
        value = {"$at": here, "identifier_value": person.pop("identifier_value")}
    else:
        return
    person["$id"] = {"$at": here, "id_type": person.pop("id_type"), "$number": value}


def lay_out(record: Node, path: str) -> None:
    """Put every parent and every number the rules wrote to its place."""
    own = extension(record)
    for mark in _MARKS.values():
        record.pop(mark, None)
    parents = [(role, own.pop(key)) for role, key in _KEYS.items() if key in own]
    for index, (role, parent) in enumerate(parents):
        parent["$at"] = f"{path}/raabta_extension/parents/{index}"
        _lay_out_number(record, parent, role, path)
        ordered(parent, ("role", "status", "id_type"), role=role)
    if parents:
        own["parents"] = [parent for _, parent in parents]
    for key in ("guardian", "grandfather"):
        if key in own:
            own[key]["$at"] = f"{path}/raabta_extension/{key}"
            _lay_out_number(record, own[key], "", path)


def _lay_out_number(record: Node, person: Node, role: str, path: str) -> None:
    number: Any = person.pop("$id", None)
    if number is None:
        return
    number["$at"] = person["$at"]
    person["id_type"] = number["id_type"]
    value = number["$number"]
    if role and number["id_type"] in THIRTEEN_DIGIT_TYPES:
        value["$at"] = f"{path}/{PARENTS[role]}"
        record[PARENTS[role]] = {"identifier_type": "UIN", "identifier_value": value["identifier_value"]}
    else:
        value["$at"] = person["$at"]
        person["identifier_value"] = value["identifier_value"]
