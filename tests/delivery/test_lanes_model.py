"""Lanes against a model: whatever workers and operators do, order holds and nothing is lost or doubled."""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from sqlalchemy import Engine, func, select

from gateway.delivery import endpoints, lanes, operations
from gateway.delivery.lanes import Claimed
from gateway.delivery.settlement import Attempt, defer, settle_dead, settle_delivered, settle_retry
from gateway.delivery.states import OutcomeClass
from gateway.store.tables import attempt, delivery, lane
from tests import postgres
from tests.chaos.mortal import emptied
from tests.clocks import FixedClock
from tests.databases import engine_of
from tests.delivery.rows import add_referral, message

LEASE = 60
DESTS, CASES = ("health", "police"), ("case-1", "case-2")


@dataclass
class ModelLane:
    """What a lane ought to be: its messages in order, who holds it, when it is due."""

    queue: list[str] = field(default_factory=list)
    due: float = 0.0
    holder: Claimed | None = None
    dead: str | None = None

    def claimable(self, now: float) -> bool:
        return bool(self.queue) and self.dead is None and self.due <= now

    def add(self, name: str, now: float) -> None:
        if not self.queue and self.holder is None:
            self.due = now
        self.queue.append(name)

    def owned(self, claimed: Claimed) -> bool:
        return self.holder == claimed

    def release(self, due: float) -> None:
        self.holder, self.due = None, due

    def die(self, due: float) -> None:
        self.dead = self.queue.pop(0)
        self.release(due)

    def revive(self, due: float) -> None:
        if self.dead is not None:
            self.queue.insert(0, self.dead)
            self.dead = None
        self.release(due)


class Lanes(RuleBasedStateMachine):
    claims = Bundle("claims")
    made = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.engine = self.opened()
        self.connection = self.engine.connect()
        self.clock = FixedClock()
        self.referral = add_referral(self.connection, self.clock)
        self.model = {(dest, case): ModelLane() for dest in DESTS for case in CASES}
        self.states: dict[str, str] = {}
        self.tries: dict[str, int] = {}

        self.paused: set[str] = set()

    def opened(self) -> Engine:
        """Return the engine of an empty database, whose every statement commits by itself."""
        return emptied()

    def teardown(self) -> None:
        self.connection.close()

    def attempt(self, outcome: OutcomeClass) -> Attempt:
        return Attempt(at=self.clock.now(), ms=1, outcome=outcome)

    def lane_of(self, claimed: Claimed) -> ModelLane:
        return self.model[claimed.recipient, claimed.case_key]

    @rule(target=made, dest=st.sampled_from(DESTS), case=st.sampled_from(CASES))
    def accept(self, dest, case):
        new = message(self.clock, self.referral, dest=dest, case=case)
        lanes.enqueue(self.connection, [new], self.clock.now())
        self.model[dest, case].add(new.id, self.clock.now())
        self.states[new.id], self.tries[new.id] = "OPEN", 0
        return (new.id, dest, case)

    @rule(target=claims, owner=st.sampled_from("ab"), dest=st.none() | st.sampled_from(DESTS))
    def claim(self, owner, dest):
        now = self.clock.now()
        found = lanes.claim(self.connection, owner, now, limit=9, dest=dest, lease=LEASE)
        expected = {
            key: mine.queue[0]
            for key, mine in self.model.items()
            if mine.claimable(now) and dest in {None, key[0]} and key[0] not in self.paused
        }
        assert {(each.recipient, each.case_key): each.id for each in found} == expected
        for each in found:
            mine = self.lane_of(each)
            mine.holder, mine.due = each, now + LEASE
            assert each.attempts == self.tries[each.id]
        return found

    @rule(claimed=consumes(claims), ends=st.lists(st.sampled_from(["ok", "retry", "dead", "defer"]), min_size=4))
    def settle(self, claimed, ends):
        for head, end in zip(claimed, ends, strict=False):
            self.end(head, end)

    def end(self, head: Claimed, end: str) -> None:
        now, mine = self.clock.now(), self.lane_of(head)
        owned = mine.owned(head)
        match end:
            case "ok":
                done = settle_delivered(self.connection, head, self.attempt(OutcomeClass.DELIVERED), now)
            case "retry":
                done = settle_retry(self.connection, head, self.attempt(OutcomeClass.UNAVAILABLE), now + 30)
            case "dead":
                done = settle_dead(self.connection, head, self.attempt(OutcomeClass.REFUSED), now)
            case _:
                done = defer(self.connection, head, now + 30)
        assert done is owned
        if not owned:
            return
        self.tries[head.id] += end != "defer"
        if end == "ok":
            self.states[mine.queue.pop(0)] = "DONE"
            mine.release(now)
        elif end == "dead":
            self.states[head.id] = "DEAD"
            mine.die(now)
        else:
            mine.release(now + 30)

    @rule(seconds=st.sampled_from([1, 30, LEASE, 120]))
    def time_passes(self, seconds):
        self.clock.advance(seconds)

    @rule()
    def the_process_restarts(self):
        freed = operations.release_leases(self.connection)
        held = [mine for mine in self.model.values() if mine.holder is not None]
        assert freed == len(held)
        for mine in held:
            mine.release(0.0)

    @rule(which=made)
    def an_operator_replays(self, which):
        name, dest, case = which
        mine = self.model[dest, case]
        assert operations.replay(self.connection, name, self.clock.now()) is (mine.dead == name)
        if mine.dead == name:
            mine.revive(self.clock.now())
            self.states[name] = "OPEN"

    @rule(which=made)
    def an_operator_skips(self, which):
        name, dest, case = which
        mine, now = self.model[dest, case], self.clock.now()
        possible = self.states[name] in {"OPEN", "DEAD"}
        assert operations.skip(self.connection, name, "OPERATOR", now) is possible
        if not possible:
            return
        if mine.dead == name:
            mine.dead = None
        else:
            mine.queue.remove(name)
        self.states[name] = "SKIPPED"
        mine.release(now)

    @rule(which=made, to=st.sampled_from(DESTS))
    def an_operator_sends_it_to_somebody_else(self, which, to):
        name, dest, case = which
        if self.model[dest, case].dead != name:
            return
        self.an_operator_skips(which)
        self.accept(to, case)

    @rule(dest=st.sampled_from(DESTS))
    def a_destination_is_paused(self, dest):
        endpoints.pause(self.connection, dest, "OPERATOR")
        self.paused.add(dest)

    @rule(dest=st.sampled_from(DESTS))
    def a_destination_is_resumed(self, dest):
        assert endpoints.resume(self.connection, dest) is (dest in self.paused)
        self.paused.discard(dest)

    @invariant()
    def every_delivery_is_in_its_state(self):
        rows = self.connection.execute(select(delivery.c.id, delivery.c.state, delivery.c.attempts)).all()
        assert {row.id: (row.state, row.attempts) for row in rows} == {
            name: (state, self.tries[name]) for name, state in self.states.items()
        }

    @invariant()
    def lanes_count_what_is_open_and_attempts_what_was_tried(self):
        for row in self.connection.execute(select(lane)):
            mine = self.model[row.dest, row.ord]
            assert (row.pending, bool(row.held)) == (len(mine.queue), mine.dead is not None)
        tried = self.connection.execute(select(func.count()).select_from(attempt)).scalar()
        assert tried == sum(self.tries.values())


class LanesOnPostgres(Lanes):
    """The same, on a real server."""

    def opened(self) -> Engine:
        return engine_of(postgres.cleared())

    def teardown(self) -> None:
        super().teardown()
        self.engine.dispose()


Lanes.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
LanesOnPostgres.TestCase.settings = settings(max_examples=10, stateful_step_count=40, deadline=None)
TestLanes = Lanes.TestCase
TestLanesOnPostgres = LanesOnPostgres.TestCase
