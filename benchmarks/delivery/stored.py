"""Databases that are full already: true rows in great numbers, what one more costs, and how long a claim takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import func, select

from benchmarks.stage.configuration import SENDER, WELFARE, furnish
from benchmarks.stage.cpu import Cost
from benchmarks.stage.load import referral
from benchmarks.stage.processes import free_port
from gateway import intake, languages
from gateway.acceptance import Filing, Rows, store
from gateway.app import open_gateway
from gateway.delivery.lanes import claim
from gateway.room import Room
from gateway.settings import read_settings
from gateway.store.tables import referral as referral_table

BATCH = 200
CLAIMED = 8
"""Lanes that one claim leases, as a worker does by default."""


def fill(folder: Path, count: int) -> None:
    """Store referrals to one recipient through the gateway's own acceptance, as many as `count`.

    One is read, sealed and planned as any other; the rest are copies of its rows under fresh names.
    """
    gateway = open_gateway(read_settings(furnish(folder, free_port(), free_port())))
    try:
        model = _model(gateway.room)
        for start in range(0, count, BATCH):
            filings = [_copy(gateway.room, model) for _ in range(min(BATCH, count - start))]
            gateway.room.store.committer.run(partial(store, gateway.room, filings=filings))
        with gateway.room.store.readers.connection() as connection:
            stored = connection.execute(select(func.count()).select_from(referral_table)).scalar_one()
        if stored < count:
            raise RuntimeError(f"{stored} referrals are stored instead of {count}")
    finally:
        gateway.close()


def _model(room: Room) -> Filing:
    sender, mapping = room.directory.find(SENDER), languages.ours()
    if sender is None:
        raise RuntimeError("the benchmark's sender is not configured")
    return intake.prepare(room, intake.Submission(sender, orjson.dumps(referral(1, WELFARE)), mapping, None))


def _copy(room: Room, model: Filing) -> Filing:
    (case,) = model.cases
    rows = _renamed(room, case.rows)
    return replace(model, cases=[replace(case, key=rows.referral["idem"], rows=rows)])


def _renamed(room: Room, rows: Rows) -> Rows:
    fresh, new = room.clock.new_id(), room.clock.new_id
    case = fresh.replace("-", "")[::-1][:20]
    named: dict[str, Any] = {"referral": fresh}
    return Rows(
        case_key={**rows.case_key, "case_key": fresh},
        referral={**rows.referral, "id": fresh, "idem": fresh, "case_key": case},
        parties=[{**row, **named, "ref": new()[::-1]} for row in rows.parties],
        documents=[{**row, **named, "case_key": fresh, "id": new()} for row in rows.documents],
        messages=[replace(m, id=new(), message_id=new(), referral=fresh, case_key=case) for m in rows.messages],
        events=[replace(event, referral=fresh) for event in rows.events],
    )


def claims(folder: Path, count: int) -> tuple[Cost, list[float]]:
    """Claim lanes as a worker does; returns what a claim costs, and how long each took on the wall, seconds."""
    gateway = open_gateway(read_settings(furnish(folder, free_port(), free_port())))
    try:
        before, began = time.process_time(), time.monotonic()
        times = list(_claims(gateway.room, count))
        return Cost(count, time.process_time() - before, time.monotonic() - began), times
    finally:
        gateway.close()


def _claims(room: Room, count: int) -> Iterator[float]:
    for _ in range(count):
        began = time.monotonic()
        heads = room.store.committer.run(
            lambda c: claim(c, "a-benchmark", room.clock.now(), limit=CLAIMED, dest=WELFARE, lease=3_600)
        )
        yield time.monotonic() - began
        if not heads:
            raise RuntimeError("there is nothing left to claim")
