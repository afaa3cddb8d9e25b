"""What rules cannot say about police XML: which person is the child, several children, associations, ids.

While rules run, the child's ``Person`` carries the mark ``$child``; an association to the child stands as
``$association`` on the person it starts from, a name in both scripts as ``$names``, a station's id as ``$id``.
"""

from __future__ import annotations

from typing import Any

from mappings.engine.codec import Parsed, XmlCodec
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.json_reader import Limits
from mappings.engine.schema import Check
from mappings.engine.trees import Node
from mappings.police.judgement import errors, warnings
from mappings.police_fir import facts, finishing, splitting
from mappings.police_fir.schema import judge

_SYNTAX = frozenset({"MALFORMED", "DOCTYPE", "NOT_UTF8", "BAD_TEXT"})
_KINDS = {"REFERRAL": "$referral", "FIR_UPDATE": "$fir_update"}
_ROOTS = {"FIRDocument": "$fir", "StatusUpdate": "$status_update", "Receipts": "$receipt"}
_REPORTS = frozenset({"FIR", "NC_REPORT", "MISSING_CHILD", "FINAL_REPORT", "CANCELLATION"})

_DEMANDS: dict[str, tuple[str, ...]] = {
    "FIR": (
        "Registration/FIRNumber", "Incident/ActivityLocation", "OffensesRawText", "Offense", "Official", "CaseStatus",
    ),
    "NC_REPORT": (
        "Registration/IncidentLogIdentification", "Incident/ActivityLocation", "Offense", "Official", "CaseStatus",
    ),
    "MISSING_CHILD": ("Registration", "Incident", "Official", "CaseStatus"),
    "FINAL_REPORT": ("Registration", "CaseStatus", "Header/SupersedesMessageID"),
    "CANCELLATION": ("Registration", "CaseStatus", "Header/SupersedesMessageID"),
    "REFERRAL": ("Person", "ChildProtection", "Referral"),
}  # fmt: skip
"""What each message type demands beyond the schema (formats/police.md B1, design decisions 5)."""


_OURS = {
    "/FIRDocument/Registration/FIRNumber": "incident.number",
    "/FIRDocument/Registration/IncidentLogIdentification": "incident.diary",
    "/FIRDocument/Registration": "incident.station",
    "/FIRDocument/Incident": "incident.reported_at",
    "/FIRDocument/Incident/ActivityLocation": "incident.place.address",
    "/FIRDocument/OffensesRawText": "incident.offences_text",
    "/FIRDocument/Offense": "incident.offences",
    "/FIRDocument/Official": "incident.officials",
    "/FIRDocument/CaseStatus": "incident.status.code",
    "/FIRDocument/Header/SupersedesMessageID": "supersedes",
}
"""Our names of what a message type demands."""


class FirCodec(XmlCodec):
    """Police XML."""

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
        if parsed.root != "FIRDocument":
            return []
        if document == "referral":
            return _missing(parsed.tree, "REFERRAL")
        return facts_of(parsed.tree)

    def split(self, parsed: Parsed, document: str) -> list[Node]:
        """Return one tree for each child of a report; other documents are about one."""
        if document == "fir":
            return splitting.children(parsed.tree)
        if document == "referral":
            return [splitting.only_child(parsed.tree)]
        if document == "receipt":
            return splitting.receipts(parsed.tree)
        return [parsed.tree]

    def finish(self, tree: Node, document: str, ours: Node) -> Node:
        """Return the tree with names, associations and ids in their places.

        Raises:
            Refusal: what would be written breaks a rule about dates or disclosure.
        """
        finished = finishing.finish(tree, document)
        if document == "fir" and (found := _unwritable(finished)):
            raise Refusal(found)
        return finished


def _unwritable(tree: Node) -> list[Finding]:
    """Return what a reader of the finished report would refuse, in the words of writing."""
    report = facts.report(tree)
    missing = [Finding("MISSING_REQUIRED", f.path, Severity.ERROR, _OURS[f.path]) for f in _missing(tree, report.kind)]
    found = [*missing, *errors(report)]
    if not any(party.is_child(report.offences) for party in report.parties):
        found.append(Finding("CANNOT_HOLD", "/FIRDocument/Person[1]", Severity.ERROR, "child.roles"))
    return found


def facts_of(tree: Node) -> list[Finding]:
    """Return demands, errors and warnings of a report."""
    report = facts.report(tree)
    found = [*_missing(tree, report.kind), *errors(report), *warnings(report)]
    if report.kind in _REPORTS and not any(party.is_child(report.offences) for party in report.parties):
        found.append(Finding("POL-E02", "/FIRDocument/Person", Severity.ERROR, "child"))
    return found


def _missing(tree: Node, kind: str) -> list[Finding]:
    absent = [path for path in _DEMANDS.get(kind, ()) if not _there(tree, path)]
    return [Finding("POL-E02", f"/FIRDocument/{path}") for path in absent]


def _there(tree: Any, path: str) -> bool:
    step, _, rest = path.partition("/")
    items = tree.get(step) or []
    return bool(items) and (not rest or _there(items[0], rest))


CODEC = FirCodec({}, "urn:raabta:police-fir:1")
