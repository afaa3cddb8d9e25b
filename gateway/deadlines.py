"""By when a receiver must have answered, and when lateness is told (formats/case-management.md 3.2 and 6.3).

Two clocks run at every receiver, in calendar time from acceptance: until somebody acknowledges, and until somebody
decides. At 75 % a warning, at 100 % a breach, then escalations. INFO_NEEDED pauses both: the sender has to answer
first.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from mappings.vocabulary import State

HOUR = 3_600.0
ACKNOWLEDGE = {"EMERGENCY": HOUR, "HIGH": HOUR, "MEDIUM": 24 * HOUR, "LOW": 72 * HOUR, "UNSTATED": 24 * HOUR}
DECIDE = {"EMERGENCY": 24 * HOUR, "HIGH": 24 * HOUR, "MEDIUM": 72 * HOUR, "LOW": 168 * HOUR, "UNSTATED": 72 * HOUR}
"""Seconds by priority; calendar time, counted from when the referral was accepted."""

UNSEEN = {State.SENT, State.DELIVERED, State.DEAD_LETTER, State.HELD}
UNDECIDED = UNSEEN | {State.ACKNOWLEDGED}


class Stage(StrEnum):
    """How late an answer is."""

    WARNING = "WARNING"
    """Three quarters of the time are gone."""
    BREACH = "BREACH"
    """The time is over: the receiver's supervisor is told."""
    ESCALATED = "ESCALATED"
    """Half as much again: the sender's supervisor is told."""
    COMMITTEE = "COMMITTEE"
    """Twice the time: the district committee is told."""


AT = ((0.75, Stage.WARNING), (1.0, Stage.BREACH), (1.5, Stage.ESCALATED), (2.0, Stage.COMMITTEE))
"""Shares of the time, and what is told when they are gone."""


def _clocks(state: State, priority: str) -> Iterator[tuple[str, float]]:
    """Yield the clocks that run at a receiver, with their seconds."""
    if state in UNSEEN:
        yield "ACKNOWLEDGE", ACKNOWLEDGE[priority]
    if state in UNDECIDED:
        yield "DECIDE", DECIDE[priority]


def overdue(state: State, priority: str, waited: float) -> Iterator[str]:
    """Yield the codes of everything that is late at one receiver.

    Args:
        state: where the referral stands there.
        priority: its priority, or UNSTATED.
        waited: seconds since it was accepted.
    """
    for name, limit in _clocks(state, priority):
        yield from (f"{name}_{stage.value}" for share, stage in AT if waited >= share * limit)


def next_stage(state: State, priority: str, waited: float) -> float | None:
    """Return after how many seconds since acceptance something more is late; none: nothing ever will be, as it stands.

    The arguments are those of `overdue`, which yields more from exactly then on.
    """
    stages = (share * limit for _, limit in _clocks(state, priority) for share, _ in AT)
    return min((at for at in stages if at > waited), default=None)
