"""Load: many referrals over kept connections, by aiohttp, which costs the machine little."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator, Sequence

import aiohttp
import httpx
import orjson

from benchmarks.stage.configuration import SECRET, SENDER
from benchmarks.stage.cpu import Cost, cpu_seconds

JSON = "application/json"


def referral(number: int, *recipients: str) -> dict[str, object]:
    """Return an invented referral of about 1,500 octets and 30 values, for a case of its own."""
    return {
        "type": "referral",
        "message_id": str(uuid.uuid4()),
        "case_ref": f"CASE-{number}",
        "priority": "HIGH",
        "child": {
            "name": "Farzi Bachi",
            "name_ur": "فرضی بچی",
            "sex": "FEMALE",
            "birth_date": "2016-03-07",
            "identifiers": [{"scheme": "pk-bform", "value": f"39999-{number % 10_000_000:07d}-2"}],
            "languages": ["ur"],
            "location": {"province": "PB", "district": "Namuna", "address": "House 1, Street 2, Farzi Town"},
        },
        "persons": [
            {"relation": "FATHER", "name": "Farzi Shakhs", "name_ur": "فرضی شخص", "contact_rule": "SAFE",
             "phone": "03990000001", "roles": ["GUARDIAN"]},
            {"relation": "MOTHER", "name": "Farzi Khatoon", "name_ur": "فرضی خاتون"},
            {"relation": "UNCLE_AUNT", "name": "Misali Farzi", "contact_rule": "SAFE", "phone": "03990000003",
             "address": "House 3, Street 4, Farzi Town", "roles": ["CAREGIVER"]},
        ],
        "recipients": [{"agency": name} for name in recipients],
        "concern": {"types": ["NEGLECT"], "primary": "NEGLECT", "verification": "SUSPECTED",
                    "caregiver_is_accused": False},
        "consent": {"basis": "BEST_INTEREST", "giver": "CASE_WORKER", "expires_on": "2099-12-31"},
        "focal_point": {"agency": "welfare-pb-cpb", "role": "CASE_WORKER", "phone": "03990000002"},
        "authored_at": "2026-03-15T21:05:00+05:00",
    }  # fmt: skip


def token(base: str) -> str:
    """Return an access token of the sender."""
    form = {"grant_type": "client_credentials", "scope": "referral.write"}
    answer = httpx.post(f"{base}/oauth/token", data=form, auth=(SENDER, SECRET), trust_env=False, timeout=30)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


def send(
    base: str,
    pids: Callable[[], Sequence[int]],
    count: int,
    recipients: tuple[str, ...],
    *,
    clients: int = 32,
    first: int = 0,
) -> Cost:
    """Send referrals as fast as they are taken and return what they cost the server's processes.

    Raises:
        RuntimeError: one was not accepted.
    """
    headers = {"Content-Type": JSON}
    if "/bare" not in base:
        headers["Authorization"] = f"Bearer {token(base)}"
    bodies = [orjson.dumps(referral(first + n, *recipients)) for n in range(count)]
    before, began = sum(map(cpu_seconds, pids())), time.monotonic()
    asyncio.run(_send(base.removesuffix("/bare"), headers, iter(bodies), clients))
    return Cost(count, sum(map(cpu_seconds, pids())) - before, time.monotonic() - began)


async def _send(base: str, headers: dict[str, str], bodies: Iterator[bytes], clients: int) -> None:
    connector = aiohttp.TCPConnector(limit=clients)
    async with aiohttp.ClientSession(connector=connector, trust_env=False) as session:

        async def client() -> None:
            for body in bodies:
                async with session.post(f"{base}/v1/referrals", data=body, headers=headers) as answer:
                    text = await answer.read()
                    if answer.status != 202:
                        raise RuntimeError(f"{answer.status} {text.decode()}")

        await asyncio.gather(*(client() for _ in range(clients)))
