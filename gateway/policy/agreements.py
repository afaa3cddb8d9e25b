"""Data-sharing agreements, and on what basis a referral may be shared.

An agreement grants labels for one purpose, on a legal basis, between two dates. Consent is copied with its limits or
the referral is held: it is never assumed (formats/case-management.md 2 and 3.4).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property

from gateway.policy.statutes import demanded
from mappings.concern import Consent
from mappings.labels import Label
from mappings.referral import Referral
from mappings.vocabulary import ConsentBasis


@dataclass(frozen=True)
class Agreement:
    """What one agency may know for one purpose."""

    id: str
    agency: str
    purpose: str
    labels: frozenset[Label]
    legal_basis: str
    """Name of the law, order or contract the agreement rests on; text for people."""
    owner: str
    """Who answers for it."""
    valid_from: date
    valid_until: date
    statute_id: str | None = None
    """Set where a statute of the configured table demands the disclosure, so that no consent is needed."""

    def in_force(self, on: date) -> bool:
        """Tell whether it is in force on a day; both ends count."""
        return self.valid_from <= on <= self.valid_until

    @cached_property
    def digest(self) -> str:
        """SHA-256 over its canonical JSON, hexadecimal: what the ledger names."""
        body = {**asdict(self), "labels": sorted(self.labels)}
        return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


class Basis(StrEnum):
    """On what a disclosure rests."""

    ORDER = "order"
    """A court's order, or a statute that demands the report: opens the "o" cells."""
    CONSENT = "consent"
    """Consent, best interest or vital interest, within its limits: opens the "c" cells."""
    STATUTE = "statute"
    """The agreement itself rests on a statute: opens the "c" cells."""
    NONE = "none"
    REVOKED = "revoked"


_SELF_SUFFICIENT = {
    ConsentBasis.CONSENT, ConsentBasis.ASSENT_PLUS_CONSENT, ConsentBasis.BEST_INTEREST, ConsentBasis.VITAL_INTEREST,
}  # fmt: skip


def basis_of(referral: Referral, agreement: Agreement, kind: str, on: date) -> Basis:
    """Return on what sharing a referral under an agreement rests on a day.

    A consent that was taken back stops everything. One that does not reach this far (expired, for other purposes or
    other kinds of agency, an order that is not named, a statute that is not of the table or does not reach this
    receiver) is as good as none: then only an agreement that itself rests on a statute carries the disclosure.

    Args:
        referral: what shall be shared.
        agreement: the receiver's agreement for the purpose.
        kind: the receiver's kind.
        on: the day, in Asia/Karachi.
    """
    consent = referral.consent
    if consent is not None and consent.revoked_at is not None:
        return Basis.REVOKED
    own = _reaching(referral, consent, agreement, kind, on) if consent is not None else Basis.NONE
    return Basis.STATUTE if own is Basis.NONE and agreement.statute_id else own


def _reaching(referral: Referral, consent: Consent, agreement: Agreement, kind: str, on: date) -> Basis:
    """Return what a consent gives for an agreement's purpose to a kind of agency on a day."""
    expired = consent.expires_on is not None and consent.expires_on < on.isoformat()
    elsewhere = bool(consent.purposes) and agreement.purpose not in consent.purposes
    others = bool(consent.recipients) and kind not in consent.recipients
    if expired or elsewhere or others or consent.basis is None:
        return Basis.NONE
    if consent.basis is ConsentBasis.COURT_ORDER:
        return Basis.ORDER if consent.order_ref else Basis.NONE
    if consent.basis is ConsentBasis.MANDATORY_REPORT:
        return Basis.ORDER if demanded(referral, kind, on) else Basis.NONE
    return Basis.CONSENT if consent.basis in _SELF_SUFFICIENT else Basis.NONE
