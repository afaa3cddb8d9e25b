"""What rules cannot say about police XML: which person is the child, several children, associations, ids.

While rules run, the child's ``Person`` carries the mark ``$child``; an association to the child stands as
``$association`` on the person it starts from, a name in both scripts as ``$names``, a station's id as ``$id``.
"""

from __future__ import annotations

import re
from typing import Any

from mappings.engine.codec import Parsed, XmlCodec
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.json_reader import Limits
from mappings.engine.schema import Check
from mappings.engine.trees import Node
from mappings.police.disclosure import view
from mappings.police.judgement import errors, warnings
from mappings.police.report import Report
from mappings.police.stations import Stations, configured
from mappings.police_fir import facts, finishing, splitting
from mappings.police_fir.schema import judge

_SYNTAX = frozenset({"MALFORMED", "DOCTYPE", "NOT_UTF8", "BAD_TEXT"})
_KINDS = {"REFERRAL": "$referral", "FIR_UPDATE": "$fir_update"}
_ROOTS = {"FIRDocument": "$fir", "StatusUpdate": "$status_update", "Receipts": "$receipt"}
_REPORTS = frozenset({"FIR", "NC_REPORT", "MISSING_CHILD", "FINAL_REPORT", "CANCELLATION"})

_UNIT = ("Registration/EnforcementUnit/EnforcementUnitName", "Registration/EnforcementUnit/DistrictName")
_DEMANDS: dict[str, tuple[str, ...]] = {
    "FIR": (
        "Registration/FIRNumber", *_UNIT, "Incident/ActivityLocation", "OffensesRawText", "Offense", "Official",
        "CaseStatus",
    ),
    "NC_REPORT": (
        "Registration/IncidentLogIdentification", *_UNIT, "Incident/ActivityLocation", "Offense", "Official",
        "CaseStatus",
    ),
    "MISSING_CHILD": (*_UNIT, "Incident", "Official", "CaseStatus"),
    "FIR_UPDATE": ("Header/SupersedesMessageID",),
    "FINAL_REPORT": (*_UNIT, "CaseStatus", "Header/SupersedesMessageID"),
    "CANCELLATION": (*_UNIT, "CaseStatus", "Header/SupersedesMessageID"),
    "REFERRAL": ("Person", "ChildProtection", "Referral"),
}  # fmt: skip
"""What each message type demands beyond the schema (formats/police.md B1, design decisions 5)."""

_OURS = {
    "Registration/FIRNumber": "incident.number",
    "Registration/IncidentLogIdentification": "incident.diary",
    "Registration": "incident.station",
    "Registration/EnforcementUnit": "incident.station",
    "Registration/EnforcementUnit/EnforcementUnitName": "incident.station.name",
    "Registration/EnforcementUnit/DistrictName": "incident.station.district",
    "Incident": "incident.reported_at",
    "Incident/ActivityLocation": "incident.place.address",
    "OffensesRawText": "incident.offences_text",
    "Offense": "incident.offences",
    "Official": "incident.officials",
    "CaseStatus": "incident.status.code",
    "Header/SupersedesMessageID": "supersedes",
}
"""Our names of what a message type demands."""
_RULED = frozenset({
    "incident.status.code", "incident.station", "incident.station.name", "incident.station.district",
})  # fmt: skip
"""What the rules of ``fir.toml`` demand by themselves when a report is written."""


class FirCodec(XmlCodec):
    """Police XML."""

    def __init__(self, stations: Stations | None = None) -> None:
        """Take the registry of stations that reports are held against, where there is one."""
        super().__init__({}, "urn:raabta:police-fir:1")
        self.stations = stations

    def parse(self, data: bytes, limits: Limits) -> Parsed:
        """Return the tree, marked with the kind of document it is.

        Raises:
            Refusal: POL-E01 for what is no well-formed XML of this kind; the reader's own codes for its limits.
        """
        try:
            parsed = super().parse(data, limits)
        except Refusal as refusal:
            if any(finding.code in _SYNTAX for finding in refusal.findings):
                raise Refusal.of("POL-E01") from None
            raise
        mark = _ROOTS.get(parsed.root, "$other")
        if mark == "$fir":
            header = (parsed.tree.get("Header") or [{}])[0]
            kind = (header.get("MessageTypeCode") or [{}])[0].get("#", "")
            mark = _KINDS.get(kind, "$fir")
        parsed.tree[mark] = {"@here": "yes"}
        return parsed

    def check(self, parsed: Parsed, document: str, schema: Check | None) -> list[Finding]:
        """Return what schema, demands and judgement find, in the police's codes."""
        if found := judge(parsed.raw):
            return found
        if document == "referral":
            return _missing(parsed.tree, "REFERRAL")
        if document not in ("fir", "fir_update"):
            return []
        report = facts.report(parsed.tree)
        parsed.tree["$report"] = report
        found = [*_missing(parsed.tree, report.kind), *errors(report, self.stations), *warnings(report)]
        if document == "fir" and not view(report).children:
            found.append(Finding("POL-E02", "/FIRDocument/Person", Severity.ERROR, "child"))
        return found

    def split(self, parsed: Parsed, document: str) -> list[Node]:
        """Return one tree for each child of a report; other documents are about one."""
        tree = parsed.tree
        if document == "fir":
            return splitting.children(tree, _report(tree))
        if document == "fir_update":
            return [splitting.update(tree, _report(tree))]
        if document == "referral":
            return [splitting.only_child(tree)]
        return splitting.receipts(tree) if document == "receipt" else [tree]

    def finish(self, tree: Node, document: str, ours: Node) -> Node:
        """Return the tree with names, associations and ids in their places.

        Raises:
            Refusal: a referral by which nobody could recognise the child.
        """
        finished = finishing.finish(tree, document)
        if document == "referral" and (found := finishing.unrecognisable(finished)):
            raise Refusal(found)
        return finished

    def unwritable(self, tree: Node, document: str) -> list[Finding]:
        """Return what is missing, or breaks a rule about dates or disclosure."""
        return _unwritable(tree) if document == "fir" else []


def _report(tree: Node) -> Report:
    """Return the report that :meth:`FirCodec.check` took note of, or one made now where nobody has judged."""
    report: Report | None = tree.pop("$report", None)
    return report or facts.report(tree)


def _unwritable(tree: Node) -> list[Finding]:
    """Return what a reader of the finished report would refuse, in the words of writing."""
    report = facts.report(tree)
    absent = [(finding.path, _ours(finding.path)) for finding in _missing(tree, report.kind)]
    missing = [Finding("MISSING_REQUIRED", path, Severity.ERROR, ours) for path, ours in absent if ours not in _RULED]
    found = [*missing, *errors(report)]
    if not view(report).children:
        found.append(Finding("CANNOT_HOLD", "/FIRDocument/Person[1]", Severity.ERROR, "child.roles"))
    return found


def _ours(path: str) -> str:
    return _OURS[re.sub(r"\[\d+\]", "", path).removeprefix("/FIRDocument/")]


def _missing(tree: Node, kind: str) -> list[Finding]:
    absent = [_absent(tree, path, "/FIRDocument") for path in _DEMANDS.get(kind, ())]
    return [Finding("POL-E02", path) for path in dict.fromkeys(absent) if path]


def _absent(node: Any, path: str, above: str) -> str:
    """Return the place of the first step that leads nowhere, or nothing."""
    step, _, rest = path.partition("/")
    items = node.get(step)
    if not items:
        return f"{above}/{step}"
    return _absent(items[0], rest, f"{above}/{step}[1]") if rest else ""


CODEC = FirCodec(configured())
