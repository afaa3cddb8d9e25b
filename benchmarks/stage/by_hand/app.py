"""The application: accept durably and, if there is anybody to tell, tell them and store that they were told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from httpx_aiohttp import AiohttpTransport

from benchmarks.stage.bare import Taken
from benchmarks.stage.by_hand import rows
from benchmarks.stage.by_hand.writer import Item, Writer
from mappings.referral import Referral

AT_ONCE = 32
"""Deliveries under way, as many as the gateway's by default."""
Due = tuple[str, dict[str, Any], rows.Sealed]


class ByHand:
    """What the process holds; `peer` is where agencies are, None: nobody is told."""

    def __init__(self, folder: Path, peer: str | None) -> None:
        self._folder = folder
        self._peer = peer
        self._due: asyncio.Queue[Due] = asyncio.Queue()
        self.open = 0

    @asynccontextmanager
    async def life(self, _: FastAPI) -> AsyncIterator[None]:
        """Run the writer, and those who deliver."""
        self._writer = Writer(self._folder / "by-hand.sqlite", asyncio.get_running_loop())
        self._client = httpx.AsyncClient(transport=AiohttpTransport(trust_env=False))
        tasks = [asyncio.create_task(self._deliver()) for _ in range(AT_ONCE if self._peer else 0)]
        yield
        for task in tasks:
            task.cancel()
        await self._client.aclose()

    async def accept(self, referral: Referral) -> Taken:
        """Store a referral, and answer."""
        name, agencies = rows.new_id(), [each.agency or "" for each in referral.recipients]
        body = orjson.dumps(referral.model_dump(mode="json", exclude_defaults=True))
        case, seal, made = rows.accepted(name, referral.message_id or name, body, agencies)
        await self._put(made, case=case)
        if self._peer:
            self.open += len(agencies)
            for delivery in made["delivery"]:
                self._due.put_nowait((name, delivery, seal))
        told = [{"recipient": each, "state": "SENT"} for each in agencies]
        return Taken(id=name, state="SENT", deliveries=told, warnings=[])

    async def _put(self, made: dict[str, list[rows.Row]], **more: Any) -> None:
        await self._writer.put(Item(made, asyncio.get_running_loop().create_future(), **more))

    async def _deliver(self) -> None:
        while True:
            name, delivery, seal = await self._due.get()
            referral = Referral.model_validate(orjson.loads(seal.opened()))
            body = orjson.dumps(referral.model_dump(mode="json", exclude_defaults=True, exclude={"persons"}))
            await self._put(rows.intended(name, delivery["id"]))
            headers = {
                "Authorization": "Bearer token-of-a-benchmark",
                "Content-Type": "application/json",
                "Idempotency-Key": delivery["message_id"],
            }
            answer = await self._client.post(f"{self._peer}/{delivery['recipient']}", content=body, headers=headers)
            answer.raise_for_status()
            ended = {**delivery, "now": delivery["created"]}
            await self._put(rows.settled(name, delivery["id"], seal, body), settled=ended)
            self.open -= 1


def serve(port: int, folder: str, peer: str | None = None) -> None:
    """Serve until killed."""
    held = ByHand(Path(folder), peer)
    app = FastAPI(lifespan=held.life)

    @app.post("/v1/referrals", status_code=202)
    async def take(referral: Referral) -> Taken:
        return await held.accept(referral)

    @app.get("/readyz")
    async def ready() -> dict[str, str]:
        return {"status": "ready"}

    @app.get("/metrics")
    async def open_deliveries() -> PlainTextResponse:
        return PlainTextResponse('deliveries{state="OPEN"}' if held.open else "")

    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False, server_header=False)
