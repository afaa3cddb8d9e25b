"""What a worker's process counts: attempts, and how long deliveries took. Labels are agencies and outcomes alone."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram

from adapters.base import Delivered, Outcome
from gateway.delivery.lanes import Claimed

REGISTRY = CollectorRegistry()
"""Of this process; `/metrics` shows it, and `raabta work --metrics-port`."""

_ATTEMPTS = Counter("raabta_attempts", "Attempts to deliver", ["recipient", "outcome"], registry=REGISTRY)
_BOUNDS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200, 43_200, 86_400, 259_200)
_SECONDS = Histogram(
    "raabta_time_to_delivery_seconds", "From acceptance to the agency's receipt", ["recipient"], buckets=_BOUNDS,
    registry=REGISTRY,
)  # fmt: skip


def attempted(head: Claimed, outcome: Outcome, now: float) -> None:
    """Count an attempt, and how long it took until the agency had the message, if it has it now."""
    _ATTEMPTS.labels(head.recipient, type(outcome).__name__.upper()).inc()
    if isinstance(outcome, Delivered):
        _SECONDS.labels(head.recipient).observe(max(0.0, now - head.created))
