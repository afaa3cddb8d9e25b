"""A FIRDocument as :class:`~mappings.police.report.Report`: what the rules about dates and disclosure look at."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from mappings.engine.trees import Node
from mappings.police.ages import lowest_years
from mappings.police.offences import categories
from mappings.police.report import At, Authority, Offended, Party, Report, Station

_IDENTITY = ("Parentage", "PersonNationalID", "PersonBirthDate", "ResidenceAddress", "TelephoneNumber")
_LEVELS = ("RED", "YELLOW", "GREEN")
_WIDEST = {"T2": 1, "T3": 2}
"""Position of the widest level a tier allows; T0 and T1 are RED."""


def report(tree: Node) -> Report:
    """Return the facts of a document's tree."""
    header, registration = _one(tree, "Header"), _one(tree, "Registration")
    incident, protection = _one(tree, "Incident"), _one(tree, "ChildProtection")
    occurred, missing = _one(incident, "ActivityDate"), _one(protection, "MissingChild")
    status, place = _one(tree, "CaseStatus"), _one(incident, "ActivityLocation")
    root = "/FIRDocument"
    within = f"{root}/Incident[1]"
    return Report(
        path=root,
        kind=_text(header, "MessageTypeCode"),
        tier=_text(header, "DisclosureTierCode"),
        level_path=_wide(header),
        parties=_parties(tree),
        offences=tuple(_offence(node, n) for n, node in enumerate(tree.get("Offense", ()), 1)),
        offences_path=f"{root}/OffensesRawText[1]",
        number=_text(registration, "FIRNumber"),
        number_path=f"{root}/Registration[1]/FIRNumber[1]",
        serial=_text(registration, "FIRSerialNumber"),
        year=_text(registration, "FIRYear"),
        station=_station(registration),
        sent=_at(_text(header, "MessageDateTime"), f"{root}/Header[1]/MessageDateTime[1]"),
        occurred=_at(occurred.get("@start"), f"{within}/ActivityDate[1]/@start"),
        precision=str(occurred.get("@precision", "")),
        occurred_path=f"{within}/ActivityDate[1]",
        reported=_at(_text(incident, "ActivityReportedDateTime"), f"{within}/ActivityReportedDateTime[1]"),
        dispatched=_at(_text(incident, "DispatchDateTime"), f"{within}/DispatchDateTime[1]"),
        delay_explained=bool(_text(incident, "ReportDelay")),
        delay_path=f"{within}/ReportDelay[1]",
        place=_text(place, "AddressFullText"),
        place_path=f"{within}/ActivityLocation[1]/AddressFullText[1]",
        narrative_path=f"{within}/IncidentReportedNarrative[1]" if _text(incident, "IncidentReportedNarrative") else "",
        authorities=tuple(_authority(node, n) for n, node in enumerate(header.get("DisclosureAuthority", ()), 1)),
        caregiver_accused=_text(protection, "CaregiverIsAccusedIndicator") in ("true", "1"),
        last_seen="@lastSeenDateTime" in missing,
        missing=bool(missing) or _text(header, "MessageTypeCode") == "MISSING_CHILD",
        zarra=_at(
            missing.get("@zarraNotifiedDateTime"),
            f"{root}/ChildProtection[1]/MissingChild[1]/@zarraNotifiedDateTime",
        ),
        zarra_path=f"{root}/ChildProtection[1]",
        status=str(status.get("@code", "")),
        status_path=f"{root}/CaseStatus[1]",
        sealed_path=f"{root}/SealedIndicator[1]" if _text(tree, "SealedIndicator") in ("true", "1") else "",
    )


def _one(node: Node, name: str) -> Node:
    items = node.get(name) or [{}]
    first: Node = items[0]
    return first


def _text(node: Node, name: str) -> str:
    return str(_one(node, name).get("#", ""))


def _at(value: Any, path: str) -> At | None:
    if not value:
        return None
    try:
        return At(datetime.fromisoformat(str(value)), path)
    except ValueError:
        return None


def _authority(node: Node, position: int) -> Authority:
    day = node.get("@date")
    path = f"/FIRDocument/Header[1]/DisclosureAuthority[{position}]"
    return Authority(str(node.get("@code", "")), path, date.fromisoformat(day) if day else None)


def _wide(header: Node) -> str:
    """Return where the dissemination level is wider than the tier, or nothing."""
    level = _text(header, "IncidentDisseminationLevelCode")
    allowed = _WIDEST.get(_text(header, "DisclosureTierCode"), 0)
    wide = level in _LEVELS and _LEVELS.index(level) > allowed
    return "/FIRDocument/Header[1]/IncidentDisseminationLevelCode[1]" if wide else ""


def _station(registration: Node) -> Station:
    if "EnforcementUnit" not in registration:
        return Station()
    unit = registration["EnforcementUnit"][0]
    path = "/FIRDocument/Registration[1]/EnforcementUnit[1]"
    return Station(
        _text(unit, "ProvinceCode"),
        _text(unit, "EnforcementUnitID").partition(":")[2],
        _text(unit, "EnforcementUnitName"),
        _text(unit, "DistrictName"),
        f"{path}/EnforcementUnitID[1]",
        f"{path}/EnforcementUnitName[1]",
    )


def _offence(node: Node, position: int) -> Offended:
    act, section, clause = (str(node.get(name, "")) for name in ("@act", "@section", "@clause"))
    stated = tuple(str(item.get("#", "")) for item in node.get("CPCategoryCode", ()))
    return Offended(
        act,
        section,
        clause,
        stated or categories(act, section, clause),
        f"/FIRDocument/Offense[{position}]",
        node.get("@changeCode") == "DELETED",
        bool(stated),
    )


def _parties(tree: Node) -> tuple[Party, ...]:
    persons = tree.get("Person", ())
    positions = {str(node.get("@id")): index for index, node in enumerate(persons)}
    parents: dict[int, list[int]] = {}
    for tie in tree.get("Association", ()):
        ends = positions.get(str(tie.get("@from"))), positions.get(str(tie.get("@to")))
        if tie.get("@code") == "PARENT" and None not in ends:
            parents.setdefault(ends[0] or 0, []).append(ends[1] or 0)
    return tuple(_party(node, index, tuple(parents.get(index, ()))) for index, node in enumerate(persons))


def _party(node: Node, index: int, parent_of: tuple[int, ...]) -> Party:
    path = f"/FIRDocument/Person[{index + 1}]"
    age = _one(node, "PersonAgeMeasure")
    return Party(
        path,
        tuple(str(role.get("#", "")) for role in node.get("RoleCode", ())),
        _text(node, "PersonFullName"),
        f"{path}/PersonFullName[1]",
        tuple(f"{path}/{name}[1]" for name in _IDENTITY if name in node),
        _text(node, "ResidenceAddress"),
        _text(node, "PersonNationalID"),
        _years(age),
        age.get("@estimated") in ("true", "1"),
        f"{path}/PersonAgeMeasure[1]",
        "PersonDescriptionText" in node,
        parent_of,
    )


def _years(age: Node) -> float | None:
    """Return the lowest age in years that value and words allow (R1)."""
    try:
        value = float(str(age.get("#", "")))
    except ValueError:
        return None
    years = value / 12 if age.get("@unit") == "M" else value
    lowest = lowest_years(age["@raw"]) if age.get("@raw") else None
    return years if lowest is None else min(years, lowest)
