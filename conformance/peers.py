"""An agency behind the gateway under test: fails on demand, remembers what it received, answers when told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import httpx

from conformance.findings import UnusableError


@dataclass(frozen=True, slots=True)
class Effect:
    """A document the agency accepted, once for each message id."""

    message_id: str
    operation: str
    media_type: str
    body: str


@dataclass(frozen=True, slots=True)
class Knock:
    """A call the agency saw, accepted or not. `at` is seconds since 1970; `message_id` "": it could not be read."""

    at: float
    path: str
    message_id: str
    outcome: str


class Peer(Protocol):
    """One agency. Calls about tokens are not among its knocks."""

    agency_id: str
    trap: str
    """An address nobody has a reason to call."""

    def effects(self) -> Sequence[Effect]:
        """List what it accepted, oldest first."""

    def knocks(self) -> Sequence[Knock]:
        """List the calls it saw, oldest first."""

    def plan(self, *faults: str) -> None:
        """Fail as told, one word for each call (`conformance.sandbox.faults`); none: work again."""

    def down(self, *, is_down: bool) -> None:
        """Answer 503 to everything, or stop doing so."""

    def answer(self, message_id: str, decision: str, reason: str = "") -> int:
        """Answer a document at the gateway; gives the gateway's status."""

    def repeat(self) -> int:
        """Post the last answer again, octet for octet; gives the gateway's status."""

    def trapped(self) -> int:
        """Count the calls at the address a planned redirection led to."""


class SandboxPeer:
    """A simulator of the sandbox, steered through its control surface."""

    def __init__(self, url: str, agency_id: str, http: httpx.Client) -> None:
        """Steer the simulator at a base address."""
        self.agency_id = agency_id
        self.trap = f"{url}/_sandbox/trap"
        self._url = url
        self._http = http

    def effects(self) -> list[Effect]:
        """List what it accepted."""
        shown = self._control("GET", "received")["effects"]
        return [Effect(one["message_id"], one["operation"], one["content_type"], one["body"]) for one in shown]

    def knocks(self) -> list[Knock]:
        """List the calls it saw."""
        shown = self._control("GET", "requests")["requests"]
        return [Knock(_seconds(one["at"]), one["path"], one["message_id"], one["outcome"]) for one in shown]

    def plan(self, *faults: str) -> None:
        """Fail as told."""
        self._control("POST", "faults", {"script": list(faults)})

    def down(self, *, is_down: bool) -> None:
        """Play dead, or wake up."""
        self._control("POST", "faults", {"down": is_down})

    def answer(self, message_id: str, decision: str, reason: str = "") -> int:
        """Let the officer answer."""
        told = {"message_id": message_id, "decision": decision, "reason": reason}
        return int(self._control("POST", "answer", told)["status"])

    def repeat(self) -> int:
        """Let the officer post its last answer again."""
        return int(self._control("POST", "answer/repeat", {})["status"])

    def trapped(self) -> int:
        """Count the calls at the trap."""
        return int(self._control("GET", "trap/count")["calls"])

    def key_requests(self) -> int:
        """Count how often the keys of the sandbox's own issuer were fetched."""
        return int(self._control("GET", "issuer/requests")["requests"])

    def _control(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = self._http.request(method, f"{self._url}/_sandbox/{path}", json=body)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise UnusableError(f"the simulator of {self.agency_id} does not answer ({type(error).__name__})") from None
        told: dict[str, Any] = answer.json()
        return told


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
