"""When the registry opens again: its quota and office hours end a day, not a message."""

from datetime import UTC, datetime, timedelta, timezone

PAKISTAN = timezone(timedelta(hours=5), "PKT")
"""Pakistan keeps one offset all year."""

_OPENS = 9
_FRIDAY = 4


def until_open(now: float, *, next_day: bool) -> float:
    """Return the seconds from `now` (Unix) to 09:00 in Karachi on a working day, Monday to Friday.

    With `next_day` (a quota is used up) today does not count; without it (office hours) this morning does,
    while it is before nine. Public holidays are not known: on one, the registry says so once more.
    """
    here = datetime.fromtimestamp(now, UTC).astimezone(PAKISTAN)
    opening = here.replace(hour=_OPENS, minute=0, second=0, microsecond=0)
    if next_day or here >= opening:
        opening += timedelta(days=1)
    while opening.weekday() > _FRIDAY:
        opening += timedelta(days=1)
    return (opening - here).total_seconds()
