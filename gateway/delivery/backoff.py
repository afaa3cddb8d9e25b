"""When to try again: pure arithmetic over a stored count, so that it survives a restart.

The strategies are tenacity's; a `RetryCallState` is filled from the row instead of from a running loop.
"""

from dataclasses import dataclass, replace

from tenacity import RetryCallState, Retrying, stop_after_attempt, wait_chain, wait_fixed, wait_random

#: The longest a receiver may make us wait with Retry-After, seconds.
LONGEST_RETRY_AFTER = 86_400.0


@dataclass(frozen=True)
class RetryPolicy:
    """A schedule of waits.

    `steps`: seconds after the 1st, 2nd, … attempt; the last repeats until `max_attempts` have been made.
    `jitter`: up to this share of a step is added at random, so that peers are not hit in step.
    `alert_after`: seconds undelivered after which a person is told; None: only when it is dead.
    """

    steps: tuple[float, ...]
    max_attempts: int
    jitter: float = 0.2
    alert_after: float | None = None

    def __post_init__(self) -> None:
        if not self.steps or self.max_attempts < 1 or min(self.steps) < 0 or self.jitter < 0:
            raise ValueError("A retry policy needs waits of 0 or more seconds and at least one attempt.")

    @property
    def longest(self) -> float:
        """The longest wait of this schedule, seconds, with full jitter or a receiver's Retry-After."""
        return max(max(self.steps) * (1 + self.jitter), LONGEST_RETRY_AFTER)

    def scaled(self, factor: float) -> "RetryPolicy":
        """Return the same schedule with every time multiplied by `factor`, for demonstrations and tests."""
        alert = None if self.alert_after is None else self.alert_after * factor
        return replace(self, steps=tuple(step * factor for step in self.steps), alert_after=alert)


#: About 76 hours, and with jitter up to 91, in eleven attempts.
NORMAL = RetryPolicy(
    steps=(5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400),
    max_attempts=11,
)

#: Every minute for a quarter of an hour, then as NORMAL from five minutes on; a person is told after two
#: minutes.
EMERGENCY = RetryPolicy(
    steps=(2, 10, 30, *[60] * 14, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400),
    max_attempts=26,
    alert_after=120,
)


def next_delay(policy: RetryPolicy, attempts: int, retry_after: float | None = None) -> float | None:
    """Return seconds until the next attempt after `attempts` (at least 1) have failed; None: give up.

    `retry_after` is what the receiver asked for, in seconds: never earlier than that, never more than a day.
    """
    state = RetryCallState(retry_object=Retrying(), fn=None, args=(), kwargs={})
    state.attempt_number = attempts
    if stop_after_attempt(policy.max_attempts)(state):
        return None
    waits = [wait_fixed(step) + wait_random(0, policy.jitter * step) for step in policy.steps]
    return max(wait_chain(*waits)(state), min(retry_after or 0.0, LONGEST_RETRY_AFTER))
