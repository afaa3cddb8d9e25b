"""Facts that change after a referral was sent: sections added or deleted by the police, a record of another child.

The amended facts are sealed as a new canonical form; then every receiver's view is judged anew (formats/police.md R5).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, RowMapping, delete, select

from gateway import languages
from gateway.ledger.events import Event, EventType
from gateway.ledger.journal import read_fields
from gateway.recall.reevaluation import Recalled, reevaluate
from gateway.recall.taking_back import Change, changed, durably, facts, keep, mine
from gateway.room import Room
from gateway.routing import Agency
from gateway.store.tables import document, entry
from gateway.vault.documents import DocumentKind, every
from mappings.engine.mapping import canonical
from mappings.reply import Changes

NOT_SAME = "NOT_SAME"
"""Reason code: a register's record is another child's (formats/case-management.md 6.5 case 15)."""
CASE_CHANGED = "CASE_CHANGED"
"""Reason code: the police have added or deleted sections, or moved the case on."""
_AMENDED = frozenset({"consent", "incident"})
"""Sections of the canonical form that a sender's own later word may have changed."""
_KEY = ("act", "section", "clause")


def amend(room: Room, connection: Connection, referral_id: str, actor: str, changes: Changes) -> list[Recalled]:
    """Put a sender's news about its own case into the referral, and judge every receiver's view anew.

    Raises:
        Gone, NotFound: the referral was erased, or there is none.
    """
    tree = canonical(facts(room, connection, referral_id))
    incident = dict(tree.get("incident", {}))
    told = changes.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    incident["offences"] = _merged(incident.get("offences", []), told.get("offences", []))
    for name in ("status", "officials"):
        if name in told:
            incident[name] = told[name]
    kept = {name: value for name, value in incident.items() if value}
    keep(room, connection, referral_id, {**tree, **({"incident": kept} if kept else {})})
    _enter(room, referral_id, actor, CASE_CHANGED, max(len(told.get("offences", [])), 1))
    return reevaluate(room, connection, referral_id, CASE_CHANGED)


def _merged(known: list[dict[str, Any]], news: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the sections after a change: a deleted one stays and says that it is, one that is added again stands."""
    merged = {tuple(each.get(part) for part in _KEY): each for each in known}
    for each in news:
        key = tuple(each.get(part) for part in _KEY)
        merged[key] = {**merged.get(key, {}), **each}
    return list(merged.values())


def _enter(room: Room, referral_id: str, actor: str, reason: str, number: int) -> None:
    fields: dict[str, str | int | list[str]] = {"reason": reason, "changes": number}
    room.journal.append(Event(EventType.REFERRAL_AMENDED, actor, referral_id, None, fields))


async def reject_identity(room: Room, agency: Agency, name: str) -> Change:
    """Undo what registers' records added to the child: they are another child's.

    Whoever was told any of it gets a correction; a later record completes the child no more, a person decides.

    Raises:
        NotFound: the agency has sent no such referral.
        Gone: it was erased.
    """
    return await durably(room, lambda c: _reject(room, c, mine(c, agency, name), agency))


def _reject(room: Room, connection: Connection, party: RowMapping, agency: Agency) -> Change:
    referral_id = party["referral"]
    present = canonical(facts(room, connection, referral_id))
    records = select(document.c.id).where(
        document.c.referral == referral_id, document.c.kind == DocumentKind.RECORD.value
    )
    names = list(connection.execute(records).scalars())
    if not names:
        return changed(connection, party, [], again=True)
    first = _as_sent(room, connection, referral_id)
    amended: dict[str, Any] = {part: value for part, value in present.items() if part in _AMENDED}
    keep(room, connection, referral_id, {**first, **amended})
    connection.execute(delete(document).where(document.c.id.in_(names)))
    _enter(room, referral_id, agency.id, NOT_SAME, len(names))
    return changed(connection, party, reevaluate(room, connection, referral_id, NOT_SAME), again=False)


def _as_sent(room: Room, connection: Connection, referral_id: str) -> dict[str, Any]:
    (reading,) = languages.ours().read(every(connection, room.vault, referral_id, DocumentKind.CANONICAL)[0].body)
    return canonical(reading.value)


def rejected(connection: Connection, referral_id: str) -> bool:
    """Tell whether the sender has said that a register's record is another child's."""
    wanted = select(entry.c.fields).where(
        entry.c.referral == referral_id,
        entry.c.type == EventType.REFERRAL_AMENDED.value,
        entry.c.fields.is_not(None),
    )
    return any(read_fields(fields).get("reason") == NOT_SAME for fields in connection.execute(wanted).scalars())
