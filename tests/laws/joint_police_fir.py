"""What must go together in a police report: ordered dates, a child who is one, identities only where allowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from mappings.police.names import is_arabic, plain
from mappings.police.offences import table
from tests.laws.text_pool import texts

_KINDS = st.sampled_from(["FIR", "FIR", "NC_REPORT", "MISSING_CHILD", "FINAL_REPORT", "CANCELLATION"])
_SECTIONS = sorted(key for key in table() if key[1] not in ("*", "-"))
_OPEN = [key for key in _SECTIONS if not {"SEXUAL", "ONLINE", "TRAFFICKING"} & set(table()[key].categories)
         and key[0] not in ("KPCPWA2010", "ARA2021")]  # fmt: skip
_DIGITS = ("0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩")
_ACCUSED = frozenset({"ACCUSED", "ACCUSED_ARRESTED"})
_START = datetime(2019, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)


def adjust(draw: Any, document: str, tree: dict[str, Any]) -> None:
    """Make a drawn value one that the police can hold, as far as several leaves must agree."""
    if "child_outcome" in tree.get("outcome", {}):
        tree["outcome"]["child_outcome"] = draw(st.sampled_from(["RECOVERED", "PLACED", "MLC_DONE", "NONE"]))
    if document == "status_update":
        tree.get("sender", {}).pop("system", None)
    if document == "fir_update":
        tree.setdefault("changes", {}).setdefault("status", {}).setdefault("code", "CHALLAN_INTERIM")
        tree.setdefault("sender", {})["system"] = "PB-PSRMS"
    if document not in ("fir", "referral"):
        return
    for person in (tree.setdefault("child", {}), *tree.get("persons", ())):
        _person(draw, person)
    if document == "referral":
        tree["child"].setdefault("sex", "FEMALE")
        return
    tree.setdefault("sender", {})["system"] = draw(st.sampled_from(["PB-PSRMS", "KP-EFIR", "SD PSRMS/2"]))
    _child(draw, tree["child"])
    for person in tree.get("persons", ()):
        if "age" in person or _ACCUSED & set(person.get("roles", ())):
            person["age"] = {"value": float(draw(st.integers(18, 90))), "unit": "Y"}
    _incident(draw, tree, tree.setdefault("incident", {}))


def _name(draw: Any, *, arabic: bool) -> str:
    """Return a name in one script: any text the form keeps as one name."""
    drawn: str = draw(texts(30))
    if is_arabic(drawn) is arabic and plain(drawn):
        return drawn
    return str(draw(st.sampled_from(["فرضی گڑیا", "م۔ف", "مثالی"] if arabic else ["Misali Farzi", "Namuna", "A.F."])))


def _person(draw: Any, person: dict[str, Any]) -> None:
    for key, arabic in (("name", False), ("name_ur", True)):
        if key in person:
            person[key] = _name(draw, arabic=arabic)
    if "aliases" in person:
        person["aliases"] = [_name(draw, arabic=draw(st.booleans())) for _ in person["aliases"]]
    if "arrest_status" in person:
        person["arrest_status"] = draw(st.sampled_from(["NOT_ARRESTED", "ARRESTED", "BAIL", "ABSCONDER", "PO"]))
    if "parentage" in person:
        person["parentage"] = {
            "kind": draw(st.sampled_from(["SO", "DO", "WO", "UNKNOWN"])), "name": _name(draw, arabic=True),
        }  # fmt: skip


def _child(draw: Any, child: dict[str, Any]) -> None:
    role = draw(st.sampled_from(["VICTIM", "VICTIM", "MISSING", "IN_CONFLICT_WITH_LAW"]))
    child["roles"] = [role, *draw(st.sampled_from([[], [], ["COMPLAINANT"], ["WITNESS"]]))]
    child["age"] = draw(
        st.sampled_from(
            [
                {"value": float(draw(st.integers(0, 17))), "unit": "Y"},
                {"value": float(draw(st.integers(0, 30))), "unit": "M"},
                {"value": 16.5, "unit": "Y", "estimated": True, "text": "تقریباً 16/17 سال"},
                {"value": 9.0, "unit": "Y", "estimated": False, "basis": "BFORM"},
                {"value": 9.5, "unit": "Y", "text": "ساڑھے نو سال"},
            ]
        )
    )
    if draw(st.integers(0, 5)) == 0:
        del child["age"]


def _number(draw: Any) -> str:
    serial, year = draw(st.integers(1, 99_999)), draw(st.integers(2000, 2026))
    printed = f"{serial}/{draw(st.sampled_from([f'{year}', f'{year % 100:02d}']))}"
    return printed.translate(str.maketrans(_DIGITS[0], draw(st.sampled_from(_DIGITS))))


def _instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _dates(draw: Any, tree: dict[str, Any], incident: dict[str, Any]) -> None:
    """Put the dates in order: occurrence, report, dispatch, sending."""
    start = _START + draw(st.integers(0, 4_000_000)) * _MINUTE
    reported = start + draw(st.integers(0, 500_000)) * _MINUTE
    dispatched = reported + draw(st.integers(0, 10_000)) * _MINUTE
    sent = dispatched + draw(st.integers(0, 10_000)) * _MINUTE
    precision = draw(st.sampled_from(["EXACT", "EXACT", "DAY", "APPROX", "RANGE", "UNKNOWN"]))
    occurred = {key: text for key, text in incident.get("occurred", {}).items() if key == "text"}
    if precision != "UNKNOWN":
        occurred["start"] = _instant(start)
    if precision == "RANGE":
        occurred["end"] = _instant(reported)
    incident["occurred"] = {**occurred, "precision": precision}
    incident["reported_at"] = _instant(reported)
    if "dispatched_at" in incident:
        incident["dispatched_at"] = _instant(dispatched)
    key = draw(st.sampled_from(["authored_at", "received_at"]))
    tree.pop("authored_at", None)
    tree[key] = _instant(sent)


def _incident(draw: Any, tree: dict[str, Any], incident: dict[str, Any]) -> None:
    kind = incident["document"] = draw(_KINDS)
    _dates(draw, tree, incident)
    incident.pop("number", None)
    if kind != "NC_REPORT":
        incident["number"] = _number(draw)
    if kind in ("FINAL_REPORT", "CANCELLATION"):
        tree.setdefault("supersedes", "0f9d1c1e-2222-4a11-8a11-000000000002")
    if kind == "MISSING_CHILD":
        incident.setdefault("missing", {})["last_seen_at"] = incident["reported_at"]
    incident.setdefault("place", {}).setdefault("address", "فرضی بازار")
    incident.setdefault("offences_text", "363 ت پ")
    incident.setdefault("diary", [{"number": "17", "date": "2025-03-15"}])
    incident.setdefault("officials", [{"role": "REGISTERING", "name": "فرضی افسر"}])
    incident.setdefault("status", {}).setdefault("code", "UNDER_INVESTIGATION")
    _disclosure(draw, tree, incident)


def _disclosure(draw: Any, tree: dict[str, Any], incident: dict[str, Any]) -> None:
    """Draw sections and a tier that go together: secret ones with an authority, or among investigators."""
    way = draw(st.sampled_from(["open", "authorised", "investigators"]))
    if way == "open" and "IN_CONFLICT_WITH_LAW" in tree["child"]["roles"]:
        way = "authorised"
    keys = draw(st.lists(st.sampled_from(_OPEN if way == "open" else _SECTIONS), min_size=1, max_size=3, unique=True))
    drawn = incident.get("offences", [])
    extra: list[dict[str, Any]] = [dict(offence) for offence in drawn] + [{}] * len(keys)
    incident["offences"] = [
        {k: v for k, v in other.items() if k in ("attempted", "change", "change_date")}
        | {"act": act, "section": section, "categories": list(table()[act, section, clause].categories)}
        | ({"clause": clause} if clause else {})
        for (act, section, clause), other in zip(keys, extra, strict=False)
    ]
    tiers = {"open": ["T0", "T1", "T2", "T3"], "authorised": ["T1"], "investigators": ["T0"]}[way]
    incident["tier"] = draw(st.sampled_from(tiers))
    if way == "authorised":
        incident["disclosures"] = [{"code": draw(st.sampled_from(["IO_GOOD_FAITH", "COURT_ORDER", "VICTIM_CONSENT"]))}]
    else:
        incident.pop("disclosures", None)
