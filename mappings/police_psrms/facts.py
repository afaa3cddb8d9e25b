"""A PSRMS report as :class:`~mappings.police.report.Report`: what the rules about dates and disclosure look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from mappings.engine.converters import Unfit
from mappings.engine.trees import Node
from mappings.police.ages import lowest_years, read_age
from mappings.police.clock import read_day, read_moment, read_occurrence
from mappings.police.grammar import Reading, read_sections
from mappings.police.report import At, Authority, Offended, Party, Report, Station
from mappings.police.tenants import role_of
from mappings.police_psrms.kin import parents
from mappings.text import fold_digits, match_key

LISTS = {
    "mustaghis": "COMPLAINANT",
    "mutasra_ashkhas": "VICTIM",
    "namzad_mulziman": "ACCUSED_NAMED",
    "giraftar_mulziman": "ACCUSED_ARRESTED",
    "na_maloom_mulziman": "ACCUSED_UNKNOWN",
    "gawahan": "WITNESS",
    "zamin": "SURETY",
    "persons": "",
}
"""Where PSRMS keeps people, and the role each place stands for; ``persons`` is the flat list of legacy systems, whose
every entry says its role by ``person_type``."""
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
_STAGE_OF = {match_key(words): code for words, code in STATUS.items()}


def stage_of(words: Any) -> str | None:
    """Return the stage that words mean, in whatever digits, letter forms and invisible marks they are written."""
    return _STAGE_OF.get(match_key(words)) if isinstance(words, str) else None


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
    """Yield every person with the place it stands at and its role: its own code's, else the place's.

    The role is empty where a ``person_type`` means nothing, as the sender's own table does not hold it.
    """
    system = str(tree.get("sender", ""))
    for key, role in LISTS.items():
        value = tree.get(key)
        if isinstance(value, dict):
            yield f"/{key}", value, _role(system, value, role)
        elif isinstance(value, list):
            for number, item in enumerate(value):
                if isinstance(item, dict):
                    yield f"/{key}/{number}", item, _role(system, item, role)


def _role(system: str, person: Node, place: str) -> str:
    code = person.get("person_type")
    if code is not None:
        return role_of(system, str(code)) or ""
    return str(person.get("role") or place)


def roleless(tree: Node) -> Iterator[tuple[str, str]]:
    """Yield where somebody stands whose role nobody knows, and the key that should say it."""
    yield from ((path, "person_type") for path, _, role in people(tree) if not role)


def report(tree: Node) -> Report:
    """Return the facts of a report's tree; a date that cannot be read is left to the rules."""
    protection = tree.get("child_protection", {})
    missing = protection.get("missing_child", {})
    section_key, _ = first(tree, "secName", "sections")
    read = sections(tree)
    occurred = _tried(read_occurrence, tree.get("fir_offence_date")) or {}
    status = tree.get("status_code") or stage_of(tree.get("fir_status")) or ""
    persons = list(people(tree))
    ties = parents([person for _, person, _ in persons])
    return Report(
        path="",
        kind=str(tree.get("message_type", "FIR")),
        tier=str(tree.get("tier", "")),
        parties=tuple(_party(*person, tie) for person, tie in zip(persons, ties, strict=True)),
        offences=tuple(Offended(s.act, s.section, s.clause, s.categories, f"/{section_key}") for s in read.sections),
        offences_path=f"/{section_key}",
        act_defaulted=read.act_defaulted or read.unread,
        number=number(tree),
        number_path="/fir_no",
        station=_station(tree),
        sent=_at(tree.get("sent_at"), "/sent_at"),
        occurred=_at(occurred.get("start"), "/fir_offence_date"),
        precision=str(occurred.get("precision", "EXACT")),
        occurred_path="/fir_offence_date",
        reported=_at(_tried(read_moment, tree.get("fir_report_date")), "/fir_report_date"),
        dispatched=_at(_tried(read_moment, tree.get("fir_dispatch_date")), "/fir_dispatch_date"),
        delay_explained="delay_reason" in tree,
        delay_path="/delay_reason",
        place=str(tree.get("offence_place", "")),
        place_path="/offence_place",
        narrative_path="/narrative" if "narrative" in tree else "",
        authorities=tuple(_authority(item, n) for n, item in enumerate(tree.get("disclosure_authority", ()))),
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


def _authority(item: Node, position: int) -> Authority:
    day = _tried(read_day, item.get("date"))
    path = f"/disclosure_authority/{position}"
    return Authority(str(item.get("code", "")), path, date.fromisoformat(day) if day else None)


def _station(tree: Node) -> Station:
    key, code = first(tree, "ps_id", "ps_tbl_id")
    province, name, district = (str(tree.get(name, "")) for name in ("province", "fir_ps", "fir_district"))
    return Station(province, fold_digits(str(code or "")), name, district, f"/{key}", "/fir_ps")


def _party(path: str, person: Node, role: str, parent_of: tuple[int, ...]) -> Party:
    age = _tried(read_age, person.get("age")) or {}
    return Party(
        path,
        ("CICL",) if person.get("cicl") is True else (role,),
        str(person.get("person_name", "")),
        f"{path}/person_name",
        tuple(f"{path}/{key}" for key in _IDENTITY if key in person),
        str(person.get("person_address", "")),
        str(person.get("person_cnic", "")),
        lowest_years(person["age"]) if "age" in person else None,
        bool(age.get("estimated")),
        f"{path}/age",
        "description" in person,
        parent_of,
    )
