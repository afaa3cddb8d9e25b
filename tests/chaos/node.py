"""One process of a gateway, as `raabta serve` and `raabta work` run it once they have checked the configuration.

Most are forked from a parent that has imported everything (`zygote`); now and then one is the command itself.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

import uvicorn

from gateway.app import make_app, open_gateway
from gateway.cli.run import _work
from gateway.settings import read_settings
from tests import zygote
from tests.zygote import Born

LOG = "nodes.log"
"""What the processes print, beside the configuration."""


def start(kind: str, config: Path, *, fresh: bool = False) -> Born:
    """Start a gateway (`serve`) or a worker (`work`); several gateways share the port of the configuration.

    A `fresh` one is the command, from an interpreter that knows nothing yet; it does not share its port.
    """
    return zygote.start(config.parent / LOG, _command if fresh else live, kind, config)


def _command(kind: str, config: Path) -> None:
    os.execv(sys.executable, [sys.executable, "-m", "gateway", kind, "--config", str(config)])  # noqa: S606 - our own


def live(kind: str, config: Path) -> None:
    """Be a gateway or a worker."""
    settings = read_settings(config)
    if kind == "work":
        asyncio.run(_work(settings))
        return
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # or the command could not follow on this port
    app = make_app(open_gateway(settings))
    listening.bind((settings.gateway.host, settings.gateway.port))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=10))
    server.run(sockets=[listening])
