"""One tree for each child of a report: marks on the child, associations on the people, names taken apart."""

from __future__ import annotations

import copy
from typing import Any

from mappings.engine.errors import Refusal
from mappings.engine.trees import Node
from mappings.police.concerns import first_of_each
from mappings.police.names import split_scripts
from mappings.police.report import Party, Report
from mappings.police.series import message_id_of
from mappings.police_fir import facts

_ACCUSED = ("ACCUSED_NAMED", "ACCUSED_UNKNOWN", "ACCUSED_ARRESTED")


def children(tree: Node) -> list[Node]:
    """Return one tree for each child the report is about, linked to the others."""
    report = facts.report(tree)
    positions = [i for i, party in enumerate(report.parties) if party.is_child(report.offences)]
    return [_of_child(tree, report, positions, n) for n in range(len(positions))]


def only_child(tree: Node) -> Node:
    """Return the tree of a referral, whose one person is the child.

    Raises:
        Refusal: SEVERAL_CHILDREN.
    """
    persons = tree.get("Person", [])
    if len(persons) > 1:
        raise Refusal.of("SEVERAL_CHILDREN", "/FIRDocument/Person[2]")
    for person in persons:
        _mark(person, 1)
        person["$child"] = "yes"
    return tree


def receipts(tree: Node) -> list[Node]:
    """Return one tree for each receipt."""
    items = []
    for n, item in enumerate(tree.get("Receipt", ()), 1):
        item["$at"] = f"/Receipts/Receipt[{n}]"
        items.append(item)
    return items


def _of_child(tree: Node, report: Report, positions: list[int], n: int) -> Node:
    tree = copy.deepcopy(tree)
    here = positions[n]
    persons: list[Node] = tree["Person"]
    for index, person in enumerate(persons):
        _mark(person, index + 1)
    child = persons[here]
    child["$child"] = "yes"
    accused = _child_roles(child, report.parties[here])
    tree["Person"] = [person for index, person in enumerate(persons) if index == here or index not in positions]
    _associate(tree, child)
    _unit(tree)
    number = tree["Header"][0]["MessageID"][0]
    message = str(number.get("#", ""))
    number["#"] = message_id_of(message, n)
    tree["$concerns"] = [{"$at": path, "@code": code} for code, path in _concerns(report, here, accused=accused)]
    tree["$links"] = [
        {"$at": report.parties[other].path, "@kind": _tie(report, here, other), "@ref": message_id_of(message, m)}
        for m, other in enumerate(positions)
        if other != here
    ]
    return tree


def _mark(person: Node, position: int) -> None:
    """Set a person's place, and take the name field apart by script."""
    person["$at"] = f"/FIRDocument/Person[{position}]"
    names = person.pop("PersonFullName", None)
    if names:
        arabic, latin = split_scripts(str(names[0].get("#", "")))
        pairs = {"@arabic": arabic, "@latin": latin}
        place = f"/FIRDocument/Person[{position}]/PersonFullName[1]"
        person["$names"] = {"$at": place, **{key: text for key, text in pairs.items() if text}}


def _child_roles(child: Node, party: Party) -> bool:
    """Turn the roles of an accused child into CICL; returns whether the child is accused."""
    roles: list[Any] = child.get("RoleCode", [])
    kept = [role for role in roles if role.get("#") not in _ACCUSED]
    accused = len(kept) < len(roles) or "CICL" in party.roles
    if accused and "CICL" not in party.roles:
        roles[0]["#"] = "CICL"
        kept = [roles[0], *[role for role in kept if role is not roles[0]]]
    child["RoleCode"] = kept
    return accused


def _associate(tree: Node, child: Node) -> None:
    """Put the first association that leads to the child on the person it starts from."""
    people = {str(person.get("@id")): person for person in tree["Person"]}
    left = []
    for n, tie in enumerate(tree.get("Association", []), 1):
        person = people.get(str(tie.get("@from")))
        if tie.get("@to") == child.get("@id") and person is not None and "$association" not in person:
            tie["$at"] = f"/FIRDocument/Association[{n}]"
            person["$association"] = tie
        elif person is not None and str(tie.get("@to")) in people:
            tie["$at"] = f"/FIRDocument/Association[{n}]"
            left.append(tie)
    tree["Association"] = left


def _unit(tree: Node) -> None:
    """Take the station's number out of ``PB:9901``."""
    for registration in tree.get("Registration", ()):
        for unit in registration.get("EnforcementUnit", ()):
            number = str(unit.pop("EnforcementUnitID")[0].get("#", "")).partition(":")[2]
            place = "/FIRDocument/Registration[1]/EnforcementUnit[1]/EnforcementUnitID[1]"
            unit["$id"] = {"$at": place, "@code": number}


def _concerns(report: Report, here: int, *, accused: bool) -> list[tuple[str, str]]:
    """Return the categories that name this child's concerns: an accused child's is only that it is accused."""
    party = report.parties[here]
    if accused:
        return [("CICL", f"{party.path}/RoleCode[1]")]
    role = [("MISSING", f"{party.path}/RoleCode[1]")] if "MISSING_CHILD" in party.roles else []
    alleged = [
        (code, f"{offence.path}/CPCategoryCode[{n}]")
        for offence in report.alleged
        for n, code in enumerate(offence.categories, 1)
        if code != "CICL"
    ]
    return first_of_each([*role, *alleged])


def _tie(report: Report, here: int, other: int) -> str:
    """Children of one named parent are siblings; otherwise only the incident is shared."""
    shared = any({here, other} <= set(party.parent_of) for party in report.parties)
    return "SIBLING" if shared else "SAME_INCIDENT"
