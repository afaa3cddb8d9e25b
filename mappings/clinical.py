"""What a health worker recorded (formats/health.md 3 and 9.1).

A code means nothing without its system: ICD-10 T76 is "unspecified effects" for WHO and "suspected abuse" in the US
edition, so no code is ever translated by its letters alone (formats/health.md, bottom line 9).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from mappings.dates import Instant, PartialDate
from mappings.labels import Label, Node
from mappings.text import Line, Prose, Short
from mappings.vocabulary.clinical import Comparator, FindingKind, FindingStatus, FindingVerification

Clin = Label.CLINICAL

System = Annotated[str, StringConstraints(min_length=5, max_length=128, pattern=r"^(https?://|urn:)[!#-;=?-Z_a-z~]+$")]
"""The URI of a code system, absolute."""
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[!-~]+$")]
"""A code as its system prints it, without spaces."""


class ClinicalCode(Node):
    """A code in its system, passed on untouched."""

    system: Annotated[System, Clin]
    code: Annotated[Code, Clin]
    display: Annotated[Short | None, Clin] = None


class Measure(Node):
    """A measured amount; its unit as text, as a code, or both."""

    number: Annotated[float | None, Field(ge=-1e12, le=1e12), Clin] = None
    comparator: Annotated[Comparator | None, Clin] = None
    """Without it the number is the amount; with it the amount is only known to lie on one side of it."""
    unit: Annotated[Short | None, Clin] = None
    unit_system: Annotated[System | None, Clin] = None
    unit_code: Annotated[Code | None, Clin] = None


class Component(Node):
    """One of several results of a single observation, such as the two pressures of a blood pressure."""

    label: Annotated[Short | None, Clin] = None
    codes: Annotated[tuple[ClinicalCode, ...], Field(max_length=10)] = ()
    text: Annotated[Prose | None, Clin] = None
    measure: Measure | None = None
    result_codes: Annotated[tuple[ClinicalCode, ...], Field(max_length=10)] = ()
    result_text: Annotated[Short | None, Clin] = None


class Finding(Node):
    """One observation or condition. An observation has one result: text, measure or coded."""

    kind: Annotated[FindingKind | None, Clin] = None
    label: Annotated[Short | None, Clin] = None
    """What was looked at, as text."""
    codes: Annotated[tuple[ClinicalCode, ...], Field(max_length=10)] = ()
    text: Annotated[Prose | None, Clin] = None
    measure: Measure | None = None
    result_codes: Annotated[tuple[ClinicalCode, ...], Field(max_length=10)] = ()
    result_text: Annotated[Short | None, Clin] = None
    components: Annotated[tuple[Component, ...], Field(max_length=20)] = ()
    note: Annotated[Prose | None, Clin] = None
    """A remark about an observation, beside its result."""
    observed_at: Annotated[Instant | None, Clin] = None
    observed_on: Annotated[PartialDate | None, Clin] = None
    """Where only a day, a month or a year is known; never beside ``observed_at``."""
    status: Annotated[FindingStatus | None, Clin] = None
    """How far an observation is."""
    verification: Annotated[FindingVerification | None, Clin] = None
    """How far a condition is established."""


class Clinical(Node):
    """The clinical part of a referral."""

    reason_codes: Annotated[tuple[ClinicalCode, ...], Field(max_length=20)] = ()
    """Further codings of the reason for referral, beside our own concern codes."""
    reason_text: Annotated[Line | None, Clin] = None
    service_codes: Annotated[tuple[ClinicalCode, ...], Field(max_length=10)] = ()
    """Further codings of the service asked for, in the source's own systems."""
    service_text: Annotated[Short | None, Clin] = None
    findings: Annotated[tuple[Finding, ...], Field(max_length=50)] = ()
    medico_legal_ref: Annotated[Short | None, Clin] = None
    note: Annotated[Prose | None, Clin] = None
    """Travels to the welfare agency only (design decision on ServiceRequest.note)."""
