"""What the shared machinery and one agency's own language agree on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from fastapi import APIRouter

from conformance.sandbox.faults import Fault
from conformance.sandbox.store import Effect


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete HTTP answer of an agency, in its own language."""

    status: int
    body: bytes
    media_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Visit:
    """One call at an agency's door. The agency notes which message it carried and how it ended.

    `outcome` is one of read, accepted, duplicate, conflict, invalid, not-found, or `fault:KIND`,
    unauthorized, down; `effect` is set only when a new one was stored.
    """

    path: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    fault: Fault = field(default_factory=lambda: Fault("ok"))
    message_id: str = ""
    outcome: str = "read"
    effect: Effect | None = None

    @property
    def content_type(self) -> str:
        """The media type without parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class RefusedError(Exception):
    """An agency refuses a document; `answer` says so in its language, `outcome` goes to the record."""

    def __init__(self, answer: Answer, outcome: str = "invalid") -> None:
        """Keep the answer; the exception's text stays empty so that nothing can leak through it."""
        super().__init__()
        self.answer = answer
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Letter:
    """A document an agency sends to the gateway: an answer about `reference`, or a new referral ("")."""

    message_id: str
    media_type: str
    body: bytes
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the simulated officer decides. `kind` is a reply kind such as ACCEPT, `reason` its code or ""."""

    kind: str
    reason: str
    message_id: str
    at: str
    """The instant of the decision, RFC 3339 in UTC."""


class CannotAnswerError(Exception):
    """This effect takes no answer, or not this decision; the text is a fixed sentence."""


STATES = {
    "ACKNOWLEDGE": "ACKNOWLEDGED",
    "ACCEPT": "ACCEPTED",
    "REJECT": "REJECTED",
    "ASK": "INFO_NEEDED",
    "PROGRESS": "IN_SERVICE",
    "COMPLETE": "COMPLETED",
    "FAIL": "NOT_COMPLETED",
}
"""Reply kinds and the canonical state each leads to (case-management.md 6.2)."""


def state_of(decision: Decision) -> str:
    """Name the state a decision leads to; raises `CannotAnswerError` for a kind nobody knows."""
    if decision.kind not in STATES:
        raise CannotAnswerError("unknown decision")
    return STATES[decision.kind]


class Agency(Protocol):
    """One agency's language: its routes, its refusals, its answers."""

    name: str
    scope: str
    """Granted to a token request that names none."""
    limit: int
    """Largest body in bytes."""
    open_paths: frozenset[str]
    """Paths that need no token."""
    answerable: frozenset[str]
    """Operations whose effects the officer may answer."""

    def router(self) -> APIRouter:
        """Make the agency's resource routes."""

    def refusal(self, status: int) -> Answer:
        """Write a refusal that has nothing to do with content: 401, 404, 405, 413, 415, 429, 500, 503."""

    def read_letter(self, body: bytes, media_type: str) -> Letter:
        """Find the message id of a document to submit; a fresh one where it holds none."""

    def reply(self, effect: Effect, decision: Decision) -> Letter:
        """Write the officer's answer to an effect; raises `CannotAnswerError`."""

    def media_type(self, sample: Path) -> str:
        """Tell the media type in which the gateway takes a sample file."""


def phrase(status: int) -> str:
    """Give the standard phrase of an HTTP status, in lower case."""
    return HTTPStatus(status).phrase.lower()
