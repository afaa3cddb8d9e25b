"""Who is a child, who is protected, how far a document may travel, and what in it breaks that (R1-R5).

One pure function of a report, :func:`view`. It is asked on reading and on writing, and again after every change of the
sections (R5): nothing here is stored beside the report, so nothing can be out of date. Source: formats/police.md A5
and B1, design/decisions.md 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mappings.engine.findings import Finding
from mappings.police.names import is_initials
from mappings.police.offences import categories, lookup
from mappings.police.report import Authority, Offended, Report
from mappings.text import match_key

SECRET = frozenset({"SEXUAL", "ONLINE", "TRAFFICKING"})
"""Categories whose victims are protected persons (R2)."""
CONFIDENTIAL_ACTS = frozenset({"KPCPWA2010"})
"""Acts under which every report about a child is confidential (KP Child Protection and Welfare Act, s.23)."""
NARROW = frozenset({"T2", "T3"})
"""Tiers of services and statistics: nothing there may tell who a protected person is."""


@dataclass(frozen=True, slots=True)
class View:
    """What follows from a report for the people in it."""

    children: tuple[int, ...]
    """Positions of the children the report is about (R1)."""
    protected: frozenset[int]
    """Positions of protected persons: victims of secret offences, accused children, and their parents (R2)."""
    floor: str
    """The widest tier at which the document itself may travel: T1 with protected persons, T3 without (R4)."""
    breaches: tuple[Finding, ...]
    """POL-E07 and POL-E08 (R3)."""


def view(report: Report) -> View:
    """Return what follows from a report for the people in it."""
    children = _children(report)
    protected = _protected(report, frozenset(children))
    invalid = [authority for authority in report.authorities if not _holds(authority, report)]
    breaches = [Finding("POL-E08", authority.path) for authority in invalid]
    authorised = len(invalid) < len(report.authorities)
    found = [*breaches, *_in_clear(report, protected, authorised=authorised)] if protected else breaches
    return View(children, protected, "T1" if protected else "T3", tuple(found))


def secret(offence: Offended) -> bool:
    """Tell whether a section protects the identity of its victims: what the sender calls it cannot take that away."""
    return bool(SECRET & {*offence.categories, *categories(offence.act, offence.section, offence.clause)})


def _children(report: Report) -> tuple[int, ...]:
    """R1; where no age and no section says that anybody is a child, every victim of unknown age may be one."""
    rows = [lookup(o.act, o.section, o.clause) for o in report.alleged]
    for_children = any(row is not None and row.for_children for row in rows)
    certain: list[int] = []
    possible: list[int] = []
    for index, party in enumerate(report.parties):
        victim = "VICTIM" in party.roles
        if "MISSING_CHILD" in party.roles or party.in_conflict or (victim and party.minor):
            certain.append(index)
        elif victim and party.age is None:
            (certain if for_children else possible).append(index)
    return tuple(certain or possible)


def _protected(report: Report, children: frozenset[int]) -> frozenset[int]:
    alleged = list(report.alleged)
    hidden = any(secret(offence) for offence in alleged)
    confidential = any(offence.act in CONFIDENTIAL_ACTS for offence in alleged)
    core = {
        index
        for index, party in enumerate(report.parties)
        if party.in_conflict
        or (hidden and {"VICTIM", "MISSING_CHILD"} & set(party.roles))
        or (confidential and index in children)
    }
    return frozenset(core | {index for index, party in enumerate(report.parties) if core & set(party.parent_of)})


def _holds(authority: Authority, report: Report) -> bool:
    """Tell whether an authority stands: no guardian consents beside an accused caregiver, none is of a later day."""
    if authority.code == "NEXT_OF_KIN" and report.caregiver_accused:
        return False
    return not (authority.day and report.sent and authority.day > report.sent.moment.date())


def _in_clear(report: Report, protected: frozenset[int], *, authorised: bool) -> Iterator[Finding]:
    """R3: at T1 initials and token unless an authority stands; at T2 and T3 nothing at all. No tier is as T1."""
    narrow = report.tier in NARROW
    if report.level_path:
        yield Finding("POL-E07", report.level_path)
    if report.tier == "T0" or (authorised and not narrow):
        return
    homes = set()
    for index in sorted(protected):
        party = report.parties[index]
        homes.add(match_key(party.address))
        if party.name and (narrow or not is_initials(party.name)):
            yield Finding("POL-E07", party.name_path)
        yield from (Finding("POL-E07", path) for path in party.identity)
    if report.place and match_key(report.place) in homes:
        yield Finding("POL-E07", report.place_path)
    if narrow:
        paths = (report.number_path if report.number else "", report.station.path, report.narrative_path)
        yield from (Finding("POL-E07", path) for path in paths if path)
