"""Runs of whole processes under load: the ceiling, acceptance, and from acceptance to the last receipt."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.stage.configuration import POLICE, WELFARE, furnish
from benchmarks.stage.cpu import Cost, cpu_seconds, median
from benchmarks.stage.load import send
from benchmarks.stage.processes import free_port, gateway, python, running

Pids = Callable[[], Sequence[int]]


@dataclass(frozen=True)
class Place:
    """Where a measurement keeps its files, and the PostgreSQL it uses instead of SQLite, if it does."""

    folder: Path
    server: Server | None = None


@dataclass(frozen=True)
class Server:
    """A PostgreSQL: the address of a fresh database, and the processes that serve it."""

    url: str
    pids: Pids


def bare(folder: Path, count: int, runs: int) -> Cost:
    """Measure the ceiling."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    code = f"from benchmarks.stage.bare import serve; serve({port})"
    with python(code, f"{url}/readyz", folder / "bare.log") as pid:
        send(f"{url}/bare", lambda: [pid], count // 4, (WELFARE, POLICE))
        return median([send(f"{url}/bare", lambda: [pid], count, (WELFARE, POLICE)) for _ in range(runs)])


def accept(place: Place, count: int, runs: int, *, first: int = 0) -> Cost:
    """Measure durable acceptance with a token, for two recipients, nobody delivering."""
    port = free_port()
    config, url = furnish(place.folder, port, free_port(), more=_database(place)), f"http://127.0.0.1:{port}"
    with gateway(config, port, deliver=False) as pid:
        pids = _with(place, [pid])
        send(url, pids, count // 4, (WELFARE, POLICE), first=first)
        starts = [first + (n + 1) * count for n in range(runs)]
        return median([send(url, pids, count, (WELFARE, POLICE), first=start) for start in starts])


def end_to_end(place: Place, count: int, recipients: tuple[str, ...], workers: int = 0) -> Cost:
    """Measure from the first referral sent until the last receipt is stored.

    Without `workers` one gateway process does everything; otherwise it only accepts, and as many workers deliver.

    Raises:
        RuntimeError: an effect is missing or doubled at the agencies.
    """
    with _town(place, workers) as (url, peer, pids):
        send(url, pids, count // 8, recipients)
        _drained(url)
        before, began = _sum(pids), time.monotonic()
        send(url, pids, count, recipients, first=count)
        _drained(url)
        cost = Cost(count, _sum(pids) - before, time.monotonic() - began)
        counted = httpx.get(f"{peer}/count", trust_env=False).json()
        if counted["effects"] != (count + count // 8) * len(recipients):
            raise RuntimeError(f"{counted} effects at the agencies")
        return cost


@contextmanager
def _town(place: Place, workers: int) -> Iterator[tuple[str, str, Pids]]:
    """Run an agency, a gateway and workers; yields where gateway and agency are, and the processes that count."""
    port, there = free_port(), free_port()
    url, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{there}"
    config = furnish(place.folder, port, there, more=_database(place))
    with ExitStack() as stack:
        code = f"from benchmarks.stage.peer import serve; serve({there})"
        stack.enter_context(python(code, f"{peer}/count", place.folder / "peer.log"))
        pids = [stack.enter_context(gateway(config, port, deliver=not workers))]
        call = [sys.executable, "-m", "gateway", "work", "--config", str(config)]
        for number in range(workers):
            log = place.folder / f"worker-{number}.log"
            pids.append(stack.enter_context(running(call, f"{url}/readyz", log)))
        yield url, peer, _with(place, pids)


def _database(place: Place) -> str:
    return f'\n[database]\nurl = "{place.server.url}"\n' if place.server else ""


def _with(place: Place, pids: list[int]) -> Pids:
    server = place.server
    return lambda: [*pids, *(server.pids() if server else ())]


def _sum(pids: Pids) -> float:
    return sum(map(cpu_seconds, pids()))


def _drained(url: str) -> None:
    """Wait until nothing is open; asks seldom, for asking costs too."""
    while True:
        text = httpx.get(f"{url}/metrics", trust_env=False, timeout=60).text
        if 'state="DEAD"' in text:
            raise RuntimeError("a delivery is dead")
        if 'state="OPEN"' not in text:
            return
        time.sleep(0.25)
