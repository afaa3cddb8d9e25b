"""What every room of the gateway shares: the store, the journal, the vault, the clock, and who is connected.

Made once by ``app.py`` and handed in; nothing here is global.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from gateway.clock import Clock
from gateway.ledger.journal import Journal
from gateway.routing import Directory, RoutingTable
from gateway.store.opening import Store
from gateway.vault.vault import Vault
from mappings.dates import KARACHI


@dataclass(frozen=True)
class ReadingRoom:
    """What it takes to read what is stored, and to make what was sent again."""

    vault: Vault
    clock: Clock
    directory: Directory
    routes: RoutingTable

    def today(self) -> date:
        """Return the calendar day in Asia/Karachi, on which agreements begin and end."""
        return datetime.fromtimestamp(self.clock.now(), KARACHI).date()

    def pseudonym(self, *parts: str) -> str:
        """Return a pairwise pseudonym: 20 hexadecimal digits nobody outside can compute."""
        return self.vault.fingerprint("\0".join(parts).encode()).hex()[:20]


@dataclass(frozen=True)
class Room(ReadingRoom):
    """The gateway's furniture: a reading room in which things can also be stored."""

    store: Store
    journal: Journal
    production: bool
    time_scale: float = 1.0
