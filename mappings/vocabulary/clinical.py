"""Codes of the clinical part: what a finding is, and how sure its author was (formats/health.md 2.1, 3.2, 9.1)."""

from __future__ import annotations

from enum import StrEnum


class FindingKind(StrEnum):
    """What a health worker wrote down: something seen, or something diagnosed."""

    OBSERVATION = "OBSERVATION"
    CONDITION = "CONDITION"


class FindingStatus(StrEnum):
    """State of an observation (FHIR R4 observation-status, all eight codes)."""

    REGISTERED = "REGISTERED"
    PRELIMINARY = "PRELIMINARY"
    FINAL = "FINAL"
    AMENDED = "AMENDED"
    CORRECTED = "CORRECTED"
    CANCELLED = "CANCELLED"
    ENTERED_IN_ERROR = "ENTERED_IN_ERROR"
    UNKNOWN = "UNKNOWN"


class FindingVerification(StrEnum):
    """How far a condition is established (FHIR R4 condition-ver-status, all six codes)."""

    UNCONFIRMED = "UNCONFIRMED"
    PROVISIONAL = "PROVISIONAL"
    DIFFERENTIAL = "DIFFERENTIAL"
    CONFIRMED = "CONFIRMED"
    REFUTED = "REFUTED"
    ENTERED_IN_ERROR = "ENTERED_IN_ERROR"


class Comparator(StrEnum):
    """How a measured number stands to the true one (FHIR R4 quantity-comparator, all four codes)."""

    BELOW = "BELOW"
    AT_MOST = "AT_MOST"
    AT_LEAST = "AT_LEAST"
    ABOVE = "ABOVE"
