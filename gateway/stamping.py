"""What only the gateway knows of a referral it takes in: when it came, and from whom its token says it came."""

from __future__ import annotations

from functools import lru_cache

from gateway.clock import instant
from gateway.routing import Agency
from mappings.concern import Party
from mappings.referral import Referral


def stamped(referral: Referral, sender: Agency, now: float) -> Referral:
    """Return the referral with what only the gateway knows: when it came, and from whom the token says it came.

    Only what is stamped is validated here; the rest was, when it was read.
    """
    received = canonical_instant(now)
    known = _sender(sender, referral.sender) if referral.sender else _silent(sender.name, sender.id, sender.kind)
    authored = referral.authored_at or received
    return referral.model_copy(update={"received_at": received, "authored_at": authored, "sender": known})


def canonical_instant(at: float) -> str:
    """Return an instant as `mappings.dates.instant` writes it, without reading it anew."""
    return f"{instant(at)[:-1].rstrip('0').rstrip('.')}Z"


def _sender(sender: Agency, said: Party) -> Party:
    told = said.model_dump(mode="json", exclude_defaults=True)
    return Party.model_validate({"name": sender.name, **told, "agency": sender.id, "kind": sender.kind})


@lru_cache(maxsize=256)
def _silent(name: str, agency: str, kind: str) -> Party:
    """Return a sender that says nothing of itself."""
    return Party.model_validate({"name": name, "agency": agency, "kind": kind})
