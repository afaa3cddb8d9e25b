"""How a check ended, and how many of them end together: the worst wins."""

from collections.abc import Iterable
from enum import IntEnum


class Verdict(IntEnum):
    """What a check found, from harmless to worst; the order is that of the roll-up."""

    OMIT = 0
    """Not in this profile, not asked for in this run, or about something that was not agreed on."""
    PASS = 1
    WARN = 2
    """A SHOULD that is not met, or a listed failure whose date has not come."""
    SKIP = 3
    """The target does not let us look: a capability is missing."""
    FAIL = 4
    """A MUST that is not met."""
    ERROR = 5
    """The check could not be made: a broken fixture, an unreachable target, a fault of this suite."""

    @property
    def word(self) -> str:
        """The verdict in lower case, as reports say it."""
        return self.name.lower()


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Roll up: the worst of several, OMIT when there is none."""
    return max(verdicts, default=Verdict.OMIT)


CONFORMANT = "conformant"
NOT_CONFORMANT = "not conformant"
INCOMPLETE = "incomplete"


def conclusion(found: Iterable[tuple[str, Verdict]]) -> str:
    """Say what (level, verdict) pairs mean together.

    Any failure or error is *not conformant*; a MUST that was skipped, or nothing checked at all, is *incomplete*.
    """
    pairs = list(found)
    if any(verdict in {Verdict.FAIL, Verdict.ERROR} for _, verdict in pairs):
        return NOT_CONFORMANT
    made = [pair for pair in pairs if pair[1] is not Verdict.OMIT]
    if not made or any(level == "MUST" and verdict is Verdict.SKIP for level, verdict in made):
        return INCOMPLETE
    return CONFORMANT
