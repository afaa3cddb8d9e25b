"""Lanes: the order of messages of one case to one destination, and who may send the next.

A lane is (destination, case). Only its oldest open delivery, the head, may be sent; a worker leases the
lane, not the message. Each lease has a number one higher than the last, and whoever settles (`settlement`)
shows its number: if another worker has taken the lane since, nothing is written and the answer is False
(the late worker is fenced off). A dead head holds its lane, so that a later update never overtakes a
creation that failed.

Every function works on the caller's connection, inside the caller's transaction, so that a change of state
and its ledger entry are stored together or not at all. Where several lanes are locked, they are locked in
(dest, ord) order, or PostgreSQL would deadlock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Integer,
    RowMapping,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from gateway.delivery.states import DeliveryKind, DeliveryState
from gateway.store.bulk import insert_rows
from gateway.store.tables import delivery, endpoint, lane

#: How long a worker may hold a lane without settling, seconds.
LEASE = 60.0


@dataclass(frozen=True)
class Message:
    """What is to be enqueued; `document` names a sealed reply or notice, None means the referral itself."""

    id: str
    message_id: str
    referral: str
    case_key: str
    recipient: str
    purpose: str
    kind: DeliveryKind
    urgent: bool = False
    document: str | None = None


@dataclass(frozen=True)
class Claimed:
    """The head of a leased lane; `attempts` counts all ever made, `tried` those since a replay."""

    lane: int
    generation: int
    owner: str
    case_key: str
    id: str
    message_id: str
    referral: str
    recipient: str
    purpose: str
    kind: DeliveryKind
    urgent: bool
    attempts: int
    tried: int
    created: float
    first_at: float | None
    alerted_at: float | None
    document: str | None


#: Count one more message in a lane, making the lane if need be; an idle lane becomes due at :next_at, one
#: that waits (for a retry, or because it is leased) keeps its time. The same text runs on SQLite and
#: PostgreSQL.
_GROW = text(
    """
    INSERT INTO lane (dest, ord, pending, next_at) VALUES (:dest, :ord, 1, :next_at)
    ON CONFLICT (dest, ord) DO UPDATE SET
        pending = lane.pending + 1,
        next_at = CASE WHEN lane.pending = 0 AND lane.lease_owner IS NULL
                       THEN excluded.next_at ELSE lane.next_at END
    """
)

#: Find the lanes that were just grown.
_NUMBERS = select(lane.c.dest, lane.c.ord, lane.c.id).where(
    lane.c.dest == bindparam("dest"), lane.c.ord.in_(bindparam("ords", expanding=True))
)


def enqueue(connection: Connection, messages: Sequence[Message], now: float) -> None:
    """Add messages to their lanes, creating lanes as needed.

    An urgent message makes a free lane due before all others (`next_at` 0). A lane that already waits, for a
    retry or behind a lease, keeps its time: nothing overtakes its head.
    Raises IntegrityError when an id or message id is already in use.
    """
    ordered = sorted(messages, key=lambda each: (each.recipient, each.case_key))
    if not ordered:
        return
    due = [0.0 if message.urgent else now for message in ordered]
    grown = [{"dest": m.recipient, "ord": m.case_key, "next_at": at} for m, at in zip(ordered, due, strict=True)]
    connection.execute(_GROW, grown)
    ords: dict[str, list[str]] = {}
    for message in ordered:
        ords.setdefault(message.recipient, []).append(message.case_key)
    numbers = {
        (row[0], row[1]): row[2]
        for dest, cases in ords.items()
        for row in connection.execute(_NUMBERS, {"dest": dest, "ords": cases})
    }
    insert_rows(connection, delivery, [_row(m, numbers[m.recipient, m.case_key], now) for m in ordered])


def _row(message: Message, lane_id: int, now: float) -> dict[str, Any]:
    return {
        "id": message.id,
        "message_id": message.message_id,
        "referral": message.referral,
        "recipient": message.recipient,
        "purpose": message.purpose,
        "kind": message.kind.value,
        "lane": lane_id,
        "state": DeliveryState.OPEN.value,
        "urgent": int(message.urgent),
        "created": now,
        "next_at": now,
        "document": message.document,
    }


#: Destinations for which something waits. It leaps from one to the next in the index of what waits, so that a long
#: backlog is not read.
_WAITING = """
    WITH RECURSIVE waiting (dest) AS (
        SELECT min(dest) FROM lane WHERE pending > 0 AND held = 0
        UNION ALL
        SELECT (SELECT min(lane.dest) FROM lane WHERE pending > 0 AND held = 0 AND lane.dest > waiting.dest)
        FROM waiting WHERE waiting.dest IS NOT NULL
    )
    SELECT dest FROM waiting
    """
_DESTINATIONS = text(_WAITING + "WHERE dest IS NOT NULL ORDER BY dest")

#: Of those, the ones whose first lane may be claimed.
_TO_CLAIM = """
    WHERE EXISTS (SELECT 1 FROM lane WHERE lane.dest = waiting.dest AND pending > 0 AND held = 0 AND next_at <= :now)
      AND NOT EXISTS (
        SELECT 1 FROM endpoint
        WHERE endpoint.dest = waiting.dest AND (paused = 1 OR (phase = 'OPEN' AND half_open_at > :now))
      )
    ORDER BY dest
    """
_DUE = text(_WAITING + _TO_CLAIM)


def destinations(connection: Connection) -> list[str]:
    """Return the destinations that have a lane with something to send, due or not; held lanes do not count."""
    return list(connection.execute(_DESTINATIONS).scalars())


def due_destinations(connection: Connection, now: float) -> list[str]:
    """Return the destinations that have a lane to claim, so that a worker can be fair among them."""
    return list(connection.execute(_DUE, {"now": now}).scalars())


_ZERO: ColumnElement[int] = literal_column("0")
_OPEN: ColumnElement[str] = literal_column(f"'{DeliveryState.OPEN.value}'")
"""Written out, not bound: a database uses an index WHERE something holds only if it can see that it does."""


def _claimable(now: Any) -> Any:
    """Lanes with something due, not held, whose destination is neither paused nor behind an open breaker."""
    closed = select(endpoint.c.dest).where(
        or_(endpoint.c.paused == 1, and_(endpoint.c.phase == "OPEN", endpoint.c.half_open_at > now))
    )
    return and_(lane.c.pending > _ZERO, lane.c.held == _ZERO, lane.c.next_at <= now, lane.c.dest.not_in(closed))


def claim(
    connection: Connection,
    owner: str,
    now: float,
    *,
    limit: int,
    dest: str | None = None,
    lease: float = LEASE,
) -> list[Claimed]:
    """Lease up to `limit` due lanes, those due longest first, and return their heads.

    `owner` names the worker process. A lane whose lease has run out counts as due. The lease lasts `lease`
    seconds.
    """
    values = {"owner": owner, "now": now, "until": now + lease, "most": limit}
    one = {} if dest is None else {"to": dest}
    leased = connection.execute(claim_statement(of_one=dest is not None), {**values, **one}).all()
    leases = {row.id: (row.lease_gen, row.ord) for row in leased}
    heads = connection.execute(heads_statement(), {"lanes": list(leases)}).mappings() if leases else ()
    return [_claimed(head, owner, *leases[head["lane"]]) for head in heads]


@cache
def claim_statement(*, of_one: bool) -> ReturningUpdate[Any]:
    """Build the statement that leases due lanes, of one destination or of all.

    Apart, so that a test can ask the database for its plan, and once, because building it costs more than running it.
    Parameters: `owner`, `now`, `until`, `most`, and `to` for one destination.
    """
    due = select(lane.c.id).where(_claimable(bindparam("now", type_=Float)))
    if of_one:
        due = due.where(lane.c.dest == bindparam("to"))
    # SQLite ignores FOR UPDATE (one writer); PostgreSQL passes over lanes that another worker is claiming. As a
    # materialized CTE it is run once; as a plain subquery it may be run again and lock more than the limit.
    due = due.order_by(lane.c.next_at).limit(bindparam("most", type_=Integer)).with_for_update(skip_locked=True)
    found = due.cte("due").prefix_with("MATERIALIZED", dialect="postgresql")
    return (
        update(lane)
        .where(lane.c.id.in_(select(found.c.id)))
        .values(lease_owner=bindparam("owner"), lease_gen=lane.c.lease_gen + 1, next_at=bindparam("until"))
        .returning(lane.c.id, lane.c.lease_gen, lane.c.ord)
    )


def ours(connection: Connection, claimed: Claimed) -> bool:
    """Tell whether a leased head may still be sent: nobody has taken the lane, or the message, back since."""
    return claimed.id in still_ours(connection, [claimed])


def still_ours(connection: Connection, heads: Sequence[Claimed], *, lock: bool = False) -> set[str]:
    """Return the ids of those leased heads whose lane nobody has taken since; with `lock` nobody can any more.

    The lock lasts as long as the transaction.
    """
    wanted = {"lanes": sorted({head.lane for head in heads})}
    found = connection.execute(_LOCKED_LEASES if lock else _LEASES, wanted) if heads else ()
    leases = {row[0]: (row[1], row[2]) for row in found}
    return {head.id for head in heads if leases.get(head.lane) == (head.owner, head.generation)}


_LEASES = select(lane.c.id, lane.c.lease_owner, lane.c.lease_gen).where(
    lane.c.id.in_(bindparam("lanes", expanding=True))
)
_LOCKED_LEASES = _LEASES.order_by(lane.c.dest, lane.c.ord).with_for_update()


@cache
def heads_statement() -> Select[Any]:
    """Select the oldest open delivery of each of the lanes given.

    Lane by lane: asked for all at once, SQLite reads every open delivery there is.
    """
    queued = delivery.alias()
    first = select(func.min(queued.c.n)).where(queued.c.lane == lane.c.id, queued.c.state == _OPEN)
    firsts = select(first.correlate(lane).scalar_subquery()).where(lane.c.id.in_(bindparam("lanes", expanding=True)))
    return select(delivery).where(delivery.c.n.in_(firsts)).order_by(delivery.c.urgent.desc(), delivery.c.n)


def _claimed(head: RowMapping, owner: str, generation: int, case_key: str) -> Claimed:
    return Claimed(
        lane=head["lane"],
        generation=generation,
        owner=owner,
        case_key=case_key,
        id=head["id"],
        message_id=head["message_id"],
        referral=head["referral"],
        recipient=head["recipient"],
        purpose=head["purpose"],
        kind=DeliveryKind(head["kind"]),
        urgent=bool(head["urgent"]),
        attempts=head["attempts"],
        tried=head["attempts"] - head["base"],
        created=head["created"],
        first_at=head["first_at"],
        alerted_at=head["alerted_at"],
        document=head["document"],
    )
