"""The canonical language: what every agency's document is translated to, and from.

Three documents (see reply.py for the third): a :class:`Record` holds the facts one agency has about one child, a
:class:`Referral` asks somebody to act for that child. Source: formats/case-management.md 6.1.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mappings.clinical import Clinical
from mappings.concern import Concern, Consent, FocalPoint, Party, Requested, Risk
from mappings.dates import Instant
from mappings.enrolment import Enrolment
from mappings.incident import Incident
from mappings.labels import Label, Node
from mappings.people import Child, Person, Reporter
from mappings.registration import Registration
from mappings.text import Short, Token
from mappings.vocabulary import LinkKind, Priority

Admin = Label.ADMINISTRATIVE


class Link(Node):
    """Another referral this one belongs to."""

    kind: Annotated[LinkKind, Label.FAMILY]
    ref: Annotated[Short, Label.FAMILY]


class Record(Node):
    """Facts one agency holds about one child."""

    type: Annotated[Literal["record"], Admin] = "record"
    message_id: Annotated[Token | None, Admin] = None
    """The document's own id: the key under which a repeat is recognised."""
    authored_at: Annotated[Instant | None, Admin] = None
    sender: Party | None = None
    child: Child = Field(default_factory=Child)
    persons: Annotated[tuple[Person, ...], Field(max_length=50)] = ()
    registration: Registration | None = None
    incident: Incident | None = None
    enrolment: Enrolment | None = None
    clinical: Clinical | None = None


class Referral(Node):
    """A request that an agency act for one child, with the facts it needs."""

    type: Annotated[Literal["referral"], Admin] = "referral"
    message_id: Annotated[Token | None, Admin] = None
    """The document's own id: the key under which a repeat is recognised."""
    ref: Annotated[Short | None, Admin] = None
    """How sender and this receiver call the referral; pairwise, so that two receivers cannot compare."""
    case_ref: Annotated[Short | None, Admin] = None
    """The case, under a pseudonym that is pairwise too."""
    supersedes: Annotated[Token | None, Admin] = None
    """Message id of the document this one replaces."""
    authored_at: Annotated[Instant | None, Admin] = None
    received_at: Annotated[Instant | None, Admin] = None
    """When the gateway accepted it."""
    priority: Annotated[Priority | None, Admin] = None
    sender: Party | None = None
    recipients: Annotated[tuple[Party, ...], Field(max_length=20)] = ()
    focal_point: FocalPoint | None = None
    requested: Requested | None = None
    child: Child = Field(default_factory=Child)
    persons: Annotated[tuple[Person, ...], Field(max_length=50)] = ()
    reporter: Reporter | None = None
    concern: Concern | None = None
    risk: Risk | None = None
    consent: Consent | None = None
    registration: Registration | None = None
    incident: Incident | None = None
    enrolment: Enrolment | None = None
    clinical: Clinical | None = None
    links: Annotated[tuple[Link, ...], Field(max_length=50)] = ()
