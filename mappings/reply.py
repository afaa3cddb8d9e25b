"""An agency's answer, or its news, about one referral (design decision 1; formats/case-management.md 6.2)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mappings.concern import Party
from mappings.dates import Day, Instant
from mappings.incident import CaseStatus, Offence, Official
from mappings.labels import Label, Node
from mappings.text import Line, Short, Token
from mappings.vocabulary import Reason, ReplyKind, State

Admin = Label.ADMINISTRATIVE


class Reference(Node):
    """A number under which the answering agency now knows the child or the case."""

    scheme: Annotated[Token, Admin]
    """pk-etag, pk-fir, pk-fir-uid, pk-crms, pk-notification, school-sis, fhir-task, receipt, case-ref …"""
    value: Annotated[Short, Admin]


class Outcome(Node):
    """What the receiver decided or did, as codes before text."""

    start_on: Annotated[Day | None, Label.EDUCATION] = None
    conditions: Annotated[tuple[Token, ...], Field(max_length=10), Label.EDUCATION] = ()
    """MISSING_B_FORM and SLC_PENDING stand here: conditions on a yes, never a no."""
    remark: Annotated[Token | None, Admin] = None
    """A remark code of the answering agency."""
    school_scheme: Annotated[Token | None, Label.EDUCATION] = None
    school_code: Annotated[Token | None, Label.EDUCATION] = None
    service_given_on: Annotated[Day | None, Admin] = None
    business_status: Annotated[Token | None, Admin] = None
    """A finer state in kebab-case, for example ``visit-scheduled`` or ``unattended``."""
    code: Annotated[Token | None, Admin] = None
    """The answering system's own result code, for example NADRA's ``100``."""
    child_outcome: Annotated[Token | None, Label.INCIDENT] = None
    """RECOVERED, PLACED, MLC_DONE or NONE (formats/police.md B3)."""


class Changes(Node):
    """What changed in the sender's own case since its referral."""

    offences: Annotated[tuple[Offence, ...], Field(max_length=50)] = ()
    status: CaseStatus | None = None
    officials: Annotated[tuple[Official, ...], Field(max_length=10)] = ()
    actions: Annotated[tuple[Token, ...], Field(max_length=10), Label.INCIDENT] = ()
    """Protection actions asked for, for example RAISE_SECRECY."""


class Reply(Node):
    """An answer: kind, state, reason, references, facts, when."""

    type: Annotated[Literal["reply"], Admin] = "reply"
    message_id: Annotated[Token | None, Admin] = None
    in_reply_to: Annotated[Token | None, Admin] = None
    """Message id of the referral as the answering agency received it."""
    ref: Annotated[Short | None, Admin] = None
    """The referral reference both sides know."""
    kind: Annotated[ReplyKind | None, Admin] = None
    state: Annotated[State | None, Admin] = None
    reason: Annotated[Reason | None, Admin] = None
    reason_text: Annotated[Line | None, Admin] = None
    references: Annotated[tuple[Reference, ...], Field(max_length=20)] = ()
    outcome: Outcome | None = None
    changes: Changes | None = None
    sender: Party | None = None
    recipient: Party | None = None
    at: Annotated[Instant | None, Admin] = None
