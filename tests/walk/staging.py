"""A stage on ports of its own, so that walks may run side by side and beside a demonstration."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from conformance.sandbox.credentials import initialise
from conformance.sandbox.serve import run
from gateway.cli import program
from gateway.demo.callers import PLAIN
from gateway.demo.configure import PROFILES, configure
from gateway.demo.processes import Stage, free_ports
from tests import zygote

PATIENCE = 300.0
"""Seconds a process may take until it answers."""


def raabta(words: list[str]) -> None:
    """Run the command, as somebody types it."""
    program(words[:1])(words)


def own_stage(folder: Path, *, time_scale: float = 0.02) -> Stage:
    """Write fresh keys and configuration for simulators and gateway; `time_scale` shortens the waits of retries."""
    gateway_port, *numbers = free_ports(len(PROFILES) + 1)
    ports = dict(zip(PROFILES, numbers, strict=True))
    url, sandbox = f"http://127.0.0.1:{gateway_port}", folder / "sandbox"
    sandbox.mkdir(parents=True)
    initialise(sandbox, url, ports)
    config = configure(sandbox, folder / "gateway", gateway_port, time_scale=time_scale)
    return Stage(folder, config, url, {name: f"http://127.0.0.1:{port}" for name, port in ports.items()})


@contextmanager
def simulators(stage: Stage) -> Iterator[None]:
    """Run the five simulated agencies, each a process of its own, as `raabta-conformance agencies` does."""
    sandbox = stage.folder / "sandbox"
    data = sandbox / "data"
    data.mkdir(exist_ok=True)
    born = [
        zygote.start(
            stage.folder / "sandbox.log", run, name, int(url.rpartition(":")[2]), data, sandbox / "sandbox.toml"
        )
        for name, url in stage.agencies.items()
    ]
    try:
        for url in stage.agencies.values():
            answering(f"{url}/_sandbox/health", stage.folder / "sandbox.log")
        yield
    finally:
        for each in born:
            each.end()


@contextmanager
def gateway(stage: Stage) -> Iterator[None]:
    """Run the gateway, as `raabta serve` does."""
    log = stage.folder / "gateway.log"
    born = zygote.start(log, raabta, ["serve", "--config", str(stage.config)])
    try:
        answering(f"{stage.gateway}/readyz", log)
        yield
    finally:
        born.end()


def answering(url: str, log: Path) -> None:
    """Wait until a process answers; its log tells why it does not."""
    deadline = time.monotonic() + PATIENCE
    with httpx.Client(verify=PLAIN, trust_env=False, timeout=5) as http:
        while time.monotonic() < deadline:
            try:
                if http.get(url).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.02)
    raise TimeoutError(log.read_text("utf-8")[-4_000:])
