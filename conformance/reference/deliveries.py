"""How the miniature gateway delivers: lanes, waits, dead letters, and the entries of all that."""

from __future__ import annotations

import hashlib
import random
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from conformance.reference import writing
from conformance.reference.ledger import Ledger
from conformance.reference.peers import InsidePeer
from conformance.reference.trees import Tree

SPOKEN = {"nadra": "nadra_crms", "police": "police_psrms", "health": "health_fhir", "school": "school_sis",
          "welfare": "raabta"}  # fmt: skip
FIRST_WAIT = 0.2


@dataclass
class Delivery:
    """One document on its way to one agency."""

    id: str
    peer: str
    case: str
    message: str
    due: float
    state: str = "OPEN"
    status: str = "SENT"
    attempts: int = 0


@dataclass
class Referral:
    """One referral and everything that happened to it."""

    ref: str
    sender: str
    document: Tree
    deliveries: list[Delivery] = field(default_factory=list)
    lines: list[Tree] = field(default_factory=list)
    held: bool = False
    erased: bool = False


@dataclass
class Deliveries:
    """All deliveries, in time that passes only when somebody waits."""

    peers: dict[str, InsidePeer]
    flaws: frozenset[str]
    now: float
    seq: int = 0
    open: list[tuple[Referral, Delivery]] = field(default_factory=list)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        """Begin an empty ledger."""
        self.ledger = Ledger(self.flaws)

    def has(self, flaw: str) -> bool:
        """Tell whether it is broken in a way."""
        return flaw in self.flaws

    def enter(self, referral: Referral, kind: str, delivery: Delivery | None = None, **fields: Any) -> None:
        """Add an entry to the story of a referral."""
        self.seq += 1
        at = datetime.fromtimestamp(self.now, UTC).isoformat(timespec="milliseconds")
        line = {"seq": self.seq, "at": at, "type": kind, "fields": fields}
        referral.lines.append({**line, "delivery": delivery.id if delivery else None})
        self.ledger.enter({"at": at, "type": kind, "referral": referral.ref, "fields": fields})

    def enter_refusal(self, code: str, content: str) -> None:
        """Add the entry of a document that was refused; `content` is what a careless gateway would keep of it."""
        at = datetime.fromtimestamp(self.now, UTC).isoformat(timespec="milliseconds")
        fields = {"code": code, **({"content": content} if self.has("keeps-what-it-refused") else {})}
        if not self.has("forgets-refusals"):
            self.ledger.enter({"at": at, "type": "referral.refused", "fields": fields})

    def add(self, referral: Referral, peer: str) -> Delivery:
        """Put a delivery on its way."""
        case = str(referral.document.get("case_ref") or referral.ref)
        made = Delivery(str(uuid.uuid4()), peer, case, str(uuid.uuid4()), self.now)
        referral.deliveries.append(made)
        self.open.append((referral, made))
        self.enter(referral, "routed", made, recipient=self.peers[peer].agency_id)
        return made

    def forget(self) -> None:
        """Lose what is under way, as a gateway does that keeps it in memory."""
        self.open = []

    def advance(self, seconds: float) -> None:
        """Let time pass and make every attempt that falls due, in the order in which they do."""
        until = self.now + seconds
        while found := self._next(until):
            referral, delivery = found
            self.now = max(self.now, delivery.due)
            self._attempt(referral, delivery)
        self.now = until

    def _next(self, until: float) -> tuple[Referral, Delivery] | None:
        self.open = [pair for pair in self.open if pair[1].state == "OPEN"]
        ready = [pair for pair in self.open if pair[1].due <= until and self._first(pair[1])]
        return min(ready, key=lambda pair: pair[1].due, default=None)

    def _first(self, delivery: Delivery) -> bool:
        """Tell whether nothing of the same case, to the same agency, is before it."""
        if self.has("overtakes"):
            return True
        lane = [one for _, one in self.open if self.has("one-queue") or one.peer == delivery.peer]
        same = [one for one in lane if self.has("one-queue") or one.case == delivery.case]
        return same[0] is delivery

    def _attempt(self, referral: Referral, delivery: Delivery) -> None:
        peer, name = self.peers[delivery.peer], SPOKEN[delivery.peer]
        document = {**referral.document, "message_id": delivery.message, "ref": f"{referral.ref}-{delivery.peer}"}
        body = writing.write(name, self._granted(document, delivery.peer), self.flaws)
        digest = hashlib.sha256(body).hexdigest()
        delivery.attempts += 1
        if self.has("new-ids") and delivery.attempts > 1:
            delivery.message = str(uuid.uuid4())
        told = {"recipient": peer.agency_id, "message": delivery.message, "attempt": delivery.attempts}
        if not self.has("story-without-digests"):
            told |= {"body": digest}
        grounds = {} if self.has("story-without-digests") else {"mapping": digest, "agreement": digest}
        if self.has("enters-names"):
            grounds["child"] = document["child"].get("name", "")
        if delivery.attempts == 1:
            self.enter(referral, "translated", delivery, **told, **grounds)
        late = self.has("enters-afterwards")
        at = self.now
        if not late:
            self.enter(referral, "attempting", delivery, **told)
        path = f"/referrals/{document['child'].get('name', '')}" if self.has("names-in-addresses") else "/referrals"
        status, headers = peer.take(at, path, delivery.message, body.decode("utf-8", "replace"))
        if self.has("sends-twice") and status == 202:
            peer.take(at, path, delivery.message, body.decode("utf-8", "replace"))
        if late:
            self.now += 1.0
            self.enter(referral, "attempting", delivery, **told)
        self.enter(referral, "attempted", delivery, status=status)
        self._settle(referral, delivery, status, headers)

    def _settle(self, referral: Referral, delivery: Delivery, status: int, headers: dict[str, Any]) -> None:
        if status == 307 and self.has("follows-redirects"):
            self.peers[delivery.peer].calls_at_trap += 1
        lost = status == 0 and self.has("trusts-lost-answers")
        if 200 <= status < 300 or lost:
            delivery.state, delivery.status = "DONE", "DELIVERED"
            if not self.has("story-without-end"):
                self.enter(referral, "delivered", delivery)
        elif (status in {400, 422, 409} and not self.has("retries-refusals")) or (
            status >= 500 and self.has("gives-up") and delivery.attempts > 1
        ):
            delivery.state = "DONE" if self.has("hides-dead-letters") else "DEAD"
            self.enter(referral, "dead", delivery)
        else:
            delivery.due = self.now + self._pause(delivery.attempts, headers)
            self.enter(referral, "retry.scheduled", delivery)

    def _pause(self, attempts: int, headers: dict[str, Any]) -> float:
        wait = FIRST_WAIT * (1 if self.has("flat-waits") else 2**attempts)
        wait *= 1 if self.has("no-jitter") or self.has("flat-waits") else 1 + random.random() / 5  # noqa: S311 - no secret
        asked = headers.get("retry-after", "0")
        if self.has("ignores-retry-after") or (self.has("ignores-retry-dates") and not asked.isdigit()):
            return float(wait)
        seconds = float(asked) if asked.isdigit() else parsedate_to_datetime(asked).timestamp() - self.now
        return float(max(wait, seconds))

    def _granted(self, document: Tree, peer: str) -> Tree:
        """Project to what the agreement of an agency grants."""
        told = {name: value for name, value in document.items() if name not in {"recipients", "sender", "links"}}
        if self.has("names-receivers"):
            told["case_ref"] = " ".join(one.agency_id for one in self.peers.values())
        if self.has("grants-everything") and peer == "police":
            told["focal_point"] = {
                "role": "OFFICER",
                "agency": str([one.get("address") for one in document.get("persons", [])]),
            }
        return told
