"""Why the child is referred, how great the risk is, what is asked, and on what basis it may be shared.

Source: formats/case-management.md 3.4, 5 and 6.1.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from mappings.dates import Day, Instant
from mappings.labels import Label, Node
from mappings.people import Phone
from mappings.text import Prose, Short, Token
from mappings.vocabulary import (
    Action,
    AgencyKind,
    ConcernType,
    ConsentBasis,
    ConsentGiver,
    Document,
    EnrolmentRequest,
    Purpose,
    RiskLevel,
    SafetyRule,
    Service,
    Sex,
    Support,
    Verification,
)


class Concern(Node):
    """What is feared or known to have happened."""

    types: Annotated[tuple[ConcernType, ...], Field(max_length=10), Label.CONCERN] = ()
    primary: Annotated[ConcernType | None, Label.CONCERN] = None
    verification: Annotated[Verification | None, Label.CONCERN] = None
    caregiver_is_accused: Annotated[bool | None, Label.CONCERN] = None
    narrative: Annotated[Prose | None, Label.NARRATIVE] = None
    place_type: Annotated[Token | None, Label.INCIDENT] = None

    @model_validator(mode="after")
    def _primary_is_one(self) -> Self:
        if self.primary is not None and self.types and self.primary not in self.types:
            raise ValueError("the primary concern is one of the concerns")
        return self


class Risk(Node):
    """How great the danger was judged to be."""

    level: Annotated[RiskLevel | None, Label.CONCERN] = None
    assessed_at: Annotated[Instant | None, Label.CONCERN] = None
    by_role: Annotated[Short | None, Label.CONCERN] = None


class Consent(Node):
    """The basis of sharing and its limits; consent is never invented (formats/case-management.md 2)."""

    basis: Annotated[ConsentBasis | None, Label.CONSENT] = None
    giver: Annotated[ConsentGiver | None, Label.CONSENT] = None
    obtained_at: Annotated[Instant | None, Label.CONSENT] = None
    expires_on: Annotated[Day | None, Label.CONSENT] = None
    revoked_at: Annotated[Instant | None, Label.CONSENT] = None
    purposes: Annotated[tuple[Purpose, ...], Field(max_length=12), Label.CONSENT] = ()
    """Empty means every purpose the basis covers."""
    recipients: Annotated[tuple[AgencyKind, ...], Field(max_length=12), Label.CONSENT] = ()
    """Kinds of agency the basis covers; empty means all."""
    statute_id: Annotated[Token | None, Label.CONSENT] = None
    """Which law demands a mandatory report; demanded with MANDATORY_REPORT."""
    order_ref: Annotated[Short | None, Label.CONSENT] = None
    """Reference of the court's order; demanded with COURT_ORDER."""
    evidence_hash: Annotated[Token | None, Label.CONSENT] = None
    child_informed: Annotated[bool | None, Label.CONSENT] = None


class Target(Node):
    """Which place at a school is wanted: a school, or a search by district, sex and grade."""

    school_scheme: Annotated[Token | None, Label.EDUCATION] = None
    school_code: Annotated[Token | None, Label.EDUCATION] = None
    school_name: Annotated[Short | None, Label.EDUCATION] = None
    district: Annotated[Token | None, Label.EDUCATION] = None
    sex: Annotated[Sex | None, Label.EDUCATION] = None
    grade: Annotated[Token | None, Label.EDUCATION] = None


class Release(Node):
    """Somebody the child may be handed to."""

    role: Annotated[Token, Label.CONTACT]
    name: Annotated[Short, Label.CONTACT]
    phone: Annotated[Phone | None, Label.CONTACT] = None


class Requested(Node):
    """What the receiver is asked to do, by when, and under which rules."""

    service: Annotated[Service | None, Label.ADMINISTRATIVE] = None
    action: Annotated[Action | None, Label.ADMINISTRATIVE] = None
    reply_by: Annotated[Instant | None, Label.ADMINISTRATIVE] = None
    enrolment: Annotated[EnrolmentRequest | None, Label.EDUCATION] = None
    supports: Annotated[tuple[Support, ...], Field(max_length=10), Label.EDUCATION] = ()
    safety: Annotated[tuple[SafetyRule, ...], Field(max_length=10), Label.ADMINISTRATIVE] = ()
    """Rules the receiver must keep; never withheld."""
    target: Target | None = None
    release_to: Annotated[tuple[Release, ...], Field(max_length=10)] = ()
    documents: Annotated[tuple[Document, ...], Field(max_length=10), Label.EDUCATION] = ()


class Party(Node):
    """An agency as sender or recipient."""

    agency: Annotated[Short | None, Label.ADMINISTRATIVE] = None
    """Id in the registry of agencies, for example ``welfare:pb-cpb``; or what the source calls itself."""
    kind: Annotated[AgencyKind | None, Label.ADMINISTRATIVE] = None
    name: Annotated[Short | None, Label.ADMINISTRATIVE] = None
    unit: Annotated[Short | None, Label.ADMINISTRATIVE] = None
    system: Annotated[Short | None, Label.ADMINISTRATIVE] = None
    """The software that sent it, for example ``PB-PSRMS``."""
    officer: Annotated[Short | None, Label.ADMINISTRATIVE] = None
    """Who in the agency made the referral, where the source names a professional."""
    officer_id: Annotated[Token | None, Label.ADMINISTRATIVE] = None


class FocalPoint(Node):
    """Whom the receiver may call: a role and a number, no name needed."""

    agency: Annotated[Short | None, Label.ADMINISTRATIVE] = None
    role: Annotated[Token | None, Label.ADMINISTRATIVE] = None
    phone: Annotated[Phone | None, Label.ADMINISTRATIVE] = None
