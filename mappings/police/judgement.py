"""What is wrong with a report, or worth a warning, beyond its schema (formats/police.md R1-R5 and B3).

Codes E09-E11 need a memory and are found at intake; E04 is said where a registry of stations is configured.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

from mappings.engine.findings import Finding, Severity
from mappings.police.disclosure import view
from mappings.police.offences import AUXILIARY, UNMAPPED, lookup
from mappings.police.report import At, Report
from mappings.police.stations import Stations
from mappings.text import fold_digits, match_key

_NUMBER = re.compile(r"^(\d{1,5})/(\d{2}|\d{4})$")
_THRESHOLDS = (10, 12, 14, 16, 18)
_LATE = timedelta(hours=24)
_DAY = timedelta(days=1)
"""How much later an occurrence of which only the day is known may have been."""
_ALERT = timedelta(hours=2)
_AHEAD = timedelta(minutes=5)
"""How far the clock of a station may be ahead of the sender's."""


def errors(report: Report, stations: Stations | None = None) -> list[Finding]:
    """Return what forbids the report; whether its station exists is judged where a registry is given."""
    found = [finding for rule in _ERRORS for finding in rule(report)]
    return found + list(stations.judge(report.station)) if stations else found


def warnings(report: Report) -> list[Finding]:
    """Return what a person should look at."""
    return [Finding(finding.code, finding.path, Severity.WARNING) for rule in _WARNINGS for finding in rule(report)]


def _number(report: Report) -> Iterator[Finding]:
    if not report.number:
        return
    match = _NUMBER.match(fold_digits(report.number).strip())
    if match is None:
        yield Finding("POL-E03", report.number_path)
        return
    serial, year = int(match[1]), match[2] if len(match[2]) == 4 else f"20{match[2]}"
    if (report.serial and int(report.serial) != serial) or (report.year and report.year != year):
        yield Finding("POL-E03", report.number_path)


def _dates(report: Report) -> Iterator[Finding]:
    if report.reported and report.occurred and report.reported.moment < report.occurred.moment:
        yield Finding("POL-E05", report.reported.path)
    if report.dispatched and report.reported and report.dispatched.moment < report.reported.moment:
        yield Finding("POL-E05", report.dispatched.path)
    yield from _future(report.sent, report.reported, report.dispatched)


def _future(sent: At | None, *moments: At | None) -> Iterator[Finding]:
    """Yield what lies after the sending of the report: it cannot have happened, and no clock of ours is read."""
    if sent is not None:
        latest = sent.moment + _AHEAD
        yield from (Finding("POL-E05", at.path) for at in moments if at is not None and at.moment > latest)


def _disclosed(report: Report) -> Iterator[Finding]:
    yield from view(report).breaches


def _cognizable(report: Report) -> Iterator[Finding]:
    if report.kind == "NC_REPORT" and report.number:
        yield Finding("POL-E12", report.number_path)
    rows = [lookup(o.act, o.section, o.clause) for o in report.alleged if o.categories != AUXILIARY]
    if report.kind == "FIR" and rows and all(row is not None and row.non_cognizable for row in rows):
        yield Finding("POL-E12", report.offences_path)


def _described(report: Report) -> Iterator[Finding]:
    if report.kind == "MISSING_CHILD" and not report.last_seen and not any(p.described for p in report.parties):
        yield Finding("POL-E17", report.path)


def _vague(report: Report) -> Iterator[Finding]:
    if report.precision in ("APPROX", "UNKNOWN", "RANGE"):
        yield Finding("POL-W01", report.occurred_path)


def _ages(report: Report) -> Iterator[Finding]:
    for party in (report.parties[index] for index in view(report).children):
        if party.age is None:
            yield Finding("POL-W02", party.path)
        elif party.estimated and any(abs(party.age - t) <= 2 for t in _THRESHOLDS):
            yield Finding("POL-W02", party.age_path)


def _sections(report: Report) -> Iterator[Finding]:
    if report.act_defaulted:
        yield Finding("POL-W03", report.offences_path)
    day = report.occurred.moment.date() if report.occurred else None
    for offence in report.offences:
        row = lookup(offence.act, offence.section, offence.clause)
        if row is None or UNMAPPED in offence.categories:
            yield Finding("POL-W03", offence.path)
        elif day and not row.in_force(day):
            yield Finding("POL-W04", offence.path)


def _delay(report: Report) -> Iterator[Finding]:
    if not (report.occurred and report.reported):
        return
    late = _LATE + (_DAY if report.precision == "DAY" else timedelta(0))
    if report.reported.moment - report.occurred.moment > late:
        path = report.delay_path if report.delay_explained else report.reported.path
        yield Finding("POL-W05", path)


def _alert(report: Report) -> Iterator[Finding]:
    if not report.missing or report.reported is None:
        return
    told = report.zarra or report.sent
    if told is not None and told.moment - report.reported.moment > _ALERT:
        yield Finding("POL-W06", report.zarra.path if report.zarra else report.zarra_path)


def _ended(report: Report) -> Iterator[Finding]:
    if report.status in ("CANCELLED", "UNTRACED"):
        yield Finding("POL-W07", report.status_path)


def _shared(report: Report) -> Iterator[Finding]:
    names: dict[str, str] = {}
    for party in report.parties:
        if (
            party.number
            and party.name
            and names.setdefault(party.number, match_key(party.name)) != match_key(party.name)
        ):
            yield Finding("POL-W08", party.path)


def _sealed(report: Report) -> Iterator[Finding]:
    if report.sealed_path:
        yield Finding("POL-W09", report.sealed_path)


_Rule = Callable[[Report], Iterator[Finding]]
_ERRORS: tuple[_Rule, ...] = (_number, _dates, _disclosed, _cognizable, _described)
_WARNINGS: tuple[_Rule, ...] = (_vague, _ages, _sections, _delay, _alert, _ended, _shared, _sealed)
