"""What a civil register has answered about a referral, as its sender may know it (formats/nadra.md 7.2, 7.5)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from gateway import languages
from gateway.errors import Gone, NotFound
from gateway.policy import Basis, Entitlement, project
from gateway.room import Room
from gateway.routing import Agency
from gateway.store import referrals
from gateway.store.tables import document
from gateway.vault.documents import DocumentKind, get, latest
from gateway.vault.errors import Erased
from mappings.engine.mapping import canonical
from mappings.referral import Record, Referral
from mappings.reply import Reply
from mappings.vocabulary import State

REGISTER = "CIVIL_REG"
_OVER = {State.HELD.value, State.DEAD_LETTER.value, State.REVOKED.value, State.EXPIRED.value}
"""States of a register's part in which no answer comes by itself."""


@dataclass(frozen=True)
class Looked:
    """How a question to the registers stands."""

    ref: str
    """The sender's name of the referral."""
    answer: Record | Reply | None
    """The newest answer of a register; none: it has not answered."""
    waiting: bool
    """An answer may still come by itself."""


def answered(room: Room, agency: Agency, transaction: str, child: str | None = None) -> Looked:
    """Return what the registers have answered to a request an agency sent under a transaction; blocks on the disk.

    Args:
        room: the gateway.
        agency: who asked, and asks again.
        transaction: the id of its request.
        child: the child's number; if it is named, it must be the one of the request.

    Raises:
        NotFound: the agency has sent no such request, or it is about another child.
        Gone: it was erased.
    """
    with room.store.readers.connection() as connection:
        row = referrals.by_key(connection, agency.id, transaction)
        if row is None:
            raise NotFound
        try:
            first = latest(connection, room.vault, row["id"], DocumentKind.CANONICAL)
            wanted = select(document.c.id).where(
                document.c.referral == row["id"],
                document.c.kind.in_([DocumentKind.RECORD.value, DocumentKind.REPLY.value]),
            )
            names = connection.execute(wanted.order_by(document.c.created.desc(), document.c.id.desc())).scalars().all()
            bodies = [found.body for name in names if (found := get(connection, room.vault, name)) is not None]
        except Erased:
            raise Gone from None
        ours = referrals.sender(connection, row["id"])
        parties = [each for each in referrals.parties(connection, row["id"]) if _register(room, each["agency"])]
    if child is not None and first is not None and child not in _numbers(first.body):
        raise NotFound
    answers = [value for body in bodies if (value := _of_register(body)) is not None]
    waiting = any(each["state"] not in _OVER for each in parties if each["role"] == "RECIPIENT")
    return Looked(ours["ref"], _permitted(answers[0], agency) if answers else None, waiting)


def _register(room: Room, name: str) -> bool:
    agency = room.directory.find(name)
    return agency is not None and agency.kind == REGISTER


def _numbers(body: bytes) -> set[str]:
    (reading,) = languages.ours().read(body)
    value = reading.value
    return {each.value for each in value.child.identifiers if each.value} if isinstance(value, Referral) else set()


def _of_register(body: bytes) -> Record | Reply | None:
    (reading,) = languages.ours().read(body)
    value = reading.value
    known = isinstance(value, Record | Reply) and value.sender is not None and value.sender.kind == REGISTER
    return value if known and isinstance(value, Record | Reply) else None


def _permitted(answer: Record | Reply, agency: Agency) -> Record | Reply:
    """Return an answer without what the kind of agency must not learn; of a reply only its codes are told."""
    if isinstance(answer, Record):
        kept: Record = project(answer, Entitlement(agency.kind, None, None, Basis.CONSENT)).value
        return kept
    said = {name: value for name, value in canonical(answer).items() if name in {"type", "outcome", "references"}}
    return Reply.model_validate(said)
