"""What rules cannot say about police JSON: which document it is, legacy answers, several children, flat keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import unquote_to_bytes

from mappings.engine.codec import JsonCodec, Parsed
from mappings.engine.errors import Refusal
from mappings.engine.findings import Finding, Severity
from mappings.engine.json_reader import Limits
from mappings.engine.schema import Check
from mappings.engine.trees import Node
from mappings.police.disclosure import view
from mappings.police.judgement import errors, warnings
from mappings.police.stations import Stations, configured
from mappings.police_psrms import facts, finishing, splitting

_SYNTAX = frozenset({"MALFORMED", "NOT_UTF8", "BAD_TEXT", "DUPLICATE_KEY"})
_KINDS = {"REFERRAL": "$referral", "FIR_UPDATE": "$fir_update", "STATUS_UPDATE": "$status_update"}
_FIELD = b"payload="
_PLACES = {
    "fir_no": "POL-E03", "fir_year": "POL-E03", "person_cnic": "POL-E06", "role": "POL-E13", "at": "POL-E05",
    "reply_by": "POL-E05", "sent_at": "POL-E05", "last_seen": "POL-E05", "zarra_notified": "POL-E05",
}  # fmt: skip
_KEY = (("ps_id", "ps_tbl_id"), ("fir_ps",), ("fir_district",), ("province",), ("fir_report_date",), ("sender",))
_DEMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "FIR": (*_KEY, ("fir_no",), ("fir_year",), ("fir_offence_date",), ("secName", "sections")),
    "NC_REPORT": (*_KEY, ("rapat_no",), ("secName", "sections")),
    "MISSING_CHILD": _KEY,
    "FINAL_REPORT": (*_KEY, ("fir_no",), ("supersedes",)),
    "CANCELLATION": (*_KEY, ("fir_no",), ("supersedes",)),
}
"""What each message type demands; one of several spellings is enough."""


_OURS = {
    "ps_id": "incident.station.code", "fir_ps": "incident.station.name", "fir_district": "incident.station.district",
    "province": "incident.station.province", "fir_report_date": "incident.reported_at", "sender": "sender.system",
    "fir_no": "incident.number", "fir_year": "incident.number", "fir_offence_date": "incident.occurred.start",
    "secName": "incident.offences_text", "rapat_no": "incident.diary", "supersedes": "supersedes",
}  # fmt: skip
"""Our names of what a message type demands."""


class PsrmsCodec(JsonCodec):
    """Police JSON."""

    regards = frozenset({"persons", "incident"})

    def __init__(self, stations: Stations | None = None) -> None:
        """Take the registry of stations that reports are held against, where there is one."""
        self.stations = stations

    def parse(self, data: bytes, limits: Limits) -> Parsed:
        """Return the tree, marked with the kind of document it is.

        Raises:
            Refusal: POL-E01 for what is no JSON, POL-E16 for a page of HTML; the reader's own codes for its limits.
        """
        if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"<":
            raise Refusal.of("POL-E16")
        try:
            parsed = super().parse(_of_form(data, limits), limits)
        except Refusal as refusal:
            if any(finding.code in _SYNTAX for finding in refusal.findings):
                raise Refusal.of("POL-E01") from None
            raise
        tree = dict(parsed.tree)
        kind = tree.get("message_type")
        mark = _KINDS.get(
            str(kind), "$fir" if kind or "fir_no" in tree else "$receipt" if "status" in tree else "$other"
        )
        if mark in ("$fir", "$fir_update"):
            _without_blanks(tree)
        tree[mark] = {"here": "yes"}
        return replace(parsed, tree=tree)

    def check(self, parsed: Parsed, document: str, schema: Check | None) -> list[Finding]:
        """Return what schema, demands and judgement find, in the police's codes."""
        raw = {key: value for key, value in parsed.tree.items() if not key.startswith("$")}
        if schema and (found := [_coded(finding) for finding in schema(raw)]):
            return found
        if document != "fir":
            return []
        if found := [Finding("POL-E13", f"{path}/{key}") for path, key in facts.roleless(parsed.tree)]:
            return found
        report = facts.report(parsed.tree)
        parsed.tree["$report"] = report
        found = [*_missing(parsed.tree, report.kind), *errors(report, self.stations), *warnings(report)]
        if not view(report).children:
            found.append(Finding("POL-E02", "/mutasra_ashkhas", Severity.ERROR, "child"))
        return found

    def split(self, parsed: Parsed, document: str) -> list[Node]:
        """Return one tree for each child of a report; other documents are about one."""
        if document == "fir":
            report = parsed.tree.pop("$report", None) or facts.report(parsed.tree)
            return splitting.children(parsed.tree, report)
        if document == "referral":
            return [splitting.referral(parsed.tree)]
        if document == "fir_update":
            return [splitting.update(parsed.tree)]
        return [splitting.receipt(parsed.tree) if document == "receipt" else parsed.tree]

    def finish(self, tree: Node, document: str, ours: Node) -> Node:
        """Return the tree with flat keys and one name field.

        Raises:
            Refusal: what would be written does not fit.
        """
        if document == "referral":
            finished = finishing.finish_referral(tree)
            if found := finishing.unrecognisable(finished):
                raise Refusal(found)
            return finished
        if document == "fir_update":
            return finishing.finish_update(tree)
        if document != "fir":
            return tree
        return finishing.finish_report(tree, ours)

    def unwritable(self, tree: Node, document: str) -> list[Finding]:
        """Return what is missing, or breaks a rule about dates or disclosure."""
        return _unwritable(tree) if document == "fir" else []


def _unwritable(tree: Node) -> list[Finding]:
    """Return what a reader of the finished report would refuse, in the words of writing."""
    report = facts.report(tree)
    missing = [
        Finding("MISSING_REQUIRED", f.path, Severity.ERROR, _OURS[f.path[1:]]) for f in _missing(tree, report.kind)
    ]
    found = [*missing, *errors(report)]
    if not view(report).children:
        found.append(Finding("CANNOT_HOLD", "/mutasra_ashkhas", Severity.ERROR, "child.roles"))
    return found


def _of_form(data: bytes, limits: Limits) -> bytes:
    """Return the JSON of a form's one field ``payload=`` (formats/police.md B2); other bytes as they are."""
    if not data.startswith(_FIELD) or len(data) > limits.octets:
        return data
    return unquote_to_bytes(data.removeprefix(_FIELD).replace(b"+", b" "))


def _coded(finding: Finding) -> Finding:
    if finding.code == "MISSING_REQUIRED":
        return Finding("POL-E02", finding.path)
    leaf = finding.path.rpartition("/")[2]
    return Finding(_PLACES.get(leaf, finding.code), finding.path)


def _missing(tree: Node, kind: str) -> list[Finding]:
    absent = [keys[0] for keys in _DEMANDS.get(kind, ()) if not set(keys) & set(tree)]
    return [Finding("POL-E02", f"/{key}") for key in absent]


def _without_blanks(value: Any) -> None:
    """Take out, in place, what PSRMS leaves blank: empty strings and nulls say nothing."""
    items = list(value.items()) if isinstance(value, dict) else []
    for key, item in items:
        if item is None or (isinstance(item, str) and not item.strip()):
            del value[key]
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, dict | list):
            _without_blanks(item)


CODEC = PsrmsCodec(configured())
