"""The sequence diagram of a story: who sent what to whom, from the first byte to the last answer; pure geometry."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.ledger.kinds import Value
from gateway.ledger.story import Story, StoryLine

GATEWAY = "gateway"
COLUMN, ROW, TOP, MARGIN = 210, 34, 74, 105
"""Pixels: between lifelines, between messages, down to the first message, from the edge to the first lifeline."""
MOST = 60
"""Messages drawn; the timeline beside it holds all of them."""


@dataclass(frozen=True)
class Arrow:
    """One message: from lifeline to lifeline (the same: a note beside it), what it says, how it looks."""

    seq: int
    at: str
    start: int
    end: int
    y: int
    text: str
    look: str

    @property
    def middle(self) -> float:
        """Where the words stand."""
        return (self.start + self.end) / 2


@dataclass(frozen=True)
class Diagram:
    """Lifelines by name and position, and the messages between them."""

    lanes: tuple[tuple[str, int], ...]
    arrows: tuple[Arrow, ...]
    left_out: int

    @property
    def width(self) -> int:
        """Pixels."""
        return 2 * MARGIN + COLUMN * (len(self.lanes) - 1)

    @property
    def height(self) -> int:
        """Pixels."""
        return TOP + ROW * len(self.arrows) + 20


def diagram(story: Story) -> Diagram:
    """Return the diagram of a story."""
    steps = [step for step in map(_step, story.lines) if step is not None]
    shown = steps[:MOST]
    names = dict.fromkeys(name for _, source, target, _, _ in shown for name in (source, target))
    order = sorted(names, key=lambda name: (name != (shown[0][1] if shown else ""), name != GATEWAY))
    places = {name: MARGIN + COLUMN * at for at, name in enumerate(order)}
    arrows = tuple(
        Arrow(line.seq, line.at, places[source], places[target], TOP + ROW * at, text, look)
        for at, (line, source, target, text, look) in enumerate(shown)
    )
    return Diagram(tuple(places.items()), arrows, len(steps) - len(shown))


_Step = tuple[StoryLine, str, str, str, str]
#: Entries of somebody who calls the gateway, and which of their fields is worth showing.
_CALLS = {
    "referral.accepted": "format", "referral.withdrawn": "reason", "consent.revoked": "receivers",
    "reply.received": "kind", "glass.broken": "reason", "notice.answered": "answer", "reply.refused": "code",
}  # fmt: skip
#: Entries of something the gateway sends.
_SENDS = {"attempted": "outcome", "reply.forwarded": "kind", "notice.sent": "kind"}
#: Entries of something that happens in the gateway.
_NOTES = {
    "referral.held": "code", "translated": "format", "dead": "code", "referral.erased": "reason", "skipped": "reason",
    "replayed": "reason", "translation.failed": "code", "identity.completed": "source",
}  # fmt: skip


def _step(line: StoryLine) -> _Step | None:
    fields = line.fields or {}
    if line.type in _CALLS:
        return line, line.actor, GATEWAY, _said(line.type, fields, _CALLS[line.type]), "call"
    if line.type in _SENDS and "recipient" in fields:
        outcome = str(fields.get("outcome", "DELIVERED"))
        look = "sent" if outcome == "DELIVERED" else "failed"
        return line, GATEWAY, str(fields["recipient"]), _said(line.type, fields, _SENDS[line.type]), look
    if line.type in _NOTES:
        look = "failed" if line.type in {"dead", "translation.failed", "referral.held"} else "note"
        return line, GATEWAY, GATEWAY, _said(line.type, fields, _NOTES[line.type]), look
    if line.type == "read" and ":" not in line.actor:  # what people at the console saw stands in the timeline
        return line, line.actor, GATEWAY, _said("read", fields, "what"), "look"
    return None


def _said(kind: str, fields: dict[str, Value], name: str) -> str:
    value = fields.get(name)
    return f"{kind} · {value}" if value is not None else kind
