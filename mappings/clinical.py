"""What a health worker recorded (formats/health.md 3 and 9.1).

A code means nothing without its system: ICD-10 T76 is "unspecified effects" for WHO and "suspected abuse" in the US
edition, so no code is ever translated by its letters alone (formats/health.md, bottom line 9).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from mappings.dates import Instant
from mappings.labels import Label, Node
from mappings.text import Line, Prose, Short
from mappings.vocabulary.clinical import FindingKind, FindingStatus, FindingVerification

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


class Finding(Node):
    """One observation or condition."""

    kind: Annotated[FindingKind | None, Clin] = None
    label: Annotated[Short | None, Clin] = None
    """What was looked at, as text."""
    codes: Annotated[tuple[ClinicalCode, ...], Field(max_length=10)] = ()
    text: Annotated[Prose | None, Clin] = None
    observed_at: Annotated[Instant | None, Clin] = None
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
