"""Gateways, workers, simulated agencies and a database, and what an onlooker can ask the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import text

from gateway.demo.processes import Stage
from gateway.store.opening import reading
from gateway.store.postgres import Address
from gateway.store.readers import Readers
from tests.chaos import node
from tests.walk.staging import answering, own_stage
from tests.zygote import Born

#: Seconds a dead worker keeps its lanes from the others; the shortest that the settings allow.
LEASE = 5


@dataclass
class Town:
    """A stage whose gateways and workers are started and killed one by one; `shape` says which there are."""

    stage: Stage
    readers: Readers
    shape: tuple[str, ...]
    nodes: list[Born] = field(default_factory=list)
    killed: int = 0

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Read from the database, as an onlooker."""
        with self.readers.connection() as connection:
            return [tuple(row) for row in connection.execute(text(statement))]

    def open_deliveries(self) -> int:
        """Return how many deliveries are not settled."""
        return int(self.rows("SELECT count(*) FROM delivery WHERE state = 'OPEN'")[0][0])

    def unsettled(self) -> int:
        """Return how many deliveries are not settled and entries not sequenced."""
        return self.open_deliveries() + int(self.rows("SELECT count(*) FROM unsequenced")[0][0])

    def start(self, number: int, *, fresh: bool = False) -> None:
        """Start the process of a place anew."""
        self.nodes[number] = node.start(self.shape[number], self.stage.config, fresh=fresh)

    def ready(self) -> None:
        """Wait until a gateway answers."""
        answering(f"{self.stage.gateway}/readyz", self.stage.config.parent / node.LOG)


def configured(folder: Path, place: Path | Address) -> Stage:
    """Write a configuration on a database."""
    stage = own_stage(folder, time_scale=0.004)
    lines = stage.config.read_text("utf-8").replace("poll = 0.2", f"poll = 0.1\nlease = {LEASE}")
    if isinstance(place, Address):
        lines += f'\n[database]\nurl = "{place.url}"\n'
    stage.config.write_text(lines, "utf-8")
    return stage


@contextmanager
def town(folder: Path, place: Path | Address, shape: tuple[str, ...]) -> Iterator[Town]:
    """Prepare a stage on a database; one gateway has started and made the keys that all share."""
    stage = configured(folder, place)
    born = [node.start(shape[0], stage.config)]
    try:
        answering(f"{stage.gateway}/readyz", stage.config.parent / node.LOG)
        born += [node.start(kind, stage.config) for kind in shape[1:]]
        with reading(place if isinstance(place, Address) else stage.config.parent / "raabta.sqlite") as readers:
            yield Town(stage, readers, shape, born)
    finally:
        for process in born:
            process.kill()
