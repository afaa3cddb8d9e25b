"""Sessions of the people at the consoles: in the database, so that every process knows them and a logout ends them.

A session is a secret in a cookie, of which only the digest is kept. Of the person nothing is kept but a pseudonym,
which the provider's subject can be compared with by whoever holds the gateway's keys, and the roles.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy import Connection, delete, insert, select

from gateway.clock import instant
from gateway.ledger.events import Event, EventType
from gateway.ledger.kinds import Value
from gateway.room import Room
from gateway.store.tables import session
from gateway.trust import ConsoleSection

_LETTERS = str.maketrans("0123456789abcdef", "ghijklmnopqrstuv")
"""A pseudonym has no digits, so that it never looks like somebody's number."""


class Role(StrEnum):
    """What a person may look at, and do."""

    AUDITOR = "auditor"
    OPERATOR = "operator"
    ADMINISTRATOR = "administrator"


class IdentityProvider(Protocol):
    """Who knows the people (:class:`adapters.openid.OpenId`); both methods raise `auth.errors.IdTokenRefused`."""

    async def address(self, redirect: str, state: str, nonce: str, verifier: str) -> str:
        """Return where a person is sent to log in."""

    async def person(self, code: str, redirect: str, nonce: str, verifier: str) -> Mapping[str, object]:
        """Return the claims about the person who came back with a code."""


@dataclass(frozen=True)
class Session:
    """Somebody who has logged in."""

    actor: str
    """How the ledger names the person, ``person:…``."""
    roles: frozenset[Role]
    expires: float
    csrf: str
    """What every form of a page carries, and another site cannot know."""


@dataclass(frozen=True)
class Attempt:
    """One login under way: everything is derived from the secret in the browser's cookie, so nothing is stored."""

    secret: str

    @classmethod
    def begin(cls) -> Attempt:
        """Begin one."""
        return cls(secrets.token_urlsafe(32))

    @property
    def state(self) -> str:
        """What the provider sends back with the code (RFC 6749 section 10.12)."""
        return derived(self.secret, "state")

    @property
    def nonce(self) -> str:
        """What the ID token repeats."""
        return derived(self.secret, "nonce")

    @property
    def verifier(self) -> str:
        """What proves that whoever began the login ends it (RFC 7636)."""
        return derived(self.secret, "verifier")


def derived(secret: str, use: str) -> str:
    """Return 43 characters that only who has the secret can make, different for each use."""
    digest = hmac.digest(secret.encode(), use.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def roles_of(claims: Mapping[str, object], section: ConsoleSection) -> frozenset[Role]:
    """Return the roles a person has by the configured claim: a text, or a list of texts."""
    said = claims.get(section.claim)
    values = {each for each in (said if isinstance(said, list) else [said]) if isinstance(each, str)}
    named: Mapping[Role, Collection[str]] = {
        Role.AUDITOR: section.auditors, Role.OPERATOR: section.operators, Role.ADMINISTRATOR: section.administrators,
    }  # fmt: skip
    return frozenset(role for role, words in named.items() if values & set(words))


def actor_of(room: Room, issuer: str, subject: str) -> str:
    """Return how the ledger names a person."""
    return f"person:{room.pseudonym('person', issuer, subject).translate(_LETTERS)}"


def open_session(room: Room, connection: Connection, actor: str, roles: frozenset[Role], minutes: int) -> str:
    """Let a person in; returns the secret of the session. Those that have ended are forgotten."""
    now = room.clock.now()
    secret, expires = secrets.token_urlsafe(32), now + minutes * 60.0
    connection.execute(delete(session).where(session.c.expires < now))
    words = sorted(role.value for role in roles)
    row = {"digest": _digest(secret), "actor": actor, "roles": " ".join(words), "created": now, "expires": expires}
    connection.execute(insert(session), [row])
    fields: dict[str, Value] = {"roles": list(words), "expires": instant(expires)}
    room.journal.append(Event(EventType.SESSION_OPENED, actor, fields=fields))
    return secret


def find(room: Room, secret: str) -> Session | None:
    """Return the session a secret opens, or none; blocks on the database."""
    wanted = select(session).where(session.c.digest == _digest(secret), session.c.expires > room.clock.now())
    with room.store.readers.connection() as connection:
        row = connection.execute(wanted).mappings().first()
    if row is None:
        return None
    roles = frozenset(Role(word) for word in row["roles"].split())
    return Session(row["actor"], roles, row["expires"], derived(secret, "csrf"))


def close(room: Room, connection: Connection, secret: str, actor: str) -> None:
    """Let a person out."""
    if connection.execute(delete(session).where(session.c.digest == _digest(secret))).rowcount:
        room.journal.append(Event(EventType.SESSION_CLOSED, actor))


def refuse(room: Room, code: str) -> None:
    """Enter a login that failed; does not wait for the commit."""
    event = Event(EventType.SESSION_REFUSED, "unknown", fields={"code": code})
    room.store.committer.submit(lambda _: room.journal.append(event))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
