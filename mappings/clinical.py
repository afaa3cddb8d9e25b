"""What a health worker recorded (formats/health.md 3 and 9.1).

A code means nothing without its system: ICD-10 T76 is "unspecified effects" for WHO and "suspected abuse" in the US
edition, so no code is ever translated by its letters alone (formats/health.md, bottom line 9).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mappings.dates import Instant
from mappings.labels import Label, Node
from mappings.text import Line, Prose, Short, Token

Clin = Label.CLINICAL


class ClinicalCode(Node):
    """A code in its system, passed on untouched."""

    system: Annotated[Token, Clin]
    code: Annotated[Token, Clin]
    display: Annotated[Short | None, Clin] = None


class Finding(Node):
    """One observation or condition."""

    kind: Annotated[Token | None, Clin] = None
    """OBSERVATION or CONDITION."""
    label: Annotated[Short | None, Clin] = None
    """What was looked at, as text."""
    codes: Annotated[tuple[ClinicalCode, ...], Field(max_length=10)] = ()
    text: Annotated[Prose | None, Clin] = None
    observed_at: Annotated[Instant | None, Clin] = None
    status: Annotated[Token | None, Clin] = None
    """FHIR observation status, for example ``final``."""
    verification: Annotated[Token | None, Clin] = None
    """FHIR condition verification status, for example ``provisional``."""


class Clinical(Node):
    """The clinical part of a referral."""

    reason_codes: Annotated[tuple[ClinicalCode, ...], Field(max_length=20)] = ()
    """Further codings of the reason for referral, beside our own concern codes."""
    reason_text: Annotated[Line | None, Clin] = None
    service_code: Annotated[Token | None, Clin] = None
    """Local code of the service asked for, where the source gave one."""
    service_text: Annotated[Short | None, Clin] = None
    findings: Annotated[tuple[Finding, ...], Field(max_length=50)] = ()
    medico_legal_ref: Annotated[Short | None, Clin] = None
    note: Annotated[Prose | None, Clin] = None
    """Travels to the welfare agency only (design decision on ServiceRequest.note)."""
