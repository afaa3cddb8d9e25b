"""The whole console as one router; the first page that fits answers."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.console import deliveries, operations, pages, referrals

router = APIRouter()
for part in (pages, referrals, deliveries, operations):
    router.include_router(part.router)
