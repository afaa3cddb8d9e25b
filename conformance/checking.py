"""What a check is, the register of all of them, and how one is judged."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace

import httpx

from conformance.findings import BesideTheCaseError, LacksError, NotMetError, UnusableError
from conformance.requirements import MUST, Requirement, table
from conformance.target import Target
from conformance.transcript import Exchange
from conformance.verdicts import Verdict

Body = Callable[[Target], None]


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `key` is its requirement's id, with the format after a slash where there are several."""

    key: str
    requirement: Requirement
    run: Body
    needs: frozenset[str]
    hostile: bool = False
    last: bool = False
    """It looks back at the whole run, so it is made at the end."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one check ended."""

    key: str
    requirement: Requirement
    verdict: Verdict
    finding: str = ""
    exchanges: tuple[Exchange, ...] = ()
    seconds: float = 0.0


CHECKS: dict[str, Check] = {}


def check(
    requirement: str, *, needs: tuple[str, ...] = (), of: str = "", hostile: bool = False, last: bool = False
) -> Callable[[Body], Body]:
    """Register a function as the check of a requirement.

    Args:
        requirement: an id of the table.
        needs: capabilities the target must offer.
        of: the format, where a requirement is checked in several.
        hostile: it sends what may harm a careless parser, so somebody has to ask for it.
        last: it judges the whole run, so it is made after the others.
    """
    demanded = table()[requirement]
    key = f"{requirement}/{of}" if of else requirement

    def register(body: Body) -> Body:
        if key in CHECKS:
            raise ValueError(f"{key} is registered twice")
        CHECKS[key] = Check(key, demanded, body, frozenset(needs), hostile, last)
        return body

    return register


def judge(one: Check, target: Target) -> Result:
    """Make one check and say how it ended; never raises for what a target does."""
    lacking = sorted(one.needs - target.capabilities)
    if lacking:
        return Result(one.key, one.requirement, Verdict.SKIP, f"needs: {', '.join(lacking)}")
    if one.hostile and not target.hostile:
        return Result(one.key, one.requirement, Verdict.SKIP, "needs: --hostile")
    begun, position = time.monotonic(), target.transcript.position()
    verdict, finding = _outcome(one, target)
    result = Result(one.key, one.requirement, verdict, finding)
    return replace(result, exchanges=target.transcript.since(position), seconds=time.monotonic() - begun)


def _outcome(one: Check, target: Target) -> tuple[Verdict, str]:
    try:
        one.run(target)
    except NotMetError as found:
        return (Verdict.FAIL if one.requirement.level == MUST else Verdict.WARN), str(found)
    except BesideTheCaseError as beside:
        return Verdict.OMIT, str(beside)
    except LacksError as lacking:
        return Verdict.SKIP, f"needs: {lacking}"
    except (UnusableError, httpx.HTTPError) as broken:
        return Verdict.ERROR, f"the check could not be made: {broken}"
    except Exception as bug:  # noqa: BLE001 - a fault of this suite is a verdict, never the end of a run
        place = traceback.extract_tb(bug.__traceback__)[-1]
        return Verdict.ERROR, f"the check itself failed: {type(bug).__name__} in {place.name}, line {place.lineno}"
    return Verdict.PASS, ""
