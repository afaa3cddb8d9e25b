"""Hosts of their own on one machine: network namespaces, each with a cable to the rest of the world that can be pulled.

Inside a host everything is where the configuration says, on the loopback address; a relay on each side of the cable
carries it across: agencies and the database outwards, calls to the gateway inwards. The kernel's own network lies
between the two, so a pulled cable is what it is in life: nobody is told, and what was under way hangs.
"""

from __future__ import annotations

import asyncio
import ctypes
import itertools
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import zygote
from tests.zygote import Born

CLONE_NEWNET = 0x40000000
Place = tuple[str, int] | str
"""An address and port, or the path of a socket."""


@dataclass(frozen=True)
class Route:
    """What comes in at an address is carried to the first of some places that takes it, beginning with each in turn."""

    at: tuple[str, int]
    to: Sequence[Place]


@dataclass(frozen=True)
class Host:
    """A network namespace; `number` tells its addresses apart from another's."""

    name: str
    number: int

    @property
    def outside(self) -> str:
        """The address of our end of the cable."""
        return f"10.213.{self.number}.1"

    @property
    def inside(self) -> str:
        """The address of its own end."""
        return f"10.213.{self.number}.2"

    def pull(self) -> None:
        """Cut it off."""
        _ip("link", "set", f"{self.name}-o", "down")

    def plug(self) -> None:
        """Join it to the world again."""
        _ip("link", "set", f"{self.name}-o", "up")

    def reached(self, port: int) -> bool:
        """Tell whether a call arrives there."""
        try:
            with socket.create_connection((self.inside, port), timeout=1.0):
                return True
        except OSError:
            return False

    def start(self, log: Path, do: Callable[..., object], *args: object) -> Born:
        """Start a process on it."""
        return zygote.start(log, _on, self.name, do, args)


def permitted() -> bool:
    """Tell whether this process may make namespaces."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        return False
    name = f"rbp{os.getpid()}"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False)  # noqa: S607 - the system's
    if made.returncode == 0:
        _ip("netns", "del", name)
    return made.returncode == 0


@contextmanager
def host(number: int) -> Iterator[Host]:
    """Lend a host, joined to the world."""
    made = Host(f"rb{os.getpid()}{number}", number)
    net = f"10.213.{number}.0/24"
    cable, there = f"{made.name}-o", ("-n", made.name)
    with ExitStack() as undo:
        _ip("netns", "add", made.name)
        undo.callback(_ip, "netns", "del", made.name)
        # Where the cable does not lead, no other way may: a machine's default route goes to who knows whom.
        _ip("route", "add", "blackhole", net, "metric", "9999")
        undo.callback(_ip, "route", "del", "blackhole", net, "metric", "9999")
        _ip("link", "add", cable, "type", "veth", "peer", "name", "cable", "netns", made.name)
        undo.callback(_ip, "link", "del", cable)
        _ip("addr", "add", f"{made.outside}/24", "dev", cable)
        _ip(*there, "addr", "add", f"{made.inside}/24", "dev", "cable")
        _ip(*there, "link", "set", "lo", "up")
        _ip(*there, "link", "set", "cable", "up")
        made.plug()
        yield made


def carry(routes: Sequence[Route]) -> None:
    """Carry bytes along routes until killed."""
    asyncio.run(_carry(routes))


async def _carry(routes: Sequence[Route]) -> None:
    servers = [await asyncio.start_server(_carrier(each), *each.at) for each in routes]
    await asyncio.gather(*(server.serve_forever() for server in servers))


def _carrier(route: Route) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], object]:
    turns = itertools.count()

    async def carrier(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = next(turns) % len(route.to)
        for place in (*route.to[first:], *route.to[:first]):
            try:
                async with asyncio.timeout(1.0):
                    there = await _opened(place)
            except OSError:
                continue
            await asyncio.gather(_pour(reader, there[1]), _pour(there[0], writer))
            return
        writer.close()

    return carrier


async def _opened(place: Place) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await (asyncio.open_unix_connection(place) if isinstance(place, str) else asyncio.open_connection(*place))


async def _pour(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Carry one direction to its end; then the other has nobody to talk to either."""
    try:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    except OSError:
        pass
    finally:
        sink.close()


def _on(name: str, do: Callable[..., object], args: tuple[object, ...]) -> None:
    """Move to a namespace and do something there."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/run/netns", name).open("rb") as namespace:
        if libc.setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
    do(*args)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)  # noqa: S607 - the system's own command
