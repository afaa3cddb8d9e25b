"""Requests to the register: which operation one is, what it must hold, and the days between which a child was born.

Source: formats/nadra.md 7.2. Inside an envelope the operation has a name; a plain document is known by its keys.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from typing import Any

from mappings.engine.findings import Finding
from mappings.engine.trees import Node
from mappings.nadra_crms.civil_dates import read_date

NEEDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "GetBirthRegistration": (("CRMS_NUMBER", "CHILD_NUMBER"),),
    "SearchBirthRegistration": (
        ("CHILD_NAME",),
        ("DOB_FROM",),
        ("DOB_TO",),
        ("FATHER_ID", "MOTHER_ID", "MOTHER_NAME", "DISTRICT"),
    ),
    "VerifyChildRegistration": (("CHILD_NUMBER",), ("CHILD_NAME",), ("DATE_OF_BIRTH",)),
    "SubmitBirthNotification": (("BIRTH_REGISTRATION",),),
    "GetLastResult": (),
}
"""What a request of each operation holds: one of every group."""
OF_DOCUMENT = {
    "lookup": "GetBirthRegistration",
    "search": "SearchBirthRegistration",
    "verification": "VerifyChildRegistration",
    "notification": "SubmitBirthNotification",
}
"""Which operation carries which document that we write."""


def operation_of(request: Node, named: str) -> str:
    """Return the operation of a request.

    Args:
        request: REQUEST_DATA.
        named: the name it has in its envelope, or empty; one that is none of ours stays as it is.
    """
    if named:
        return named
    if "BIRTH_REGISTRATION" in request:
        return "SubmitBirthNotification"
    if "DOB_FROM" in request or "DOB_TO" in request:
        return "SearchBirthRegistration"
    if "CHILD_NAME" in request or "DATE_OF_BIRTH" in request:
        return "VerifyChildRegistration"
    if "CRMS_NUMBER" in request or "CHILD_NUMBER" in request:
        return "GetBirthRegistration"
    return "GetLastResult"


def missing_keys(request: Node, operation: str, path: str) -> Iterator[Finding]:
    """Yield what a request of an operation lacks; of several keys of which one will do, the first."""
    for group in NEEDS.get(operation, ()):
        if not any(name in request for name in group):
            yield Finding("MISSING_REQUIRED", f"{path}/{group[0]}")


def mark_birth(request: Node, path: str) -> None:
    """Take two days for the date that is known so far: the one they enclose exactly, or the month or year of both.

    Days that enclose a date exactly say no more than it and are taken off; others stay.
    """
    days = _days(request)
    if days is None:
        return
    date = enclosed(*days)
    if date:
        del request["DOB_FROM"], request["DOB_TO"]
    common = next((days[0][:length] for length in (7, 4) if days[0][:length] == days[1][:length]), None)
    if date or common:
        request["$born"] = {"$at": f"{path}/DOB_FROM[1]", "@date": date or common}


def judge_range(request: Node, path: str) -> Iterator[Finding]:
    """Judge that the two days are days, the first no later than the last."""
    if "DOB_FROM" not in request or "DOB_TO" not in request:
        return
    days = _days(request)
    if days is None or days[0] > days[1]:
        yield Finding("NADRA_906", f"{path}/DOB_FROM[1]")


def _days(request: Node) -> tuple[str, str] | None:
    texts = [request[name][0].get("#", "") for name in ("DOB_FROM", "DOB_TO") if name in request]
    try:
        days = [read_date(text) for text in texts]
    except ValueError:
        return None
    whole = len(days) == 2 and all(len(day) == 10 for day in days)
    return (days[0], days[1]) if whole else None


def enclosed(first: str, last: str) -> str | None:
    """Return the date whose first and last days these are: a day, a whole month, a whole year; or none."""
    dates = (first, first[:7], first[:4])
    return next((date for date in dates if span(date) == (first, last)), None)


def span(date: str) -> tuple[str, str]:
    """Return the first and the last day of a date as far as it is known."""
    if len(date) == 10:
        return date, date
    if len(date) == 4:
        return f"{date}-01-01", f"{date}-12-31"
    year, month = int(date[:4]), int(date[5:])
    return f"{date}-01", f"{date}-{calendar.monthrange(year, month)[1]:02d}"


def written_birth(request: Node, path: str) -> dict[str, list[Any]]:
    """Return DOB_FROM and DOB_TO of a request whose birth the rules wrote as one date."""
    born = request.get("$born")
    if not born:
        return {}
    born["$at"] = f"{path}/DOB_FROM[1]"
    first, last = span(born["@date"])
    return {"DOB_FROM": [{"#": first}], "DOB_TO": [{"#": last}]}
