"""What must go together in a police report: ordered dates, a child who is one, identities only where allowed."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_NAMES = st.sampled_from(["Misali Farzi", "Namuna", "A.F."])
_URDU = st.sampled_from(["فرضی گڑیا", "م۔ف", "مثالی"])


def adjust(draw: Any, document: str, tree: dict[str, Any]) -> None:
    """Make a drawn value one that the police can hold, as far as several leaves must agree."""
    if "child_outcome" in tree.get("outcome", {}):
        tree["outcome"]["child_outcome"] = draw(st.sampled_from(["RECOVERED", "PLACED", "MLC_DONE", "NONE"]))
    if document not in ("fir", "referral"):
        return
    for person in (tree.setdefault("child", {}), *tree.get("persons", ())):
        _person(draw, person)
    if document == "referral":
        tree["child"].setdefault("sex", "FEMALE")
        return
    child = tree["child"]
    child["roles"] = [draw(st.sampled_from(["VICTIM", "MISSING"]))]
    child["age"] = {"value": float(draw(st.integers(0, 17))), "unit": "Y"}
    _incident(draw, tree.setdefault("incident", {}))


def _person(draw: Any, person: dict[str, Any]) -> None:
    if "name" in person:
        person["name"] = draw(_NAMES)
    if "name_ur" in person:
        person["name_ur"] = draw(_URDU)
    if "aliases" in person:
        person["aliases"] = ["کالا"]
    if "arrest_status" in person:
        person["arrest_status"] = draw(st.sampled_from(["ARRESTED", "BAIL"]))
    if "parentage" in person:
        person["parentage"] = {"kind": draw(st.sampled_from(["SO", "DO", "WO"])), "name": "فرضی رشید"}
    if "age" in person:
        person["age"] = {"value": float(draw(st.integers(18, 90))), "unit": "Y"}


def _incident(draw: Any, incident: dict[str, Any]) -> None:
    incident["document"] = draw(st.sampled_from(["FIR", "MISSING_CHILD"]))
    incident["tier"] = draw(st.sampled_from(["T0", "T1"]))
    incident["number"] = draw(st.sampled_from(["87/25", "123/2025", "۸۷/۲۵"]))
    incident["disclosures"] = [{"code": draw(st.sampled_from(["IO_GOOD_FAITH", "COURT_ORDER"]))}]
    occurred = incident.setdefault("occurred", {})
    occurred |= {"start": "2025-03-14T11:30:00Z", "precision": draw(st.sampled_from(["EXACT", "APPROX"]))}
    incident["reported_at"] = f"2025-03-{draw(st.integers(15, 20))}T14:10:00Z"
    if "dispatched_at" in incident:
        incident["dispatched_at"] = "2025-03-21T00:00:00Z"
    if incident["document"] == "MISSING_CHILD":
        incident["missing"] = {"last_seen_at": "2025-03-14T11:00:00Z"}
    incident.setdefault("place", {}).setdefault("address", "فرضی بازار")
    incident["offences_text"] = "363 ت پ"
    incident["offences"] = [{"act": "PPC", "section": "363", "categories": ["MISSING"]}]
    incident["officials"] = [{"role": "INVESTIGATING", "name": "فرضی افسر"}]
    incident["status"] = {"code": "UNDER_INVESTIGATION"}
    incident.setdefault("diary", [{"number": "17", "date": "2025-03-15"}])
