"""Load on a gateway, and agencies that fail now and then."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.demo.callers import Agency
from gateway.demo.processes import Stage
from tests.walk.load import Client

FAULTS = ("503", "503", "503:1", "drop", "drop", "drop", "badreceipt", "html", "slow:0.3", "ok")
"""A `401` is left out: two in a row would pause an endpoint for a person to look at, as they should."""


@contextmanager
def sending(clients: list[Client]) -> Iterator[None]:
    """Let clients send while the block runs."""
    for client in clients:
        client.start()
    try:
        yield
    finally:
        for client in clients:
            client.stopping.set()


def stop(clients: list[Client]) -> None:
    """Let every client finish the referral it is sending."""
    for client in clients:
        client.stopping.set()
    for client in clients:
        client.join(timeout=300)
        assert not client.is_alive(), "a client never got an answer"


def make_trouble(stage: Stage, chance: random.Random) -> None:
    """Let two of the agencies fail now and then."""
    for name in chance.sample(sorted(stage.agencies), 2):
        script = chance.choices(FAULTS, k=chance.randint(2, 5))
        Agency(stage, name).control("POST", "faults", {"script": script})


def calm(stage: Stage) -> None:
    """Let every agency work again."""
    for name in stage.agencies:
        Agency(stage, name).control("POST", "faults", {"script": []})
