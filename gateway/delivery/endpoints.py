"""What is remembered about each destination: its breaker, and whether it is paused."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from gateway.delivery.breaker import Breaker, BreakerPolicy, Phase, admit, observe
from gateway.store.tables import endpoint, lane
from gateway.store.upsert import upsert

_ONE = select(endpoint).where(endpoint.c.dest == bindparam("dest"))
_MINE = _ONE.with_for_update(skip_locked=True)
_LOCKED = _ONE.with_for_update()
_PACE = select(endpoint.c.rate, endpoint.c.paced_at).where(endpoint.c.dest == bindparam("dest"))


def load(connection: Connection, dest: str) -> Breaker:
    """Return a destination's breaker; a destination never seen has a closed one."""
    return _read(connection.execute(_ONE, {"dest": dest}).first())


def _read(row: Row[*tuple[Any, ...]] | None) -> Breaker:
    if row is None:
        return Breaker()
    return Breaker(Phase(row.phase), row.window, row.trips, row.opened_at, row.half_open_at)


def save(connection: Connection, dest: str, breaker: Breaker) -> None:
    """Store a destination's breaker; whether it is paused stays as it is."""
    values = {
        "phase": breaker.phase.value,
        "window": breaker.outcomes,
        "trips": breaker.trips,
        "opened_at": breaker.opened_at,
        "half_open_at": breaker.half_open_at,
    }
    statement = upsert(connection, endpoint).values(dest=dest, paused=0, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=[endpoint.c.dest], set_=values))


def ask(connection: Connection, dest: str, policy: BreakerPolicy, now: float) -> float | None:
    """Ask to send one message to a destination: None to go ahead, else the instant to come back.

    Of several workers one sends the probe of an open breaker; who finds the row locked by another comes back.
    """
    before = load(connection, dest)
    after, wait = admit(before, policy, now)
    if after == before:
        return wait
    row = connection.execute(_MINE, {"dest": dest}).first()
    if row is None:
        return now
    after, wait = admit(_read(row), policy, now)
    save(connection, dest, after)
    return wait


def learn(connection: Connection, dest: str, policy: BreakerPolicy, now: float, *, fault: bool) -> Breaker:
    """Count one outcome and return the breaker as it then stands."""
    return learn_all(connection, dest, policy, now, [fault])


def learn_all(connection: Connection, dest: str, policy: BreakerPolicy, now: float, faults: Sequence[bool]) -> Breaker:
    """Count outcomes, in order, each a transport fault or not; return the breaker as it then stands."""
    before = load(connection, dest)
    if _observed(before, policy, now, faults) == before:
        return before
    _make(connection, dest)
    after = _observed(_read(connection.execute(_LOCKED, {"dest": dest}).first()), policy, now, faults)
    save(connection, dest, after)
    return after


def _observed(breaker: Breaker, policy: BreakerPolicy, now: float, faults: Sequence[bool]) -> Breaker:
    for fault in faults:
        breaker = observe(breaker, policy, now, fault=fault)
    return breaker


def _make(connection: Connection, dest: str) -> None:
    """Give a destination never seen a row that can be locked."""
    fresh = upsert(connection, endpoint).values(dest=dest, phase="CLOSED", trips=0, window="", paused=0)
    connection.execute(fresh.on_conflict_do_nothing())


def pause(connection: Connection, dest: str, reason: str) -> None:
    """Stop sending to a destination until `resume`; `reason` is a code, such as HTTP_401 or OPERATOR."""
    save(connection, dest, load(connection, dest))
    stopped = update(endpoint).where(endpoint.c.dest == dest)
    connection.execute(stopped.values(paused=1, paused_reason=reason))


def resume(connection: Connection, dest: str) -> bool:
    """Send again, with a fresh breaker. False: it was not paused."""
    statement = update(endpoint).where(endpoint.c.dest == dest, endpoint.c.paused == 1)
    if connection.execute(statement.values(paused=0, paused_reason=None, rate=None, paced_at=None)).rowcount == 0:
        return False
    save(connection, dest, Breaker())
    return True


def paused(connection: Connection) -> dict[str, str]:
    """Return the paused destinations, each with its reason's code."""
    rows = connection.execute(select(endpoint.c.dest, endpoint.c.paused_reason).where(endpoint.c.paused == 1))
    return {row.dest: row.paused_reason or "" for row in rows}


def pace(connection: Connection, dest: str, rate: float, now: float) -> None:
    """Let a destination catch up at `rate` messages a second, until nothing waits for it any more."""
    save(connection, dest, load(connection, dest))
    paced = update(endpoint).where(endpoint.c.dest == dest)
    connection.execute(paced.values(rate=rate, paced_at=now))


def allowance(connection: Connection, dest: str, most: int, now: float) -> int:
    """Return how many messages may be sent to a destination now: `most`, or what its pace leaves of it.

    What was not used is kept for one second (for one message, if the pace is slower than that).
    """
    row = connection.execute(_PACE, {"dest": dest}).first()
    if row is None or row.rate is None:
        return most
    return min(most, int((now - _since(row.rate, row.paced_at, now)) * row.rate + 1e-9))


def spend(connection: Connection, dest: str, sent: int, now: float) -> None:
    """Count messages against a destination's pace; it ends when these were all that waited."""
    row = connection.execute(_PACE, {"dest": dest}).first()
    if row is None or row.rate is None:
        return
    waits = select(func.sum(lane.c.pending)).where(lane.c.dest == dest, lane.c.pending > 0, lane.c.held == 0)
    caught_up = (connection.execute(waits).scalar() or 0) <= sent
    until = _since(row.rate, row.paced_at, now) + sent / row.rate
    values = {"rate": None, "paced_at": None} if caught_up else {"paced_at": until}
    connection.execute(update(endpoint).where(endpoint.c.dest == dest).values(**values))


def _since(rate: float, paced_at: float | None, now: float) -> float:
    return min(now, max(paced_at or 0.0, now - max(1.0, 1.0 / rate)))
