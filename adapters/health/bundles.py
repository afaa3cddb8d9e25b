"""What the door needs to know of the Bundle it sends: its type, its size, the Task in it."""

import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import orjson

from adapters.peers import items, member


@dataclass(frozen=True, slots=True)
class Sent:
    """A Bundle on its way out. `task_at` is the index of its first Task, `task` that Task's identifiers."""

    type: Literal["transaction", "message"]
    entries: int
    task_at: int | None
    task: tuple[tuple[str, str], ...]

    @property
    def question(self) -> str | None:
        """The search that finds the Task again, `Task?identifier=system|value`; None for a message."""
        if self.type == "message" or not self.task:
            return None
        system, value = self.task[0]
        return f"Task?identifier={_token(system)}%7C{_token(value)}"


def _token(text: str) -> str:
    """Return one side of a token parameter, escaped for FHIR (search.html, 3.1.1.4.3) and for the URL."""
    return quote(re.sub(r"([$,|\\])", r"\\\1", text), safe="")


def outgoing(body: bytes) -> Sent | None:
    """Read a Bundle of ours; None if it is neither a transaction nor a message (formats/health.md 2.3)."""
    try:
        bundle = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    kind: Literal["transaction", "message"]
    match member(bundle, "resourceType"), member(bundle, "type"):
        case "Bundle", "transaction":
            kind = "transaction"
        case "Bundle", "message":
            kind = "message"
        case _:
            return None
    resources = [member(entry, "resource") for entry in items(bundle.get("entry"))]
    at = next((n for n, one in enumerate(resources) if member(one, "resourceType") == "Task"), None)
    return Sent(kind, len(resources), at, () if at is None else identifiers(resources[at]))


def identifiers(resource: object) -> tuple[tuple[str, str], ...]:
    """Return (system, value) of each identifier that has both."""
    found = items(member(resource, "identifier"))
    pairs = ((one.get("system"), one.get("value")) for one in found)
    return tuple((system, value) for system, value in pairs if isinstance(system, str) and isinstance(value, str))
