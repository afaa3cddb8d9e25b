"""The ceiling: a bare FastAPI endpoint that reads the same body into the same model, and stores nothing."""

from __future__ import annotations

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel

from mappings.referral import Referral


class Taken(BaseModel):
    """What the bare endpoint answers: as much as the gateway does."""

    id: str
    state: str
    deliveries: list[dict[str, str]]
    warnings: list[str]


app = FastAPI()


@app.post("/v1/referrals", status_code=202)
async def take(referral: Referral) -> Taken:
    """Read, and say that it was read."""
    told = [{"recipient": each.agency or "", "state": "SENT"} for each in referral.recipients]
    return Taken(id=referral.message_id or "", state="SENT", deliveries=told, warnings=[])


@app.get("/readyz")
async def ready() -> dict[str, str]:
    """Say that it listens."""
    return {"status": "ready"}


def serve(port: int) -> None:
    """Serve until killed."""
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, server_header=False)
