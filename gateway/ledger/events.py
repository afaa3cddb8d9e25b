"""The closed catalogue of events: what may be entered into the ledger, and nothing else.

A field's value is an id, a code, a digest, a count or an instant, each with a pattern so narrow that free
text does not fit; there is no field for a name, a number of a person or a place. An event that does not
keep to its entry here is refused with `EventRefused` before anything is stored. `says` is the sentence of
`story`, in which `{field}` stands for a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.ledger.catalogue import CATALOGUE, EventType, Spec
from gateway.ledger.kinds import CHECKS, Kind, Value

__all__ = ["CATALOGUE", "Event", "EventRefused", "EventType", "Spec", "sentence"]

_is_actor, _is_id = CHECKS[Kind.ACTOR], CHECKS[Kind.ID]


class EventRefused(ValueError):
    """An event does not keep to the catalogue."""


@dataclass(frozen=True)
class Event:
    """One thing that happened.

    `actor`: who did it (an agency's label, `operator:…`, `gateway`). `referral`, `delivery`: UUIDs, where
    it concerns one. `fields`: as the catalogue says. Raises `EventRefused` for anything else.
    """

    type: EventType
    actor: str
    referral: str | None = None
    delivery: str | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        spec = CATALOGUE[self.type]
        checks, fields = spec.checks, self.fields
        if not spec.required <= fields.keys() <= checks.keys():
            raise EventRefused(f"{self.type.value} lacks a field or has one that the catalogue does not know.")
        if not _is_actor(self.actor):
            raise EventRefused(f"{self.type.value} needs an actor.")
        for name in (self.referral, self.delivery):
            if name is not None and not _is_id(name):
                raise EventRefused(f"{self.type.value}: the referral or the delivery is no id.")
        for name, value in fields.items():
            if not checks[name](value):
                raise EventRefused(f"{self.type.value}: {name} is no {spec.kinds[name].value}.")


def sentence(kind: EventType, fields: Mapping[str, Value] | None) -> str:
    """Return what an event says, without its actor; of a redacted one only that it happened."""
    if fields is None:
        return f"{kind.value} (details erased)"
    shown = {name: ", ".join(value) if isinstance(value, list) else value for name, value in fields.items()}
    return CATALOGUE[kind].says.format_map(shown)
