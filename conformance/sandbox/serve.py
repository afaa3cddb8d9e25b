"""Serves one simulated agency: as a program of its own, or inside a test on a thread."""

import argparse
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import uvicorn
from starlette.types import Scope

from conformance.sandbox.program import Program, build
from conformance.sandbox.settings import SettingsError, load

HOST = "127.0.0.1"


def main(name: str, arguments: list[str] | None = None) -> int:
    """Run one agency until it is stopped; 2 when the command line or the settings are wrong."""
    parser = argparse.ArgumentParser(prog=f"python -m conformance.sandbox.{name}")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--config", type=Path, required=True)
    wanted = parser.parse_args(arguments)
    try:
        run(name, wanted.port, wanted.data, wanted.config)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def run(name: str, port: int, data: Path, config: Path) -> None:
    """Run one agency in this process until it is told to stop; raises `SettingsError`."""
    server_of(build(load(config, name, port), data), port).run()


def server_of(program: Program, port: int) -> uvicorn.Server:
    """Make the server and teach the guard how to close one of its connections."""
    config = uvicorn.Config(
        program.guard,
        host=HOST,
        port=port,
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    program.guard.hang_up = partial(_close, server)
    return server


@contextmanager
def served(program: Program, port: int) -> Iterator[str]:
    """Serve on a thread of this process; gives the base address, stops on leaving."""
    server = server_of(program, port)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        if not server.started:
            raise RuntimeError("the simulator did not start")
        yield f"http://{HOST}:{port}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def _close(server: uvicorn.Server, scope: Scope) -> None:
    """Abort the TCP connection a request came on; found by the caller's address and port."""
    for connection in tuple(server.server_state.connections):
        if connection.client == tuple(scope["client"]):
            connection.transport.abort()
