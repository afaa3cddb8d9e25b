"""Evidence as a file to take away: the same for an agency's call and for a person at the console."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Response
from starlette.concurrency import run_in_threadpool

from gateway.api.state import Desk
from gateway.errors import NotFound
from gateway.evidence import MEDIA_TYPE, evidence, name_of
from gateway.ledger.bundle import NotSigned


async def evidence_file(at: Desk, referral: str | None, headers: Mapping[str, str]) -> Response:
    """Return the evidence of one referral, or of the whole ledger; that somebody took it is entered by the caller.

    Raises:
        NotFound: no checkpoint covers it yet.
    """

    def made() -> bytes:
        with at.room.store.readers.connection() as connection:
            return evidence(connection, at.signer, referral)

    try:
        body = await run_in_threadpool(made)
    except NotSigned:
        raise NotFound from None
    offered = {"Content-Disposition": f'attachment; filename="{name_of(referral)}"'}
    return Response(body, media_type=MEDIA_TYPE, headers={**headers, **offered})
