"""results.json: everything about a run, for programs."""

from __future__ import annotations

import json
from typing import Any

from conformance.checking import Result
from conformance.running import SUITE, Run

SHOWN = 12
"""Exchanges kept for each check: its last ones, where the finding is."""


def as_json(run: Run) -> dict[str, Any]:
    """Give a run as the members of results.json."""
    return {
        "suite": SUITE,
        "profile": run.profile.name,
        "target": run.target.url,
        "name": run.name,
        "operator": run.operator,
        "at": run.at.isoformat(timespec="seconds"),
        "conclusion": run.conclusion,
        "counts": {verdict.word: count for verdict, count in sorted(run.counts.items())},
        "capabilities": sorted(run.target.capabilities),
        "hostile": run.target.hostile,
        "listened": run.target.listening,
        "not_tested": run.unmade(),
        "results": [_result(one) for one in run.results],
    }


def _result(one: Result) -> dict[str, Any]:
    demanded = one.requirement
    told = {
        "check": one.key,
        "requirement": demanded.id,
        "level": demanded.level,
        "text": demanded.text,
        "source": demanded.source,
        "verdict": one.verdict.word,
        "seconds": round(one.seconds, 3),
    }
    if one.finding:
        told |= {"finding": one.finding, "mend": demanded.mend}
        told["exchanges"] = [exchange.as_json() for exchange in one.exchanges[-SHOWN:]]
    return told


def write(run: Run) -> str:
    """Write results.json as text."""
    return json.dumps(as_json(run), ensure_ascii=False, indent=1) + "\n"
