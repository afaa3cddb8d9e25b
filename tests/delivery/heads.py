"""Heads of lanes: claimed, looked at, and what came of them."""

from sqlalchemy import select

from gateway.delivery import lanes
from gateway.delivery.settlement import Attempt
from gateway.delivery.states import OutcomeClass
from gateway.store.tables import delivery

OK = Attempt(at=1.0, ms=12, outcome=OutcomeClass.DELIVERED, status=200, peer_ref="E-77", body_digest="d1")
DOWN = Attempt(at=2.0, ms=5, outcome=OutcomeClass.UNAVAILABLE, status=503, error="HTTP_503")
NO = Attempt(at=3.0, ms=5, outcome=OutcomeClass.REFUSED, status=422, error="HTTP_422")


def take(connection, clock, owner="w", limit=10, **more):
    return lanes.claim(connection, owner, clock.now(), limit=limit, **more)


def row(connection, message):
    return connection.execute(select(delivery).where(delivery.c.id == message.id)).one()
