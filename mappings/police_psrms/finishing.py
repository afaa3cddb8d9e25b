"""A tree the rules wrote becomes a PSRMS document: flat keys, one name field, the accused child among the accused."""

from __future__ import annotations

from typing import Any

from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.trees import Node
from mappings.police.grammar import print_sections
from mappings.police.names import STATE, is_state, print_name
from mappings.police_psrms import facts
from mappings.police_psrms.kin import mark_parents


def finish_report(tree: Node, ours: Node) -> Node:
    """Return a finished report.

    Raises:
        Refusal: CANNOT_HOLD, with the place.
    """
    _number(tree)
    _stage(tree)
    for key, value in tree.pop("$rapat", {}).items():
        tree[f"rapat_{key}"] = value
    if "$state" in tree:
        if "mustaghis" in tree:
            raise Refusal.of("CANNOT_HOLD", "/mustaghis")
        tree["mustaghis"] = _state(tree.pop("$state"))
    _accused_child(tree)
    mark_parents([person for _, person, _ in facts.people(tree)], ours.get("persons", ()))
    for path, person, _ in facts.people(tree):
        person["$at"] = path
        _name(person, path)
    offences = ours.get("incident", {}).get("offences", ())
    if offences and "secName" not in tree:
        tree["secName"] = _sections(offences)
    return tree


def finish_update(tree: Node) -> Node:
    """Return a finished update."""
    _stage(tree)
    if "$uid" in tree:
        tree["fir_uid"] = tree.pop("$uid")["uid"]
    return tree


def finish_referral(tree: Node) -> Node:
    """Return a finished referral, whatever may be missing in it."""
    child = tree.setdefault("child", {})
    child["$at"] = "/child"
    _name(child, "/child")
    if "categories" in tree:
        tree["categories"] = list(dict.fromkeys(tree["categories"]))
    return tree


def unrecognisable(tree: Node) -> list[Finding]:
    """Demand something by which a referral's child can be recognised, or that it is unknown (decisions 9)."""
    if {"person_name", "age", "sus_gender", "unknown"} & set(tree["child"]):
        return []
    return [Finding("MISSING_REQUIRED", "/child/person_name", Severity.ERROR, "child.name")]


def _number(tree: Node) -> None:
    printed = tree.pop("$number", {}).get("printed")
    if printed:
        tree["fir_no"], _, tree["fir_year"] = printed.partition("/")


def _state(person: Node) -> Node:
    """Return the State as complainant: PSRMS knows it by the word its name begins with."""
    names = person.get("$names", {})
    if not names:
        person["person_name"] = STATE
    elif names.get("latin") or not is_state(names.get("arabic", "")):
        raise Refusal.of("CANNOT_HOLD", "/mustaghis/person_name", "persons.name")
    return person


def _stage(tree: Node) -> None:
    """Write the words that were kept; the code beside them only where the words do not say it."""
    known = tree.pop("$status", {})
    text, code = known.get("text"), known.get("code")
    values = {"fir_status": text, "status_code": code if facts.stage_of(text) != code else None}
    tree.update({key: value for key, value in values.items() if value})
    if "date" in known:
        tree["status_date"] = known["date"]


def _accused_child(tree: Node) -> None:
    victims: list[Node] = tree.get("mutasra_ashkhas", [])
    for child in [c for c in victims if c.get("$child") and c.get("role") == "CICL"]:
        victims.remove(child)
        child.pop("role")
        child["cicl"] = True
        tree.setdefault("namzad_mulziman", []).append(child)
    if not victims:
        tree.pop("mutasra_ashkhas", None)


def _name(person: Node, path: str) -> None:
    names = person.get("$names")
    if names:
        names["$at"] = f"{path}/person_name"
        person["person_name"] = print_name(names.get("arabic"), names.get("latin"), names.get("aliases", []))


def _sections(offences: Any) -> str:
    try:
        return print_sections([(o["act"], o["section"], o.get("clause", "")) for o in offences])
    except KeyError:
        raise Refusal.of("CANNOT_HOLD", "/secName", "incident.offences") from None
