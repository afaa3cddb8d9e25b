"""What is stored of referrals that are about to be told: looked up for many messages with few statements."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from gateway.room import ReadingRoom
from gateway.store import referrals
from gateway.vault.documents import DocumentKind, Newest


class Sources:
    """The newest canonical forms and the parties of referrals; each table is asked once, when first needed."""

    def __init__(self, room: ReadingRoom, connection: Connection, ids: Iterable[str]) -> None:
        self._room = room
        self._connection = connection
        self._ids = tuple(ids)

    def canonical(self, referral_id: str) -> bytes:
        """Return a referral's newest canonical form; empty: there is none. Raises `Erased`, `SealBroken`."""
        document = self._documents.open(referral_id)
        return document.body if document else b""

    def sender(self, referral_id: str) -> str | None:
        """Return the id of the agency that sent a referral."""
        parties = self._parties.get(referral_id, ())
        return next((party["agency"] for party in parties if party["role"] == "SENDER"), None)

    def recipient(self, referral_id: str, agency: str) -> dict[str, Any] | None:
        """Return one recipient of a referral, or none."""
        return referrals.among(self._parties.get(referral_id, ()), agency)

    @cached_property
    def _documents(self) -> Newest:
        return Newest(self._connection, self._room.vault, self._ids, DocumentKind.CANONICAL)

    @cached_property
    def _parties(self) -> dict[str, list[dict[str, Any]]]:
        return referrals.parties_of(self._connection, self._ids)
