"""One run: which checks are made against which target, and what came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version

from conformance.allowed import Allowance, tolerated
from conformance.checking import CHECKS, Check, Result, judge
from conformance.checks import AREAS
from conformance.findings import UnusableError
from conformance.profiles.catalogue import Profile
from conformance.requirements import table
from conformance.target import Target
from conformance.verdicts import CONFORMANT, Verdict, conclusion

SUITE = version("raabta")
"""Version of the suite that made a run."""
PRODUCTION = "production"


@dataclass
class Run:
    """The checks of a profile against a target; `told` hears of each result as it comes."""

    target: Target
    profile: Profile
    operator: str
    name: str = ""
    allowances: dict[str, Allowance] = field(default_factory=dict)
    told: Callable[[Result], None] = lambda _result: None
    only: frozenset[str] = frozenset()
    """Requirements or checks that are made; empty: all. A run of some is never conformant."""
    results: list[Result] = field(default_factory=list)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def checks(self) -> list[Check]:
        """Give the checks to be made, in order."""
        if not AREAS:
            raise UnusableError("no check is installed")
        found = self.profile.checks(listen=self.target.listening)
        return [one for one in found if not self.only or self.only & {one.key, one.requirement.id}]

    def make(self, one: Check, today: date | None = None) -> Result:
        """Make one check, apply the list of allowed failures, and remember what came out."""
        result = tolerated(judge(one, self.target), self.allowances, today or self.at.date())
        self.results.append(result)
        self.told(result)
        return result

    @property
    def conclusion(self) -> str:
        """Say what it all means; a run of chosen checks is at best incomplete."""
        found = conclusion((one.requirement.level, one.verdict) for one in self.results)
        return "incomplete" if found == CONFORMANT and self.only else found

    @property
    def counts(self) -> Counter[Verdict]:
        """Count the verdicts, those of requirements outside the profile as OMIT."""
        made = {one.key for one in self.results}
        omitted = len([key for key in CHECKS if key not in made])
        return Counter({Verdict.OMIT: omitted}) + Counter(one.verdict for one in self.results)

    def unmade(self) -> dict[str, str]:
        """Name the requirements of this profile that have no check a third party could run, and why."""
        asked = self.profile.actors + (self.profile.listening if self.target.listening else ())
        found = [one for one in table().values() if one.actor in asked and one.not_tested]
        beside = {one.requirement.id: one.finding for one in self.results if one.verdict is Verdict.OMIT}
        return {one.id: one.not_tested for one in found} | beside


def refuse_production(target: Target) -> None:
    """Refuse a target that says it is in production; raises `UnusableError`."""
    answer = target.send("GET", "/healthz")
    said = {name.lower(): value.lower() for name, value in answer.headers.items() if "environment" in name.lower()}
    if PRODUCTION in said.values():
        raise UnusableError("the target says that it is in production: this suite sends invented children")
