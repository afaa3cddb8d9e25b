"""Throughput: what one referral costs, against a bare FastAPI endpoint measured in the same run.

Prints a table; see `README.md` for how to read it. ``--quick`` measures less and leaves out the large tables.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import httpx

from benchmarks.stage.configuration import POLICE, SCHOOL, WELFARE, furnish
from benchmarks.stage.cpu import Cost, cpu_seconds, median
from benchmarks.stage.load import referral, send
from benchmarks.stage.processes import free_port, gateway, python


def bare(folder: Path, count: int, runs: int) -> Cost:
    """Measure the ceiling."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    code = f"from benchmarks.stage.bare import serve; serve({port})"
    with python(code, f"{url}/readyz", folder / "bare.log") as pid:
        send(f"{url}/bare", pid, count // 4, (WELFARE, POLICE))
        return median([send(f"{url}/bare", pid, count, (WELFARE, POLICE)) for _ in range(runs)])


def accept(folder: Path, count: int, runs: int) -> Cost:
    """Measure durable acceptance on SQLite, with a token, for two recipients, nobody delivering."""
    port = free_port()
    config, url = furnish(folder, port, free_port()), f"http://127.0.0.1:{port}"
    with gateway(config, port, deliver=False) as pid:
        send(url, pid, count // 4, (WELFARE, POLICE))
        return median([send(url, pid, count, (WELFARE, POLICE), first=(n + 1) * count) for n in range(runs)])


def end_to_end(folder: Path, count: int, recipients: tuple[str, ...]) -> Cost:
    """Measure from the first referral sent until the last receipt is stored; one gateway process does both."""
    port, there = free_port(), free_port()
    config, url, peer = furnish(folder, port, there), f"http://127.0.0.1:{port}", f"http://127.0.0.1:{there}"
    code = f"from benchmarks.stage.peer import serve; serve({there})"
    with (
        python(code, f"{peer}/count", folder / "peer.log"),
        gateway(config, port, deliver=True) as pid,
    ):
        send(url, pid, count // 8, recipients)
        _drained(url, pid)
        before, began = cpu_seconds(pid), time.monotonic()
        send(url, pid, count, recipients, first=count)
        _drained(url, pid)
        cost = Cost(count, cpu_seconds(pid) - before, time.monotonic() - began)
        counted = httpx.get(f"{peer}/count", trust_env=False).json()
        if counted["effects"] != (count + count // 8) * len(recipients):
            raise RuntimeError(f"{counted} effects at the agencies")
        return cost


def _drained(url: str, pid: int) -> None:
    """Wait until nothing is open; asks seldom, for asking costs too."""
    del pid
    while True:
        text = httpx.get(f"{url}/metrics", trust_env=False, timeout=30).text
        if 'state="DEAD"' in text:
            raise RuntimeError("a delivery is dead")
        if 'state="OPEN"' not in text:
            return
        time.sleep(0.25)


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    count, runs = (1_000, 1) if options.quick else (4_000, 3)
    with tempfile.TemporaryDirectory(prefix="raabta-bench-", dir=Path.cwd()) as name:
        folder = Path(name)
        size = len(__import__("orjson").dumps(referral(1, WELFARE, POLICE)))
        print(f"body {size} octets")
        ceiling = bare(folder, count, runs)
        print(f"bare                {ceiling.ms:6.3f} ms CPU  {ceiling.rate:7.0f}/s")
        taken = accept(folder / "accept", count, runs)
        print(f"accept              {taken.ms:6.3f} ms CPU  {taken.rate:7.0f}/s  ratio {ceiling.ms / taken.ms:.2f}")
        for label, to in (
            ("one", (WELFARE,)),
            ("police", (POLICE,)),
            ("school", (SCHOOL,)),
            ("two", (WELFARE, POLICE)),
        ):
            cost = end_to_end(folder / label, count, to)
            print(f"end to end {label:8} {cost.ms:6.3f} ms CPU  {cost.rate:7.0f}/s")


if __name__ == "__main__":
    main()
