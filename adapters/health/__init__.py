"""A hospital's door: FHIR R4 transactions and messages (formats/health.md 9.3-9.5)."""

from adapters.health.adapter import HealthAdapter, Options

__all__ = ["HealthAdapter", "Options"]
