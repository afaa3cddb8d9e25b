"""Events as they might happen, one of each type."""

from gateway.ledger.events import CATALOGUE, Event, EventType
from gateway.ledger.kinds import Kind, Value

REFERRAL = "01890a5d-ac96-774b-bcce-b302099a8057"
DELIVERY = "01890a5d-ac96-774b-bcce-b302099a8058"

SAMPLE: dict[Kind, Value] = {
    Kind.ID: "01890a5d-ac96-774b-bcce-b302099a8059",
    Kind.LABEL: "police-lahore",
    Kind.LABELS: ["police-lahore", "health-lahore"],
    Kind.SCOPES: ["referral.read", "system/Task.ru"],
    Kind.CODE: "HTTP_503",
    Kind.DIGEST: "ab" * 32,
    Kind.COUNT: 3,
    Kind.INSTANT: "2026-11-21T09:30:00.125Z",
    Kind.QUERY: "Task?status=requested&_lastUpdated=gt2026-11-21T09:30:00%2B05:00",
}


def fields_of(kind: EventType) -> dict[str, Value]:
    """Fill every field of an event, those that may be missing too."""
    return {name.rstrip("?"): SAMPLE[held] for name, held in CATALOGUE[kind].fields.items()}


def event(kind: EventType = EventType.DEFERRED, referral: str | None = REFERRAL) -> Event:
    """Build an event of a type."""
    return Event(kind, "gateway", referral, DELIVERY, fields_of(kind))
