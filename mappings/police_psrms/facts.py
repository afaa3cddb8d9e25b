"""A PSRMS report as :class:`~mappings.police.report.Report`: what the rules about dates and disclosure look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from mappings.engine.converters import Unfit
from mappings.engine.trees import Node
from mappings.police.ages import lowest_years, read_age
from mappings.police.clock import read_moment, read_occurrence
from mappings.police.grammar import Reading, read_sections
from mappings.police.report import At, Offended, Party, Report

LISTS = {
    "mustaghis": "COMPLAINANT",
    "mutasra_ashkhas": "VICTIM",
    "namzad_mulziman": "ACCUSED_NAMED",
    "giraftar_mulziman": "ACCUSED_ARRESTED",
    "na_maloom_mulziman": "ACCUSED_UNKNOWN",
    "gawahan": "WITNESS",
    "zamin": "SURETY",
}
"""Where PSRMS keeps people, and the role each place stands for."""
_IDENTITY = ("person_father", "person_cnic", "person_phone", "person_address", "birth_date")
STATUS = {
    "زیر تفتیش": "UNDER_INVESTIGATION",
    "مکمل چالان": "CHALLAN_COMPLETE",
    "نامکمل چالان": "CHALLAN_INTERIM",
    "چالان 512": "CHALLAN_512",
    "عدم پتہ": "UNTRACED",
    "اخراج": "CANCELLED",
    "Under trial": "UNDER_TRIAL",
}
"""Words for the stage of a case that mean one stage only (formats/police.md A2)."""


def first(tree: Node, *keys: str) -> tuple[str, Any]:
    """Return the first of several spellings of a key that is there, with its value."""
    return next(((key, tree[key]) for key in keys if key in tree), (keys[0], None))


def sections(tree: Node) -> Reading:
    """Return what ``secName`` says."""
    return read_sections(str(first(tree, "secName", "sections")[1] or ""))


def number(tree: Node) -> str:
    """Return the FIR number as printed: ``fir_no`` may already hold its year."""
    serial, year = str(tree.get("fir_no", "")), str(tree.get("fir_year", ""))
    return serial if "/" in serial or not (serial and year) else f"{serial}/{year}"


def people(tree: Node) -> Iterator[tuple[str, Node, str]]:
    """Yield every person with the place it stands at and the role that place gives it."""
    for key, role in LISTS.items():
        value = tree.get(key)
        if isinstance(value, dict):
            yield f"/{key}", value, role
        elif isinstance(value, list):
            yield from ((f"/{key}/{n}", item, role) for n, item in enumerate(value) if isinstance(item, dict))


def report(tree: Node) -> Report:
    """Return the facts of a report's tree; a date that cannot be read is left to the rules."""
    protection = tree.get("child_protection", {})
    missing = protection.get("missing_child", {})
    section_key, _ = first(tree, "secName", "sections")
    read = sections(tree)
    occurred = _tried(read_occurrence, tree.get("fir_offence_date")) or {}
    status = tree.get("status_code") or STATUS.get(str(tree.get("fir_status", "")), "")
    return Report(
        path="",
        kind=str(tree.get("message_type", "FIR")),
        tier=str(tree.get("tier", "")),
        parties=tuple(_party(path, person, role) for path, person, role in people(tree)),
        offences=tuple(Offended(s.act, s.section, s.clause, s.categories, f"/{section_key}") for s in read.sections),
        offences_path=f"/{section_key}",
        act_defaulted=read.act_defaulted or read.unread,
        number=number(tree),
        number_path="/fir_no",
        sent=_at(tree.get("sent_at"), "/sent_at"),
        occurred=_at(occurred.get("start"), "/fir_offence_date"),
        precision=str(occurred.get("precision", "EXACT")),
        occurred_path="/fir_offence_date",
        reported=_at(_tried(read_moment, tree.get("fir_report_date")), "/fir_report_date"),
        dispatched=_at(_tried(read_moment, tree.get("fir_dispatch_date")), "/fir_dispatch_date"),
        delay_explained="delay_reason" in tree,
        delay_path="/delay_reason",
        narrative_path="/narrative" if "narrative" in tree else "",
        authorities=tuple(
            (str(item.get("code", "")), f"/disclosure_authority/{n}")
            for n, item in enumerate(tree.get("disclosure_authority", ()))
        ),
        caregiver_accused=protection.get("caregiver_is_accused") is True,
        last_seen="last_seen" in missing,
        missing=bool(missing) or tree.get("message_type") == "MISSING_CHILD",
        zarra=_at(missing.get("zarra_notified"), "/child_protection/missing_child/zarra_notified"),
        zarra_path="/child_protection",
        status=str(status),
        status_path="/fir_status",
    )


def _tried(read: Callable[[Any], Any], value: Any) -> Any:
    if value is None:
        return None
    try:
        return read(value)
    except Unfit:
        return None


def _at(value: Any, path: str) -> At | None:
    try:
        return At(datetime.fromisoformat(str(value)), path) if value else None
    except ValueError:
        return None


def _party(path: str, person: Node, role: str) -> Party:
    roles = ("CICL",) if person.get("cicl") is True else (str(person.get("role") or role),)
    age = _tried(read_age, person.get("age")) or {}
    return Party(
        path,
        roles,
        str(person.get("person_name", "")),
        f"{path}/person_name",
        tuple(f"{path}/{key}" for key in _IDENTITY if key in person),
        str(person.get("person_cnic", "")),
        lowest_years(person["age"]) if "age" in person else None,
        bool(age.get("estimated")),
        f"{path}/age",
        "description" in person,
    )
