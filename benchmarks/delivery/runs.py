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


@dataclass
class Running:
    """A server that takes referrals for two recipients: where, and the processes that count; cases never repeat."""

    url: str
    pids: Pids
    first: int = 0

    def send(self, count: int) -> Cost:
        """Send so many and return what they cost."""
        cost = send(self.url, self.pids, count, (WELFARE, POLICE), first=self.first)
        self.first += count
        return cost


@contextmanager
def bare(folder: Path) -> Iterator[Running]:
    """Run the ceiling."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    code = f"from benchmarks.stage.bare import serve; serve({port})"
    with python(code, f"{url}/readyz", folder / "bare.log") as pid:
        yield Running(f"{url}/bare", lambda: [pid])


@contextmanager
def by_hand(folder: Path, peer: str | None = None) -> Iterator[Running]:
    """Run the least that accepts and, if there is a peer, delivers to it (`benchmarks.stage.by_hand`)."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    folder.mkdir(exist_ok=True)
    code = f"from benchmarks.stage.by_hand.app import serve; serve({port}, {str(folder)!r}, {peer!r})"
    with python(code, f"{url}/readyz", folder / "by-hand.log") as pid:
        yield Running(f"{url}/bare", lambda: [pid])


@contextmanager
def accepting(place: Place, *, first: int = 0) -> Iterator[Running]:
    """Run a gateway that accepts, durably and with a token; nobody delivers."""
    port = free_port()
    config = furnish(place.folder, port, free_port(), more=_database(place))
    with gateway(config, port, deliver=False) as pid:
        yield Running(f"http://127.0.0.1:{port}", _with(place, [pid]), first)


def by_turns(servers: Sequence[Running], count: int, runs: int) -> list[Cost]:
    """Measure servers one after the other, so many times over, after a first run that does not count.

    Whatever else the machine does meanwhile meets all of them; returns the median of each.
    """
    for each in servers:
        each.send(count // 4)
    rounds = [[each.send(count) for each in servers] for _ in range(runs)]
    return [median(list(costs)) for costs in zip(*rounds, strict=True)]


def end_to_end(place: Place, count: int, recipients: tuple[str, ...], workers: int = 0) -> Cost:
    """Measure from the first referral sent until the last receipt is stored.

    Without `workers` one gateway process does everything; otherwise it only accepts, and as many workers deliver.

    Raises:
        RuntimeError: an effect is missing or doubled at the agencies.
    """
    with _town(place, workers) as town:
        return _delivered(town, count, recipients)


def end_to_end_by_hand(folder: Path, count: int, recipients: tuple[str, ...]) -> Cost:
    """Measure the same of the least that could do it.

    Raises:
        RuntimeError: an effect is missing or doubled at the agencies.
    """
    with _agencies(folder) as peer, by_hand(folder, peer) as process:
        return _delivered((process.url, peer, process.pids), count, recipients)


def _delivered(town: tuple[str, str, Pids], count: int, recipients: tuple[str, ...]) -> Cost:
    url, peer, pids = town
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
def _agencies(folder: Path) -> Iterator[str]:
    """Run what plays every agency; yields where it is."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    peer = f"http://127.0.0.1:{port}"
    code = f"from benchmarks.stage.peer import serve; serve({port})"
    with python(code, f"{peer}/count", folder / "peer.log"):
        yield peer


@contextmanager
def _town(place: Place, workers: int) -> Iterator[tuple[str, str, Pids]]:
    """Run an agency, a gateway and workers; yields where gateway and agency are, and the processes that count."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        peer = stack.enter_context(_agencies(place.folder))
        config = furnish(place.folder, port, int(peer.rpartition(":")[2]), more=_database(place))
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
        text = httpx.get(f"{url.removesuffix('/bare')}/metrics", trust_env=False, timeout=60).text
        if 'state="DEAD"' in text:
            raise RuntimeError("a delivery is dead")
        if 'state="OPEN"' not in text:
            return
        time.sleep(0.25)
