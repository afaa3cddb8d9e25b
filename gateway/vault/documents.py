"""Documents sealed beside their referral: the original, the canonical form, answers, notes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from gateway.store.bulk import insert_rows
from gateway.store.tables import case_key, document
from gateway.vault.vault import CaseKey, Place, Sealed, Vault


class DocumentKind(StrEnum):
    """What a sealed document is."""

    #: The bytes as they arrived.
    ORIGINAL = "ORIGINAL"
    #: The canonical referral as JSON.
    CANONICAL = "CANONICAL"
    #: A reply as it arrived.
    ANSWER = "ANSWER"
    #: The canonical reply as JSON, to be told to the sender.
    REPLY = "REPLY"
    #: The canonical record with which a register completed the child's identity, as JSON.
    RECORD = "RECORD"
    #: A withdrawal as a canonical reply, to be told to a receiver.
    NOTICE = "NOTICE"
    #: What one attempt told its receiver, leaf by leaf.
    TOLD = "TOLD"
    #: An operator's or officer's reason in words.
    NOTE = "NOTE"


_OF_KIND = (document.c.referral == bindparam("referral"), document.c.kind == bindparam("kind"))
_LAST = select(func.max(document.c.version)).where(*_OF_KIND)
_LAST_OF = (
    select(document.c.referral, func.max(document.c.version))
    .where(document.c.referral.in_(bindparam("referrals", expanding=True)), document.c.kind == bindparam("kind"))
    .group_by(document.c.referral)
)
_LATEST = select(document).where(*_OF_KIND).order_by(document.c.version.desc()).limit(1)
_ALL_OF = (
    select(document)
    .where(document.c.referral.in_(bindparam("referrals", expanding=True)), document.c.kind == bindparam("kind"))
    .order_by(document.c.version)
)


@dataclass(frozen=True)
class Document:
    """An opened document; `version` counts from 1 within its kind and referral."""

    id: str
    referral: str
    kind: DocumentKind
    version: int
    media_type: str
    body: bytes
    created: float


def put(
    connection: Connection,
    vault: Vault,
    *,
    id: str,  # noqa: A002 - the column's name, and only ever given by keyword
    referral: str,
    case: str,
    kind: DocumentKind,
    media_type: str,
    body: bytes,
    now: float,
) -> int:
    """Seal and store a document and return its version. Raises `Erased` when the case's key is destroyed."""
    sealed = vault.seal(connection, case, _place(id), body, now)
    version = (connection.execute(_LAST, {"referral": referral, "kind": kind.value}).scalar() or 0) + 1
    insert_rows(connection, document, [_row(id, referral, case, kind, version, media_type, sealed, now)])
    return version


@dataclass(frozen=True)
class Draft:
    """A document to be sealed under its referral's own key."""

    id: str
    referral: str
    media_type: str
    body: bytes


def put_all(connection: Connection, vault: Vault, kind: DocumentKind, drafts: Sequence[Draft], now: float) -> set[str]:
    """Seal and store documents of one kind and return the ids of those stored: not those of erased referrals."""
    keys = vault.keys(connection, (draft.referral for draft in drafts))
    wanted = {"referrals": sorted(keys), "kind": kind.value}
    versions = {row[0]: row[1] for row in connection.execute(_LAST_OF, wanted)} if keys else {}
    rows = []
    for draft in drafts:
        key = keys.get(draft.referral)
        if key is None:
            continue
        version = versions[draft.referral] = versions.get(draft.referral, 0) + 1
        sealed = key.seal(_place(draft.id), draft.body)
        rows.append(_row(draft.id, draft.referral, key.case, kind, version, draft.media_type, sealed, now))
    insert_rows(connection, document, rows)
    return {row["id"] for row in rows}


def first(
    key: CaseKey,
    *,
    id: str,  # noqa: A002 - the column's name, and only ever given by keyword
    referral: str,
    kind: DocumentKind,
    media_type: str,
    body: bytes,
    now: float,
) -> dict[str, Any]:
    """Return the row of the first document of its kind in a referral that is about to be stored."""
    return _row(id, referral, key.case, kind, 1, media_type, key.seal(_place(id), body), now)


def put_first(connection: Connection, keys: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    """Store fresh keys and the first documents sealed with them."""
    insert_rows(connection, case_key, keys)
    insert_rows(connection, document, rows)


def _row(
    name: str, referral: str, case: str, kind: DocumentKind, version: int, media_type: str, sealed: Sealed, now: float
) -> dict[str, Any]:
    return {
        "id": name,
        "referral": referral,
        "kind": kind.value,
        "version": version,
        "media_type": media_type,
        "case_key": case,
        "key_version": sealed.key_version,
        "nonce": sealed.nonce,
        "sealed": sealed.ciphertext,
        "created": now,
    }


def get(connection: Connection, vault: Vault, document_id: str) -> Document | None:
    """Open a document; None: there is none. Raises `Erased`, `SealBroken`."""
    row = connection.execute(select(document).where(document.c.id == document_id)).first()
    return None if row is None else _opened(connection, vault, row)


def latest(connection: Connection, vault: Vault, referral: str, kind: DocumentKind) -> Document | None:
    """Open the newest document of a kind; None: there is none. Raises `Erased`, `SealBroken`."""
    row = connection.execute(_LATEST, {"referral": referral, "kind": kind.value}).first()
    return None if row is None else _opened(connection, vault, row)


class Newest:
    """The newest documents of one kind in several referrals, looked up together and opened one by one."""

    def __init__(self, connection: Connection, vault: Vault, ids: Iterable[str], kind: DocumentKind) -> None:
        self._connection = connection
        self._vault = vault
        wanted = sorted(set(ids))
        found = connection.execute(_ALL_OF, {"referrals": wanted, "kind": kind.value})
        self._rows = {row.referral: row for row in found}
        self._keys = vault.keys(connection, (row.case_key for row in self._rows.values()))

    def open(self, referral: str) -> Document | None:
        """Open a referral's document; None: there is none. Raises `Erased`, `SealBroken`."""
        row = self._rows.get(referral)
        return None if row is None else _opened(self._connection, self._vault, row, self._keys.get(row.case_key))


def every(connection: Connection, vault: Vault, referral: str, kind: DocumentKind) -> list[Document]:
    """Open all documents of a kind, oldest first. Raises `Erased`, `SealBroken`."""
    wanted = select(document).where(document.c.referral == referral, document.c.kind == kind.value)
    rows = connection.execute(wanted.order_by(document.c.version)).all()
    return [_opened(connection, vault, row) for row in rows]


def _opened(connection: Connection, vault: Vault, row: Row[*tuple[Any, ...]], key: CaseKey | None = None) -> Document:
    sealed, place = Sealed(row.nonce, row.sealed, row.key_version), _place(row.id)
    body = vault.open(connection, row.case_key, place, sealed) if key is None else key.open(place, sealed)
    return Document(row.id, row.referral, DocumentKind(row.kind), row.version, row.media_type, body, row.created)


def _place(document_id: str) -> Place:
    return Place("document", "sealed", document_id)
