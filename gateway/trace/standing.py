"""How a referral stands: who has it now, what was sent to whom, what was withheld by which rule, what comes next.

Each part is told in plain English and Urdu. What a rule withheld is worked out by making the translation again from
what is sealed; the paths and the rules are told, never a value. It is for auditors: a receiver that learned what was
withheld from it would learn that it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, RowMapping, select

from gateway.accounts.words import Words
from gateway.clock import instant
from gateway.deadlines import ACKNOWLEDGE, DECIDE, UNDECIDED, UNSEEN
from gateway.delivery.states import DeliveryKind
from gateway.errors import GatewayError
from gateway.explain import explain
from gateway.ledger.events import EventType
from gateway.ledger.journal import read_fields
from gateway.room import ReadingRoom
from gateway.store import referrals
from gateway.store.tables import delivery, entry
from gateway.trace.urdu import isolated
from mappings.vocabulary import State

#: What each state means for the one who asks where a referral is.
STATES = {
    "HELD": Words(
        "is sent nothing until a person decides whether it may be",
        "تب تک نہیں بھیجا جائے گا جب تک کوئی شخص فیصلہ نہ کرے",
    ),
    "READY": Words("is about to be sent it", "بھیجا جانے والا ہے"),
    "SENT": Words("does not have it yet; it is on its way", "ابھی نہیں ملا؛ راستے میں ہے"),
    "DELIVERED": Words("has received it, and nobody has looked yet", "مل گیا، مگر ابھی کسی نے نہیں دیکھا"),
    "ACKNOWLEDGED": Words("has seen it and must decide", "دیکھ لیا، فیصلہ باقی ہے"),
    "INFO_NEEDED": Words("has asked the sender a question", "بھیجنے والے سے سوال پوچھا ہے"),
    "ACCEPTED": Words("has accepted it", "قبول کر لیا"),
    "IN_SERVICE": Words("is helping the child", "بچے کی مدد کر رہا ہے"),
    "COMPLETED": Words("has completed its service", "خدمت مکمل کر لی"),
    "NOT_COMPLETED": Words("could not complete its service", "خدمت مکمل نہ ہو سکی"),
    "REJECTED": Words("has declined it", "انکار کر دیا"),
    "TRANSFERRED": Words("has passed it on to another agency", "کسی اور ادارے کو منتقل کر دیا"),
    "DEAD_LETTER": Words("has not received it; a person must act", "نہیں ملا؛ کسی شخص کو قدم اٹھانا ہو گا"),
    "REVOKED": Words("no longer has it: it was withdrawn", "اب اس کے پاس نہیں: واپس لے لیا گیا"),
    "EXPIRED": Words("let it run out", "مدت ختم ہو گئی"),
    "CLOSED": Words("has closed it", "بند کر دیا"),
    "FEEDBACK_ACCEPTED": Words("has had its answer taken note of", "اس کا جواب قبول ہو گیا"),
}


@dataclass(frozen=True)
class Withholding:
    """What one rule withheld from one receiver: how many values, under which label, and where they stand."""

    rule: str
    label: str
    count: int
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Receiver:
    """How the referral stands at one receiver."""

    agency: str
    state: str
    delivery: str | None
    delivery_state: str | None
    purpose: str | None
    agreement: str | None
    """Under which agreement it was sent: its name, or the beginning of its digest if it is not as it was then."""
    withheld: tuple[Withholding, ...]
    unknown: str | None
    """Why it is not known what was withheld: a code such as ERASED."""
    has: Words
    coming: tuple[Words, ...]


@dataclass(frozen=True)
class Standing:
    """How a referral stands now."""

    referral: str
    state: str
    sender: str
    receivers: tuple[Receiver, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the standing as JSON values, with every sentence in both languages."""
        return {
            "referral": self.referral,
            "state": self.state,
            "sender": self.sender,
            "receivers": [_json(each) for each in self.receivers],
        }


def _json(each: Receiver) -> dict[str, Any]:
    held = [{**vars(one), "paths": list(one.paths)} for one in each.withheld]
    names = ("agency", "state", "delivery", "delivery_state", "purpose", "agreement")
    plain = {name: getattr(each, name) for name in names}
    unknown = {"withheld_unknown": each.unknown} if each.unknown else {}
    coming = [line._asdict() for line in each.coming]
    return {**plain, "has": each.has._asdict(), "withheld": held, **unknown, "next": coming}


def standing(room: ReadingRoom, connection: Connection, referral_id: str, *, withheld: bool = True) -> Standing | None:
    """Return how a referral stands, or none if nobody knows it; blocks on the disk.

    `withheld`: open the sealed documents to find out what was withheld.
    """
    row = referrals.by_id(connection, referral_id)
    if row is None:
        return None
    parties = referrals.parties(connection, referral_id)
    sent = select(delivery).where(delivery.c.referral == referral_id, delivery.c.kind == DeliveryKind.REFERRAL.value)
    latest = {each["recipient"]: each for each in connection.execute(sent.order_by(delivery.c.n)).mappings()}
    look = (lambda sent: _withheld(room, connection, sent)) if withheld else (lambda _: ((), None))
    under = _agreements(room, connection, referral_id, latest)
    receivers = tuple(
        _receiver(row, party, latest.get(party["agency"]), look, under.get(party["agency"]))
        for party in parties
        if party["role"] == "RECIPIENT"
    )
    return Standing(referral_id, row["state"], row["sender"], receivers)


_Held = tuple[tuple[Withholding, ...], str | None]


def _receiver(
    row: RowMapping,
    party: RowMapping,
    sent: RowMapping | None,
    look: Callable[[RowMapping], _Held],
    agreement: str | None,
) -> Receiver:
    withheld, unknown = look(sent) if sent is not None else ((), None)
    means = STATES.get(party["state"], Words(party["state"], party["state"]))
    has = Words(f"{party['agency']} {means.english}.", f"{isolated(party['agency'])}: {means.urdu}۔")
    return Receiver(
        agency=party["agency"],
        state=party["state"],
        delivery=sent["id"] if sent is not None else None,
        delivery_state=sent["state"] if sent is not None else None,
        purpose=party["purpose"],
        agreement=agreement,
        withheld=withheld,
        unknown=unknown,
        has=has,
        coming=tuple(_coming(row, party, sent)),
    )


def _withheld(room: ReadingRoom, connection: Connection, sent: RowMapping) -> _Held:
    try:
        found = explain(room, connection, sent["id"])
    except GatewayError as error:
        return (), error.code
    places: dict[tuple[str, str], list[str]] = {}
    for each in found.withheld:
        places.setdefault((each["rule"], each["label"]), []).append(each["path"])
    held = (Withholding(rule, label, len(paths), tuple(paths)) for (rule, label), paths in places.items())
    return tuple(held), None


def _agreements(
    room: ReadingRoom, connection: Connection, referral_id: str, sent: Mapping[str, RowMapping]
) -> dict[str, str]:
    """Return by receiver under which agreement the referral was sent to it, or is going to be: the ledger says so."""
    kinds = (EventType.ROUTED.value, EventType.TRANSLATED.value)
    entered = select(entry.c.delivery, entry.c.fields).where(entry.c.referral == referral_id, entry.c.type.in_(kinds))
    found = {}
    for row in connection.execute(entered.where(entry.c.fields.is_not(None)).order_by(entry.c.idx)):
        fields = read_fields(row.fields)
        name, digest = str(fields["recipient"]), str(fields["agreement"])
        if row.delivery is None or (name in sent and row.delivery == sent[name]["id"]):
            agency = room.directory.find(name)
            known = {each.digest: each.id for each in agency.agreements} if agency else {}
            found[name] = known.get(digest, f"{digest[:12]}…")
    return found


def _minute(at: float) -> str:
    """Return an instant for people, to the minute."""
    return f"{instant(at)[:16].replace('T', ' ')} UTC"


def _coming(row: RowMapping, party: RowMapping, sent: RowMapping | None) -> Iterator[Words]:
    """Say what happens next at one receiver, and by when."""
    who, state = party["agency"], State(party["state"])
    if sent is not None and sent["state"] == "OPEN" and sent["next_at"] is not None:
        at = _minute(sent["next_at"])
        yield Words(f"The gateway sends it to {who} at {at}.", f"گیٹ وے {isolated(at)} پر {isolated(who)} کو بھیجے گا۔")
    if sent is not None and sent["state"] == "DEAD":
        code = sent["last_error"] or "UNKNOWN"
        yield Words(
            f"An operator decides: send it to {who} again, skip it, or ask another agency ({code}).",
            f"آپریٹر فیصلہ کرے گا: {isolated(who)} کو دوبارہ بھیجے، چھوڑ دے، یا کسی اور ادارے سے پوچھے ({code})۔",
        )
    if state in UNSEEN:
        due = _minute(row["created"] + ACKNOWLEDGE[row["priority"]])
        yield Words(
            f"{who} must acknowledge it by {due}.", f"{isolated(who)} کو {isolated(due)} تک وصولی کی تصدیق کرنی ہے۔"
        )
    if state in UNDECIDED:
        due = _minute(row["created"] + DECIDE[row["priority"]])
        yield Words(f"{who} must decide by {due}.", f"{isolated(who)} کو {isolated(due)} تک فیصلہ کرنا ہے۔")
    if state is State.INFO_NEEDED:
        yield Words(f"The sender answers the question of {who}; until then the clocks stand.",
                    f"بھیجنے والا {isolated(who)} کے سوال کا جواب دے گا؛ تب تک گھڑیاں رکی ہیں۔")  # fmt: skip
