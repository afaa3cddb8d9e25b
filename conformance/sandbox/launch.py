"""Starts all five simulated agencies as child processes and waits until each one answers."""

import multiprocessing
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

from conformance.sandbox.serve import HOST, run
from conformance.sandbox.settings import AGENCIES

PATIENCE = 120.0
"""Seconds an agency may take to start on a busy machine; one that ends is noticed at once."""


class NotStartedError(Exception):
    """An agency did not come up; the text names it."""


@dataclass(frozen=True, slots=True)
class Running:
    """One agency's process and base address."""

    name: str
    url: str
    process: BaseProcess


@contextmanager
def agencies(ports: dict[str, int], data: Path, config: Path) -> Iterator[list[Running]]:
    """Run the five agencies; they are stopped on leaving. Raises `NotStartedError`."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["conformance.sandbox.serve"])  # imported once for all five
    running: list[Running] = []
    try:
        for name in AGENCIES:
            process = processes.Process(target=run, args=(name, ports[name], data, config), daemon=True)
            process.start()
            running.append(Running(name, f"http://{HOST}:{ports[name]}", process))
        for agency in running:
            _await(agency)
        yield running
    finally:
        for agency in running:
            agency.process.terminate()
        for agency in running:
            agency.process.join(timeout=10)


def _await(agency: Running) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and agency.process.is_alive():
        try:
            httpx.get(f"{agency.url}/_sandbox/health", timeout=2, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise NotStartedError(f"the {agency.name} simulator did not start")
