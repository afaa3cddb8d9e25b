"""A FIRDocument as :class:`~mappings.police.report.Report`: what the rules about dates and disclosure look at."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mappings.engine.trees import Node
from mappings.police.report import At, Offended, Party, Report

_IDENTITY = ("Parentage", "PersonNationalID", "PersonBirthDate", "ResidenceAddress", "TelephoneNumber")


def report(tree: Node) -> Report:
    """Return the facts of a document's tree."""
    header, registration = _one(tree, "Header"), _one(tree, "Registration")
    incident, protection = _one(tree, "Incident"), _one(tree, "ChildProtection")
    occurred, missing = _one(incident, "ActivityDate"), _one(protection, "MissingChild")
    status = _one(tree, "CaseStatus")
    root = "/FIRDocument"
    within = f"{root}/Incident[1]"
    return Report(
        path=root,
        kind=_text(header, "MessageTypeCode"),
        tier=_text(header, "DisclosureTierCode"),
        parties=_parties(tree),
        offences=tuple(_offence(node, n) for n, node in enumerate(tree.get("Offense", ()), 1)),
        offences_path=f"{root}/OffensesRawText[1]",
        number=_text(registration, "FIRNumber"),
        number_path=f"{root}/Registration[1]/FIRNumber[1]",
        serial=_text(registration, "FIRSerialNumber"),
        year=_text(registration, "FIRYear"),
        sent=_at(_text(header, "MessageDateTime"), f"{root}/Header[1]/MessageDateTime[1]"),
        occurred=_at(occurred.get("@start"), f"{within}/ActivityDate[1]/@start"),
        precision=str(occurred.get("@precision", "")),
        occurred_path=f"{within}/ActivityDate[1]",
        reported=_at(_text(incident, "ActivityReportedDateTime"), f"{within}/ActivityReportedDateTime[1]"),
        dispatched=_at(_text(incident, "DispatchDateTime"), f"{within}/DispatchDateTime[1]"),
        delay_explained=bool(_text(incident, "ReportDelay")),
        delay_path=f"{within}/ReportDelay[1]",
        narrative_path=f"{within}/IncidentReportedNarrative[1]" if _text(incident, "IncidentReportedNarrative") else "",
        authorities=tuple(
            (str(node.get("@code", "")), f"{root}/Header[1]/DisclosureAuthority[{n}]")
            for n, node in enumerate(header.get("DisclosureAuthority", ()), 1)
        ),
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


def _offence(node: Node, position: int) -> Offended:
    return Offended(
        str(node.get("@act", "")),
        str(node.get("@section", "")),
        str(node.get("@clause", "")),
        tuple(str(item.get("#", "")) for item in node.get("CPCategoryCode", ())),
        f"/FIRDocument/Offense[{position}]",
        node.get("@changeCode") == "DELETED",
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
        _text(node, "PersonNationalID"),
        _years(age),
        age.get("@estimated") in ("true", "1"),
        f"{path}/PersonAgeMeasure[1]",
        "PersonDescriptionText" in node,
        parent_of,
    )


def _years(age: Node) -> float | None:
    try:
        value = float(str(age.get("#", "")))
    except ValueError:
        return None
    return value / 12 if age.get("@unit") == "M" else value
