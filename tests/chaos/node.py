"""One process of a gateway: forked from a parent that has imported everything, so that a start costs no seconds.

What runs is what `raabta serve` and `raabta work` run, without the checks of the configuration before it.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import uvicorn

from gateway.app import make_app, open_gateway
from gateway.cli.run import _work
from gateway.settings import read_settings
from mappings.library import library

library()  # read once, in the parent
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.chaos.node"])


def start(kind: str, config: Path) -> ForkServerProcess:
    """Start a gateway (`serve`) or a worker (`work`); several gateways share the port of the configuration."""
    process = _context.Process(target=_live, args=(kind, config), daemon=True)
    process.start()
    return process


def kill(process: ForkServerProcess) -> None:
    """End a process as a power cut does; a stopped one too."""
    process.kill()
    process.join()


def pause(process: ForkServerProcess) -> None:
    """Stop a process in the middle of whatever it does."""
    os.kill(process.pid or 0, signal.SIGSTOP)


def resume(process: ForkServerProcess) -> None:
    """Let a stopped process go on."""
    os.kill(process.pid or 0, signal.SIGCONT)


def _live(kind: str, config: Path) -> None:
    log = os.open(config.parent / "nodes.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    settings = read_settings(config)
    if kind == "work":
        asyncio.run(_work(settings))
        return
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    app = make_app(open_gateway(settings))
    listening.bind((settings.gateway.host, settings.gateway.port))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=10))
    server.run(sockets=[listening])
