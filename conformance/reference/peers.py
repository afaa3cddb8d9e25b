"""The agencies behind the miniature gateway: they fail on demand and remember, in memory and in its own time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from conformance.peers import Effect, Knock

Answering = Callable[[str, str, str, str], int]
"""(agency, message id, decision, id of the answer) -> the gateway's status."""


@dataclass
class InsidePeer:
    """One agency in memory; `answers` posts at the gateway."""

    name: str
    agency_id: str
    media_type: str
    answers: Answering
    trap: str = "http://trap.invalid/"
    stored: list[Effect] = field(default_factory=list)
    seen: list[Knock] = field(default_factory=list)
    planned: list[str] = field(default_factory=list)
    is_down: bool = False
    calls_at_trap: int = 0
    last: tuple[str, str, str] = ("", "", "")

    def effects(self) -> list[Effect]:
        """List what it accepted."""
        return self.stored

    def knocks(self) -> list[Knock]:
        """List the calls it saw."""
        return self.seen

    def plan(self, *faults: str) -> None:
        """Fail as told."""
        self.planned = list(faults)

    def down(self, *, is_down: bool) -> None:
        """Play dead, or wake up."""
        self.is_down = is_down

    def answer(self, message_id: str, decision: str, reason: str = "") -> int:
        """Answer a document."""
        self.last = (message_id, decision, f"answer-{len(self.seen)}-{message_id}")
        return self.answers(self.name, *self.last)

    def repeat(self) -> int:
        """Post the last answer again."""
        return self.answers(self.name, *self.last)

    def trapped(self) -> int:
        """Count the calls at the trap."""
        return self.calls_at_trap

    def take(self, at: float, path: str, message_id: str, body: str) -> tuple[int, dict[str, Any]]:
        """Receive a document; gives status and headers, status 0 for a line that broke."""
        fault, _, number = (self.planned.pop(0) if self.planned and not self.is_down else "ok").partition(":")
        if self.is_down:
            fault = "down"
        known = any(one.message_id == message_id for one in self.stored)
        accepts = fault in {"ok", "drop", "slow"}
        if accepts and not known:
            self.stored.append(Effect(message_id, "referral", self.media_type, body))
        outcome = "duplicate" if known else "accepted"
        self.seen.append(Knock(at, path, message_id, outcome if fault in {"ok", "slow"} else f"fault:{fault}"))
        status = {"ok": 202, "slow": 202, "drop": 0, "down": 503, "later": 503, "redirect": 307}.get(fault)
        headers: dict[str, Any] = {}
        if number and fault in {"429", "503"}:
            headers["retry-after"] = number
        if fault == "later":
            headers["retry-after"] = formatdate(at + float(number), usegmt=True)
        return int(fault) if status is None else status, headers
