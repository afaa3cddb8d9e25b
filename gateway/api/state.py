"""What the routes are handed: the gateway's furniture and its keys, put on the application by ``app.py``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request

from auth.issuer import IssuerIdentity, TokenIssuer
from auth.keyfiles import KeyFiles
from auth.verifier import Verifier
from gateway.acceptance import Tray
from gateway.room import Room
from gateway.settings import Settings


@dataclass(frozen=True)
class Desk:
    """Everything a route may need."""

    room: Room
    settings: Settings
    verifier: Verifier
    issuer: TokenIssuer
    identity: IssuerIdentity
    keys: KeyFiles
    tray: Tray
    wake: Callable[[], None]
    """Tell the worker that something was enqueued."""


def desk(request: Request) -> Desk:
    """Return the desk of the application a request came to."""
    found: Desk = request.app.state.desk
    return found
