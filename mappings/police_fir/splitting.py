"""One tree for each child of a report: marks on the child, associations on the people, names taken apart."""

from __future__ import annotations

import re
from typing import Any

from mappings.engine.errors import Refusal
from mappings.engine.trees import Node, copied
from mappings.police.concerns import first_of_each
from mappings.police.disclosure import view
from mappings.police.names import PARENTAGE, read_name
from mappings.police.report import Party, Report
from mappings.police.series import message_id_of

_ACCUSED = ("ACCUSED_NAMED", "ACCUSED_UNKNOWN", "ACCUSED_ARRESTED")
_UID = re.compile(r"(PB|SD|KP|BN|ICT|GB|AJK)-[A-Za-z0-9_]{1,32}-[0-9]{4}-[0-9]{1,5}")


def children(tree: Node, report: Report) -> list[Node]:
    """Return one tree for each child the report is about, linked to the others; the tree itself is used up."""
    positions = view(report).children
    last = len(positions) - 1
    return [_of_child(tree if n == last else copied(tree), report, positions, n) for n in range(len(positions))]


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


def update(tree: Node, report: Report) -> Node:
    """Return the tree of an update: the key of its case, and the meaning of sections that come without one."""
    station, year = report.station, report.year
    uid = f"{station.province}-{station.code}-{year}-{report.serial}"
    if _UID.fullmatch(uid):
        tree["$uid"] = {"$at": "/FIRDocument/Registration[1]", "@uid": uid}
    for number, person in enumerate(tree.get("Person", ()), 1):
        _mark(person, number)
    _meanings(tree, report)
    return tree


def _of_child(tree: Node, report: Report, positions: tuple[int, ...], n: int) -> Node:
    here = positions[n]
    persons: list[Node] = tree["Person"]
    for index, person in enumerate(persons):
        _mark(person, index + 1)
    child = persons[here]
    child["$child"] = "yes"
    accused = _child_roles(child, report.parties[here])
    tree["Person"] = [person for index, person in enumerate(persons) if index == here or index not in positions]
    _associate(tree, child)
    _grown_victims(tree, child)
    _unit(tree)
    _meanings(tree, report)
    number = tree["Header"][0]["MessageID"][0]
    message = str(number.get("#", ""))
    number["#"] = message_id_of(message, n)
    tree["$concerns"] = [{"$at": path, "@code": code} for code, path in _concerns(report, here, accused=accused)]
    tree["$links"] = [
        {"$at": report.parties[other].path, "@kind": report.tie(here, other), "@ref": message_id_of(message, m)}
        for m, other in enumerate(positions)
        if other != here
    ]
    return tree


def _mark(person: Node, position: int) -> None:
    """Set a person's place, and take the name field apart: scripts, and aliases and parentage that stand in it."""
    person["$at"] = f"/FIRDocument/Person[{position}]"
    names = person.pop("PersonFullName", None)
    if not names:
        return
    place = f"/FIRDocument/Person[{position}]/PersonFullName[1]"
    name = read_name(str(names[0].get("#", "")))
    pairs = {"@arabic": name.arabic, "@latin": name.latin}
    person["$names"] = {"$at": place, **{key: text for key, text in pairs.items() if text}}
    if name.aliases:
        person.setdefault("PersonAlias", []).extend({"$at": place, "#": alias} for alias in name.aliases)
    if name.parent and "Parentage" not in person:
        person["Parentage"] = [{"$at": place, "@code": PARENTAGE[name.word or ""], "#": name.parent}]


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


def _grown_victims(tree: Node, child: Node) -> None:
    """Leave grown victims unread: our people have no such part, and a person without one would pass for a carer.

    Whoever has another role too, or a relation to the child, is kept with that.
    """
    for person in [person for person in tree["Person"] if person is not child]:
        roles: list[Any] = person.get("RoleCode", [])
        unread = [
            {"$at": f"{person['$at']}/RoleCode[{n}]", "#": "VICTIM"}
            for n, role in enumerate(roles, 1)
            if role.get("#") == "VICTIM"
        ]
        if not unread:
            continue
        person["RoleCode"] = [role for role in roles if role.get("#") != "VICTIM"]
        person["$victim"], person["Unread"] = "yes", unread
    kept = [p for p in tree["Person"] if "$victim" not in p or p["RoleCode"] or "$association" in p]
    tree["Unread"] = [person for person in tree["Person"] if not any(person is other for other in kept)]
    tree["Person"] = kept


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


def _meanings(tree: Node, report: Report) -> None:
    """Mark the table's categories on sections whose sender named none."""
    for node, offence in zip(tree.get("Offense", ()), report.offences, strict=True):
        if "CPCategoryCode" not in node:
            node["$categories"] = [{"$at": offence.path, "@code": code} for code in offence.categories]


def _concerns(report: Report, here: int, *, accused: bool) -> list[tuple[str, str]]:
    """Return the categories that name this child's concerns: an accused child's is only that it is accused."""
    party = report.parties[here]
    if accused:
        return [("CICL", f"{party.path}/RoleCode[1]")]
    role = [("MISSING", f"{party.path}/RoleCode[1]")] if "MISSING_CHILD" in party.roles else []
    alleged = [
        (code, f"{offence.path}/CPCategoryCode[{n}]" if offence.stated else offence.path)
        for offence in report.alleged
        for n, code in enumerate(offence.categories, 1)
        if code != "CICL"
    ]
    return first_of_each([*role, *alleged])
