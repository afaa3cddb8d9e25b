"""What the console asks the database: referrals by reference, agency, state and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, RowMapping, exists, select

from gateway.store import referrals
from gateway.store.tables import party, referral
from mappings.dates import KARACHI

PAGE = 25


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; empty: anything."""

    ref: str = ""
    agency: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None
    before: int | None = None
    """Row number to continue at."""


def find(connection: Connection, wanted: Wanted) -> list[RowMapping]:
    """Return referrals, the newest first, at most one more than a page."""
    asked = select(
        referral.c.n, referral.c.id, referral.c.sender, referral.c.state, referral.c.priority, referral.c.created
    )
    if wanted.ref:
        asked = asked.where(referral.c.id == (referrals.anywhere(connection, wanted.ref) or ""))
    if wanted.agency:
        involved = exists().where(party.c.referral == referral.c.id, party.c.agency == wanted.agency)
        asked = asked.where(involved)
    if wanted.state:
        asked = asked.where(referral.c.state == wanted.state)
    if wanted.since is not None:
        asked = asked.where(referral.c.created >= _midnight(wanted.since))
    if wanted.until is not None:
        asked = asked.where(referral.c.created < _midnight(wanted.until + timedelta(days=1)))
    if wanted.before is not None:
        asked = asked.where(referral.c.n < wanted.before)
    return list(connection.execute(asked.order_by(referral.c.n.desc()).limit(PAGE + 1)).mappings())


def _midnight(day: date) -> float:
    """Return when a day begins in Asia/Karachi, in Unix seconds."""
    return datetime.combine(day, time(), KARACHI).timestamp()
