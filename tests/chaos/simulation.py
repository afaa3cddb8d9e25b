"""A whole gateway in one thread: a seeded scheduler, a played clock, peers in memory, and death at every await.

Intake, committer, lanes, worker, settling, breakers, operators' verbs and the ledger are the real ones (`mortal`); what
is played is time, chance, senders, peers and operators. Between any two steps the process may die: in the middle of a
transaction, before COMMIT, after COMMIT and before anybody was told, before and after an agency has done its part.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from sqlalchemy import Connection, select

from adapters.base import Delivered, Envelope, Outcome, Refused, Unavailable, Unknown
from adapters.statuses import judge_status
from adapters.transport import Answer
from gateway import operators, redirection
from gateway.delivery import endpoints, operations
from gateway.delivery.backoff import EMERGENCY
from gateway.errors import GatewayError
from gateway.ledger.verify import verify
from gateway.operators import OPERATOR, Why
from gateway.store.errors import StoreError
from gateway.store.tables import delivery
from tests.chaos.mortal import Died, PlayedClock, Process, emptied
from tests.gateway.manifests import HEALTH, POLICE, STRANGER

ASKED, INSTEAD = (HEALTH, POLICE), STRANGER
"""Agencies that referrals are sent to, and the one a dead referral may be sent to instead."""
SIZES = (("case-1", (1, 1, 2)), ("case-2", (0, 0, 1)))
"""Cases, and how many referrals each may have; many small histories find more than a few long ones."""
WHY = Why("OPERATOR", "An invented reason")


@dataclass
class Peer:
    """An agency that drops repeated messages; `effects` are the referrals it acted on, in order."""

    name: str
    world: World
    seen: set[str] = field(default_factory=set)
    effects: list[str] = field(default_factory=list)

    async def send(self, envelope: Envelope) -> Outcome:
        """Take a message, or not, and say so, or not."""
        chance = self.world.chance
        kinds = ["ok", "busy", "broken", "refused", "lost", "page", "slow"]
        fate = chance.choices(kinds, [12, 1, 2, 1, 2, 1, 1] if self.world.troubled else [1, 0, 0, 0, 0, 0, 0])[0]
        await asyncio.sleep(100.0 if fate == "slow" else 0.0)  # longer than a lease
        if fate in {"ok", "lost", "page", "slow"}:
            self._take(envelope)
        await asyncio.sleep(0.0)
        match fate:
            case "busy":
                return self._busy()
            case "broken":
                return Unavailable(None, "CONNECT", transport_fault=True)
            case "refused":
                return Refused(422, "HTTP_422")
            case "lost":
                return Unknown("TIMEOUT", transport_fault=True)
            case "page":
                return Unknown("PEER_PROTOCOL", 200)
        return Delivered(200, f"receipt-{envelope.message_id[:8]}")

    def _busy(self) -> Outcome:
        """Ask to wait: some seconds, or until a moment of the wall clock (RFC 9110 section 10.2.3)."""
        now = self.world.clock.now()
        asked = self.world.chance.choice(
            ["1", "90", format_datetime(datetime.fromtimestamp(now + 90, UTC), usegmt=True)]
        )
        return judge_status(Answer(429, {"retry-after": asked}), now)

    def _take(self, envelope: Envelope) -> None:
        if envelope.message_id not in self.seen:
            self.seen.add(envelope.message_id)
            self.effects.append(envelope.referral)

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class Sender:
    """Sends the referrals of one case, one after the other, each under its key until it is answered."""

    case: str
    letters: list[tuple[str, tuple[str, ...]]]
    accepted: list[str] = field(default_factory=list)


class World:
    """One history, decided by its seed, and by `dies_at`: the step at which the process dies, instead of by chance."""

    def __init__(self, seed: int, dies_at: int | None = None) -> None:
        random.seed(seed)  # what the schedule of retries draws from
        self.chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.dies_at = dies_at
        self.clock = PlayedClock()
        self.engine = emptied()
        self.peers = {name: Peer(name, self) for name in (*ASKED, INSTEAD)}
        self.senders = [Sender(case, [self._letter() for _ in range(self.chance.choice(few))]) for case, few in SIZES]
        self.decided: set[str] = set()
        self.troubled = True
        self.alone = self.chance.random() < 0.7
        self.steps = self.deaths = 0
        self.boot()

    def _letter(self) -> tuple[str, tuple[str, ...]]:
        key = f"{self.chance.getrandbits(64):016x}"
        return key, tuple(self.chance.sample(ASKED, self.chance.choice([1, 1, 1, 2])))

    def boot(self) -> None:
        """Start the process, and let whoever has no answer yet ask again."""
        self.process = Process(self.engine, self.clock, self.chance, self.peers, self.fate, alone=self.alone)
        for sender in self.senders:
            self.process.loop.create_task(self._send(sender))
        self.process.loop.create_task(self._operate())

    def fate(self) -> None:
        """Let the process die here, perhaps."""
        self.steps += 1
        by_chance = self.dies_at is None and self.troubled and self.chance.random() < 1 / 100
        if self.steps == self.dies_at or by_chance:
            raise Died

    def live(self) -> World:
        """Live until nothing is open, and judge."""
        for number in range(20_000):
            self.troubled = number < 400
            try:
                self.fate()
                self.process.step(self.chance)
            except Died:
                self.deaths += 1
                self.process.end()
                self.boot()
            if number % 24 == 0 and self._at_rest():
                self.judge()
                self.process.end()
                return self
        raise AssertionError("it never came to rest")

    def _at_rest(self) -> bool:
        if any(len(sender.accepted) < len(sender.letters) for sender in self.senders):
            return False
        return not self._any(_OPEN)

    def _any(self, wanted: str) -> bool:
        with self.engine.connect() as connection:
            return connection.exec_driver_sql(wanted).first() is not None

    async def _send(self, sender: Sender) -> None:
        """Send what is not yet answered, as a careful client."""
        while len(sender.accepted) < len(sender.letters):
            key, receivers = sender.letters[len(sender.accepted)]
            sender.accepted.append(await self.process.accept(sender.case, receivers, key))

    async def _operate(self) -> None:
        """Be the operator: look after dead letters, and do what operators do when there is trouble."""
        while True:
            await asyncio.sleep(self.chance.choice([5.0, 40.0, 200.0]))
            work = self._verb()
            try:
                if work is not None:
                    await asyncio.wrap_future(self.process.committer.submit(work, last=True))
            except (GatewayError, StoreError):
                continue

    def _verb(self) -> Any:
        verbs = ["dead"] * 9 + (["jump", "pause", "resume", "skip"] if self.troubled else ["resume"] * 3)
        verb = self.chance.choice(verbs)
        if verb == "dead" and not self._any(_DEAD):
            return None
        dest = self.chance.choice(ASKED)
        match verb:
            case "jump":
                self.clock.ahead += self.chance.choice([-200_000.0, -200.0, 600.0, 86_400.0])
                return lambda c: operations.mend_clock(c, self.clock.now(), EMERGENCY.longest)
            case "pause":
                return lambda c: endpoints.pause(c, dest, "OPERATOR")
            case "resume":
                return lambda c: [endpoints.resume(c, each) for each in self.peers]
            case _:
                return lambda c: self._decide(c, "OPEN" if verb == "skip" else "DEAD")

    def _decide(self, connection: Connection, state: str) -> None:
        """Send the oldest delivery in a state again, give it up, or send it to somebody else."""
        wanted = select(delivery.c.id, delivery.c.referral).where(delivery.c.state == state).order_by(delivery.c.n)
        found = connection.execute(wanted).first()
        if found is None:
            return
        room, choice = self.process.room, "discard" if state == "OPEN" else self.chance.choice(["again"] * 3 + VERBS)
        if choice == "again":
            operators.redeliver(room, connection, found.id, WHY, OPERATOR)
            return
        if choice == "redirect":
            redirection.redirect(room, connection, found.id, INSTEAD, WHY, OPERATOR)
        else:
            operators.discard(room, connection, found.id, WHY, OPERATOR)

    def judge(self) -> None:
        """Compare what was promised with what the peers did, and recompute the ledger."""
        assert self.process.unforeseen() == []
        with self.engine.connect() as connection:
            rows = connection.execute(select(delivery.c.referral, delivery.c.recipient, delivery.c.state)).all()
            assert verify(connection, []).whole
        given_up = {(row.referral, row.recipient) for row in rows if row.state == "SKIPPED"}
        redirected = {row.referral for row in rows if row.recipient == INSTEAD}
        for name, peer in self.peers.items():
            assert max(Counter(peer.effects).values(), default=1) == 1, f"{name}: an effect is doubled"
        for name in ASKED:
            for sender in self.senders:
                self._judge_lane(name, sender, given_up)
        everything = {each for sender in self.senders for each in sender.accepted}
        assert set(self.peers[INSTEAD].effects) <= redirected <= everything
        lost = redirected - set(self.peers[INSTEAD].effects) - {ref for ref, who in given_up if who == INSTEAD}
        assert not lost, "a redirected referral is lost"

    def _judge_lane(self, name: str, sender: Sender, given_up: set[tuple[str, str]]) -> None:
        """Look at what one agency did of one case."""
        pairs = zip(sender.accepted, sender.letters, strict=True)
        promised = [each for each, (_, receivers) in pairs if name in receivers]
        kept = [each for each in promised if (each, name) not in given_up]
        others = {each for other in self.senders if other is not sender for each in other.accepted}
        done = [each for each in self.peers[name].effects if each not in others]
        assert set(done) <= set(promised), f"{name}: an effect nobody asked for"
        assert set(kept) <= set(done), f"{name}: an accepted referral is lost"
        assert [each for each in done if each in kept] == kept, f"{name}: a referral was overtaken"


VERBS = ["discard", "redirect"]
_OPEN = "SELECT 1 FROM delivery WHERE state IN ('OPEN', 'DEAD') LIMIT 1"
_DEAD = "SELECT 1 FROM delivery WHERE state = 'DEAD' LIMIT 1"


def live(seed: int, dies_at: int | None = None) -> World:
    """Live through one history and judge it."""
    return World(seed, dies_at).live()
