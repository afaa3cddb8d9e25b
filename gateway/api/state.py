"""What the routes are handed: the gateway's furniture and its keys, put on the application by ``app.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from auth.access import Access
from auth.identity import IssuerIdentity
from auth.issuer import TokenIssuer
from auth.keyfiles import KeyFiles
from gateway.acceptance import Tray
from gateway.api.limits import RateLimits
from gateway.filed import AgencyFiles
from gateway.ledger.checkpoint import Signer
from gateway.room import Room
from gateway.sessions import IdentityProvider
from gateway.settings import Settings
from gateway.standing import StoredStanding


@dataclass(frozen=True)
class Desk:
    """Everything a route may need."""

    room: Room
    settings: Settings
    access: Access
    issuer: TokenIssuer
    identity: IssuerIdentity
    keys: KeyFiles
    tray: Tray
    limits: RateLimits
    standing: StoredStanding
    agencies: AgencyFiles
    provider: IdentityProvider | None
    """Where people log in; none: the consoles are closed."""
    wake: Callable[[], None]
    """Tell the worker that something was enqueued."""
    signer: Signer
    """The ledger's key."""


def desk(request: Request) -> Desk:
    """Return the desk of the application a request came to."""
    found: Desk = request.app.state.desk
    return found
