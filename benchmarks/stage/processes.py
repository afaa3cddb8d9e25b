"""Start what is measured, each in a process of its own, and end it again."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

PATIENCE = 300.0
"""Seconds a process may take until it answers; a gateway first examines a database of a million referrals."""


def free_port() -> int:
    """Return a port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def python(code: str, ready: str, log: Path) -> Iterator[int]:
    """Run a line of Python until the block ends; yields the process id once `ready` (a URL) answers 200."""
    with running([sys.executable, "-c", code], ready, log) as pid:
        yield pid


@contextmanager
def gateway(config: Path, port: int, *, deliver: bool) -> Iterator[int]:
    """Run ``raabta serve`` until the block ends; yields its process id."""
    call = [sys.executable, "-m", "gateway", "serve", "--config", str(config)]
    more = [] if deliver else ["--no-deliver"]
    with running([*call, *more], f"http://127.0.0.1:{port}/readyz", config.parent / "gateway.log") as pid:
        yield pid


@contextmanager
def running(call: list[str], ready: str, log: Path) -> Iterator[int]:
    """Run a command until the block ends."""
    with log.open("ab") as output:
        process = subprocess.Popen(call, stdout=output, stderr=output)  # noqa: S603 - our own commands
        try:
            _await(process, ready, log)
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await(process: subprocess.Popen[bytes], ready: str, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            if httpx.get(ready, trust_env=False, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.05)
    raise RuntimeError(log.read_text("utf-8", "replace")[-2000:])
