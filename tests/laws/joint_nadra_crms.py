"""What must go together in the civil register's documents: parents, bilingual parts, and what stands beside what."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from mappings.nadra_crms.outcomes import OUTCOMES

_ACTIONS: dict[str, dict[str, str]] = {
    "lookup": {"action": "LOOK_UP"},
    "search": {"action": "LOOK_UP"},
    "verification": {"action": "VERIFY"},
    "notification": {},
}
_FIELDS = ("child-number", "child-name", "date-of-birth")
_LATE = "2990-01-01"
"""A day of registration after every birth that is drawn."""


def adjust(draw: Any, document: str, tree: dict[str, Any]) -> None:
    """Make a drawn value one that the register can hold, as far as several leaves must agree."""
    if document in ("answer", "match"):
        _answer(draw, tree, matched=document == "match")
        return
    if document in ("search", "verification"):
        _question(draw, document, tree)
    elif document == "lookup":
        numbers = tree.setdefault("child", {}).setdefault("identifiers", [])
        numbers[:] = [{"scheme": "pk-crms", "value": "B999901-16-00017"}, *numbers]
    else:
        tree.setdefault("child", {}).setdefault("name", "Zarmina Azmaishi")
        _entry(tree.setdefault("registration", {}), registered=document == "registration")
        _people(tree, registered=document == "registration")
    if document != "registration":
        tree["consent"] = {"basis": "COURT_ORDER", "order_ref": f"Order {draw(st.integers(1, 999))} of 2026"}
        tree["requested"] = {"service": "CIVIL_REGISTRATION", **_ACTIONS[document]}


def _question(draw: Any, document: str, tree: dict[str, Any]) -> None:
    child = tree.setdefault("child", {})
    child.setdefault("name", "Zarmina Azmaishi")
    child.setdefault("birth_date", draw(st.sampled_from(["2016", "2016-03", "2016-02", "2016-03-07"])))
    if document == "verification":
        child.setdefault("identifiers", []).insert(0, {"scheme": "pk-bform", "value": "3999900000134"})
        return
    numbers = child.get("identifiers", [])
    numbers[:] = [number for number in numbers if number["scheme"] not in ("pk-crms", "pk-bform")]
    entry = tree.setdefault("registration", {})
    entry.pop("crms_number", None)
    entry.setdefault("birthplace", {}).setdefault("district", "Farziabad")
    if "sought" in entry:
        entry["sought"] = {"born_from": "2016-02-01", "born_to": "2016-04-30"}


def _answer(draw: Any, tree: dict[str, Any], *, matched: bool) -> None:
    if matched:
        tree.setdefault("outcome", {})["code"] = "100"
        found = st.sampled_from(["YES", "NO", "CLOSE", "NOT_HELD"])
        tree["references"] = [{"scheme": f"match:{field}", "value": draw(found)} for field in _FIELDS]
        return
    code = draw(st.sampled_from(sorted(OUTCOMES)))
    tree.setdefault("outcome", {})["code"] = code
    tree.pop("references", None)
    if code == "100":
        tree["references"] = [{"scheme": "pk-notification", "value": "BN-99990001"}]


def _entry(entry: dict[str, Any], *, registered: bool) -> None:
    if registered or "office" in entry:
        office = entry.setdefault("office", {})
        for key, value in {"union_council": "UC Farzi", "district_ur": "فرضی آباد", "area": "PUNJAB"}.items():
            office.setdefault(key, value)
    if registered or "applicant" in entry:
        applicant = entry.setdefault("applicant", {})
        applicant |= {"name": "Gulrez Azmaishi", "relation": "FATHER"}
        if "id_scheme" in applicant or "id_value" in applicant:
            applicant |= {"id_scheme": "pk-cnic", "id_value": "3999900000111"}
    if "birthplace" in entry:
        entry["birthplace"].setdefault("kind", "HOME")
    if "certificate" in entry:
        entry["certificate"].setdefault("stage", "UNDER_10")
    if "residence" in entry and "mobile" in entry["residence"]:
        entry["residence"]["mobile"] = "03990000017"
    if registered or "registered_on" in entry:
        entry["registered_on"] = _LATE


def _people(tree: dict[str, Any], *, registered: bool) -> None:
    people = tree.setdefault("persons", [])
    for relation in ("FATHER", "MOTHER") if registered else ():
        if not any(person.get("relation") == relation for person in people):
            people.append({"relation": relation, "status": "DECLARED"})
    for person in people:
        if "nationality" in person:
            person["nationality"] = "PAK"
        if registered and person.get("relation") in ("FATHER", "MOTHER"):
            person.setdefault("status", "DECLARED")
