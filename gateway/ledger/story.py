"""The story of one referral: its entries in order, each in a sentence, and its deliveries."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from gateway.clock import instant
from gateway.ledger.events import EventType, sentence
from gateway.ledger.journal import read_fields
from gateway.ledger.kinds import Value
from gateway.store.tables import attempt, delivery, entry


@dataclass(frozen=True)
class StoryLine:
    """One entry. `fields` is None when an erasure has redacted it."""

    seq: int
    at: str
    type: str
    actor: str
    delivery: str | None
    fields: dict[str, Value] | None
    sentence: str


@dataclass(frozen=True)
class StoryAttempt:
    """One attempt of a delivery; `ms` milliseconds."""

    n: int
    at: str
    ms: int
    outcome: str
    status: int | None
    error: str | None


@dataclass(frozen=True)
class StoryDelivery:
    """One delivery as it stands now, with its attempts."""

    id: str
    message_id: str
    recipient: str
    purpose: str
    kind: str
    state: str
    next_at: str | None
    attempts: tuple[StoryAttempt, ...]


@dataclass(frozen=True)
class Story:
    """Everything the ledger and the deliveries say about one referral; `as_json` gives plain values."""

    referral: str
    lines: tuple[StoryLine, ...]
    deliveries: tuple[StoryDelivery, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the story as JSON values."""
        return asdict(self)


def story(connection: Connection, referral: str) -> Story:
    """Read the story of a referral; a referral nobody knows has an empty one.

    One ledger numbers all entries, so their order is also that of cause and effect.
    """
    rows = connection.execute(select(entry).where(entry.c.referral == referral).order_by(entry.c.idx))
    lines = tuple(line_of(row) for row in rows.mappings())
    deliveries = connection.execute(
        select(delivery).where(delivery.c.referral == referral).order_by(delivery.c.n)
    ).mappings()
    return Story(referral, lines, tuple(_delivery(row, _attempts(connection, row["id"])) for row in deliveries))


def line_of(row: RowMapping) -> StoryLine:
    """Read one row of the table `entry`."""
    fields = None if row["fields"] is None else read_fields(row["fields"])
    return StoryLine(
        seq=row["idx"],
        at=row["at"],
        type=row["type"],
        actor=row["actor"],
        delivery=row["delivery"],
        fields=fields,
        sentence=sentence(EventType(row["type"]), fields),
    )


def _attempts(connection: Connection, delivery_id: str) -> Iterable[RowMapping]:
    made = select(attempt).where(attempt.c.delivery == delivery_id).order_by(attempt.c.n)
    return connection.execute(made).mappings()


def _delivery(row: RowMapping, made: Iterable[RowMapping]) -> StoryDelivery:
    return StoryDelivery(
        id=row["id"],
        message_id=row["message_id"],
        recipient=row["recipient"],
        purpose=row["purpose"],
        kind=row["kind"],
        state=row["state"],
        next_at=None if row["next_at"] is None else instant(row["next_at"]),
        attempts=tuple(
            StoryAttempt(
                n=each["n"],
                at=instant(each["at"]),
                ms=each["ms"],
                outcome=each["outcome"],
                status=each["status"],
                error=each["error"],
            )
            for each in made
        ),
    )
