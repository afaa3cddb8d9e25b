"""A parent of processes that has imported and loaded everything, so that a start costs a tenth of a second.

Starting Python and importing a gateway costs seconds of a processor. The parent is forked once from the test's own
process, at the first start, and forks whatever is asked of it; it has one thread and never runs a loop. What is born
shares nothing with its siblings but memory that was there before, and can be killed like any other process. When the
test's process ends, however it ends, the parent ends everything that is left.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Literal

Verb = Literal["start", "kill", "end", "alive"]


@dataclass(frozen=True)
class Born:
    """A process, by its number; it is a child of the parent, not of the test."""

    pid: int

    def alive(self) -> bool:
        """Tell whether it still runs."""
        return bool(_ask("alive", self.pid))

    def kill(self) -> None:
        """End it as a power cut does, a stopped one too, and wait until it is gone."""
        _ask("kill", self.pid)

    def end(self) -> None:
        """Ask it to end, and wait until it has."""
        _ask("end", self.pid)

    def pause(self) -> None:
        """Stop it in the middle of whatever it does."""
        os.kill(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)


def start(log: Path, do: Callable[..., object], *args: object) -> Born:
    """Let a new process call a function of a module; what it prints goes to the end of a file."""
    return Born(int(_ask("start", (log, do, args))))


def _ask(verb: Verb, what: object) -> Any:
    parent = _parent()
    parent.send((verb, what))
    answer = parent.recv()
    if isinstance(answer, Exception):
        raise answer
    return answer


@cache
def _parent() -> Connection:
    """Fork the parent and return the way to it."""
    here, there = multiprocessing.Pipe()
    if os.fork():
        there.close()
        return here
    os.setsid()
    try:
        _settle_down(there.fileno())
        _serve(there)
    except BaseException:  # noqa: BLE001 - nothing of the test's process may go on in this one
        traceback.print_exc()
    finally:
        os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _settle_down(way: int) -> None:
    """Let go of everything that belongs to the test's process; numbers of files stay taken, for it may close them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    for taken in list(Path("/dev/fd").iterdir()):
        if int(taken.name) not in {2, null, way} and taken.exists():
            os.dup2(null, int(taken.name))
    for logger in [logging.getLogger(), *map(logging.getLogger, logging.root.manager.loggerDict)]:
        logger.handlers.clear()  # a server that ran in the test's process has told uvicorn's to be quiet
        logger.setLevel(logging.NOTSET)
        logger.propagate, logger.disabled = True, False
    sys.stdout, sys.stderr = open(1, "w", 1, closefd=False), open(2, "w", 1, closefd=False)  # noqa: SIM115 - theirs
    _load()
    gc.freeze()


def _load() -> None:
    """Import and load what every gateway and every simulated agency needs in its first second."""
    import gateway.app  # noqa: F401
    from adapters.transport import tls_context
    from auth import client_secrets
    from conformance.sandbox.program import agency_module
    from conformance.sandbox.settings import AGENCIES
    from gateway.policy.matrix import matrix
    from mappings.library import library

    sample = Path(__file__).parents[1] / "conformance" / "sandbox" / "health" / "samples" / "referral-to-welfare.json"
    library()["health_fhir"].read(sample.read_bytes())  # models of FHIR are made when they are first met
    for name in AGENCIES:
        agency_module(name)
    matrix()
    tls_context(None)
    client_secrets._LOG_N = 10  # as in the tests' own process


def _serve(way: Connection) -> None:
    children: set[int] = set()
    while True:
        try:
            verb, what = way.recv()
        except EOFError:
            return
        try:
            way.send(_done(verb, what, children, way))
        except OSError as error:
            way.send(error)


def _done(verb: Verb, what: Any, children: set[int], way: Connection) -> int | bool:
    if verb == "start":
        pid = os.fork()
        if pid == 0:
            _live(way, *what)
        children.add(pid)
        return pid
    if verb == "alive":
        return what in children and not _gone(what, children, os.WNOHANG)
    if what in children:
        os.kill(what, signal.SIGKILL if verb == "kill" else signal.SIGTERM)
        _gone(what, children, 0)
    return True


def _gone(pid: int, children: set[int], options: int) -> bool:
    gone = os.waitpid(pid, options)[0] == pid
    if gone:
        children.discard(pid)
    return gone


def _live(way: Connection, log: Path, do: Callable[..., object], args: tuple[object, ...]) -> None:
    """Be the new process."""
    status = 1
    try:
        os.dup2(os.open(os.devnull, os.O_RDWR), way.fileno())
        output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(output, 1)
        os.dup2(output, 2)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        do(*args)
        status = 0
    except BaseException:  # noqa: BLE001 - nothing of the parent may go on in this process
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
