"""A circuit breaker for each destination, as a value: no clock, no store, no lock.

CLOSED lets everything through and counts. It opens after `streak` transport faults in a row, or when
`faults` of the last `window` outcomes were faults. OPEN lets nothing through until `half_open_at`; then
HALF_OPEN lets one probe through: success closes, another fault opens again for twice as long. What a
breaker holds back uses up no attempt. A refusal (4xx) is an answer, hence a success here: the transport
works.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Phase(StrEnum):
    """Where a breaker stands."""

    #: Everything goes through.
    CLOSED = "CLOSED"
    #: Nothing goes through until `half_open_at`.
    OPEN = "OPEN"
    #: One probe is on its way; everything else waits for its result.
    HALF_OPEN = "HALF_OPEN"


@dataclass(frozen=True)
class BreakerPolicy:
    """When a breaker opens and for how long (seconds)."""

    streak: int = 5
    window: int = 20
    faults: int = 10
    pause: float = 30.0
    longest: float = 600.0
    probe_timeout: float = 60.0

    def pause_after(self, trips: int) -> float:
        """Return how long the breaker stays open after it has opened `trips` times without a success."""
        return min(self.pause * 2.0 ** (trips - 1), self.longest)

    def scaled(self, factor: float) -> "BreakerPolicy":
        """Return the same policy with its pauses multiplied by `factor`, for demonstrations and tests."""
        return replace(self, pause=self.pause * factor, longest=self.longest * factor)


@dataclass(frozen=True)
class Breaker:
    """One destination's breaker; `outcomes`, oldest first: S success, F transport fault."""

    phase: Phase = Phase.CLOSED
    outcomes: str = ""
    trips: int = 0
    opened_at: float | None = None
    half_open_at: float | None = None


def admit(breaker: Breaker, policy: BreakerPolicy, now: float) -> tuple[Breaker, float | None]:
    """Ask to send one message: None to go ahead, or the instant to come back.

    A probe whose result never arrives (its worker died) is given up after `probe_timeout`, and another may
    go.
    """
    if breaker.phase is Phase.CLOSED:
        return breaker, None
    if breaker.half_open_at is not None and now < breaker.half_open_at:
        return breaker, breaker.half_open_at
    return replace(breaker, phase=Phase.HALF_OPEN, half_open_at=now + policy.probe_timeout), None


def observe(breaker: Breaker, policy: BreakerPolicy, now: float, *, fault: bool) -> Breaker:
    """Return the breaker after one more outcome. While it is open, only the probe's outcome decides."""
    if breaker.phase is Phase.OPEN:
        # A message sent before it opened: a success then proves no more than a probe would; wait for the
        # probe.
        return breaker
    if breaker.phase is Phase.HALF_OPEN:
        return _trip(breaker, policy, now) if fault else Breaker()
    outcomes = (breaker.outcomes + ("F" if fault else "S"))[-policy.window :]
    counted = replace(breaker, outcomes=outcomes)
    if outcomes.endswith("F" * policy.streak) or (fault and outcomes.count("F") >= policy.faults):
        return _trip(counted, policy, now)
    return counted


def _trip(breaker: Breaker, policy: BreakerPolicy, now: float) -> Breaker:
    trips = breaker.trips + 1
    return Breaker(Phase.OPEN, "", trips, opened_at=now, half_open_at=now + policy.pause_after(trips))
