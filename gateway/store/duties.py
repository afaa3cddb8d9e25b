"""Periodic jobs that run once, however many processes share a database."""

from sqlalchemy import Connection, or_

from gateway.store.tables import duty
from gateway.store.upsert import upsert


def take_turn(connection: Connection, name: str, every: float, now: float) -> bool:
    """Tell whether a job is due, and make it due again in `every` seconds.

    Of several processes that ask, one is told yes, and the others wait for its transaction to end. A turn further away
    than `every` was noted by a clock that has been set back since, and counts as due.
    """
    first = upsert(connection, duty).values(name=name, next_at=now + every)
    due = or_(duty.c.next_at <= now, duty.c.next_at > now + every)
    again = first.on_conflict_do_update(index_elements=["name"], set_={"next_at": now + every}, where=due)
    return connection.execute(again.returning(duty.c.name)).first() is not None
