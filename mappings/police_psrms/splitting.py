"""One tree for each child of a PSRMS report: marks, names taken apart, sections read by the grammar."""

from __future__ import annotations

from typing import Any

from mappings.engine.trees import Node, copied
from mappings.police.concerns import first_of_each
from mappings.police.disclosure import view
from mappings.police.names import STATE, is_state, read_name
from mappings.police.offences import categories
from mappings.police.report import Report
from mappings.police.series import message_id_of
from mappings.police_psrms import facts
from mappings.text import match_key

_PLACE = {role: key for key, role in facts.LISTS.items() if role}
_ONE = frozenset({"mustaghis", "na_maloom_mulziman"})
"""Places that hold one person."""


def children(tree: Node, report: Report) -> list[Node]:
    """Return one tree for each child the report is about, linked to the others; the tree itself is used up."""
    positions = view(report).children
    last = len(positions) - 1
    return [_of_child(tree if n == last else copied(tree), report, positions, n) for n in range(len(positions))]


def referral(tree: Node) -> Node:
    """Return the tree of a referral with the child's name taken apart."""
    child = tree.get("child", {})
    child["$at"] = "/child"
    _names(child, "/child")
    return tree


def _of_child(tree: Node, report: Report, positions: tuple[int, ...], n: int) -> Node:
    people = list(facts.people(tree))
    for path, person, _ in people:
        person["$at"] = path
        _names(person, path)
    _only_child(tree, [person for _, person, _ in people], positions, n)
    _place(tree, people, positions)
    if isinstance(tree.get("mustaghis"), dict) and "$state" in tree["mustaghis"]:
        tree["$state"] = tree.pop("mustaghis")
    message = str(tree.get("message_id", ""))
    tree["message_id"] = message_id_of(message, n)
    tree["$concerns"] = [{"$at": path, "code": code} for code, path in _concerns(report, positions[n])]
    tree["$links"] = [
        {
            "$at": report.parties[other].path, "kind": report.tie(positions[n], other),
            "ref": message_id_of(message, m),
        }
        for m, other in enumerate(positions)
        if m != n
    ]  # fmt: skip
    _derive(tree)
    return tree


def _only_child(tree: Node, people: list[Node], positions: tuple[int, ...], n: int) -> None:
    """Leave one child in the lists, marked, and take the others out."""
    others = {id(people[position]) for position in positions}
    for key in facts.LISTS:
        if isinstance(tree.get(key), list):
            tree[key] = [person for person in tree[key] if id(person) not in others]
    child = people[positions[n]]
    child["$child"] = "yes"
    victims = str(child["$at"]).startswith("/mutasra_ashkhas")
    if not victims:
        child.pop("cicl", None)
    child["role"] = child.get("role", "VICTIM") if victims else "CICL"
    tree["mutasra_ashkhas"] = [child, *tree.get("mutasra_ashkhas", [])]


def _place(tree: Node, people: list[tuple[str, Node, str]], positions: tuple[int, ...]) -> None:
    """Put people whose own code says their role where that role stands; what the code said is noted as read."""
    for index, (_, person, role) in enumerate(people):
        if "person_type" not in person:
            continue
        person["$type"] = {"code": person.pop("person_type")}
        if index in positions:
            continue
        for key in facts.LISTS:
            if isinstance(tree.get(key), list):
                tree[key] = [other for other in tree[key] if other is not person]
            elif tree.get(key) is person:
                del tree[key]
        key = _PLACE[role]
        tree[key] = person if key in _ONE and key not in tree else [*_listed(tree.get(key)), person]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _names(person: Node, path: str) -> None:
    """Take the name field apart: scripts, aliases, and parentage where it stands there too."""
    text = person.pop("person_name", None)
    if not isinstance(text, str):
        return
    if is_state(text):
        person["$state"] = "yes"
    if match_key(text) == STATE:
        return
    name = read_name(text)
    parts: dict[str, Any] = {"arabic": name.arabic, "latin": name.latin, "aliases": list(name.aliases)}
    person["$names"] = {"$at": f"{path}/person_name", **{key: part for key, part in parts.items() if part}}
    if name.parent and "person_father" not in person:
        person["person_father"] = name.parent
        person["relation"] = name.word


def _derive(tree: Node) -> None:
    """Mark what stands in the document in another shape: number, route, sections, stage, diary entry."""
    if printed := facts.number(tree):
        tree.pop("fir_no", None)
        tree.pop("fir_year", None)
        tree["$number"] = {"$at": "/fir_no", "printed": printed}
    kind = tree.get("message_type", "FIR")
    route = "CRPC_155" if kind == "NC_REPORT" else "CRPC_154" if printed else None
    if route:
        tree["$route"] = {"$at": "/message_type" if kind == "NC_REPORT" else "/fir_no", "code": route}
    stage(tree)
    entry = {key: tree.pop(f"rapat_{key}") for key in ("no", "date", "time") if f"rapat_{key}" in tree}
    if entry:
        tree["$rapat"] = {"$at": "/rapat", **entry}
    key, _ = facts.first(tree, "secName", "sections")
    tree["$offences"] = [
        {
            "$at": f"/{key}", "act": section.act, "section": section.section, "categories": list(section.categories),
            **({"clause": section.clause} if section.clause else {}),
            **({"attempted": True} if section.attempted else {}),
        }
        for section in facts.sections(tree).sections
    ]  # fmt: skip


def stage(tree: Node) -> None:
    """Mark how far the case is: a code if there is one, else the code of the words."""
    text, code = tree.pop("fir_status", None), tree.pop("status_code", None)
    known = {"code": code or facts.stage_of(text), "text": text, "date": tree.pop("status_date", None)}
    if any(known.values()):
        tree["$status"] = {"$at": "/fir_status", **{key: part for key, part in known.items() if part}}


def update(tree: Node) -> Node:
    """Return the tree of an update: stage, case key and the meaning of each changed section marked."""
    stage(tree)
    if "fir_uid" in tree:
        tree["$uid"] = {"$at": "/fir_uid", "uid": tree.pop("fir_uid")}
    for change in tree.get("offence_changes", ()):
        key = (str(change["act"]), str(change["section"]), str(change.get("clause", "")))
        change["$categories"] = list(categories(*key))
    return tree


def receipt(tree: Node) -> Node:
    """Return the tree of an answer with its E-Tag marked."""
    data = tree.get("data")
    if isinstance(data, dict) and "e_tag" in data:
        tree["$tag"] = {"$at": "/data", "e_tag": data.pop("e_tag")}
    return tree


def _concerns(report: Report, here: int) -> list[tuple[str, str]]:
    """Return the categories that name this child's concerns: an accused child's is only that it is accused."""
    party = report.parties[here]
    if not {"VICTIM", "MISSING_CHILD"} & set(party.roles):
        return [("CICL", party.path)]
    role = [("MISSING", party.path)] if "MISSING_CHILD" in party.roles else []
    alleged = [(code, o.path) for o in report.alleged for code in o.categories if code != "CICL"]
    return first_of_each([*role, *alleged])
