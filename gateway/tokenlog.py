"""Every token, given, refused or taken back, enters the ledger; the token itself is kept nowhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from auth.issuer import Declined, Observer, Revoked
from auth.tokens import Issued
from gateway.clock import instant
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Kind, Value, fits
from gateway.room import Room


def observer(room: Room, method_of: Callable[[str], str]) -> Observer:
    """Return what enters each; it does not wait for the commit."""

    def observe(seen: Issued | Declined | Revoked) -> None:
        event = _issued(seen, method_of) if isinstance(seen, Issued) else _other(seen)
        room.store.committer.submit(lambda _: room.journal.append(event))

    return observe


def _issued(seen: Issued, method_of: Callable[[str], str]) -> Event:
    fields: dict[str, Value] = {
        "client": label_of(seen.client_id),
        # What narrows a SMART scope may name a person's resource, which the ledger never holds.
        "scopes": [scope.partition("?")[0] for scope in seen.scope.split()],
        "method": method_of(seen.client_id),
        "expires": instant(seen.expires_at),
    }
    return Event(EventType.TOKEN_ISSUED, seen.agency, fields=fields)


def _other(seen: Declined | Revoked) -> Event:
    if isinstance(seen, Revoked):
        return Event(EventType.TOKEN_REVOKED, seen.agency, fields={"client": label_of(seen.client_id)})
    code = seen.reason.name if seen.reason else seen.error.upper()
    fields: dict[str, Value] = {"code": code}
    if seen.client_id:
        fields["client"] = label_of(seen.client_id)
    return Event(EventType.TOKEN_REFUSED, "unknown", fields=fields)


def label_of(client_id: str) -> str:
    """Return a client's id as the ledger names it: in lower case, or by digest where it is no label (a URL, say)."""
    name = client_id.lower()
    if fits(Kind.LABEL, name):
        return name
    letters = str.maketrans("0123456789abcdef", "ghijklmnopqrstuv")
    return f"client-{hashlib.sha256(client_id.encode()).hexdigest()[:32].translate(letters)}"
