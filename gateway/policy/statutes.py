"""The laws that demand a report, read once from ``statutes.toml``: a duty to report is never a free tick.

Source: formats/case-management.md 3.6 (the duty needs a statute of a configured table, by province).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from mappings.referral import Referral
from mappings.vocabulary import AgencyKind, Province


class StatuteMistake(Exception):
    """The table of statutes names a province or kind of agency there is none of, or a law twice."""


@dataclass(frozen=True)
class Statute:
    """A law that demands a report."""

    id: str
    title: str
    provinces: frozenset[Province]
    reports_to: frozenset[AgencyKind]
    confirmed: bool
    """A lawyer has signed this row."""
    until: date | None = None
    aliases: frozenset[str] = frozenset()

    def reaches(self, kind: str, province: str | None, on: date) -> bool:
        """Tell whether the law carries a report to a kind of agency.

        Args:
            kind: the receiver's kind.
            province: the child's, as far as it is known; a law of another province carries nothing.
            on: the day.
        """
        here = province is None or province in self.provinces
        return here and kind in self.reports_to and (self.until is None or on <= self.until)


def read_statutes(data: bytes) -> dict[str, Statute]:
    """Return the laws a file holds, by every name they are read under.

    Raises:
        StatuteMistake: a province, a kind or a name does not hold.
    """
    found: dict[str, Statute] = {}
    for row in tomllib.loads(data.decode())["statute"]:
        try:
            statute = Statute(
                id=row["id"],
                title=row["title"],
                provinces=frozenset(map(Province, row["provinces"])),
                reports_to=frozenset(map(AgencyKind, row["reports_to"])),
                confirmed=row["confirmed"],
                until=row.get("until"),
                aliases=frozenset(row.get("aliases", ())),
            )
        except (KeyError, ValueError) as error:
            raise StatuteMistake(f"{row.get('id', 'a statute')}: {error}") from None
        for name in (statute.id, *statute.aliases):
            if name in found:
                raise StatuteMistake(f"{name} is named twice")
            found[name] = statute
    return found


@cache
def statutes() -> dict[str, Statute]:
    """Return the table of this gateway. Raises `StatuteMistake`."""
    return read_statutes(resources.files("gateway.policy").joinpath("statutes.toml").read_bytes())


def demanded(referral: Referral, kind: str, on: date) -> bool:
    """Tell whether a referral names a law that demands it be reported to a kind of agency, where the child is."""
    consent, place = referral.consent, referral.child.location
    statute = statutes().get(consent.statute_id) if consent and consent.statute_id else None
    return statute is not None and statute.reaches(kind, place.province if place else None, on)
