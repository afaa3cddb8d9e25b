"""Take a referral back, revoke the consent it rests on, say that a record is another child's."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from gateway.api.caller import Caller, ScopedRouter, who
from gateway.api.referrals import problems
from gateway.api.state import Desk, desk
from gateway.recall import amending, taking_back
from gateway.recall.taking_back import Change, Revocation, WithdrawalReason
from mappings.vocabulary import AgencyKind, Purpose

router = ScopedRouter(tags=["referrals"])
Me = Annotated[Caller, Depends(who)]
_REFUSALS = problems(400, 401, 403, 404, 410, 413, 415, 422, 503)


class Withdrawal(BaseModel):
    """Why a referral is withdrawn."""

    model_config = ConfigDict(extra="forbid")

    reason: WithdrawalReason = WithdrawalReason.NO_LONGER_NEEDED


class ConsentRevocation(BaseModel):
    """Which part of consent is taken back; what is empty means all of it."""

    model_config = ConfigDict(extra="forbid")

    purposes: Annotated[tuple[Purpose, ...], Field(max_length=12)] = ()
    """Purposes for which the data may no longer be used."""
    recipients: Annotated[tuple[AgencyKind, ...], Field(max_length=12)] = ()
    """Kinds of agency that may no longer use it."""


@router.scoped(
    "POST", "/v1/referrals/{id}/withdrawal", "referral.write", status_code=202, operation_id="withdrawReferral",
    responses=_REFUSALS,
)  # fmt: skip
async def withdraw(request: Request, me: Me, id: str, said: Withdrawal) -> Response:  # noqa: A002 - the contract's name
    """Stop what is unsent, and tell whoever was told; each receiver's answer is followed up."""
    at = desk(request)
    return _told(at, await taking_back.withdraw(at.room, me.agency, id, said.reason))


@router.scoped(
    "POST", "/v1/referrals/{id}/consent/revocation", "referral.write", status_code=202, operation_id="revokeConsent",
    responses=_REFUSALS,
)  # fmt: skip
async def revoke(request: Request, me: Me, id: str, said: ConsentRevocation) -> Response:  # noqa: A002 - as above
    """Take consent back: nothing more is disclosed on it, and whoever was told on it gets a withdrawal."""
    at = desk(request)
    revocation = Revocation(said.purposes, said.recipients)
    return _told(at, await taking_back.revoke(at.room, me.agency, id, revocation))


@router.scoped(
    "POST", "/v1/referrals/{id}/identity/rejection", "referral.write", status_code=202, operation_id="rejectIdentity",
    responses=_REFUSALS,
)  # fmt: skip
async def reject_identity(request: Request, me: Me, id: str) -> Response:  # noqa: A002 - as above
    """Undo what a register's record added: it is another child's. Whoever was told any of it gets a correction."""
    at = desk(request)
    return _told(at, await amending.reject_identity(at.room, me.agency, id))


def _told(at: Desk, change: Change) -> Response:
    """Tell the sender which receivers are concerned, and which fields each had been told; never a value."""
    at.wake()
    recalled: list[dict[str, Any]] = [
        {
            "recipient": each.agency,
            "unsent": each.unsent,
            **({"notice": each.notice.value, "fields": list(each.released)} if each.notice else {}),
        }
        for each in change.recalled
    ]
    body = {"id": change.ref, "state": change.state, "recalled": recalled, "repeated": change.again}
    return JSONResponse(body, 200 if change.again else 202, {"Cache-Control": "no-store"})
