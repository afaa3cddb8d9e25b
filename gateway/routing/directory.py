"""The directory of connected agencies, as far as routing and policy need to know them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from gateway.policy import Agreement


@dataclass(frozen=True)
class Agency:
    """A connected agency."""

    id: str
    kind: str
    """CIVIL_REG, POLICE, HEALTH, EDUCATION, SOCIAL_WELFARE or MIS."""
    name: str
    format: str
    """Format id it is written to in."""
    reply_format: str | None
    """Format in which it is told answers to its own referrals; ``None``: it asks for them itself."""
    agreements: tuple[Agreement, ...]
    aliases: frozenset[str] = frozenset()


class Directory:
    """Every agency by id; names are matched exactly, or with ``:`` for ``-`` (``health:lhr-dhq``)."""

    def __init__(self, agencies: Iterable[Agency]) -> None:
        self._agencies = {agency.id: agency for agency in agencies}
        self._aliases = {alias: a.id for a in self._agencies.values() for alias in a.aliases}

    def find(self, name: str) -> Agency | None:
        """Return an agency by id or alias, or none."""
        known = self._agencies.get(name) or self._agencies.get(name.replace(":", "-"))
        return known or self._agencies.get(self._aliases.get(name, ""))

    def all(self) -> tuple[Agency, ...]:
        """Return every agency in the order of ids."""
        return tuple(self._agencies[name] for name in sorted(self._agencies))

    def agreement(self, agency: str, purpose: str, on: date) -> Agreement | None:
        """Return the agreement in force for a purpose on a day, or none."""
        found = self._agencies.get(agency)
        candidates = found.agreements if found else ()
        return next((a for a in candidates if a.purpose == purpose and a.in_force(on)), None)
