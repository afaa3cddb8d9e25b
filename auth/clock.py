"""Time is handed in, so that tests own it."""

from collections.abc import Callable

Clock = Callable[[], float]
"""Returns seconds since 1970-01-01T00:00:00Z (a NumericDate, RFC 7519 section 2)."""

SKEW = 10
"""Seconds that two honest clocks may differ (reliability page, section 6)."""
