"""Known failures, each with its reason and the day until which it is tolerated.

    [[allow]]
    check = "REF-09"
    reason = "partial dates come with release 3"
    until = 2026-12-31

The list is strict both ways: a listed check that passes fails the run, and so does one whose day has passed.
"""

import tomllib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from conformance.checking import CHECKS, Result
from conformance.findings import UnusableError
from conformance.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Allowance:
    """One tolerated failure."""

    check: str
    reason: str
    until: date


def read(file: Path) -> dict[str, Allowance]:
    """Read a list of allowed failures by check; raises `UnusableError`."""
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8")).get("allow", [])
        found = [Allowance(row["check"], row["reason"], row["until"]) for row in rows]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError):
        raise UnusableError(f"{file.name} is no list of allowed failures") from None
    for one in found:
        if one.check not in CHECKS or not one.reason or not isinstance(one.until, date):
            raise UnusableError(f"{file.name}: {one.check} is no check, or lacks its reason or its day")
    return {one.check: one for one in found}


def tolerated(result: Result, allowances: dict[str, Allowance], today: date) -> Result:
    """Give a result as the list makes it."""
    allowance = allowances.get(result.key)
    if allowance is None or result.verdict in {Verdict.OMIT, Verdict.SKIP, Verdict.ERROR}:
        return result
    if result.verdict not in {Verdict.FAIL, Verdict.WARN}:
        return replace(
            result, verdict=Verdict.FAIL, finding="it is listed as an allowed failure, and passes: unlist it"
        )
    if today > allowance.until:
        why = f"allowed until {allowance.until}, which has passed: {result.finding}"
        return replace(result, verdict=Verdict.FAIL, finding=why)
    why = f"allowed until {allowance.until} ({allowance.reason}): {result.finding}"
    return replace(result, verdict=Verdict.WARN, finding=why)
